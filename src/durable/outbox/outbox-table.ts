/**
 * The owner of the table `outbox`: which rows of `TABLES` the database does not have as they are.
 * It names rows and does not copy them; so many writes to one row are one row here. An episode's row
 * stands for its new steps as well, by a watermark: those whose numbers are above it. Synchronous; a
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
import {
  ROW_OVERHEAD_BYTES,
  type EpisodeChange,
  type NamedRow,
  type OutboxRow,
  type OutboxSize,
  type SentSteps,
} from "./outbox-rows.ts";
import { NO_UNSENT_STEPS, type UnsentSteps, withSteps } from "./watermark.ts";

/** How long lazy rows wait for more changes, ms. */
const LAZY_WAIT_MS = 2_000;
/** What a lazy row counts as, bytes: measuring each would cost more than writing it. */
const LAZY_ROW_BYTES = 1_000;
/** What a row of the outbox stands for. */
const ROW_SIZE = "1 + steps AS rows, bytes + steps_bytes AS bytes";
/** Numbers that are given in a millisecond at most, without catching up with the clock. */
const SEQS_PER_MS = 1_000;

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
  #size: OutboxSize | null = null;
  /** The highest number that was given; null: to be read from the table. */
  #lastSeq: number | null = null;
  /** Whether a row may be due at once; null: to be read from the table. */
  #hasEager: boolean | null = null;

  constructor(deps: OutboxDeps) {
    this.#sql = deps.sql;
    this.#deps = deps;
  }

  /** Answers with the UTF-8 bytes of the row; 0 where it is gone, or was not measured. */
  markDirty(table: TableName, key: readonly SqlValue[]): number {
    const text = JSON.stringify(key);
    const bytes = this.#measure(table, key);
    const counted = (bytes ?? 0) + ROW_OVERHEAD_BYTES;
    const [present] = this.#sql.all<NamedRow & { steps_after: number | null }>(
      "SELECT seq, bytes, steps_after FROM outbox WHERE table_name = ? AND key = ?",
      table,
      text,
    );
    if (!present) {
      this.#insert(table, text, this.#dueAt(table), counted);
      return bytes ?? 0;
    }
    // An episode that is gone takes its watermark along: steps that are there later are others.
    const isGone = present.steps_after !== null && bytes === null;
    const seq = isGone ? this.#withoutSteps(present.seq) : present.seq;
    const update = "UPDATE outbox SET generation = generation + 1, bytes = ? WHERE seq = ?";
    this.#sql.run(update, counted, seq);
    this.#resize((size) => ({ ...size, bytes: size.bytes + counted - present.bytes }));
    return bytes ?? 0;
  }

  /** An episode's record and new steps, which are stored by now: one row for all of them. */
  markEpisode(change: EpisodeChange): void {
    const { namespace, id } = change;
    const key = JSON.stringify([namespace, id]);
    if (change.isNew && this.#insertNew(key, change)) return;
    const [before] = this.#sql.all<NamedRow & UnsentSteps & Record<string, number | null>>(
      `SELECT seq, bytes, steps_after, steps, steps_bytes FROM outbox
        WHERE table_name = 'episodes' AND key = ?`,
      key,
    );
    const bytes = change.bytes + ROW_OVERHEAD_BYTES;
    const { unsent, isAtEnd } = withSteps(this.#sql, change, before ?? NO_UNSENT_STEPS);
    if (!before) {
      this.#insert("episodes", key, 0, bytes, unsent);
      return;
    }
    // A batch on its way may be about to pass the place of a step that comes late: under another
    // number, the watermark is not raised by it.
    const seq = isAtEnd ? before.seq : this.#renumber(before.seq);
    this.#sql.run(
      `UPDATE outbox SET generation = generation + 1, bytes = ?, steps_after = ?, steps = ?,
        steps_bytes = ? WHERE seq = ?`,
      bytes,
      unsent.steps_after,
      unsent.steps,
      unsent.steps_bytes,
      seq,
    );
    this.#resize((size) => ({
      rows: size.rows + unsent.steps - before.steps,
      bytes: size.bytes + bytes - before.bytes + unsent.steps_bytes - before.steps_bytes,
    }));
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

  /** An episode's new steps are cleared with its row. @param key as JSON */
  clearDirty(table: TableName, key: string): void {
    this.#removed(
      this.#sql.all<OutboxSize & Record<string, number>>(
        `DELETE FROM outbox WHERE table_name = ? AND key = ? RETURNING ${ROW_SIZE}`,
        table,
        key,
      ),
    );
  }

  /** Clears what has not changed since it was read. Returns the numbers of those. */
  clearSent(rows: readonly OutboxRow[]): Set<number> {
    const removed = this.#sql.all<OutboxSize & { seq: number } & Record<string, number>>(
      `DELETE FROM outbox WHERE (seq, generation) IN
        (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
        RETURNING seq, ${ROW_SIZE}`,
      JSON.stringify(rows.map(({ seq, generation }) => [seq, generation])),
    );
    this.#removed(removed);
    return new Set(removed.map(({ seq }) => seq));
  }

  /** Raises a watermark, unless it was changed since it was read. */
  clearSteps({ seq, from, to, steps, bytes }: SentSteps): void {
    const counted = bytes + steps * ROW_OVERHEAD_BYTES;
    const raised = this.#sql.all(
      `UPDATE outbox SET steps_after = ?, steps = steps - ?, steps_bytes = steps_bytes - ?
        WHERE seq = ? AND steps_after = ? RETURNING 1`,
      to,
      steps,
      counted,
      seq,
      from,
    );
    if (raised.length > 0)
      this.#resize((size) => ({ rows: size.rows - steps, bytes: size.bytes - counted }));
  }

  /** Clears every row of a namespace. */
  clearNamespace(namespace: string): void {
    this.#sql.run(
      "DELETE FROM outbox WHERE table_name <> 'api_keys' AND json_extract(key, '$[0]') = ?",
      namespace,
    );
    this.#resize(() => null);
  }

  has(table: TableName, key: readonly SqlValue[]): boolean {
    const text = "SELECT 1 AS n FROM outbox WHERE table_name = ? AND key = ?";
    if (this.#sql.all(text, table, JSON.stringify(key)).length > 0) return true;
    if (table !== "steps") return false;
    const [namespace, id, number] = key;
    const above =
      "SELECT 1 AS n FROM outbox WHERE table_name = 'episodes' AND key = ? AND steps_after < ?";
    return this.#sql.all(above, JSON.stringify([namespace, id]), number ?? null).length > 0;
  }

  /** The first rows that are due, in the order in which they became dirty. */
  due(limit: number): OutboxRow[] {
    return this.#sql.all<OutboxRow & Record<string, SqlValue>>(
      `SELECT seq, table_name, key, generation, bytes, steps_after, steps_bytes FROM outbox
        WHERE due_at <= ? ORDER BY seq LIMIT ?`,
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
    else {
      const bytes = this.#measure(table, JSON.parse(key) as SqlValue[]) ?? 0;
      this.#insert(table, key, 0, bytes + ROW_OVERHEAD_BYTES);
    }
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

  size(): OutboxSize {
    if (!this.#size) {
      const [counted] = this.#sql.all<{ rows: number; bytes: number }>(
        `SELECT coalesce(sum(1 + steps), 0) AS rows, coalesce(sum(bytes + steps_bytes), 0) AS bytes
          FROM outbox`,
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

  /** False: the row is named already, and nothing changed. */
  #insert(
    table: TableName,
    key: string,
    dueAt: number,
    bytes: number,
    { steps_after, steps, steps_bytes }: UnsentSteps = NO_UNSENT_STEPS,
  ): boolean {
    const inserted = this.#sql.all(
      `INSERT INTO outbox
          (seq, table_name, key, generation, due_at, marked_at, bytes, steps_after, steps, steps_bytes)
        VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?) ON CONFLICT (table_name, key) DO NOTHING RETURNING 1`,
      this.#nextSeq(),
      table,
      key,
      dueAt,
      this.#deps.now(),
      bytes,
      steps_after,
      steps,
      steps_bytes,
    );
    if (inserted.length === 0) return false;
    if (dueAt === 0) this.#hasEager = true;
    this.#resize((size) => ({
      rows: size.rows + 1 + steps,
      bytes: size.bytes + bytes + steps_bytes,
    }));
    return true;
  }

  /** False: a row names the episode already; it was deleted, and the database has not heard yet. */
  #insertNew(key: string, change: EpisodeChange): boolean {
    const { unsent } = withSteps(this.#sql, change, NO_UNSENT_STEPS);
    const bytes = change.bytes + ROW_OVERHEAD_BYTES;
    return this.#insert("episodes", key, 0, bytes, unsent);
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

  /** Takes an episode's watermark away. Returns its row's number, by which no batch knows it. */
  #withoutSteps(seq: number): number {
    const next = this.#renumber(seq);
    const [before] = this.#sql.all<{ steps: number; steps_bytes: number }>(
      "SELECT steps, steps_bytes FROM outbox WHERE seq = ?",
      next,
    );
    this.#sql.run(
      "UPDATE outbox SET steps_after = NULL, steps = 0, steps_bytes = 0 WHERE seq = ?",
      next,
    );
    this.#resize(({ rows, bytes }) => ({
      rows: rows - (before?.steps ?? 0),
      bytes: bytes - (before?.steps_bytes ?? 0),
    }));
    return next;
  }

  /** Gives a row another number, by which no batch knows it. */
  #renumber(seq: number): number {
    const next = this.#nextSeq();
    this.#sql.run("UPDATE outbox SET seq = ? WHERE seq = ?", next, seq);
    return next;
  }

  #removed(removed: readonly OutboxSize[]): void {
    const sum = (of: keyof OutboxSize): number =>
      removed.reduce((total, row) => total + row[of], 0);
    const [rows, bytes] = [sum("rows"), sum("bytes")];
    this.#resize((size) => ({ rows: size.rows - rows, bytes: size.bytes - bytes }));
  }

  /** @param change null: it is to be counted anew */
  #resize(change: (before: OutboxSize) => OutboxSize | null): void {
    const before = this.#size;
    if (!before) return;
    this.#size = change(before);
    this.#deps.onRollback(() => {
      this.#size = before;
    });
  }

  /** UTF-8 bytes of the body of what clients wrote; null: the row is gone. */
  #measure(table: TableName, key: readonly SqlValue[]): number | null {
    const { columns, lazy }: Table = TABLES[table];
    if (lazy) return LAZY_ROW_BYTES - ROW_OVERHEAD_BYTES;
    const size = columns.includes("body") ? "octet_length(body)" : "0";
    const [row] = this.#sql.all<{ n: number }>(
      `SELECT ${size} AS n FROM ${table} WHERE ${keyCondition(table)}`,
      ...key,
    );
    return row?.n ?? null;
  }
}
