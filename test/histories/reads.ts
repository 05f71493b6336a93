/**
 * Whether lists and searches show what was acknowledged before they were asked for, and nothing
 * that was deleted before that. Stronger than reading one's own writes: it holds for what any client
 * was told.
 *
 * @module
 */

import type { History, Operation, Violation } from "./history.ts";

interface List {
  /** The database was out of reach: only what instances hold is promised. */
  degraded: boolean;
  items: { of: string; version: number; status: string }[];
}

/** What is known of an episode from its own answers. */
interface Known {
  started: Operation | undefined;
  completed: Operation | undefined;
  deletions: Operation[];
  operations: Operation[];
}

export function checkReads(history: History): Violation[] {
  const { operations } = history;
  const known = new Map<string, Known>();
  for (const [object, own] of Map.groupBy(operations, (operation) => operation.object)) {
    if (!object.startsWith("episode")) continue;
    const named = (name: string): Operation[] => own.filter(({ action }) => action.name === name);
    const answered = (name: string): Operation | undefined =>
      named(name).find(({ outcome }) => outcome.type === "ok");
    known.set(object, {
      started: answered("start"),
      completed: answered("complete"),
      deletions: named("delete").filter(({ outcome }) => outcome.type !== "refused"),
      operations: own,
    });
  }
  return operations
    .filter(({ object, outcome }) => object === "namespace" && outcome.type === "ok")
    .flatMap((read) =>
      [...known].flatMap(([episode, about]) =>
        read.action.name === "search"
          ? judgeSearch(read, episode, about, isSound(history, read))
          : judgeList(read, episode, about),
      ),
    );
}

/** Nothing was lost before it, or everything was mended: the last reader comes after that. */
function isSound({ faults, clients }: History, read: Operation): boolean {
  return read.client === clients || !faults.some(({ at }) => at < read.answered);
}

/**
 * What was deleted is forgotten where the namespace lives before the deletion is answered, or, where
 * that cannot be reached, as soon as it can.
 */
function judgeSearch(
  read: Operation,
  episode: string,
  { deletions }: Known,
  isForgotten: boolean,
): Violation[] {
  const gone = deletions.find((one) => one.outcome.type === "ok" && one.answered < read.invoked);
  const found = read.outcome.type === "ok" ? (read.outcome.value as string[]) : [];
  if (!gone || !isForgotten || !found.includes(episode)) return [];
  const operations = [gone, read];
  return [{ object: episode, promise: "what was deleted is not found", operations }];
}

function judgeList(read: Operation, episode: string, about: Known): Violation[] {
  const value = read.outcome.type === "ok" ? read.outcome.value : null;
  const { started, deletions } = about;
  const isBefore = (operation: Operation | undefined): operation is Operation =>
    operation !== undefined && operation.answered < read.invoked;
  const violation = (promise: string, ...operations: Operation[]): Violation[] => [
    { object: episode, promise, operations: [...operations, read] },
  ];
  const gone = deletions.find((one) => one.outcome.type === "ok" && isBefore(one));
  const mayBeGone = deletions.some(({ invoked }) => invoked < read.answered);
  const { items, degraded } = value as List;
  const listed = items.find(({ of }) => of === episode);
  if (listed && gone) return violation("what was deleted is not listed", gone);
  if (!listed && !degraded && isBefore(started) && !mayBeGone)
    return violation("what was started is listed", started);
  if (!listed) return [];
  const newer = about.operations.find(
    (one) => isBefore(one) && versionIn(one) > listed.version && !gone,
  );
  return newer ? violation("a list shows the version that was acknowledged", newer) : [];
}

function versionIn({ outcome }: Operation): number {
  const value = outcome.type === "ok" ? outcome.value : null;
  const version: unknown =
    typeof value === "object" && value !== null ? Reflect.get(value, "version") : null;
  return typeof version === "number" ? version : 0;
}
