/**
 * How alike two tasks, or two contexts, are. All figures are computed from what was retrieved, so
 * that nothing has to be kept in step, and in an order that does not depend on when episodes came.
 *
 * @module
 */

import type { Context } from "../../contract/model.ts";
import { queryTokens, tokenize } from "../text/tokens.ts";
import { holdsName } from "./scan.ts";

/**
 * Exponent of the rarity of a term: how a task is worded tells more than the names that occur in
 * it.
 */
const DAMPING = 0.5;

/**
 * What a task names by its form: an address, an identifier, a number. The values differ from task
 * to task. Each takes a time in proportion to the text.
 */
const SHAPES: readonly (readonly [(task: string) => boolean, string])[] = [
  [(task) => /[\w.+-]@[\w-]{1,64}\.\w/.test(task), "email"],
  [(task) => /https?:\/\//.test(task), "url"],
  [holdsName, "id"],
  [(task) => /(?:^|\s)\d{1,64}(?:[.,]\d{1,64})*\b/.test(task), "number"],
];

/** The telling terms of a task, and the forms of what it names. */
export function taskTerms(task: string): Set<string> {
  const shapes = SHAPES.flatMap(([holds, word]) => (holds(task) ? tokenize(word) : []));
  return new Set([...queryTokens(task), ...shapes].map(({ term }) => term));
}

export interface TaskKernel {
  /**
   * Similarity of two tasks in 0…1: the cosine of their terms, each weighted by its rarity among
   * the kernel's tasks.
   */
  (a: string, b: string): number;
  /** `taskTerms`, found once for each task. */
  termsOf: (task: string) => ReadonlySet<string>;
}

/** The terms of a task that the kernel's tasks have, as places in their common vocabulary. */
interface Bag {
  places: readonly number[];
  /** A bit for each place. */
  holds: Uint8Array;
  norm: number;
}

function taskKernel(tasks: readonly string[]): TaskKernel {
  const terms = new Map<string, ReadonlySet<string>>();
  const termsOf = (task: string): ReadonlySet<string> => {
    const kept = terms.get(task) ?? taskTerms(task);
    terms.set(task, kept);
    return kept;
  };
  const vocabulary = new Map<string, number>();
  const frequencies: number[] = [];
  const known = new Set(tasks);
  for (const task of known) {
    for (const term of termsOf(task)) {
      const place = vocabulary.get(term) ?? frequencies.length;
      vocabulary.set(term, place);
      frequencies[place] = (frequencies[place] ?? 0) + 1;
    }
  }
  const total = known.size;
  const squares = frequencies.map(
    (n) => Math.log(1 + (total - n + 0.5) / (n + 0.5)) ** (2 * DAMPING),
  );
  const sumOf = (places: readonly number[]): number =>
    places.reduce((sum, place) => sum + (squares[place] ?? 0), 0);
  const bags = new Map<string, Bag>();
  const bagOf = (task: string): Bag => {
    const kept = bags.get(task);
    if (kept) return kept;
    const places = [...termsOf(task)].flatMap((term) => vocabulary.get(term) ?? []);
    const holds = new Uint8Array(Math.ceil(frequencies.length / 8));
    for (const place of places) holds[place >> 3] = (holds[place >> 3] ?? 0) | (1 << (place & 7));
    const bag = { places, holds, norm: Math.sqrt(sumOf(places)) || 1 };
    bags.set(task, bag);
    return bag;
  };
  const compare = (a: string, b: string): number => {
    const [own, other] = [bagOf(a), bagOf(b)];
    let sum = 0;
    for (const place of own.places) {
      if (((other.holds[place >> 3] ?? 0) & (1 << (place & 7))) !== 0) sum += squares[place] ?? 0;
    }
    return sum / own.norm / other.norm;
  };
  // Many runs have the same task: each pair is compared once.
  const compared = new Map<string, Map<string, number>>();
  const kernel = (a: string, b: string): number => {
    if (a === b) return 1;
    // The sum of a pair must not depend on which comes first.
    const [first, second] = a < b ? [a, b] : [b, a];
    const own = compared.get(first) ?? new Map<string, number>();
    compared.set(first, own);
    const value = own.get(second) ?? compare(first, second);
    own.set(second, value);
    return value;
  };
  return Object.assign(kernel, { termsOf });
}

const kernels = new WeakMap<object, TaskKernel>();

/** The kernel of the tasks of these episodes; made once for all that is computed from them. */
export function kernelOf(similar: readonly { digest: { task: string } }[]): TaskKernel {
  const known = kernels.get(similar) ?? taskKernel(similar.map(({ digest }) => digest.task));
  kernels.set(similar, known);
  return known;
}

/** Share of what either context says that both say, 0…1; 0 when neither says anything. */
export function contextKernel(own: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let both = 0;
  for (const mark of own) if (other.has(mark)) both += 1;
  const either = own.size + other.size - both;
  return either === 0 ? 0 : both / either;
}

/** What a context says, as marks that can be compared. */
export function marksOf({ domain, language, framework, tags }: Partial<Context>): Set<string> {
  const named = Object.entries({ domain, language, framework }).flatMap(([name, value]) =>
    value ? [`${name}=${value.toLowerCase()}`] : [],
  );
  return new Set([...named, ...(tags ?? []).map((tag) => `tag=${tag}`)]);
}

/**
 * Share of the tokens of a tool's name that the task holds, each weighted by its rarity among the
 * names, 0…1.
 *
 * @param termsOf the terms of a task
 */
export function nameMatch(
  tools: readonly string[],
  termsOf: (task: string) => ReadonlySet<string>,
): (task: string, tool: string) => number {
  const names = new Map(
    tools.map((tool) => [tool, new Set(tokenize(tool).map(({ term }) => term))]),
  );
  const frequencies = new Map<string, number>();
  for (const own of names.values())
    for (const term of own) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  const weights = new Map<string, number>();
  for (const [term, n] of frequencies)
    weights.set(term, Math.log(1 + (names.size - n + 0.5) / (n + 0.5)));
  return (task, tool) => {
    const wanted = termsOf(task);
    let [held, all] = [0, 0];
    for (const term of names.get(tool) ?? []) {
      const weight = weights.get(term) ?? 0;
      all += weight;
      if (wanted.has(term)) held += weight;
    }
    return all > 0 ? held / all : 0;
  };
}
