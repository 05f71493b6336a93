/**
 * Whether lists and searches show what was acknowledged before they were asked for, and nothing
 * that was deleted before that. Stronger than reading one's own writes: it holds for what any client
 * was told.
 *
 * @module
 */

import type { FoundEpisodes, History, Operation, Violation } from "../history.ts";

export interface List {
  /** The database was out of reach: only what instances hold is promised. */
  degraded: boolean;
  items: { of: string; version: number; status: string }[];
}

/** What is known of an episode from its own answers. */
interface Known {
  started: Operation | undefined;
  /** Its completion that said that it was learned. */
  learned: Operation | undefined;
  /** The word of its task that no other has. */
  word: string;
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
      learned: named("complete").find(isLearning),
      word: wordIn(named("start")[0]),
      deletions: named("delete").filter(({ outcome }) => outcome.type !== "refused"),
      operations: own,
    });
  }
  return operations
    .filter(({ object, outcome }) => object === "namespace" && outcome.type === "ok")
    .flatMap((read) =>
      [...known].flatMap(([episode, about]) =>
        read.action.name !== "list"
          ? judgeFound(read, episode, about, isSound(history, read))
          : judgeList(read, episode, about),
      ),
    );
}

function isLearning({ outcome }: Operation): boolean {
  const value = outcome.type === "ok" ? (outcome.value as { learning?: string }) : {};
  return value.learning === "done";
}

function wordIn(start: Operation | undefined): string {
  return start?.action.name === "start" ? (start.action.task.split(" ")[1] ?? "") : "";
}

/** Nothing was lost before it, or everything was mended: the last reader comes after that. */
function isSound({ faults, clients }: History, read: Operation): boolean {
  return read.client === clients || !faults.some(({ at }) => at < read.answered);
}

/**
 * What was deleted is forgotten where the namespace lives before the deletion is answered, or, where
 * that cannot be reached, as soon as it can.
 */
function judgeFound(
  read: Operation,
  episode: string,
  { deletions, learned, word }: Known,
  isForgotten: boolean,
): Violation[] {
  const gone = deletions.find((one) => one.outcome.type === "ok" && one.answered < read.invoked);
  if (read.outcome.type !== "ok") return [];
  const { items, isPartial } = read.outcome.value as FoundEpisodes;
  if (gone && isForgotten && items.includes(episode)) {
    const promise = "what was deleted is not found";
    return [{ object: episode, promise, operations: [gone, read] }];
  }
  const isLearned = learned !== undefined && learned.answered < read.invoked;
  const isMeant = "word" in read.action && read.action.word === word;
  const mayBeGone = deletions.some(({ invoked }) => invoked < read.answered);
  if (!isLearned || !isMeant || mayBeGone || isPartial || items.includes(episode)) return [];
  return [{ object: episode, promise: "what was learned is found", operations: [learned, read] }];
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
