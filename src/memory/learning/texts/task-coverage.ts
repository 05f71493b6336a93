/**
 * Computes how much of what the task names the answers of a run have held so far: a search that
 * found its object is followed by something else than one that did not.
 *
 * @module
 */

import { addTermsOf } from "../../text/tokens.ts";
import { taskTerms } from "./task-terms.ts";

/** Characters of an answer that are read; a client may report no more of it. */
const ANSWER_READ_MAX = 10_000;
/** More new terms than this count as so many: the answer is about the task in any case. */
const NEW_TERMS_MAX = 4;

export interface TaskCoverage {
  /** Terms of the task that this answer is the first to hold, 0…4. */
  fresh: number;
  /** Thousandths of the task's terms that this answer or one before holds. */
  covered: number;
}

/** For each answer of a run, in order; null: the step has none. Linear in the answers. */
export function taskCoverage(task: string, answers: readonly (string | null)[]): TaskCoverage[] {
  const wanted = taskTerms(task);
  const held = new Set<string>();
  // The answers of one run have many words in common.
  const seen = new Set<string>();

  return answers.map((answer) => {
    const heldBefore = held.size;
    // Once every term was held, there is nothing left to read for.
    const text = heldBefore < wanted.size ? (answer ?? "").slice(0, ANSWER_READ_MAX) : "";
    addTermsOf(text, wanted, { held, seen });

    const covered = wanted.size === 0 ? 0 : Math.round((1000 * held.size) / wanted.size);
    return { fresh: Math.min(NEW_TERMS_MAX, held.size - heldBefore), covered };
  });
}
