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

/** The hashes of the terms of each shape, in their order. */
const SHAPE_HASHES = SHAPES.map(([, name]) => tokenize(name).map(({ term }) => termHash(term)));

/**
 * As `taskTermHashes`.
 *
 * @param content hashes of the task's terms without stop words; the shapes' are added
 * @param shapes as `shapesOf`
 */
export function withShapes(content: Set<number>, shapes: number): Uint32Array {
  for (const [i, hashes] of SHAPE_HASHES.entries())
    if ((shapes & (1 << i)) !== 0) for (const hash of hashes) content.add(hash);
  return Uint32Array.from(content);
}
