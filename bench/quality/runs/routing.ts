/**
 * Routing: which of many tools serves a query, known from past queries. Beside it the tool of the
 * nearest past query by plain FTS5.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { differenceText, interval, mean } from "../bootstrap.ts";
import type { Memory } from "../memory.ts";
import { routedLine, type RoutedQuery, type RoutingSet } from "../sets/metatool.ts";
import type { Curve, CurvePoint } from "./curve.ts";

/** Past queries after which is asked, where there are as many. */
const STAGES = [100, 300, 1_000, 5_000, 18_600];

export interface Routing {
  rows: (string | number)[][];
  curve: Curve;
}

/** @param limits of past queries, and of queries that are asked */
export async function routing(
  memory: Memory,
  { name, learned, asked }: RoutingSet,
  limits: { learned: number; asked: number },
): Promise<Routing> {
  const plain = new PlainRouter();
  const questions = asked.slice(0, limits.asked);
  const most = Math.min(limits.learned, learned.length);
  const stages = [...new Set([...STAGES.filter((stage) => stage < most), most])];
  const rows: (string | number)[][] = [];
  const [own, base]: [CurvePoint[], CurvePoint[]] = [[], []];
  let known = 0;
  for (const episodes of stages) {
    const more = learned.slice(known, episodes);
    await memory.learn(name, more.map(routedLine));
    plain.learn(more);
    known = episodes;

    const pairs: { own: number; base: number }[] = [];
    for (const { text, tool } of questions) {
      const question = { task: text, context: { domain: "assistant" } };
      const { next_tools } = await memory.advise(name, question);
      const isRight = next_tools[0]?.tool === tool;
      pairs.push({ own: Number(isRight), base: Number(plain.route(text) === tool) });
    }
    const more_ = interval(
      pairs,
      (pair) => pair,
      (drawn) => mean(drawn.map((pair) => pair.own - pair.base)),
    );
    const [value, usual] = [mean(pairs.map((pair) => pair.own)), mean(pairs.map((p) => p.base))];
    rows.push([
      `${name}, ${episodes} past queries`,
      String(pairs.length),
      usual,
      value,
      differenceText(more_),
    ]);
    own.push({ episodes, value });
    base.push({ episodes, value: usual });
  }
  const baseline = { name: "plain FTS5", points: base };
  return { rows, curve: { set: name, figure: "routing, first guess", memory: own, baseline } };
}

/** The tool of the past query that FTS5 ranks first. */
class PlainRouter {
  readonly #database = new DatabaseSync(":memory:");

  constructor() {
    this.#database.exec(
      "CREATE VIRTUAL TABLE t USING fts5 (tool UNINDEXED, text, tokenize='porter unicode61')",
    );
  }

  learn(queries: readonly RoutedQuery[]): void {
    const insert = this.#database.prepare("INSERT INTO t VALUES (?, ?)");
    this.#database.exec("BEGIN");
    for (const { tool, text } of queries) insert.run(tool, text);
    this.#database.exec("COMMIT");
  }

  route(query: string): string | undefined {
    const words = new Set(query.toLowerCase().match(/[\p{L}\p{N}]+/gu));
    if (words.size === 0) return undefined;
    const match = Array.from(words, (word) => `"${word}"`).join(" OR ");
    const row = this.#database
      .prepare("SELECT tool FROM t WHERE t MATCH ? ORDER BY bm25(t), rowid LIMIT 1")
      .get(match);
    return row === undefined ? undefined : String(row["tool"]);
  }
}
