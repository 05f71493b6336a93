/**
 * A sealed part of an inverted index: its terms in their order, each with the documents that came
 * with it and those that went, in leaves of some kilobytes. It is never changed; several are merged
 * into one, in which what came and went again is gone. P. O'Neil and others, "The log-structured
 * merge-tree", Acta Informatica 33 (1996). Pure: whoever stores the leaves hands them over.
 *
 * @module
 */

import { PackedReader, PackedWriter } from "../../../util/packed.ts";
import { backwards } from "./backwards.ts";
import { readPostings, writePostings } from "./postings.ts";

/** Bytes of a leaf: a lookup reads one, and goes through half of it. */
const LEAF_BYTES = 4_000;
/** Documents of one entry: the list of a common term is several entries, each of which fits a row. */
const ENTRY_DOCUMENTS_MAX = 16_384;
/** Terms that a merge drops with their backward forms; those of more stay, and do no harm. */
const DROPPED_MAX = 50_000;

/** A term with documents that hold it; both lists rise. */
export interface TermEntry {
  /** ASCII. */
  term: string;
  /** Documents that came. */
  added: readonly number[];
  /** Documents that went, which came in an earlier segment. */
  removed: readonly number[];
}

/** Packs entries, given in the order of their terms, into leaves. */
export class SegmentWriter {
  readonly #leaf = new PackedWriter();
  readonly #body = new PackedWriter();
  #before = "";
  #first: string | null = null;

  /** @param seal called with each leaf when it is full */
  readonly #seal: (leaf: Uint8Array<ArrayBuffer>, first: string) => void;

  constructor(seal: (leaf: Uint8Array<ArrayBuffer>, first: string) => void) {
    this.#seal = seal;
  }

  add({ term, added, removed }: TermEntry): void {
    let [a, r] = [0, 0];
    do {
      const more = added.slice(a, a + ENTRY_DOCUMENTS_MAX);
      const less = removed.slice(r, r + ENTRY_DOCUMENTS_MAX);
      this.#write(term, more, less);
      a += more.length;
      r += less.length;
    } while (a < added.length || r < removed.length);
  }

