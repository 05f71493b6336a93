/**
 * The patterns of one namespace: the rows of `learned_patterns`, by numbers of their own. What
 * changed since the last checkpoint is in memory only, because it follows from the digests that
 * were learned since; what was read lately is kept there too.
 *
 * @module
 */

import type { PatternContent, PatternKind } from "../../../../contract/patterns.ts";
import {
  definitionOf,
  episodesOf,
  groupOf,
  HEURISTIC_KINDS,
  packPattern,
  unpackPattern,
  type Intern,
} from "../../../../memory/learning/index.ts";
import type { PatternRow } from "../../../../memory/learning/types.ts";
import type { IndexedDocument } from "../../../../memory/search/index.ts";
import { bytesOf, type LocalSql } from "../../../../storage/index.ts";
import type { ByteCache } from "../../../../util/byte-cache.ts";
import type { CursorPosition } from "../../../../util/list-cursor.ts";
import { textHash } from "../../../../util/hashing/text-hash.ts";
import { keyOf, numberOf } from "./schema.ts";
import { standingOf, type FormerStanding } from "./standings.ts";

/** Digits of an id that make its code: 48 bits. */
const CODE_DIGITS = 12;
/** What an object of a pattern takes beside its packed bytes, and for each of these, about. */
const OBJECT_BYTES = 800;
const BYTES_PER_BYTE = 6;

/** Patterns that one statement stores: the platform takes a hundred arguments. */
const PATTERNS_PER_STATEMENT = 12;

/** Its arguments are the values of so many rows, in the order of the columns. */
function upsertPatterns(count: number): string {
  const values = Array.from({ length: count }, () => "(?, ?, ?, ?, ?, ?, ?, ?)");
  return `INSERT INTO learned_patterns
      (id, namespace, code, grouping, kind, episodes, promoted, body)
    VALUES ${values.join(", ")} ON CONFLICT (id) DO UPDATE
    SET episodes = excluded.episodes, promoted = excluded.promoted, body = excluded.body`;
}

/** A pattern and its number. */
export interface NumberedPattern {
  number: number;
  row: PatternRow;
  /** What a search scores it by, once it was asked for. */
  document?: IndexedDocument;
}

export interface PatternsDeps {
  sql: LocalSql;
  /** Of all namespaces, by the keys of their rows. */
  cache: ByteCache<number, NumberedPattern>;
  intern: Intern;
}

/** Patterns that changed: the numbers of those that are there, and the ids of those that are gone. */
export interface ChangedPatterns {
  numbers: number[];
  gone: string[];
  /** The namespace is learned anew: what the database has of it is of another time. */
  isAnew?: boolean;
}

/** Which patterns are listed, and from where. */
export interface PatternList {
  kind?: PatternKind | undefined;
  /** Episodes that a pattern was seen in at least. */
  episodes: number;
  isPromoted: boolean;
  after: CursorPosition | null;
}

type StoredPattern = { id: number; body: ArrayBuffer };

export class Patterns {
  readonly #deps: PatternsDeps;
  readonly #sql: LocalSql;
  readonly #namespace: string;
  readonly #number: number;
  /** By number, what is not stored as it is; null: it is gone. */
  readonly #changed = new Map<number, PatternRow | null>();
  /** The ids of those that are gone. */
  readonly #gone = new Set<string>();
  /** The numbers of those by what they are found by. */
  readonly #changedIds = new Map<string, number>();
  readonly #changedGroups = new Map<number, Set<number>>();
  /** The numbers of patterns that are in the cache. */
  readonly #cachedIds = new Map<string, number>();
  #revision = Symbol();

  /** @param number of the namespace */
  constructor(deps: PatternsDeps, namespace: string, number: number) {
    this.#deps = deps;
    this.#sql = deps.sql;
    this.#namespace = namespace;
    this.#number = number;
  }

  /** Another one after each change, and of no other object's. */
  get revision(): symbol {
    return this.#revision;
  }

  /** By id; those that do not exist are missing. */
  byIds(ids: readonly string[]): Map<string, NumberedPattern> {
    const found = new Map<string, NumberedPattern>();
    const missing: string[] = [];
    for (const id of ids) {
      const pattern = this.#present(id);
      if (pattern) found.set(id, pattern);
      else if (pattern === undefined) missing.push(id);
    }
    if (missing.length === 0) return found;
    const wanted = new Set(missing);
    for (const pattern of this.byCodes(missing.map(codeOf)))
      if (wanted.has(pattern.row.id)) found.set(pattern.row.id, pattern);
    return found;
  }

