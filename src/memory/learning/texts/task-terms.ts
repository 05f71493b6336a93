/**
 * Reads what a task is about, as terms that tasks can be compared by. Pure.
 *
 * @module
 */

import { termHash } from "../../search/term-hash.ts";
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

/** The hashes of the terms that `taskTerms` gives, each once. */
export function taskTermHashes(task: string): Uint32Array {
  return Uint32Array.from(taskTerms(task), termHash);
}

/** The terms of a task without stop words, and a term for each form of what it names. */
export function taskTerms(task: string): Set<string> {
  const shapes = SHAPES.flatMap(([isNamed, name]) => (isNamed(task) ? tokenize(name) : []));
  return new Set([...queryTokens(task), ...shapes].map(({ term }) => term));
}

/** Which forms a task has, a bit for each: `taskTermHashes` from this and the task's own terms. */
export function shapesOf(task: string): number {
  return SHAPES.reduce((bits, [isNamed], i) => (isNamed(task) ? bits | (1 << i) : bits), 0);
}

/** As `taskTermHashes`. @param content hashes of the task's terms without stop words @param shapes */
export function withShapes(content: ReadonlySet<number>, shapes: number): Uint32Array {
  const named = SHAPES.flatMap(([, name], i) => ((shapes & (1 << i)) === 0 ? [] : tokenize(name)));
  return Uint32Array.from(new Set([...content, ...named.map(({ term }) => termHash(term))]));
}
