/**
 * Whether what is said again with the same key is carried out once: it is answered as it was
 * before, and no start begins two episodes.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { History, Operation, Outcome, Violation } from "../history.ts";

export function checkRepetitions({ operations }: History): Violation[] {
  return operations.filter(isAnsweredOtherwise).map((operation) => ({
    object: operation.object,
    promise: "a repetition is answered as before",
    operations: [operation],
  }));
}

function isAnsweredOtherwise({ action, outcome, again, atOnce }: Operation): boolean {
  if (outcome.type !== "ok") return false;
  const isOther = (heard: Outcome): boolean =>
    heard.type !== "ok" || !isDeepStrictEqual(heard.value, outcome.value);
  // A refusal does nothing and is not kept: the other of two may come when the episode has ended.
  const mayComeTooEarly = action.name === "archive" && atOnce?.type === "refused";
  return (
    (again !== undefined && isOther(again)) ||
    (atOnce !== undefined && isOther(atOnce) && !mayComeTooEarly)
  );
}

/** @param stored the tasks of all stored episodes; each start has one of its own */
export function checkStarts(stored: readonly string[]): Violation[] {
  return stored
    .filter((task, i) => stored.indexOf(task) !== i)
    .map((task) => ({ object: task, promise: "a start begins one episode", operations: [] }));
}
