/**
 * What learning is measured against: counting alone.
 *
 * @module
 */

import type { Run } from "./tau.ts";

const START = "^";
const END = "$";

type Counts = Map<string, Map<string, number>>;

function raise(counts: Counts, key: string, item: string): void {
  const own = counts.get(key) ?? new Map<string, number>();
  own.set(item, (own.get(item) ?? 0) + 1);
  counts.set(key, own);
}

/** The most frequent item; of several the first by name. */
export function mostFrequent(counts: ReadonlyMap<string, number> | undefined): string | undefined {
  return [...(counts ?? [])].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
}

type NameOf = (step: Run["steps"][number]) => string;

/**
 * The action that most often followed the last n − 1 actions, with back-off to fewer; the beginning
 * of a run counts.
 *
 * @param actionOf by default the tool
 * @param contextOf what is known of the actions before, by which it is asked; by default all
 */
export function ngram(
  runs: readonly Run[],
  n: number,
  actionOf: NameOf = ({ tool }) => tool,
  contextOf: NameOf = actionOf,
): (before: readonly string[]) => string | undefined {
  const counts: Counts = new Map();
  const key = (actions: readonly string[], length: number): string => {
    const padded = [...Array.from({ length }, () => START), ...actions];
    return `${length} ${padded.slice(padded.length - length).join("\n")}`;
  };
  for (const { steps } of runs) {
    const contexts = steps.map(contextOf);
    for (const [i, action] of steps.map(actionOf).entries()) {
      for (let length = 0; length < n; length++)
        raise(counts, key(contexts.slice(0, i), length), action);
    }
  }
  return (before) => {
    for (let length = n - 1; length >= 0; length--) {
      const guess = mostFrequent(counts.get(key(before, length)));
      if (guess !== undefined) return guess;
    }
    return undefined;
  };
}

/**
 * Naive Bayes over the tools and the tool pairs of a run (Bernoulli, add-one): log odds of success.
 */
export function naiveBayes(runs: readonly Run[]): (run: Run) => number {
  const featuresOf = ({ steps }: Run): Set<string> => {
    const tools = [START, ...steps.map((step) => step.tool), END];
    return new Set([
      ...tools.slice(1, -1),
      ...tools.slice(1).map((tool, i) => `${tools[i]} ${tool}`),
    ]);
  };
  const totals = { good: 0, bad: 0 };
  const counts = new Map<string, { good: number; bad: number }>();
  for (const run of runs) {
    const side = run.outcome.success === true ? "good" : "bad";
    totals[side] += 1;
    for (const feature of featuresOf(run)) {
      const own = counts.get(feature) ?? { good: 0, bad: 0 };
      own[side] += 1;
      counts.set(feature, own);
    }
  }
  return (run) => {
    let odds = Math.log((totals.good + 1) / (totals.bad + 1));
    for (const feature of featuresOf(run)) {
      const { good, bad } = counts.get(feature) ?? { good: 0, bad: 0 };
      odds += Math.log((good + 1) / (totals.good + 2)) - Math.log((bad + 1) / (totals.bad + 2));
    }
    return odds;
  };
}