  /** Seals what is left. */
  end(): void {
    if (this.#first === null) return;
    this.#seal(this.#leaf.done(), this.#first);
    this.#first = null;
  }

  #write(term: string, added: readonly number[], removed: readonly number[]): void {
    this.#body.uint(added.length).uint(removed.length);
    writePostings(this.#body, added);
    writePostings(this.#body, removed);
    const bytes = this.#body.done();

    if (this.#first !== null && this.#leaf.length + bytes.length > LEAF_BYTES) this.end();
    const shared = this.#first === null ? 0 : sharedLength(this.#before, term);
    this.#first ??= term;
    this.#leaf.uint(shared).text(term.slice(shared)).uint(bytes.length).bytes(bytes);
    this.#before = term;
  }
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

/** Where an entry's lists are. */
export interface PackedLists {
  leaf: Uint8Array;
  /** Where the first list begins. */
  at: number;
  added: number;
  removed: number;
}

/** Adds the documents of an entry to lists. */
export function readLists(
  { leaf, at, ...counts }: PackedLists,
  added: number[],
  removed: number[],
): void {
  const reader = new PackedReader(leaf, at);
  readPostings(reader, counts.added, added);
  readPostings(reader, counts.removed, removed);
}

export interface SegmentHead {
  /** Its number; later ones have higher numbers. */
  id: number;
  /** Documents that came or went. */
  documents: number;
  /** The first term of each leaf. */
  firsts: readonly string[];
}

export class Segment {
  readonly head: SegmentHead;
  readonly #leaf: (at: number) => Uint8Array;

  /** @param leaf gives a leaf by its number, 0…firsts.length−1 */
  constructor(head: SegmentHead, leaf: (at: number) => Uint8Array) {
    this.head = head;
    this.#leaf = leaf;
  }

  /** The lists of a term; several where it is common, none where no document has it. */
  find(term: string): PackedLists[] {
    const { firsts } = this.head;
    const found: PackedLists[] = [];
    for (let at = Math.max(0, leavesBefore(firsts, term) - 1); at < firsts.length; at++) {
      if ((firsts[at] ?? "") > term) break;
      findIn(this.#leaf(at), term, found);
    }
    return found;
  }

  /** The entries whose terms begin like this, in their order; all for "". */
  *entries(prefix: string): Generator<{ term: string; lists: PackedLists }> {
    const { firsts } = this.head;
    for (let at = Math.max(0, leavesBefore(firsts, prefix) - 1); at < firsts.length; at++) {
      const first = firsts[at] ?? "";
      if (first > prefix && !first.startsWith(prefix)) return;
      yield* entriesOf(this.#leaf(at), prefix);
    }
  }
}

/** How many leaves begin before this term. */
function leavesBefore(firsts: readonly string[], term: string): number {
  let [low, high] = [0, firsts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((firsts[middle] ?? "") < term) low = middle + 1;
    else high = middle;
  }
  return low;
}

function listsAt(leaf: Uint8Array, at: number): PackedLists {
  const reader = new PackedReader(leaf, at);
  const [added, removed] = [reader.uint(), reader.uint()];
  return { leaf, at: reader.at, added, removed };
}

/**
 * Adds the lists of a term in a leaf. An entry that shares more with the one before than that did
 * with the term lies before it as that did; one that shares less lies behind it.
 */
function findIn(leaf: Uint8Array, term: string, found: PackedLists[]): void {
  const reader = new PackedReader(leaf);
  let matched = 0;
  while (!reader.isAtEnd) {
    const shared = reader.uint();
    const length = reader.uint();
    const suffix = reader.at;
    reader.skip(length);
    const bytes = reader.uint();
    const body = reader.at;
    reader.skip(bytes);

    if (shared < matched) return;
    if (shared > matched) continue;
    let i = 0;
    while (i < length && leaf[suffix + i] === term.charCodeAt(matched + i)) i += 1;
    matched += i;
    if (i === length) {
      if (matched === term.length) found.push(listsAt(leaf, body));
    } else if (matched === term.length || (leaf[suffix + i] ?? 0) > term.charCodeAt(matched))
      return;
  }
}

function* entriesOf(
  leaf: Uint8Array,
  prefix: string,
): Generator<{ term: string; lists: PackedLists }> {
  const reader = new PackedReader(leaf);
  let term = "";
  while (!reader.isAtEnd) {
    const shared = reader.uint();
    term = term.slice(0, shared) + reader.text();
    const bytes = reader.uint();
    const body = reader.at;
    reader.skip(bytes);
    if (term.startsWith(prefix)) yield { term, lists: listsAt(leaf, body) };
    else if (term > prefix) return;
  }
}

/**
 * The entries of several segments as one in the order of their terms: lists joined, and without
 * what came in one of them and went in another.
 *
 * @param isWhole whether there is no segment before these: what went is gone then for good
 */
export function* mergedEntries(
  segments: readonly Segment[],
  isWhole: boolean,
): Generator<TermEntry> {
  const heads = segments.map((segment) => {
    const entries = segment.entries("");
    return { entries, next: entries.next() };
  });
  const dropped = new Set<string>();
  for (;;) {
    let term: string | null = null;
    for (const { next } of heads)
      if (!next.done && (term === null || next.value.term < term)) term = next.value.term;
    if (term === null) return;

    const [added, removed]: [number[], number[]] = [[], []];
    for (const head of heads) {
      while (!head.next.done && head.next.value.term === term) {
        readLists(head.next.value.lists, added, removed);
        head.next = head.entries.next();
      }
    }
    const entry = withoutCancelled(term, added, removed, isWhole);
    if (!entry && dropped.size < DROPPED_MAX) dropped.add(backwards(term));
    if (entry && !dropped.has(term)) yield entry;
  }
}

/** null: nothing is left of it. A term that stands backwards has no documents. */
function withoutCancelled(
  term: string,
  added: number[],
  removed: number[],
  isWhole: boolean,
): TermEntry | null {
  if (removed.length === 0) return { term, added: added.sort(rising), removed };
  const { left, gone } = netDocuments(added, removed);
  // What is left in `gone` came in an earlier segment than these.
  const rest = isWhole ? [] : gone.sort(rising);
  return left.length + rest.length > 0 ? { term, added: left.sort(rising), removed: rest } : null;
}

/**
 * What is there after this many comings and goings: a document may come again after it went.
 *
 * @returns left: came once more than it went; gone: went once more than it came
 */
export function netDocuments(
  added: readonly number[],
  removed: readonly number[],
): { left: number[]; gone: number[] } {
  const goings = new Map<number, number>();
  for (const document of removed) goings.set(document, (goings.get(document) ?? 0) + 1);
  const left = added.filter((document) => {
    const times = goings.get(document) ?? 0;
    if (times > 0) goings.set(document, times - 1);
    return times === 0;
  });
  return { left, gone: [...goings].flatMap(([document, times]) => (times > 0 ? [document] : [])) };
}

/** Orders numbers, the lowest first. */
export function rising(a: number, b: number): number {
  return a - b;
}
