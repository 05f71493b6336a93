/**
 * Makes one template of error messages that differ only in what they are about, so that errors of
 * the same kind are counted together.
 *
 * @module
 */

import type { StepResult } from "../../../contract/episodes/record.ts";
import type { ResultClass } from "../../../contract/vocabulary.ts";
import { maskNamedWords } from "./scan.ts";
import { tellingLines } from "./telling-lines.ts";

/** Characters of a template: a row of evidence carries it. */
const TEMPLATE_LENGTH_MAX = 300;
/** Characters of a message that are read: enough to distinguish it from others. */
const MESSAGE_READ_MAX = 2_000;

/** What a step that took too long counts as: there is no message. */
const TIMEOUT_TEMPLATE = "timeout";

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<id>"],
  [/https?:\/\/[^\s"'<>]+/gi, "<url>"],
  [/"[^"\n]{0,500}"/g, "<text>"],
  [/'[^'\n]{0,500}'/g, "<text>"],
  [/`[^`\n]{0,500}`/g, "<text>"],
  [/(?:[A-Za-z]:)?(?:[/\\][\w.@-]+){2,}/g, "<path>"],
  [/\b0x[0-9a-f]+\b/gi, "<number>"],
];
const NUMBER = /#?\d+(?:[.,:]\d+)*/g;

/**
 * The message with ids, numbers, quoted strings, addresses and paths masked, white space as one
 * space; at most 300 characters. Of a long one the lines that say what went wrong.
 */
export function maskError(message: string): string {
  let masked = tellingLines(message).slice(0, MESSAGE_READ_MAX);
  for (const [pattern, mask] of MASKS) masked = masked.replace(pattern, mask);
  masked = maskNamedWords(masked, "<id>").replace(NUMBER, "<number>");

  return masked.replaceAll(/\s+/g, " ").trim().slice(0, TEMPLATE_LENGTH_MAX);
}

/** The template of a step's error; null when it did not fail, or its result is unknown. */
export function errorOfResult(result: StepResult | null): string | null {
  if (result?.type === "error") return maskError(result.message);
  return result?.type === "timeout" ? TIMEOUT_TEMPLATE : null;
}

/**
 * The template of the error that a client reports of a recent step; null when the step succeeded,
 * or the client does not report what was answered. A message without a known result is taken for an
 * error: it is only looked up.
 */
export function errorOfRecentStep({
  result,
  message,
}: {
  result: ResultClass;
  message?: string | undefined;
}): string | null {
  if (result === "timeout") return TIMEOUT_TEMPLATE;
  return result === "success" || message === undefined ? null : maskError(message);
}
