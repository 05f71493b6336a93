/**
 * The class of a result. What the format says counts: a status, an exit code, an exception. Where
 * it says nothing, the text's beginning does, by a few rules. A call that nothing answered has no
 * class: unknown is never success. Pure.
 *
 * @module
 */

import { textOf } from "./values.ts";

export type CallResult =
  | { type: "success"; output: string }
  | { type: "error"; message: string }
  /** `said`: what came back all the same; the service has no field for it. */
  | { type: "timeout"; said?: string };

/** A result as the service takes it. */
export const sentResult = <R extends CallResult | null>(result: R): R | { type: "timeout" } =>
  result?.type === "timeout" ? { type: "timeout" } : result;

/**
 * What a format says of a result. `unsaid`: it has no word for it, so that the text is asked;
 * `ended`: it marks failures, and has not marked this one.
 */
export type Verdict = "error" | "timeout" | "ended" | "unsaid";

/** How tools and their frameworks begin the text of a failure. */
const FAILED = [
  /^\s*error(?:\s*[:!(]|\s+(?:executing|calling|invoking|running|during|while|when|code|occurred|\d))/i,
  /^\s*(?:[A-Za-z_][\w.]{0,99})?(?:Error|Exception)\s*:/,
  /^\s*Traceback \(most recent call last\):/,
  /^\s*An error occurred while running the tool\b/,
  /^\s*\{\s*"error"\s*:\s*(?!null|false|""|\{\}|\[\])/,
  /^\s*\{[^{}[\]]{0,500}"(?:isError|is_error)"\s*:\s*true\b/,
  /^\s*\{[^{}[\]]{0,500}"(?:exit_?code|return_?code)"\s*:\s*(?!0\b)-?\d/i,
  /^\s*Exit code:? (?!0\b)-?\d+/i,
];
const TIMED_OUT = [
  /^\s*(?:error:?\s+)?(?:the |a |your )?(?:command|tool|tool call|request|operation|process|execution|call)\s+(?:has\s+)?timed out\b/i,
  /^\s*(?:timed out|timeout)\s+(?:after|waiting)\b/i,
  /^\s*(?:[A-Za-z_][\w.]{0,99})?Timeout(?:Error|Exception|Expired)\b/,
];

/** @param content what came back: text, blocks, or data */
export function resultOf(content: unknown, verdict: Verdict): CallResult {
  const text = textOf(content);
  const matches = (rules: readonly RegExp[]): boolean => rules.some((rule) => rule.test(text));
  if (verdict === "ended") return { type: "success", output: text };
  if (verdict === "timeout" || matches(TIMED_OUT)) return { type: "timeout", said: text };
  if (verdict === "error" || matches(FAILED)) return { type: "error", message: text };
  return { type: "success", output: text };
}
