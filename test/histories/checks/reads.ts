/**
 * Whether lists and searches show what was acknowledged before they were asked for, and nothing
 * that was deleted or archived before that. Stronger than reading one's own writes: it holds for what any client
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
  archivings: Operation[];
  /** What brought it back, or may have. */
  returns: Operation[];
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
      deletions: named("delete").filter(mayBeDone),
      archivings: named("archive").filter(mayBeDone),
      returns: named("unarchive").filter(mayBeDone),
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

const mayBeDone = ({ outcome }: Operation): boolean => outcome.type !== "refused";

/** Whether it may be left out of what is read: it may be deleted, or archived. */
function mayBeHidden(
  { deletions, archivings }: Pick<Known, "deletions" | "archivings">,
  read: Operation,
): boolean {
  return [...deletions, ...archivings].some(({ invoked }) => invoked < read.answered);
}

/** What surely took it out of what is read, for the read to show nothing of it. */
function hidingOf(
  { deletions, archivings, returns }: Known,
  read: Operation,
): { by: Operation; promise: string } | undefined {
  const isBefore = ({ outcome, answered }: Operation): boolean =>
    outcome.type === "ok" && answered < read.invoked;
  const gone = deletions.find(isBefore);
  if (gone) return { by: gone, promise: "what was deleted is not" };
  const archived = archivings.find(
    (one) =>
      isBefore(one) &&
      !returns.some(({ invoked, answered }) => answered > one.invoked && invoked < read.answered),
  );
  return archived && { by: archived, promise: "what was archived is not" };
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
 * What was deleted, or archived, is forgotten where the namespace lives before that is answered, or,
 * where that cannot be reached, as soon as it can.
 */
function judgeFound(
  read: Operation,
  episode: string,
  about: Known,
  isForgotten: boolean,
): Violation[] {
  const { learned, word } = about;
  if (read.outcome.type !== "ok") return [];
  const { items, isPartial } = read.outcome.value as FoundEpisodes;
  const hiding = hidingOf(about, read);
  if (hiding && isForgotten && items.includes(episode)) {
    const promise = `${hiding.promise} found`;
    return [{ object: episode, promise, operations: [hiding.by, read] }];
  }
  const isLearned = learned !== undefined && learned.answered < read.invoked;
  const isMeant = "word" in read.action && read.action.word === word;
  if (!isLearned || !isMeant || isPartial) return [];
  if (items.includes(episode) || mayBeHidden(about, read)) return [];
  return [{ object: episode, promise: "what was learned is found", operations: [learned, read] }];
}

function judgeList(read: Operation, episode: string, about: Known): Violation[] {
  const value = read.outcome.type === "ok" ? read.outcome.value : null;
  const { started } = about;
  const isBefore = (operation: Operation | undefined): operation is Operation =>
    operation !== undefined && operation.answered < read.invoked;
  const violation = (promise: string, ...operations: Operation[]): Violation[] => [
    { object: episode, promise, operations: [...operations, read] },
  ];
  const hiding = hidingOf(about, read);
  const { items, degraded } = value as List;
  const listed = items.find(({ of }) => of === episode);
  if (listed && hiding) return violation(`${hiding.promise} listed`, hiding.by);
  if (!listed && !degraded && isBefore(started) && !mayBeHidden(about, read))
    return violation("what was started is listed", started);
  if (!listed) return [];
  const newer = about.operations.find((one) => isBefore(one) && versionIn(one) > listed.version);
  return newer ? violation("a list shows the version that was acknowledged", newer) : [];
}

function versionIn({ outcome }: Operation): number {
  const value = outcome.type === "ok" ? outcome.value : null;
  const version: unknown =
    typeof value === "object" && value !== null ? Reflect.get(value, "version") : null;
  return typeof version === "number" ? version : 0;
}
