/**
 * An index of one namespace in memory, searched as an instance searches its own.
 *
 * @module
 */

import {
  distinctTerms,
  documentTerms,
  findCandidates,
  indexedDocument,
  mergedEntries,
  Query,
  Segment,
  SegmentWriter,
  TermIndex,
  type Candidate,
  type DocumentKind,
  type DocumentTexts,
  type FoundDocument,
  type SearchedDocuments,
  type TermEntry,
} from "../../src/memory/search/index.ts";

type SearchOptions = Parameters<typeof findCandidates>[2];

interface Entered extends FoundDocument {
  terms: ReadonlySet<string>;
}

export class MemoryIndex implements SearchedDocuments {
  readonly index = new TermIndex([]);
  readonly #documents = new Map<number, Entered>();
  #next = 0;
  /** How many documents each reading was asked for. */
  readonly reads: number[] = [];

  count(kind: DocumentKind): number {
    return [...this.#documents.values()].filter((document) => document.kind === kind).length;
  }

  kindOf(number: number): DocumentKind {
    return this.#documents.get(number)?.kind ?? "episode";
  }

  read(numbers: readonly number[]): FoundDocument[] {
    this.reads.push(numbers.length);
    return numbers.flatMap((number) => this.#documents.get(number) ?? []);
  }

  /** @param texts a task, or by field */
  add(id: string, texts: string | DocumentTexts, kind: DocumentKind = "episode"): void {
    const terms = documentTerms(typeof texts === "string" ? { task: texts } : texts);
    const number = this.#next++;
    const distinct = distinctTerms(terms);
    this.#documents.set(number, { kind, id, document: indexedDocument(terms), terms: distinct });
    this.index.add(number, distinct);
  }

  remove(id: string): void {
    for (const [number, document] of this.#documents) {
      if (document.id !== id) continue;
      this.#documents.delete(number);
      this.index.remove(number, document.terms);
    }
  }

  find(query: string, options: Partial<SearchOptions> = {}): Candidate[] {
    return findCandidates(this, new Query(this.index, query), { limit: 10, ...options });
  }

  /** The ids of what `find` finds, best first. */
  ids(query: string, options: Partial<SearchOptions> = {}): string[] {
    return this.find(query, options).map(({ id }) => id);
  }
}

/** The entries as a segment whose leaves are in memory. */
export function segmentOf(id: number, documents: number, entries: Iterable<TermEntry>): Segment {
  const leaves: Uint8Array[] = [];
  const firsts: string[] = [];
  const writer = new SegmentWriter((leaf, first) => {
    leaves.push(leaf);
    firsts.push(first);
  });
  for (const entry of entries) writer.add(entry);
  writer.end();
  return new Segment({ id, documents, firsts }, (at) => leaves[at] ?? new Uint8Array());
}

/** The tail becomes a segment. */
export function seal(index: TermIndex): void {
  const { segments } = index;
  const sealed = segmentOf(segments.length, index.tailDocuments, index.tailEntries());
  index.replace([...segments, sealed], true);
}

/** So many segments, from a place on, become one. */
export function merge(index: TermIndex, from: number, count: number): void {
  const { segments } = index;
  const parts = segments.slice(from, from + count);
  const documents = parts.reduce((sum, { head }) => sum + head.documents, 0);
  const isWhole = from === 0;
  const merged = segmentOf(from, documents, mergedEntries(parts, isWhole));
  index.replace(segments.toSpliced(from, parts.length, merged), false);
}
