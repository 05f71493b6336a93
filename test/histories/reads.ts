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

export function checkReads({ operations }: History): Violation[] {
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
    .flatMap((read) => [...known].flatMap(([episode, about]) => judge(read, episode, about)));
}

function judge(read: Operation, episode: string, about: Known): Violation[] {
  const value = read.outcome.type === "ok" ? read.outcome.value : null;
  const { started, deletions } = about;
  const isBefore = (operation: Operation | undefined): operation is Operation =>
    operation !== undefined && operation.answered < read.invoked;
  const violation = (promise: string, ...operations: Operation[]): Violation[] => [
    { object: episode, promise, operations: [...operations, read] },
  ];
  const gone = deletions.find((one) => one.outcome.type === "ok" && isBefore(one));
  const mayBeGone = deletions.some(({ invoked }) => invoked < read.answered);

  if (read.action.name === "search") {
    const isFound = (value as string[]).includes(episode);
    if (isFound && gone) return violation("what was deleted is not found", gone);
    return [];
  }
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
