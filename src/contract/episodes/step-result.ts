/**
 * What a step's result says, wherever it is read. Plain functions: no schema is evaluated for them.
 *
 * @module
 */

import type { ResultClass } from "../vocabulary.ts";
import type { StepResult } from "./record.ts";

/** What a step answered: its output or its error message; null: it timed out, or is unknown. */
export function answerOf(result: StepResult | null): string | null {
  if (result?.type === "success") return result.output;
  return result?.type === "error" ? result.message : null;
}

/** The class a step's result falls in. */
export function resultClass(result: StepResult | null): ResultClass {
  return result === null ? "unknown" : result.type;
}
