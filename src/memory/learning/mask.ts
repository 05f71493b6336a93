/**
 * Makes one template of error messages that differ only in what they are about.
 *
 * @module
 */

import { maskNamedWords } from "./scan.ts";

const MAX = 300;
/** Enough of a message to tell it from others; the rest is not looked at. */
const READ = 2_000;

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
 * Ids, numbers, quoted strings, addresses and paths are masked; white space is one space; at most
 * 300 characters.
 */
export function maskError(message: string): string {
  let masked = message.slice(0, READ);
  for (const [pattern, mask] of MASKS) masked = masked.replace(pattern, mask);
  masked = maskNamedWords(masked, "<id>").replace(NUMBER, "<number>");

  return masked.replaceAll(/\s+/g, " ").trim().slice(0, MAX);
}