  /** Stored patterns with these codes, as they are now, in any order. */
  byCodes(codes: readonly number[]): NumberedPattern[] {
    const rows = this.#sql.all<StoredPattern>(
      `SELECT id, body FROM learned_patterns
        WHERE namespace = ? AND code IN (SELECT value FROM json_each(?))`,
      this.#number,
      JSON.stringify(codes),
    );
    return this.#read(rows);
  }

  /** In the order of the numbers that are asked for; without those that are gone. */
  byNumbers(numbers: readonly number[]): NumberedPattern[] {
    const found = new Map<number, NumberedPattern>();
    const missing: number[] = [];
    for (const number of numbers) {
      const changed = this.#changed.get(number);
      const key = keyOf(this.#number, number);
      const kept = changed === undefined ? this.#deps.cache.get(key) : undefined;
      if (changed) found.set(number, { number, row: changed });
      else if (kept) found.set(number, kept);
      else if (changed === undefined) missing.push(key);
    }
    if (missing.length > 0) {
      const rows = this.#sql.all<StoredPattern>(
        "SELECT id, body FROM learned_patterns WHERE id IN (SELECT value FROM json_each(?))",
        JSON.stringify(missing),
      );
      for (const pattern of this.#read(rows)) found.set(pattern.number, pattern);
    }
    return numbers.flatMap((number) => found.get(number) ?? []);
  }

  /** All patterns of a kind with one of these prefixes, in any order. */
  withPrefixes(kind: PatternKind, prefixes: readonly string[]): NumberedPattern[] {
    const wanted = new Set(prefixes);
    return this.#grouped(
      kind,
      prefixes.map((prefix) => groupOf(kind, prefix)),
    ).filter(({ row }) => wanted.has(definitionOf(row.content).lookup(row.content).prefix));
  }

  /** All patterns of a kind that are found by this, in any order. */
  ofGroup(kind: PatternKind, group: string): NumberedPattern[] {
    return this.#grouped(kind, [group]).filter(
      ({ row }) => groupOf(kind, definitionOf(row.content).lookup(row.content).prefix) === group,
    );
  }

  /** Stored patterns in the order of their support, then of their ids, behind a position. */
  *listed({ kind, episodes, isPromoted, after }: PatternList): Generator<PatternRow> {
    const conditions = ["namespace = ?", "episodes >= ?"];
    const args: (string | number)[] = [this.#number, episodes];
    if (kind) {
      conditions.push("kind = ?");
      args.push(kind);
    }
    if (isPromoted) conditions.push("promoted = 1");
    if (after) {
      conditions.push("(episodes < ? OR (episodes = ? AND code > ?))");
      args.push(after.order, after.order, codeOf(after.id));
    }
    const rows = this.#sql.each<StoredPattern>(
      `SELECT id, body FROM learned_patterns WHERE ${conditions.join(" AND ")}
        ORDER BY episodes DESC, code`,
      ...args,
    );
    for (const { body } of rows)
      yield unpackPattern(this.#namespace, bytesOf(body), this.#deps.intern);
  }

  /** What those of these patterns are that can be heuristics, in any order. */
  standings(numbers: readonly number[]): FormerStanding[] {
    const changed: FormerStanding[] = [];
    const stored: number[] = [];
    for (const number of numbers) {
      const row = this.#changed.get(number);
      if (row === undefined) stored.push(keyOf(this.#number, number));
      else if (row && HEURISTIC_KINDS.includes(row.content.kind))
        changed.push({ code: codeOf(row.id), episodes: episodesOf(row), promoted: row.promoted });
    }
    const rows = this.#sql.all<{ code: number; episodes: number; promoted: number }>(
      `SELECT code, episodes, promoted FROM learned_patterns
        WHERE id IN (SELECT value FROM json_each(?))
          AND kind IN (SELECT value FROM json_each(?))`,
      JSON.stringify(stored),
      JSON.stringify(HEURISTIC_KINDS),
    );
    return [...changed, ...rows.map(standingOf)];
  }

  /** How many stored patterns there are of each kind, and how many of them are promoted. */
  counts(): { kind: PatternKind; n: number; promoted: number }[] {
    return this.#sql.all<{ kind: PatternKind; n: number; promoted: number }>(
      `SELECT kind, count(*) AS n, sum(promoted) AS promoted FROM learned_patterns
        WHERE namespace = ? GROUP BY kind`,
      this.#number,
    );
  }

  /** Sets a pattern, until the next checkpoint in memory. */
  set(number: number, row: PatternRow): void {
    this.#revision = Symbol();
    const isChanged = Boolean(this.#changed.get(number));
    this.#changed.set(number, row);
    // What a pattern is found by never changes.
    if (isChanged) return;
    this.#gone.delete(row.id);
    this.#changedIds.set(row.id, number);
    const group = groupingOf(row.content);
    const numbers = this.#changedGroups.get(group);
    if (numbers) numbers.add(number);
    else this.#changedGroups.set(group, new Set([number]));
  }

  /** A pattern is gone, for now in memory. */
  remove(number: number, row: PatternRow): void {
    this.set(number, row);
    this.#changed.set(number, null);
    this.#gone.add(row.id);
  }

  /** Stores what changed; in a transaction. */
  checkpoint(): ChangedPatterns {
    const numbers = [...this.#changed].flatMap(([number, row]) => (row ? [number] : []));
    const gone = [...this.#gone];
    const stored: NumberedPattern[] = [];
    for (const [number, row] of this.#changed) {
      const id = keyOf(this.#number, number);
      if (row) stored.push({ number, row });
      else {
        this.#sql.run("DELETE FROM learned_patterns WHERE id = ?", id);
        this.#deps.cache.delete(id);
      }
    }
    for (let from = 0; from < stored.length; from += PATTERNS_PER_STATEMENT)
      this.#store(stored.slice(from, from + PATTERNS_PER_STATEMENT));
    this.#changed.clear();
    this.#changedIds.clear();
    this.#changedGroups.clear();
    this.#gone.clear();
    return { numbers, gone };
  }

  /** A pattern went out of the cache. */
  evicted({ row }: NumberedPattern): void {
    this.#cachedIds.delete(row.id);
  }

  #store(patterns: readonly NumberedPattern[]): void {
    const bodies = patterns.map(({ row }) => packPattern(row));
    const values = patterns.flatMap(({ number, row }, i) => [
      keyOf(this.#number, number),
      this.#number,
      codeOf(row.id),
      groupingOf(row.content),
      row.content.kind,
      episodesOf(row),
      row.promoted ? 1 : 0,
      bodies[i] ?? null,
    ]);
    this.#sql.run(upsertPatterns(patterns.length), ...values);
    for (const [i, { number, row }] of patterns.entries())
      this.#keep({ number, row }, bodies[i]?.length ?? 0);
  }

  /** undefined: it is not in memory. null: it is gone. */
  #present(id: string): NumberedPattern | null | undefined {
    const changed = this.#changedIds.get(id);
    if (changed !== undefined) {
      const row = this.#changed.get(changed);
      return row ? { number: changed, row } : null;
    }
    const number = this.#cachedIds.get(id);
    return number === undefined ? undefined : this.#deps.cache.get(keyOf(this.#number, number));
  }

  #grouped(kind: PatternKind, groups: readonly string[]): NumberedPattern[] {
    if (groups.length === 0) return [];
    const hashes = [...new Set(groups.map((group) => groupHash(kind, group)))];
    const rows = this.#sql.all<StoredPattern>(
      `SELECT id, body FROM learned_patterns
        WHERE namespace = ? AND grouping IN (SELECT value FROM json_each(?))`,
      this.#number,
      JSON.stringify(hashes),
    );
    const unchanged = rows.filter(({ id }) => !this.#changed.has(numberOf(id)));
    const changed = hashes.flatMap((hash) =>
      [...(this.#changedGroups.get(hash) ?? [])].flatMap((number): NumberedPattern[] => {
        const row = this.#changed.get(number);
        return row ? [{ number, row }] : [];
      }),
    );
    return [...changed, ...this.#read(unchanged)].filter(({ row }) => row.content.kind === kind);
  }

  /** The rows as patterns, from memory where they are there. */
  #read(rows: readonly StoredPattern[]): NumberedPattern[] {
    return rows.flatMap(({ id, body }): NumberedPattern[] => {
      const number = numberOf(id);
      const changed = this.#changed.get(number);
      if (changed !== undefined) return changed ? [{ number, row: changed }] : [];
      const kept = this.#deps.cache.get(id);
      if (kept) return [kept];
      const bytes = bytesOf(body);
      const row = unpackPattern(this.#namespace, bytes, this.#deps.intern);
      return [this.#keep({ number, row }, bytes.length)];
    });
  }

  #keep(pattern: NumberedPattern, bytes: number): NumberedPattern {
    const key = keyOf(this.#number, pattern.number);
    this.#cachedIds.set(pattern.row.id, pattern.number);
    this.#deps.cache.set(key, pattern, OBJECT_BYTES + BYTES_PER_BYTE * bytes);
    return pattern;
  }
}

/** A number that a pattern's row is found by; others may share it. */
export function codeOf(id: string): number {
  return Number.parseInt(id.slice(0, CODE_DIGITS), 16);
}

function groupingOf(content: PatternContent): number {
  const { prefix } = definitionOf(content).lookup(content);
  return groupHash(content.kind, groupOf(content.kind, prefix));
}

function groupHash(kind: PatternKind, group: string): number {
  return textHash(`${kind}\u0000${group}`);
}
