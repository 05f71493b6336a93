/**
 * Reads what a task is about, as terms that tasks can be compared by. Pure.
 *
 * @module
 */

import { queryTokens, tokenize } from "../../text/tokens.ts";
import { holdsName } from "./scan.ts";

/**
 * What a task names by its form: an address, an identifier, a number. The values differ from task
 * to task. Each test takes a time in proportion to the text.
 */
const SHAPES: readonly (readonly [isNamed: (task: string) => boolean, name: string])[] = [
  [(task) => /[\w.+-]@[\w-]{1,64}\.\w/.test(task), "email"],
  [(task) => /https?:\/\//.test(task), "url"],
  [holdsName, "id"],
  [(task) => /(?:^|\s)\d{1,64}(?:[.,]\d{1,64})*\b/.test(task), "number"],
];

/** The terms of a task without stop words, and a term for each form of what it names. */
export function taskTerms(task: string): Set<string> {
  const shapes = SHAPES.flatMap(([isNamed, name]) => (isNamed(task) ? tokenize(name) : []));
  return new Set([...queryTokens(task), ...shapes].map(({ term }) => term));
}
