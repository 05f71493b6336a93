/**
 * How a figure grows with what is learned: the same questions after each share of the episodes.
 *
 * @module
 */

import { mean } from "../bootstrap.ts";
import type { Memory } from "../memory.ts";
import { lineOf, type Run, type RunSet } from "../sets/run-set.ts";
import type { ActionLevel } from "./action.ts";
import { askSteps, counting, successesWithin } from "./next-step.ts";

/** A figure after this many episodes. */
export interface CurvePoint {
  episodes: number;
  value: number;
}

export interface Curve {
  set: string;
  /** What the figure is. */
  figure: string;
  memory: readonly CurvePoint[];
  /** What it is compared with. */
  baseline: { name: string; points: readonly CurvePoint[] };
}

/** Shares of the learned episodes after which is asked. */
const SHARES = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1];

/** Numbers of episodes, each once, rising. */
export function stagesOf(total: number, shares: readonly number[] = SHARES): number[] {
  return [...new Set(shares.map((share) => Math.max(1, Math.round(share * total))))];
}

/**
 * Next step by the number of episodes, beside the best n-gram of the same episodes.
 *
 * @param memory that has learned nothing yet
 */
export async function nextStepCurve(
  memory: Memory,
  { name, learned, asked }: RunSet,
  { level, steps, shares }: { level: ActionLevel; steps: number; shares?: readonly number[] },
): Promise<Curve> {
  const runs = successesWithin(asked, steps);
  const [own, counted]: [CurvePoint[], CurvePoint[]] = [[], []];
  let known: readonly Run[] = [];
  for (const episodes of stagesOf(learned.length, shares)) {
    await memory.learn(name, learned.slice(known.length, episodes).map(lineOf));
    known = learned.slice(0, episodes);
    const answers = await askSteps(memory, name, {
      runs,
      told: "everything",
      levels: [level],
    });
    const hits = answers.map(({ isHit }) => Number(isHit.get(level.name) ?? false));
    const { ngrams } = counting(known, answers, level);
    own.push({ episodes, value: mean(hits) });
    counted.push({ episodes, value: Math.max(...ngrams) });
  }
  return {
    set: name,
    figure: `next ${level.name}, accuracy`,
    memory: own,
    baseline: { name: "best n-gram", points: counted },
  };
}

/** Rows: a stage of a curve each. */
export function curveRows(curves: readonly Curve[]): (string | number)[][] {
  return curves.flatMap(({ set, figure, memory, baseline }) =>
    memory.map(({ episodes, value }, i) => [
      `${set}: ${figure}`,
      String(episodes),
      value,
      baseline.name,
      baseline.points[i]?.value ?? Number.NaN,
    ]),
  );
}
