/**
 * A question of the runbooks' decision tree with its answer, and where a "no" leads.
 *
 * @module
 */

import type { Lead } from "./states.ts";
import type { Step } from "./steps.ts";

/** The step to go on with, and what to type there. */
export interface Next extends Step {
  commands: readonly string[];
}

export interface Turn {
  question: string;
  answer: "yes" | "no" | "unknown";
  /** What was seen. */
  saw: string;
  /** With every "no", and with nothing else. */
  next?: Next;
}

/** What was found wrong. */
export interface Trouble extends Next {
  saw: string;
}

export function trouble(saw: string, { step, commands }: Lead): Trouble {
  return { saw, ...step, commands };
}

export function no(question: string, { saw, ...next }: Trouble): Turn {
  return { question, answer: "no", saw, next };
}

/** The first trouble that one of these finds. */
export function firstOf<S>(
  finders: readonly ((signs: S) => Trouble | null)[],
  signs: S,
): Trouble | null {
  for (const find of finders) {
    const found = find(signs);
    if (found) return found;
  }
  return null;
}
