/**
 * Many episodes of one kind, by their numbers: in a database, or as digests to learn.
 *
 * @module
 */

import type { RecallInput } from "../../../../../src/contract/recall/requests.ts";
import { makeDigest } from "../../../../../src/memory/learning/index.ts";
import { isoTime } from "../../../../../src/util/time.ts";
import { episodeOf, stepOf } from "../../../../support/episodes.ts";
import { NOW, storeEpisode, success, type OpenKnowledge } from "../../../../support/knowledge.ts";
import type { NodeSql } from "../../../../support/node-sql.ts";

const asking: RecallInput = {
  task: "refund order 1",
  context: {},
  limit: 3,
  max_tokens: null,
  recent_steps: [],
  include: ["episodes"],
};

/** The number of an episode, with as many digits as any. */
export const nameOf = (n: number): string => `e${String(n).padStart(4, "0")}`;

/** An ended episode as its instance has it. The higher its number, the later it began. */
export function episode(n: number, more: { version?: number; task?: string } = {}) {
  const steps = ["find", `tool_${n % 7}`, "send"].map((tool, i) => stepOf(i + 1, tool));
  const at = NOW - 100_000_000 + n * 1_000;
  const record = episodeOf(nameOf(n), success, {
    task: `refund order ${n}`,
    step_count: steps.length,
    started_at: isoTime(at),
    ended_at: isoTime(at + 500),
    ...more,
  });
  return { record, steps, at, digest: makeDigest(record, steps) };
}

/** Stores episodes `from` and after it in the database, of a namespace. */
export function storeMany(database: NodeSql, namespace: string, from: number, count: number): void {
  for (let n = from; n < from + count; n++) {
    const { record, steps } = episode(n);
    storeEpisode(database, { ...record, namespace }, steps);
  }
}

/** Asks for what these episodes are about. */
export const recall = ({ knowledge }: OpenKnowledge, namespace = "n", task = asking.task) =>
  knowledge.questions.recall(namespace, { ...asking, task }, NOW);
/** The episodes that were learned. */
export const ids = ({ sql }: OpenKnowledge): unknown[] =>
  sql.all("SELECT episode FROM learned_digests ORDER BY episode").map((row) => row["episode"]);
