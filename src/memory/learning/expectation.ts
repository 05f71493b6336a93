/**
 * Which tools a task like this leads to, before it has begun: a regression of the use of each tool
 * on the words of the tasks, around what is usual and what the tool's own name says.
 *
 * @module
 */

import type { Ablations } from "../ablations.ts";
import { kernelOf, nameMatch } from "./similarity.ts";
import type { SimilarEpisode } from "./prediction.ts";
import { fitRidge } from "./regression.ts";

/** How little one task is believed. */
const RIDGE = 0.3;
/** What a full match of a tool's name adds to its probability. */
const NAME_WEIGHT = 0.6;
/** Distinct tasks and tools that are looked at: the work is bounded. */
const TASKS_MAX = 100;
const TOOLS_MAX = 60;
/** Episodes that are named as evidence of a tool. */
const EVIDENCE_MAX = 3;

export interface Expectation {
  /** Tools with the probability that a run of this task uses them, likeliest first. */
  tools: { tool: string; probability: number; usual: number; episodes: string[] }[];
}

/** @param similar judged episodes, in an order that does not depend on when they came */
export function expectTools(
  task: string,
  similar: readonly SimilarEpisode[],
  parts: Ablations,
): Expectation {
  const runs = Map.groupBy(
    similar.filter(({ digest }) => digest.path.length > 0),
    ({ digest }) => digest.task,
  );
  const tasks = [...runs.keys()].slice(0, TASKS_MAX);
  if (tasks.length === 0) return { tools: [] };
  const used = new Map<string, number[]>();
  for (const [i, known] of tasks.entries()) {
    const own = runs.get(known) ?? [];
    for (const { digest } of own) {
      for (const tool of new Set(digest.path.map((step) => step.tool))) {
        const shares = used.get(tool) ?? tasks.map(() => 0);
        shares[i] = (shares[i] ?? 0) + 1 / own.length;
        used.set(tool, shares);
      }
    }
  }
  const total = (shares: readonly number[]): number =>
    shares.reduce((sum, share) => sum + share, 0);
  const tools = [...used]
    .sort(([a, x], [b, y]) => total(y) - total(x) || (a < b ? -1 : 1))
    .slice(0, TOOLS_MAX)
    .map(([tool, shares]) => ({ tool, shares, usual: total(shares) / tasks.length }));
  const kernel = kernelOf(similar);
  const names = tools.map(({ tool }) => tool);
  const match = parts.advise_names ? nameMatch(names, kernel.termsOf) : () => 0;
  const matches = names.map((tool) => tasks.map((known) => match(known, tool)));
  const offsets = matches.map((own) => total(own) / tasks.length);
  const prior = (t: number, named: number): number =>
    (tools[t]?.usual ?? 0) + NAME_WEIGHT * (named - (offsets[t] ?? 0));
  const targets = tools.map(({ shares }, t) =>
    tasks.map((_, i) => (shares[i] ?? 0) - prior(t, matches[t]?.[i] ?? 0)),
  );
  const fitted = fitRidge(
    tasks.map((a, i) => tasks.slice(0, i + 1).map((b) => kernel(a, b))),
    targets,
    RIDGE,
  );
  const likeness = tasks.map((known) => kernel(task, known));
  return {
    tools: tools
      .map(({ tool, shares, usual }, t) => {
        const learned = likeness.reduce((sum, value, i) => sum + value * (fitted[t]?.[i] ?? 0), 0);
        return {
          tool,
          usual,
          probability: Math.min(1, Math.max(0, prior(t, match(task, tool)) + learned)),
          episodes: evidence(tool, tasks, shares, likeness, runs),
        };
      })
      .sort((a, b) => b.probability - a.probability || (a.tool < b.tool ? -1 : 1)),
  };
}

/** An episode of each of the most similar tasks that used the tool. */
function evidence(
  tool: string,
  tasks: readonly string[],
  shares: readonly number[],
  likeness: readonly number[],
  runs: ReadonlyMap<string, readonly SimilarEpisode[]>,
): string[] {
  return tasks
    .map((task, i) => ({ task, weight: (shares[i] ?? 0) * (likeness[i] ?? 0) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.task < b.task ? -1 : 1))
    .slice(0, EVIDENCE_MAX)
    .flatMap(({ task }) => {
      const using = (runs.get(task) ?? []).filter(({ digest }) =>
        digest.path.some((step) => step.tool === tool),
      );
      const best = using.find(({ digest }) => digest.success >= 500) ?? using[0];
      return best ? [best.digest.episode_id] : [];
    });
}
