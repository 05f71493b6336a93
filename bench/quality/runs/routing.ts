/**
 * Routing: which of many tools serves a query, known from past queries. Beside it the tool of the
 * nearest past query by plain FTS5.
 *
 * @module
 */

import { differenceText, interval, mean } from "../bootstrap.ts";
import type { Memory } from "../memory.ts";
import { PlainRouter } from "../plain-router.ts";
import { routedLine, type RoutingSet } from "../sets/metatool.ts";
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
    plain.learn(more.map(({ text, tool }) => ({ text, label: tool })));
    known = episodes;

    const pairs: { own: number; base: number }[] = [];
    for (const { text, tool } of questions) {
      const question = { task: text, context: { domain: "assistant" } };
      const { next_tools } = await memory.advise(name, question);
      const isRight = next_tools[0]?.tool === tool;
      pairs.push({ own: Number(isRight), base: Number(plain.route(text) === tool) });
    }
    const difference = interval(
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
      differenceText(difference),
    ]);
    own.push({ episodes, value });
    base.push({ episodes, value: usual });
  }
  const baseline = { name: "plain FTS5", points: base };
  return { rows, curve: { set: name, figure: "routing, first guess", memory: own, baseline } };
}
