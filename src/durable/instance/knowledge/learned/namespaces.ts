/**
 * The namespaces of which an instance has learned something: which they are, how far each is
 * loaded, and those that are open in memory. The owner of the table `learned_namespaces`.
 *
 * What is open and what is cached belongs to what is stored: a transaction that is taken back
 * takes it along.
 *
 * @module
 */

import { StoredDigest } from "../../../../memory/learning/index.ts";
import { DIGEST_FORMAT } from "../../../../memory/learning/types.ts";
import type { LocalSql } from "../../../../storage/index.ts";
import { BoundedMap } from "../../../../util/bounded-map.ts";
import { ByteCache } from "../../../../util/byte-cache.ts";
import { FIRST_HEAD, type Head } from "./head.ts";
import { LearnedNamespace } from "./namespace.ts";
import type { NumberedPattern } from "./patterns.ts";
import { keysOf } from "./schema.ts";
import { dropSegments } from "./segments.ts";
import { FormerStandings } from "./standings.ts";
import { Unpublished } from "./unpublished.ts";

/** Namespaces that are open at once: an instance serves few at a time. */
const OPEN_MAX = 200;
/** Names and other texts of which one copy is kept. */
const INTERNED_MAX = 20_000;
const INTERNED_LENGTH_MAX = 2_000;
/** How the kinds of what is cached share its room. */
const SHARES = { digests: 0.5, patterns: 0.2, leaves: 0.3 } as const;

/** ready: all of it is here. loading: slices are on their way. */
export type StoredState = "ready" | "loading";

/** How far a namespace is loaded. */
export interface LoadCursor {
  /** What is being read. */
  phase:
    | "peer"
    | "episodes"
    | "patterns"
    | "judgements"
    | "feedback"
    | "vectors"
    | "heuristics"
    | "promoted"
    | "done";
  /** What was read last; null: the beginning of the phase. */
  after: (string | number)[] | null;
  /** When loading began, ms since the epoch. */
  since: number;
  /** The instance that had the namespace before; null: none that is known. */
  from: number | null;
  /** Ended episodes that there were when loading began; null: not counted yet. */
  total: number | null;
  /** The version of terms (`TERMS_VERSION`) that its index is of; absent: 0. */
  terms?: number;
}

export interface LearnedNamespacesDeps {
  sql: LocalSql;
  /** Calls back if the running transaction is taken back; outside of one, never. */
  onRollback: (undo: () => void) => void;
  /** Bytes that may be cached. */
  cacheBytes: () => number;
  /** ms since the epoch. */
  now: () => number;
}

interface NamespaceRow {
  number: number;
  namespace: string;
  state: StoredState;
  cursor: string;
  head: string;
}

export class LearnedNamespaces {
  /** Patterns that the database is to be shown. */
  readonly unpublished: Unpublished;
  /** Whether patterns were heuristics where a namespace was learned before. */
  readonly standings: FormerStandings;
  readonly #deps: LearnedNamespacesDeps;
  readonly #sql: LocalSql;
  readonly #open = new Map<string, LearnedNamespace>();
  readonly #states = new Map<string, StoredState>();
  readonly #interned = new BoundedMap<string, string>(INTERNED_MAX);
  readonly #digests: ByteCache<number, StoredDigest>;
  readonly #patterns: ByteCache<number, NumberedPattern>;
  readonly #leaves: ByteCache<number, Uint8Array>;

