/**
 * How alike two tasks, or two contexts, are. All figures are computed from what was retrieved, so that nothing has to be
 * kept in step, and in an order that does not depend on when episodes came.
 *
 * @module
 */

import type { Context } from "../model.ts";
import { queryTokens, tokenize } from "../text/tokens.ts";

/** Exponent of the rarity of a term: how a task is worded tells more than the names that occur in it. */
const DAMPING = 0.5;

/**
 * What a task names by its form: an address, an identifier, a number. The values differ from task to task. Each
 * repetition is bounded, so that the work stays linear in the text.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]{1,64}@[\w-]{1,64}\.\w/, "email"],
  [/https?:\/\//, "url"],
  [/\b(?=[\w-]{0,64}\d)(?=[\w-]{0,64}[A-Za-z])[\w-]/, "id"],
  [/(?:^|\s)\d{1,64}(?:[.,]\d{1,64})*\b/, "number"],
];

/** The telling terms of a task, and the forms of what it names. */
export function taskTerms(task: string): Set<string> {
  const shapes = SHAPES.flatMap(([pattern, word]) => (pattern.test(task) ? tokenize(word) : []));
  return new Set([...queryTokens(task), ...shapes].map(({ term }) => term));
}

/** Similarity of tasks in 0…1: the cosine of their terms, each weighted by its rarity among these tasks. */
function taskKernel(tasks: readonly string[]): (a: string, b: string) => number {
  const terms = new Map<string, ReadonlySet<string>>();
  const frequencies = new Map<string, number>();
  const known = new Set(tasks);
  for (const task of known) {
    const own = taskTerms(task);
    terms.set(task, own);
    for (const term of own) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  }
  const total = known.size;
  const square = (term: string): number => {
    const documents = frequencies.get(term);
    if (documents === undefined) return 0;
    return Math.log(1 + (total - documents + 0.5) / (documents + 0.5)) ** (2 * DAMPING);
  };
  const of = (task: string): ReadonlySet<string> => {
    const kept = terms.get(task) ?? taskTerms(task);
    terms.set(task, kept);
    return kept;
  };
  const norms = new Map<string, number>();
  const norm = (task: string): number => {
    const kept = norms.get(task);
    if (kept !== undefined) return kept;
    let sum = 0;
    for (const term of of(task)) sum += square(term);
    const value = Math.sqrt(sum) || 1;
    norms.set(task, value);
    return value;
  };
  const compare = (a: string, b: string): number => {
    const other = of(b);
    let sum = 0;
    for (const term of of(a)) if (other.has(term)) sum += square(term);
    return sum / norm(a) / norm(b);
  };
  // Many runs have the same task: each pair is compared once.
  const compared = new Map<string, Map<string, number>>();
  return (a, b) => {
    if (a === b) return 1;
    // The sum of a pair must not depend on which comes first.
    const [first, second] = a < b ? [a, b] : [b, a];
    const own = compared.get(first) ?? new Map<string, number>();
    compared.set(first, own);
    const value = own.get(second) ?? compare(first, second);
    own.set(second, value);
    return value;
  };
}

const kernels = new WeakMap<object, (a: string, b: string) => number>();

/** The kernel of the tasks of these episodes; made once for all that is computed from them. */
export function kernelOf(similar: readonly { digest: { task: string } }[]): (a: string, b: string) => number {
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

/** Share of the tokens of a tool's name that the task holds, each weighted by its rarity among the names, 0…1. */
export function nameMatch(tools: readonly string[]): (task: string, tool: string) => number {
  const names = new Map(tools.map((tool) => [tool, new Set(tokenize(tool).map(({ term }) => term))]));
  const frequencies = new Map<string, number>();
  for (const own of names.values()) for (const term of own) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  const weight = (term: string): number => {
    const n = frequencies.get(term) ?? 0;
    return Math.log(1 + (names.size - n + 0.5) / (n + 0.5));
  };
  const terms = new Map<string, Set<string>>();
  return (task, tool) => {
    const wanted = terms.get(task) ?? taskTerms(task);
    terms.set(task, wanted);
    let [held, all] = [0, 0];
    for (const term of names.get(tool) ?? []) {
      all += weight(term);
      if (wanted.has(term)) held += weight(term);
    }
    return all > 0 ? held / all : 0;
  };
}
