/**
 * The segments of one namespace's index: the rows of `learned_segments`, and their leaves in
 * `learned_leaves`. Segments grow from the newest to the oldest, so that there are few; what keeps
 * it so is merged slice by slice.
 *
 * @module
 */

import {
  mergedEntries,
  Segment,
  SegmentWriter,
  type TermEntry,
} from "../../../../memory/search/index.ts";
import { bytesOf, type LocalSql } from "../../../../storage/index.ts";
import type { ByteCache } from "../../../../util/byte-cache.ts";
import { PackedReader, PackedWriter } from "../../../../util/packed.ts";

const LEAF_SCALE = 2 ** 20;
/** A segment is merged with the one before when that has fewer than so many times its documents. */
const GROWTH = 2;
/** A segment whose leaves are still being written. */
const UNFINISHED = -1;

export interface SegmentsDeps {
  sql: LocalSql;
  /** Leaves of all namespaces, by their keys. */
  leaves: ByteCache<number, Uint8Array>;
}

/** A merge that is under way. */
interface Merge {
  parts: readonly Segment[];
  into: number;
  documents: number;
  entries: Iterator<TermEntry>;
  writer: SegmentWriter;
  firsts: string[];
}

export class Segments {
  readonly #deps: SegmentsDeps;
  readonly #sql: LocalSql;
  readonly #number: number;
  #segments: readonly Segment[];
  #merge: Merge | null = null;

  /** @param number of the namespace */
  constructor(deps: SegmentsDeps, number: number) {
    this.#deps = deps;
    this.#sql = deps.sql;
    this.#number = number;
    const rows = this.#sql.all<{ id: number; documents: number; firsts: ArrayBuffer }>(
      `SELECT id, documents, firsts FROM learned_segments WHERE namespace = ? ORDER BY place`,
      number,
    );
    this.#segments = rows
      .filter(({ documents }) => documents !== UNFINISHED)
      .map(({ id, documents, firsts }) => this.#open(id, documents, readFirsts(bytesOf(firsts))));
  }

  /** The oldest first. */
  get all(): readonly Segment[] {
    return this.#segments;
  }

  /** Whether there is something to merge. */
  get isMergeDue(): boolean {
    return this.#merge !== null || this.#mergeable().length > 1;
  }

  /** Stores what came since the last as a segment; in a transaction. */
  seal(entries: readonly TermEntry[], documents: number): void {
    if (entries.length === 0) return;
    const id = this.#begin();
    const firsts: string[] = [];
    const writer = this.#writer(id, firsts);
    for (const entry of entries) writer.add(entry);
    writer.end();
    this.#end(id, this.#nextPlace(), documents, firsts);
    this.#segments = [...this.#segments, this.#open(id, documents, firsts)];
  }

  /**
   * Goes on merging, for this many terms; in a transaction. True: a merge is done, and `all` is
   * other segments now.
   */
  merge(terms: number): boolean {
    this.#merge ??= this.#beginMerge();
    const merge = this.#merge;
    if (!merge) return false;
    for (let i = 0; i < terms; i++) {
      const { done, value } = merge.entries.next();
      if (done) return this.#endMerge(merge);
      merge.writer.add(value);
    }
    return false;
  }

  #beginMerge(): Merge | null {
    const parts = this.#mergeable();
    if (parts.length < 2) return null;
    this.#dropUnfinished();
    const into = this.#begin();
    const firsts: string[] = [];
    return {
      parts,
      into,
      documents: documentsOf(parts),
      entries: mergedEntries(parts, parts.length === this.#segments.length),
      writer: this.#writer(into, firsts),
      firsts,
    };
  }

