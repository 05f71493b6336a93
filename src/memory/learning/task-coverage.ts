/**
 * Whether what a step answered holds what the task names: a search that found its object is
 * followed by something else than one that did not.
 *
 * @module
 */

import { tokenize } from "../text/tokens.ts";
import { taskTerms } from "./similarity.ts";

/** Characters of an answer that are looked at; a client may send no more of it. */
const READ = 10_000;
/** More new terms than this are many. */
const NEW_MAX = 4;

export interface TaskCoverage {
  /** Terms of the task that this answer is the first to hold, 0…4. */
  fresh: number;
  /** Thousandths of the task's terms that this answer or one before holds. */
  covered: number;
}

/** For each answer of a run, in order. Linear in the answers. */
export function taskCoverage(task: string, answers: readonly (string | null)[]): TaskCoverage[] {
  const wanted = taskTerms(task);
  const seen = new Set<string>();
  return answers.map((answer) => {
    const before = seen.size;
    // Nothing new can be found when everything was.
    const read = before < wanted.size ? (answer ?? "").slice(0, READ) : "";
    for (const { term } of tokenize(read)) if (wanted.has(term)) seen.add(term);
    const covered = wanted.size === 0 ? 0 : Math.round((1000 * seen.size) / wanted.size);
    return { fresh: Math.min(NEW_MAX, seen.size - before), covered };
  });
}
