/**
 * MetaTool (MIT, HowieHwong/MetaTool): what users ask, and the one tool of many that serves it.
 *
 * @module
 */

import type { Line } from "../memory.ts";
import { generator, shuffled } from "../random.ts";
import { csvRows, textOf } from "./files.ts";

export interface RoutedQuery {
  id: string;
  text: string;
  tool: string;
}

export interface RoutingSet {
  name: string;
  /** In a random order: any number of the first is a random share. */
  learned: readonly RoutedQuery[];
  asked: readonly RoutedQuery[];
}

const SEED = 11;
/** Of the whole set so many are learned; of a sample, this share. */
const LEARNED_MAX = 18_600;
const LEARNED_SHARE = 0.91;

export function metaTool(): RoutingSet {
  const rows = csvRows(textOf("metatool_queries.csv", "metatool/metatool_queries_sample.csv"));
  const queries = rows.map(([text = "", tool = ""], i) => ({ id: `query-${i}`, text, tool }));
  const order = shuffled(
    queries.filter(({ text, tool }) => text.trim() !== "" && tool !== ""),
    generator(SEED),
  );
  const learned = Math.min(LEARNED_MAX, Math.floor(LEARNED_SHARE * order.length));
  return { name: "metatool", learned: order.slice(0, learned), asked: order.slice(learned) };
}

/** A query that its tool served, as an episode of one step. */
export function routedLine({ id, text, tool }: RoutedQuery): Line {
  return {
    type: "episode",
    id,
    task: text,
    context: { domain: "assistant" },
    steps: [{ tool, result: { type: "success", output: "" } }],
    outcome: { type: "success" },
  };
}