  constructor(deps: LearnedNamespacesDeps) {
    const room = (share: number) => (): number => share * deps.cacheBytes();
    this.#deps = deps;
    this.#sql = deps.sql;
    this.unpublished = new Unpublished(deps.sql, deps.now);
    this.standings = new FormerStandings(deps.sql);
    this.#digests = new ByteCache(room(SHARES.digests));
    this.#leaves = new ByteCache(room(SHARES.leaves));
    this.#patterns = new ByteCache(room(SHARES.patterns), (_key, pattern) =>
      this.#open.get(pattern.row.namespace)?.patterns.evicted(pattern),
    );
  }

  /** Bytes of what is cached. */
  get cachedBytes(): number {
    return this.#digests.bytes + this.#patterns.bytes + this.#leaves.bytes;
  }

  /** null: nothing was learned of it here, and it is not being loaded. */
  of(namespace: string): LearnedNamespace | null {
    const open = this.#open.get(namespace);
    if (open) {
      this.#open.delete(namespace);
      this.#open.set(namespace, open);
      this.#deps.onRollback(() => this.#discard(open));
      return open;
    }
    const row = this.#row(namespace);
    return row && this.#opened(row);
  }

  /** Those that are open, the one that was used last at the end. */
  opened(): LearnedNamespace[] {
    return [...this.#open.values()];
  }

  /** null: nothing is known of it. */
  stateOf(namespace: string): StoredState | null {
    const known = this.#states.get(namespace);
    if (known) return known;
    const state = this.#row(namespace)?.state ?? null;
    if (state && this.#states.size < OPEN_MAX) this.#states.set(namespace, state);
    return state;
  }

  cursorOf(namespace: string): LoadCursor | null {
    const row = this.#row(namespace);
    return row && (JSON.parse(row.cursor) as LoadCursor);
  }

  /** In a transaction or not. */
  setState(namespace: string, state: StoredState, cursor: LoadCursor | null): void {
    this.#states.clear();
    this.#deps.onRollback(() => this.#states.clear());
    this.#sql.run("INSERT OR IGNORE INTO learned_homes (namespace) VALUES (?)", namespace);
    this.#sql.run(
      `INSERT INTO learned_namespaces (namespace, state, cursor, head) VALUES (?, ?, ?, ?)
        ON CONFLICT (namespace) DO UPDATE SET state = excluded.state, cursor = excluded.cursor`,
      namespace,
      state,
      JSON.stringify(cursor),
      JSON.stringify(FIRST_HEAD),
    );
  }

  /** The first loaded one behind this name whose index is of an earlier version of terms. */
  indexedBefore(version: number, after: string): string | null {
    const [row] = this.#sql.all<{ namespace: string }>(
      `SELECT namespace FROM learned_namespaces
        WHERE state = 'ready' AND coalesce(json_extract(cursor, '$.terms'), 0) < ? AND namespace > ?
        ORDER BY namespace LIMIT 1`,
      version,
      after,
    );
    return row?.namespace ?? null;
  }

  /** Its index is as this version of terms makes it; in a transaction. */
  setIndexed(namespace: string, version: number): void {
    this.#sql.run(
      `UPDATE learned_namespaces
        SET cursor = json_set(iif(cursor = 'null', '{}', cursor), '$.terms', ?)
        WHERE namespace = ?`,
      version,
      namespace,
    );
  }

  all(): { namespace: string; state: StoredState }[] {
    return this.#sql.all("SELECT namespace, state FROM learned_namespaces");
  }

  /** Stored patterns of all namespaces. */
  countPatterns(): number {
    const text = "SELECT count(*) AS n FROM learned_patterns";
    return this.#sql.all<{ n: number }>(text)[0]?.n ?? 0;
  }

  /** The first behind this one, in their order. */
  after(namespace: string, limit: number): { namespace: string; state: StoredState }[] {
    return this.#sql.all(
      "SELECT namespace, state FROM learned_namespaces WHERE namespace > ? ORDER BY namespace LIMIT ?",
      namespace,
      limit,
    );
  }

  /** Those that are being loaded, in their order. */
  loading(limit: number): { namespace: string; cursor: LoadCursor }[] {
    const rows = this.#sql.all<{ namespace: string; cursor: string }>(
      `SELECT namespace, cursor FROM learned_namespaces WHERE state = 'loading'
        ORDER BY namespace LIMIT ?`,
      limit,
    );
    return rows.map(({ namespace, cursor }) => ({
      namespace,
      cursor: JSON.parse(cursor) as LoadCursor,
    }));
  }

  /** Loaded ones that have digests of a former format, in the order in which they came here. */
  withFormerDigests(limit: number): string[] {
    const rows = this.#sql.all<{ namespace: string }>(
      `SELECT namespace FROM learned_namespaces
        WHERE state = 'ready' AND coalesce(json_extract(head, '$.format'), 0) < ?
        ORDER BY number LIMIT ?`,
      DIGEST_FORMAT,
      limit,
    );
    return rows.map(({ namespace }) => namespace);
  }

  /** Stores what follows from what was learned since the last checkpoint; in a transaction. */
  checkpoint(learned: LearnedNamespace): void {
    this.#deps.onRollback(() => this.#discard(learned));
    const changed = learned.checkpoint();
    if (changed.numbers.length + changed.gone.length > 0)
      this.unpublished.add(learned.number, changed);
  }

  /** What the database shows of a namespace is of another time, and goes; in a transaction. */
  publishAnew(namespace: string): void {
    const row = this.#row(namespace);
    if (row) this.unpublished.add(row.number, { numbers: [], gone: [], isAnew: true });
  }

  /** An episode was deleted while its namespace was loading; in a transaction. */
  rememberForgotten(namespace: string, episode: string): void {
    this.#sql.run(
      "INSERT OR IGNORE INTO learned_forgotten (namespace, episode) VALUES (?, ?)",
      namespace,
      episode,
    );
  }

  /** Which of these episodes were deleted while the namespace was loading. */
  forgotten(namespace: string, episodes: readonly { episode_id: string }[]): Set<string> {
    const rows = this.#sql.all<{ episode: string }>(
      `SELECT episode FROM learned_forgotten
        WHERE namespace = ? AND episode IN (SELECT value FROM json_each(?))`,
      namespace,
      JSON.stringify(episodes.map(({ episode_id }) => episode_id)),
    );
    return new Set(rows.map(({ episode }) => episode));
  }

  /** The namespace is loaded; in a transaction. */
  forgetForgotten(namespace: string): void {
    this.#sql.run("DELETE FROM learned_forgotten WHERE namespace = ?", namespace);
  }

  /**
   * Takes all that was learned of a namespace away; in a transaction. Which episodes were deleted
   * stays, because the namespace may be loaded again.
   */
  erase(namespace: string): void {
    this.#drop(namespace);
    this.standings.erase(namespace);
  }

  /**
   * As `erase`, but remembers which patterns were heuristics: those of a namespace that is ready,
   * or else what is remembered of its former home. In a transaction.
   */
  eraseToLearnAnew(namespace: string): void {
    const here = this.stateOf(namespace) === "ready" ? this.of(namespace) : null;
    if (here) {
      this.checkpoint(here);
      this.standings.erase(namespace);
      this.standings.take(namespace, here.number);
    }
    this.#drop(namespace);
  }

  /** Takes away all but what is remembered of a former home. */
  #drop(namespace: string): void {
    const row = this.#row(namespace);
    if (!row) return;
    const { number } = row;
    const [from, to] = keysOf(number);
    dropSegments(this.#sql, number);
    for (const table of ["learned_digests", "learned_patterns"])
      this.#sql.run(`DELETE FROM ${table} WHERE id >= ? AND id < ?`, from, to);
    for (const table of ["log", "domains", "unpublished"])
      this.#sql.run(`DELETE FROM learned_${table} WHERE namespace = ?`, number);
    this.#sql.run("DELETE FROM learned_homes WHERE namespace = ?", namespace);
    this.#sql.run("DELETE FROM learned_namespaces WHERE number = ?", number);
    this.#states.clear();
    this.#close(namespace, number);
    this.#leaves.clear();
  }

  #row(namespace: string): NamespaceRow | null {
    const [row] = this.#sql.all<NamespaceRow & Record<string, string | number>>(
      "SELECT number, namespace, state, cursor, head FROM learned_namespaces WHERE namespace = ?",
      namespace,
    );
    return row ?? null;
  }

  #opened({ namespace, number, head }: NamespaceRow): LearnedNamespace {
    const { sql } = this.#deps;
    const intern = (text: string): string => this.#intern(text);
    const learned = new LearnedNamespace(
      {
        sql,
        digests: { sql, cache: this.#digests, intern },
        patterns: { sql, cache: this.#patterns, intern },
        segments: { sql, leaves: this.#leaves },
        now: this.#deps.now,
      },
      namespace,
      number,
      JSON.parse(head) as Head,
    );
    this.#open.set(namespace, learned);
    this.#deps.onRollback(() => this.#discard(learned));
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= OPEN_MAX) break;
      this.#close(oldest, other.number);
    }
    return learned;
  }

  #discard({ namespace, number }: LearnedNamespace): void {
    this.#states.clear();
    this.#close(namespace, number);
    // A segment that was taken back, and its leaves, may be given again.
    this.#leaves.clear();
  }

  /** Forgets what is in memory of a namespace. */
  #close(namespace: string, number: number): void {
    this.#open.delete(namespace);
    const [from, to] = keysOf(number);
    const isOwn = (key: number): boolean => key >= from && key < to;
    this.#digests.deleteWhere(isOwn);
    this.#patterns.deleteWhere(isOwn);
  }

  #intern(text: string): string {
    if (text.length > INTERNED_LENGTH_MAX) return text;
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    this.#interned.set(text, text);
    return text;
  }
}
