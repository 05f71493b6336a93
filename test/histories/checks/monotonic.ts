/**
 * Whether what was once shown stays shown: lists, searches and recalls, and counters, are never
 * older than one that was answered before they were asked for, whoever heard it. For counters also
 * whether in the end they are exactly what was done.
 *
 * @module
 */

import {
  COUNTERS,
  type Counts,
  type FoundEpisodes,
  type History,
  type Operation,
  type Violation,
} from "../history.ts";
import type { List } from "./reads.ts";

/** What takes an episode out of what is read. */
const HIDING: ReadonlySet<string> = new Set(["delete", "archive"]);

export function checkMonotonic({ operations }: History): Violation[] {
  const answered = operations.filter(({ outcome }) => outcome.type === "ok");
  const named = (...names: string[]): Operation[] =>
    answered.filter(({ action }) => names.includes(action.name));
  const hidings = operations.filter(
    ({ action, outcome }) => HIDING.has(action.name) && outcome.type !== "refused",
  );
  /** Whether it may have been deleted or archived before this was answered. */
  const mayBeGone = (episode: string, read: Operation): boolean =>
    hidings.some(({ object, invoked }) => object === episode && invoked < read.answered);
  return [
    ...pairsOf(named("list")).flatMap((pair) => judgeLists(pair, mayBeGone)),
    ...pairsOf(named("search")).flatMap((pair) => judgeFindings(pair, mayBeGone)),
    ...pairsOf(named("count")).flatMap(judgeCounts),
  ];
}

/** Each with each that was asked for after it was answered. */
function pairsOf(reads: readonly Operation[]): [Operation, Operation][] {
  return reads.flatMap((earlier) =>
    reads
      .filter((later) => earlier.answered < later.invoked)
      .map((later): [Operation, Operation] => [earlier, later]),
  );
}

type MayBeGone = (episode: string, read: Operation) => boolean;

function judgeLists([earlier, later]: [Operation, Operation], mayBeGone: MayBeGone): Violation[] {
  const [before, after] = [earlier, later].map((one) => valueOf(one) as List);
  const now = new Map(after?.items.map((item) => [item.of, item]));
  return (before?.items ?? []).flatMap(({ of, version }): Violation[] => {
    const listed = now.get(of);
    const isOlder = listed !== undefined && listed.version < version;
    const isLost = !listed && !after?.degraded && !mayBeGone(of, later);
    if (!isOlder && !isLost) return [];
    const promise = "a list is not older than one before it";
    return [{ object: of, promise, operations: [earlier, later] }];
  });
}

function judgeFindings(
  [earlier, later]: [Operation, Operation],
  mayBeGone: MayBeGone,
): Violation[] {
  if (wordOf(earlier) !== wordOf(later)) return [];
  const [before, after] = [earlier, later].map((one) => valueOf(one) as FoundEpisodes);
  if (after?.isPartial) return [];
  return (before?.items ?? [])
    .filter((episode) => !after?.items.includes(episode) && !mayBeGone(episode, later))
    .map((episode) => {
      const promise = "what was found is found again";
      return { object: episode, promise, operations: [earlier, later] };
    });
}

function wordOf({ action }: Operation): string {
  return action.name === "search" ? action.word : "";
}

function judgeCounts([earlier, later]: [Operation, Operation]): Violation[] {
  const [before, after] = [earlier, later].map((one) => valueOf(one) as Counts);
  return COUNTERS.flatMap((name) =>
    Object.entries(before?.[name] ?? {})
      .filter(([instance, count]) => (after?.[name][instance] ?? Infinity) < count)
      .map(([instance]) => ({
        object: `counter ${name} of instance ${instance}`,
        promise: "it never falls",
        operations: [earlier, later],
      })),
  );
}

/** How much of something was surely done, and how much may have been. */
interface Done {
  least: number;
  most: number;
}

/**
 * The last count of all is what was done: exactly, but for what nobody heard the answer of.
 *
 * @param unheard episodes that are there although nobody heard of their start
 */
export function checkCounts({ operations }: History, unheard: number): Violation[] {
  const last = operations.findLast(({ action }) => action.name === "count");
  if (!last) return [];
  const counts = valueOf(last) as Counts;
  const started = doneBy(operations, "start", () => 1);
  const completed = [...Map.groupBy(operations, ({ object }) => object).values()].map((own) =>
    doneBy(own, "complete", () => 1),
  );
  const done: Record<keyof Counts, Done> = {
    created: { least: started.least + unheard, most: started.least + unheard },
    steps: doneBy(operations, "steps", ({ action }) =>
      "tools" in action ? action.tools.length : 0,
    ),
    // However often it is said that an episode is complete, it ends once.
    completed: {
      least: completed.filter(({ least }) => least > 0).length,
      most: completed.filter(({ most }) => most > 0).length,
    },
  };
  return COUNTERS.flatMap((name): Violation[] => {
    const sum = Object.values(counts[name]).reduce((all, one) => all + one, 0);
    const { least, most } = done[name];
    if (sum >= least && sum <= most) return [];
    const promise = `it is what was done: ${sum} is not from ${least} to ${most}`;
    return [{ object: `counter ${name}`, promise, operations: [last] }];
  });
}

function doneBy(
  operations: readonly Operation[],
  name: string,
  amountOf: (operation: Operation) => number,
): Done {
  const done = { least: 0, most: 0 };
  for (const operation of operations) {
    const { action, outcome } = operation;
    if (action.name !== name || outcome.type === "refused") continue;
    done.most += amountOf(operation);
    if (outcome.type === "ok") done.least += amountOf(operation);
  }
  return done;
}

function valueOf({ outcome }: Operation): unknown {
  return outcome.type === "ok" ? outcome.value : null;
}
