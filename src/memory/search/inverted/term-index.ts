/**
 * The inverted index of one namespace: sealed segments, and what came and went since the last was
 * sealed, which is in memory. Says which documents hold a term, exactly, whatever came and went.
 *
 * @module
 */

import { backwards, forwards } from "./backwards.ts";
import { START_LENGTH, startOf } from "../proximity.ts";
import {
  netDocuments,
  readLists,
  rising,
  type PackedLists,
  type Segment,
  type TermEntry,
} from "./segment.ts";

/** Terms of one beginning or end that are looked at in each segment, at most. */
const SCANNED_MAX = 5_000;

/** A term, as far as the index knows it. */
export class FoundTerm {
  readonly term: string;
  readonly #lists: readonly PackedLists[];
  readonly #tail: TailTerm | undefined;

  constructor(term: string, lists: readonly PackedLists[], tail: TailTerm | undefined) {
    this.term = term;
    this.#lists = lists;
    this.#tail = tail;
  }

  /** How many documents hold it. */
  get documents(): number {
    let count = (this.#tail?.added.length ?? 0) - (this.#tail?.removed.length ?? 0);
    for (const { added, removed } of this.#lists) count += added - removed;
    return count;
  }

  /** The documents that hold it, the first ones lowest. */
  all(): number[] {
    const added: number[] = [];
    const removed: number[] = [...(this.#tail?.removed ?? [])];
    for (const lists of this.#lists) readLists(lists, added, removed);
    added.push(...(this.#tail?.added ?? []));
    return removed.length === 0 ? added : netDocuments(added, removed).left;
  }
}

interface TailTerm {
  added: number[];
  removed: number[];
}

export class TermIndex {
  #segments: readonly Segment[];
  readonly #tail = new Map<string, TailTerm>();
  /** The terms of the tail by how they begin. */
  readonly #tailStarts = new Map<string, string[]>();
  #tailDocuments = 0;

  /** @param segments the oldest first */
  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Documents that came or went since the last segment was sealed. */
  get tailDocuments(): number {
    return this.#tailDocuments;
  }

  /** Terms that the tail has; what it takes in memory is in proportion to them. */
  get tailTerms(): number {
    return this.#tail.size;
  }

  /** A document comes. @param terms each once */
  add(document: number, terms: Iterable<string>): void {
    this.#tailDocuments += 1;
    for (const term of terms) {
      const { added, removed } = this.#tailTerm(term);
      if (!taken(removed, document)) added.push(document);
    }
  }

  /** A document goes. @param terms those that it came with */
  remove(document: number, terms: Iterable<string>): void {
    this.#tailDocuments += 1;
    for (const term of terms) {
      const { added, removed } = this.#tailTerm(term);
      if (!taken(added, document)) removed.push(document);
    }
  }

  find(term: string): FoundTerm {
    const lists = this.#segments.flatMap((segment) => segment.find(term));
    return new FoundTerm(term, lists, this.#tail.get(term));
  }

  /** Terms that begin like this, each once; bounded where there are very many. */
  beginningWith(prefix: string): Set<string> {
    const terms = new Set(this.#scanned(prefix));
    const start = startOf(prefix);
    const isWhole = start.length === START_LENGTH;
    for (const term of isWhole ? (this.#tailStarts.get(start) ?? []) : this.#tail.keys())
      if (term.startsWith(prefix)) terms.add(term);
    return terms;
  }

  /** Terms that end like this, each once; bounded where there are very many. */
  endingWith(suffix: string): Set<string> {
    const terms = new Set<string>();
    for (const turned of this.#scanned(backwards(suffix))) terms.add(forwards(turned) ?? "");
    for (const term of this.#tail.keys()) if (term.endsWith(suffix)) terms.add(term);
    return terms;
  }

  /** What the next segment has, in the order of terms. */
  tailEntries(): TermEntry[] {
    const entries = [...this.#tail]
      .filter(([, { added, removed }]) => added.length + removed.length > 0)
      .map(([term, { added, removed }]) => ({
        term,
        added: added.toSorted(rising),
        removed: removed.toSorted(rising),
      }));
    const spelt = entries.map(({ term }) => ({ term: backwards(term), added: [], removed: [] }));
    return [...entries, ...spelt].sort((a, b) => (a.term < b.term ? -1 : 1));
  }

  /** The tail is sealed, or segments were merged. @param sealed whether the tail is in them now */
  replace(segments: readonly Segment[], sealed: boolean): void {
    this.#segments = segments;
    if (!sealed) return;
    this.#tail.clear();
    this.#tailStarts.clear();
    this.#tailDocuments = 0;
  }

  *#scanned(prefix: string): Generator<string> {
    for (const segment of this.#segments) {
      let scanned = 0;
      for (const { term } of segment.entries(prefix)) {
        yield term;
        if (++scanned >= SCANNED_MAX) break;
      }
    }
  }

  #tailTerm(term: string): TailTerm {
    const present = this.#tail.get(term);
    if (present) return present;
    const fresh = { added: [], removed: [] };
    this.#tail.set(term, fresh);
    const start = startOf(term);
    const starts = this.#tailStarts.get(start);
    if (starts) starts.push(term);
    else this.#tailStarts.set(start, [term]);
    return fresh;
  }
}

/** Takes a document out of a list. False: it is not in it. */
function taken(documents: number[], document: number): boolean {
  const at = documents.lastIndexOf(document);
  if (at >= 0) documents.splice(at, 1);
  return at >= 0;
}