  #endMerge({ parts, into, documents, writer, firsts }: Merge): boolean {
    writer.end();
    const ids = parts.map(({ head }) => head.id);
    const [{ place }] = this.#sql.all<{ place: number }>(
      "SELECT place FROM learned_segments WHERE id = ?",
      ids[0] ?? 0,
    ) as [{ place: number }];
    for (const id of ids) this.#drop(id);
    this.#end(into, place, documents, firsts);
    const at = this.#segments.findIndex(({ head }) => head.id === ids[0]);
    this.#segments = this.#segments.toSpliced(
      at,
      parts.length,
      this.#open(into, documents, firsts),
    );
    this.#merge = null;
    return true;
  }

  /** The newest segments that are too near in size to stay apart; fewer than two: none are. */
  #mergeable(): readonly Segment[] {
    let from = this.#segments.length - 1;
    let sum = this.#segments[from]?.head.documents ?? 0;
    while (from > 0) {
      const before = this.#segments[from - 1]?.head.documents ?? 0;
      if (before >= GROWTH * sum) break;
      sum += before;
      from -= 1;
    }
    return this.#segments.slice(Math.max(0, from));
  }

  #begin(): number {
    const [row] = this.#sql.all<{ id: number }>(
      `INSERT INTO learned_segments (namespace, place, documents, firsts)
        VALUES (?, 0, ?, ?) RETURNING id`,
      this.#number,
      UNFINISHED,
      new Uint8Array(0),
    );
    return row?.id ?? 0;
  }

  #end(id: number, place: number, documents: number, firsts: readonly string[]): void {
    const writer = new PackedWriter();
    writer.uint(firsts.length);
    for (const first of firsts) writer.text(first);
    this.#sql.run(
      "UPDATE learned_segments SET place = ?, documents = ?, firsts = ? WHERE id = ?",
      place,
      documents,
      writer.done(),
      id,
    );
  }

  #nextPlace(): number {
    const [row] = this.#sql.all<{ place: number | null }>(
      "SELECT max(place) AS place FROM learned_segments WHERE namespace = ?",
      this.#number,
    );
    return (row?.place ?? 0) + 1;
  }

  #writer(id: number, firsts: string[]): SegmentWriter {
    return new SegmentWriter((leaf, first) => {
      const key = leafKey(id, firsts.length);
      firsts.push(first);
      this.#sql.run("INSERT INTO learned_leaves (id, body) VALUES (?, ?)", key, leaf);
    });
  }

  #open(id: number, documents: number, firsts: readonly string[]): Segment {
    return new Segment({ id, documents, firsts }, (at) => {
      const key = leafKey(id, at);
      const kept = this.#deps.leaves.get(key);
      if (kept) return kept;
      const [row] = this.#sql.all<{ body: ArrayBuffer }>(
        "SELECT body FROM learned_leaves WHERE id = ?",
        key,
      );
      const leaf = bytesOf(row?.body);
      this.#deps.leaves.set(key, leaf, leaf.length);
      return leaf;
    });
  }

  /** Merges that an earlier life of the object did not end. */
  #dropUnfinished(): void {
    const rows = this.#sql.all<{ id: number }>(
      "SELECT id FROM learned_segments WHERE namespace = ? AND documents = ?",
      this.#number,
      UNFINISHED,
    );
    for (const { id } of rows) this.#drop(id);
  }

  #drop(id: number): void {
    const [from, to] = dropSegment(this.#sql, id);
    this.#deps.leaves.deleteWhere((key) => key >= from && key < to);
  }
}

/** Takes all segments of a namespace away, unfinished ones too; in a transaction. */
export function dropSegments(sql: LocalSql, number: number): void {
  const rows = sql.all<{ id: number }>(
    "SELECT id FROM learned_segments WHERE namespace = ?",
    number,
  );
  for (const { id } of rows) dropSegment(sql, id);
}

/** Answers with the range of keys that its leaves had. */
function dropSegment(sql: LocalSql, id: number): [from: number, to: number] {
  const [from, to] = [leafKey(id, 0), leafKey(id + 1, 0)];
  sql.run("DELETE FROM learned_leaves WHERE id >= ? AND id < ?", from, to);
  sql.run("DELETE FROM learned_segments WHERE id = ?", id);
  return [from, to];
}

function documentsOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { head }) => sum + head.documents, 0);
}

function leafKey(segment: number, at: number): number {
  return segment * LEAF_SCALE + at;
}

function readFirsts(bytes: Uint8Array): string[] {
  const reader = new PackedReader(bytes);
  return Array.from({ length: reader.uint() }, () => reader.text());
}
