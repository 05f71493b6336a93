/**
 * A question of the runbooks' decision tree with its answer, and where a "no" leads.
 *
 * @module
 */

import type { Step } from "./steps.ts";

/** The step to go on with, and what to type there. */
export interface Next extends Step {
  commands: string[];
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

/** @param commands what to type there */
export function trouble(saw: string, step: Step, ...commands: string[]): Trouble {
  return { saw, ...step, commands };
}

export function no(question: string, { saw, ...next }: Trouble): Turn {
  return { question, answer: "no", saw, next };
}
