/**
 * The owner of the table `outbox`: which rows of `TABLES` the database does not have as they are.
 * It names rows and does not copy them; so many writes to one row are one row here. Synchronous; a
 * method that changes rows is called in the transaction that changes the row that is named.
 *
 * @module
 */

import {
  keyCondition,
  TABLES,
  type Database,
  type LocalSql,
  type SqlValue,
  type Table,
  type TableName,
} from "../../storage/index.ts";
import type { PartContext } from "../shared/context.ts";

export const OUTBOX_TABLE_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY, table_name TEXT NOT NULL, key TEXT NOT NULL,
    generation INTEGER NOT NULL, due_at INTEGER NOT NULL, marked_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL, UNIQUE (table_name, key)) STRICT`,
  // Most rows are due at once, and an index of those would be two more writes for each.
  `CREATE INDEX IF NOT EXISTS outbox_later ON outbox (due_at) WHERE due_at > 0`,
];

/** How long lazy rows wait for more changes, ms. */
const LAZY_WAIT_MS = 2_000;
/** What a lazy row counts as, bytes: measuring each would cost more than writing it. */
const LAZY_ROW_BYTES = 1_000;
/** What any other row counts as beside its body, bytes. */
const ROW_OVERHEAD_BYTES = 100;
/** Numbers that are given in a millisecond at most, without catching up with the clock. */
const SEQS_PER_MS = 1_000;

/** A row of the outbox, as a batch takes it. */
export interface OutboxRow {
  /** Rises for good, with the order in which rows became dirty. */
  seq: number;
  table_name: TableName;
  /** As JSON. */
  key: string;
  /** Rises with each change of the row that is named. */
  generation: number;
  /** What the row that is named counts as. */
  bytes: number;
}

interface Size {
  rows: number;
  bytes: number;
}

/** What an outbox and its parts are given. */
export interface OutboxDeps extends PartContext {
  /** Calls back if the running transaction is taken back; outside of one, never. */
  onRollback: (undo: () => void) => void;
  database: Pick<Database, "write" | "all">;
  /** The name under which batches are numbered. */
  writer: () => string;
  /** Batches run while no other instance writes; `release` follows the last, and never throws. */
  writeLease: { run<T>(work: () => Promise<T>): Promise<T>; release(): Promise<void> };
  /** Rows of a batch; together: more than one. */
  batch: () => { together: boolean; rows: number };
  /** 0…1, for jitter. */
  random: () => number;
  /** Called after the database took a batch. */
  onBatchTaken: (rows: number) => void;
  wait: (ms: number) => Promise<unknown>;
}

export class OutboxTable {
  readonly #sql: LocalSql;
  readonly #deps: Pick<OutboxDeps, "now" | "onRollback">;
  /** What waits; null: to be counted. Counted anew it would cost more the more there is. */
  #size: Size | null = null;
  /** The highest number that was given; null: to be read from the table. */
  #lastSeq: number | null = null;
  /** Whether a row may be due at once; null: to be read from the table. */
  #hasEager: boolean | null = null;

  constructor(deps: OutboxDeps) {
    this.#sql = deps.sql;
    this.#deps = deps;
  }

  /** @param bytes of its body; measured by default */
  markDirty(table: TableName, key: readonly SqlValue[], bytes?: number): void {
    const text = JSON.stringify(key);
    const counted = bytes === undefined ? this.#measure(table, key) : bytes + ROW_OVERHEAD_BYTES;
    const [present] = this.#sql.all<{ seq: number; bytes: number }>(
      "SELECT seq, bytes FROM outbox WHERE table_name = ? AND key = ?",
      table,
      text,
    );
    if (!present) return this.#insert(table, text, this.#dueAt(table), counted);
    this.#sql.run(
      "UPDATE outbox SET generation = generation + 1, bytes = ? WHERE seq = ?",
      counted,
      present.seq,
    );
    this.#resize((size) => ({ ...size, bytes: size.bytes + counted - present.bytes }));
  }

  /** Like `markDirty`, for many rows of one table, which all count as much. */
  markAllDirty(table: TableName, keys: readonly (readonly SqlValue[])[]): void {
    const texts = [...new Set(keys.map((key) => JSON.stringify(key)))];
    const again = this.#sql.all(
      `UPDATE outbox SET generation = generation + 1
        WHERE table_name = ? AND key IN (SELECT value FROM json_each(?)) RETURNING key`,
      table,
      JSON.stringify(texts),
    );
    const present = new Set(again.map((row) => row["key"]));
    const fresh = texts.filter((text) => !present.has(text));
    if (fresh.length === 0) return;

    const first = this.#nextSeq();
    this.#lastSeq = first + fresh.length - 1;
    const bytes = TABLES[table].lazy ? LAZY_ROW_BYTES : ROW_OVERHEAD_BYTES;
    const dueAt = this.#dueAt(table);
    this.#sql.run(
      `INSERT INTO outbox (seq, table_name, key, generation, due_at, marked_at, bytes)
        SELECT ? + key, ?, value, 1, ?, ?, ? FROM json_each(?)`,
      first,
      table,
      dueAt,
      this.#deps.now(),
      bytes,
      JSON.stringify(fresh),
    );
    if (dueAt === 0) this.#hasEager = true;
    this.#resize((size) => ({
      rows: size.rows + fresh.length,
      bytes: size.bytes + fresh.length * bytes,
    }));
  }

  /** @param key as JSON */
  clearDirty(table: TableName, key: string): void {
    this.#removed(
      this.#sql.all(
        "DELETE FROM outbox WHERE table_name = ? AND key = ? RETURNING bytes",
        table,
        key,
      ),
    );
  }

  /** Clears what has not changed since it was read. */
  clearSent(rows: readonly OutboxRow[]): void {
    this.#removed(
      this.#sql.all<{ bytes: number }>(
        `DELETE FROM outbox WHERE (seq, generation) IN
          (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
          RETURNING bytes`,
        JSON.stringify(rows.map(({ seq, generation }) => [seq, generation])),
      ),
    );
  }

  /** Clears every row of a namespace. */
  clearNamespace(namespace: string): void {
    this.#sql.run(
      "DELETE FROM outbox WHERE table_name <> 'api_keys' AND json_extract(key, '$[0]') = ?",
      namespace,
    );
    this.#resize(() => null);
  }

  /** @param key as JSON */
  has(table: TableName, key: string): boolean {
    const text = "SELECT 1 AS n FROM outbox WHERE table_name = ? AND key = ?";
    return this.#sql.all(text, table, key).length > 0;
  }

  /** The first rows that are due, in the order in which they became dirty. */
  due(limit: number): OutboxRow[] {
    return this.#sql.all<OutboxRow & Record<string, SqlValue>>(
      `SELECT seq, table_name, key, generation, bytes FROM outbox WHERE due_at <= ? ORDER BY seq
        LIMIT ?`,
      this.#deps.now(),
      limit,
    );
  }

  /** The numbers of those that are still dirty. */
  stillDirty(seqs: readonly number[]): Set<number> {
    const text = "SELECT seq FROM outbox WHERE seq IN (SELECT value FROM json_each(?))";
    return new Set(
      this.#sql.all<{ seq: number }>(text, JSON.stringify(seqs)).map(({ seq }) => seq),
    );
  }

  /** What is dirty now is due at once. */
  makeAllDue(): void {
    this.#sql.run("UPDATE outbox SET due_at = 0 WHERE due_at > 0");
    this.#hasEager = true;
  }

  /** Marks a row that was set aside, due at once. @param key as JSON */
  markDueAgain(table: TableName, key: string): void {
    const text = "UPDATE outbox SET due_at = 0 WHERE table_name = ? AND key = ? RETURNING seq";
    if (this.#sql.all(text, table, key).length > 0) this.#hasEager = true;
    else this.#insert(table, key, 0, this.#measure(table, JSON.parse(key) as SqlValue[]));
  }

  /** `due` had no more rows: nothing is due at once. */
  noneDue(): void {
    this.#hasEager = false;
  }

  /** When the first row is due, ms since the epoch; 0: at once; null: none is dirty. */
  nextDueAt(): number | null {
    this.#hasEager ??=
      this.#sql.all("SELECT 1 AS n FROM outbox WHERE due_at = 0 LIMIT 1").length > 0;
    if (this.#hasEager) return 0;
    const [row] = this.#sql.all<{ at: number | null }>(
      "SELECT min(due_at) AS at FROM outbox WHERE due_at > 0",
    );
    return row?.at ?? null;
  }

  size(): Size {
    if (!this.#size) {
      const [counted] = this.#sql.all<{ rows: number; bytes: number }>(
        "SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM outbox",
      );
      this.#size = counted ?? { rows: 0, bytes: 0 };
    }
    return this.#size;
  }

  /** Since when the longest waiting row waits, ms since the epoch; null: none does. */
  oldestAt(): number | null {
    const [oldest] = this.#sql.all<{ at: number }>(
      "SELECT marked_at AS at FROM outbox ORDER BY seq LIMIT 1",
    );
    return oldest?.at ?? null;
  }

  #dueAt(table: TableName): number {
    return TABLES[table].lazy ? this.#deps.now() + LAZY_WAIT_MS : 0;
  }

  #insert(table: TableName, key: string, dueAt: number, bytes: number): void {
    this.#sql.run(
      `INSERT INTO outbox (seq, table_name, key, generation, due_at, marked_at, bytes)
        VALUES (?, ?, ?, 1, ?, ?, ?)`,
      this.#nextSeq(),
      table,
      key,
      dueAt,
      this.#deps.now(),
      bytes,
    );
    if (dueAt === 0) this.#hasEager = true;
    this.#resize((size) => ({ rows: size.rows + 1, bytes: size.bytes + bytes }));
  }

  /**
   * Numbers rise for good: a batch that is on its way when a row goes and another comes must not
   * take the one for the other. They begin with the time, so that they rise from one life of the
   * object to the next.
   */
  #nextSeq(): number {
    if (this.#lastSeq === null) {
      const [row] = this.#sql.all<{ seq: number | null }>("SELECT max(seq) AS seq FROM outbox");
      this.#lastSeq = Math.max(row?.seq ?? 0, this.#deps.now() * SEQS_PER_MS);
    }
    return ++this.#lastSeq;
  }

  #removed(rows: readonly { bytes: number }[]): void {
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    this.#resize((size) => ({ rows: size.rows - rows.length, bytes: size.bytes - bytes }));
  }

  /** @param change null: it is to be counted anew */
  #resize(change: (before: Size) => Size | null): void {
    const before = this.#size;
    if (!before) return;
    this.#size = change(before);
    this.#deps.onRollback(() => {
      this.#size = before;
    });
  }

  /** What a row counts as: what clients wrote is measured. */
  #measure(table: TableName, key: readonly SqlValue[]): number {
    const { columns, lazy }: Table = TABLES[table];
    if (lazy) return LAZY_ROW_BYTES;
    if (!columns.includes("body")) return ROW_OVERHEAD_BYTES;
    const [row] = this.#sql.all<{ n: number }>(
      `SELECT octet_length(body) AS n FROM ${table} WHERE ${keyCondition(table)}`,
      ...key,
    );
    return (row?.n ?? 0) + ROW_OVERHEAD_BYTES;
  }
}
