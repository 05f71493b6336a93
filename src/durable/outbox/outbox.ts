/**
 * Which rows the database does not hold yet, and the loop that sends them. A mark names a row, it
 * does not copy it: a flush sends the row as it is then, so many writes to one row are one row
 * sent, and sending twice is harmless. Rows go in the order in which they were first marked, so the
 * database never has a later step without an earlier one.
 *
 * @module
 */

import {
  DatabaseError,
  fence,
  fenceOff,
  TABLES,
  type Database,
  type LocalSql,
  type SqlValue,
  type TableName,
} from "../../storage/index.ts";
import {
  bytesOfRow,
  loadRows,
  statementsFor,
  statementsWithoutRows,
  type Loaded,
  type Mark,
} from "./batch.ts";
import { countDead, DEAD_LETTERS_SCHEMA, listDead, park, revive } from "./dead-letters.ts";
import { sendDivided, type DividePorts } from "./divide-batch.ts";
import type { WriteLeaseHolder } from "./write-lease.ts";
import { backoffMs } from "../../util/backoff.ts";

export const OUTBOX_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY, table_name TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL,
    due_at INTEGER NOT NULL, marked_at INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE (table_name, key)) STRICT`,
  // Most rows are due at once, and an index of those would be two more writes for each.
  `CREATE INDEX IF NOT EXISTS outbox_later ON outbox (due_at) WHERE due_at > 0`,
  `CREATE TABLE IF NOT EXISTS outbox_batches (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT`,
  // Other writers whose late batches the next batch shuts out.
  `CREATE TABLE IF NOT EXISTS outbox_fences (writer TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT`,
  DEAD_LETTERS_SCHEMA,
];

/** A row beyond this is not sent: the database would refuse the batch with it, UTF-8 bytes. */
const ROW_BYTES_MAX = 20_000_000;
/** How long derived rows wait for more changes, ms. */
const LAZY_MS = 2_000;
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30_000;
/** Numbers of rows that a millisecond has. */
const SEQS_PER_MS = 1_000;
/** A flush that was refused for its number is repeated with a higher one at most this often. */
const FENCED_MAX = 3;

export interface OutboxPorts {
  sql: LocalSql;
  transaction<T>(work: () => T): T;
  /** Calls back if the running transaction is taken back; outside of one, never. */
  onRollback(undo: () => void): void;
  database: Pick<Database, "write" | "all">;
  /** The name under which batches are numbered. */
  writer: () => string;
  batch: () => { together: boolean; rows: number };
  now(): number;
  /** 0…1, for jitter. */
  random(): number;
  /** Batches run while no other instance writes. */
  writeLease: Pick<WriteLeaseHolder, "run" | "release">;
  /** Told after the database took a batch. */
  sent(rows: number): void;
  log(event: Record<string, unknown>): void;
}

export interface OutboxState {
  rows: number;
  bytes: number;
  dead: number;
  /** When the longest waiting row was marked, ms since the epoch; null when none waits. */
  oldest_at: number | null;
  /** Why the last flush failed; null: it did not. */
  last_error: string | null;
}

export interface Outbox {
  /**
   * Marks a row; call it in the transaction that changes the row.
   *
   * @param bytes of its body; measured by default
   */
  markDirty(table: TableName, key: readonly SqlValue[], bytes?: number): void;
  /** Marks derived rows, which all count as much; in the transaction that changes them. */
  markAllDirty(table: TableName, keys: readonly (readonly SqlValue[])[]): void;
  isDirty(table: TableName, key: readonly SqlValue[]): boolean;
  state(): OutboxState;
  /**
   * Sends everything that is due, and returns when it is sent or the database failed. One flush
   * runs at a time.
   */
  flush(force?: boolean): Promise<void>;
  /**
   * When the next flush should be tried, ms since the epoch; null when there is nothing to send.
   */
  nextAt(): number | null;
  /** Takes a mark back: the row is somebody else's now. In a transaction. @param key as JSON */
  unmarkDirty(table: TableName, key: string): void;
  /**
   * Takes back every mark of a namespace, parked ones too, that is being erased; in a transaction.
   */
  forget(namespace: string): void;
  /** Sets a row aside, which a restore must not overwrite; in a transaction. @param key as JSON */
  park(table: TableName, key: string, reason: string, detail: string): void;
  /** Shuts out the batches of another writer up to this number, with the next batch. */
  fenceOff(writer: string, seq: number): void;
  /** What failed before is tried again without waiting: the database is back. */
  resetBackoff(): void;
  /** Resolves when no batch is in flight. */
  settled(): Promise<void>;
  /** The number of the last batch that was sent, taken or not. */
  lastBatch(): number;
  dead(limit: number): ReturnType<typeof listDead>;
  /** Marks the parked rows again. Returns how many. */
  retryDead(): number;
}

export function createOutbox(ports: OutboxPorts): Outbox {
  const { sql } = ports;
  let flying: Promise<void> | null = null;
  let failures = 0;
  let retryAt = 0;
  /**
   * Until then the database is not asked, whoever calls: rows read for it would be read for
   * nothing, ms.
   */
  let heldUntil = 0;
  let lastError: string | null = null;
  /**
   * Rows and bytes that wait; null: to be counted. Counted anew they would cost more the more there
   * are.
   */
  let size: { rows: number; bytes: number } | null = null;
  /** The highest number that was given; null: to be looked up. */
  let lastSeq: number | null = null;
  /** Something may be due that waits for no time; null: to be looked up. */
  let eager: boolean | null = null;

  const resize = (
    change: (before: { rows: number; bytes: number }) => { rows: number; bytes: number } | null,
  ): void => {
    const before = size;
    if (!before) return;
    size = change(before);
    ports.onRollback(() => {
      size = before;
    });
  };
  const sizeNow = (): { rows: number; bytes: number } => {
    const [counted] = size ? [] : sql.all<{ rows: number; bytes: number }>(COUNT);
    size ??= counted ?? { rows: 0, bytes: 0 };
    return size;
  };
  const removed = (rows: readonly { bytes: number }[]): void => {
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    resize((before) => ({ rows: before.rows - rows.length, bytes: before.bytes - bytes }));
  };
  /**
   * Numbers rise for good: a batch that is on its way when a row goes and another comes must not
   * take the one for the other. They begin with the time, so that they rise from one life of the
   * object to the next.
   */
  const nextSeq = (): number => {
    const [row] =
      lastSeq === null ? sql.all<{ seq: number | null }>("SELECT max(seq) AS seq FROM outbox") : [];
    lastSeq =
      Math.max(lastSeq ?? row?.seq ?? 0, lastSeq === null ? ports.now() * SEQS_PER_MS : 0) + 1;
    return lastSeq;
  };
  const insert = (table: TableName, text: string, dueAt: number, bytes: number): void => {
    sql.run(
      "INSERT INTO outbox (seq, table_name, key, generation, due_at, marked_at, bytes) VALUES (?, ?, ?, 1, ?, ?, ?)",
      nextSeq(),
      table,
      text,
      dueAt,
      ports.now(),
      bytes,
    );
    if (dueAt === 0) eager = true;
    resize((before) => ({ rows: before.rows + 1, bytes: before.bytes + bytes }));
  };

  const due = (now: number, limit: number): Mark[] =>
    sql.all<{ seq: number; table_name: TableName; key: string; generation: number; bytes: number }>(
      "SELECT seq, table_name, key, generation, bytes FROM outbox WHERE due_at <= ? ORDER BY seq LIMIT ?",
      now,
      limit,
    );

  const lastBatch = (): number =>
    sql.all<{ seq: number }>("SELECT seq FROM outbox_batches WHERE one = 1")[0]?.seq ?? 0;
  /**
   * Above every earlier number, and above those of an object of this name whose storage was lost.
   */
  const nextBatch = (atLeast = 0): number => {
    const seq = Math.max(lastBatch() + 1, ports.now(), atLeast);
    sql.run("INSERT OR REPLACE INTO outbox_batches (one, seq) VALUES (1, ?)", seq);
    return seq;
  };

  /**
   * Above what the database knows of this writer: the numbers of an object whose storage was lost,
   * or of a fence.
   */
  let floor = 0;

  const take = async (rows: readonly Loaded[]): Promise<void> => {
    const seq = nextBatch(floor);
    const others = sql.all<{ writer: string; seq: number }>(
      "SELECT writer, seq FROM outbox_fences",
    );
    const statements = [
      fence(ports.writer(), seq, ports.now()),
      ...others.map((other) => fenceOff(other.writer, other.seq, ports.now())),
      ...statementsFor(rows),
    ];
    try {
      await ports.writeLease.run(() => ports.database.write(statements));
    } catch (error) {
      if (error instanceof DatabaseError && error.kind === "fenced") await fenced(seq);
      throw error;
    }
    for (const other of others) {
      sql.run("DELETE FROM outbox_fences WHERE writer = ? AND seq = ?", other.writer, other.seq);
    }
  };

  const fenced = async (seq: number): Promise<void> => {
    const [known] = await ports.database.all<{ seq: number }>(
      "SELECT max(seq, fenced) AS seq FROM _writers WHERE writer = ?",
      ports.writer(),
    );
    floor = (known?.seq ?? 0) + 1;
    ports.log({
      event: "outbox_fenced",
      level: "warn",
      writer: ports.writer(),
      ours: seq,
      theirs: known?.seq ?? 0,
    });
  };

  /** Rows that the database took are no longer marked, and not set aside any more. */
  const taken = (rows: readonly Loaded[]): void => {
    ports.sent(rows.length);
    ports.transaction(() => {
      done(rows.map(({ mark }) => mark));
      if (countDead(sql) > 0) for (const { mark } of rows) revive(sql, mark.table_name, mark.key);
    });
  };

  /** Without what went to another instance, or was erased, while others were sent. */
  const stillMarked = (rows: readonly Loaded[]): Loaded[] => {
    const text = "SELECT seq FROM outbox WHERE seq IN (SELECT value FROM json_each(?))";
    const known = sql.all<{ seq: number }>(text, JSON.stringify(rows.map(({ mark }) => mark.seq)));
    const marked = new Set(known.map(({ seq }) => seq));
    return rows.filter(({ mark }) => marked.has(mark.seq));
  };

  const done = (marks: readonly Mark[]): void => {
    removed(
      sql.all<{ bytes: number }>(
        `DELETE FROM outbox WHERE (seq, generation) IN
          (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)) RETURNING bytes`,
        JSON.stringify(marks.map(({ seq, generation }) => [seq, generation])),
      ),
    );
  };

  const setAside = ({ mark }: Loaded, reason: string, detail: string): void => {
    ports.transaction(() => {
      park(sql, { table_name: mark.table_name, key: mark.key, reason, detail }, ports.now());
      done([mark]);
    });
    ports.log({
      event: "outbox_dead_letter",
      level: "error",
      table: mark.table_name,
      reason,
      code: detail,
    });
  };

  const dividing: DividePorts = {
    take,
    takeNone: (rows) =>
      ports.writeLease.run(() => ports.database.write(statementsWithoutRows(rows))),
    taken,
    setAside: (row, { kind, code }) => setAside(row, kind, code),
    stillMarked,
  };

  const drain = async (force: boolean): Promise<void> => {
    // Forced: what was marked until now is sent without waiting for its time.
    if (force) {
      sql.run("UPDATE outbox SET due_at = 0 WHERE due_at > 0");
      eager = true;
    } else if (ports.now() < heldUntil) return;
    let fences = 0;
    for (;;) {
      const { together, rows: limit } = ports.batch();
      const rows = loadRows(sql, due(ports.now(), together ? limit : 1));
      const tooLarge = rows.find((row) => bytesOfRow(row) > ROW_BYTES_MAX);
      if (tooLarge) {
        setAside(tooLarge, "too_large", `${bytesOfRow(tooLarge)} bytes`);
        continue;
      }
      if (rows.length === 0) {
        eager = false;
        return;
      }
      try {
        await sendDivided(rows, dividing);
        failures = 0;
        fences = 0;
        lastError = null;
      } catch (error) {
        // What was fenced off may be another instance's by now: only what is still marked is sent
        // again.
        if (error instanceof DatabaseError && error.kind === "fenced" && ++fences < FENCED_MAX)
          continue;
        failed(error, rows.length);
        return;
      }
    }
  };

  const failed = (error: unknown, rows: number): void => {
    const known = error instanceof DatabaseError ? error : null;
    lastError = known ? `${known.kind}: ${known.code}` : String(error);
    if (known?.kind === "not_asked") {
      // Nothing was sent; whoever refused it says when it may be worth trying.
      retryAt = ports.now() + Math.min(BACKOFF_MAX_MS, known.retryAfterMs ?? BACKOFF_MIN_MS);
      heldUntil = retryAt;
      return;
    }
    failures += 1;
    const ceiling = backoffMs(failures + 1, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
    retryAt = ports.now() + BACKOFF_MIN_MS + Math.floor(ports.random() * ceiling);
    ports.log({ event: "outbox_flush_failed", level: "warn", failures, error: lastError, rows });
  };

  const flush = (force: boolean): Promise<void> => {
    flying ??= (async () => {
      try {
        await drain(force);
      } finally {
        await ports.writeLease.release();
        flying = null;
      }
    })();
    return flying;
  };

  return {
    markDirty(table, key, given) {
      const text = JSON.stringify(key);
      const bytes = given === undefined ? sizeOf(sql, table, key) : given + ROW_BYTES;
      const [known] = sql.all<{ seq: number; bytes: number }>(
        "SELECT seq, bytes FROM outbox WHERE table_name = ? AND key = ?",
        table,
        text,
      );
      if (!known) return insert(table, text, TABLES[table].lazy ? ports.now() + LAZY_MS : 0, bytes);
      sql.run(
        "UPDATE outbox SET generation = generation + 1, bytes = ? WHERE seq = ?",
        bytes,
        known.seq,
      );
      resize((before) => ({ rows: before.rows, bytes: before.bytes + bytes - known.bytes }));
    },
    markAllDirty(table, keys) {
      const now = ports.now();
      const { lazy } = TABLES[table];
      const texts = [...new Set(keys.map((key) => JSON.stringify(key)))];
      const again = sql.all(
        `UPDATE outbox SET generation = generation + 1
          WHERE table_name = ? AND key IN (SELECT value FROM json_each(?)) RETURNING key`,
        table,
        JSON.stringify(texts),
      );
      const marked = new Set(again.map((row) => row["key"]));
      const fresh = texts.filter((text) => !marked.has(text));
      if (fresh.length === 0) return;
      const first = nextSeq();
      lastSeq = first + fresh.length - 1;
      const bytes = lazy ? DERIVED_BYTES : ROW_BYTES;
      sql.run(
        `INSERT INTO outbox (seq, table_name, key, generation, due_at, marked_at, bytes)
          SELECT ? + key, ?, value, 1, ?, ?, ? FROM json_each(?)`,
        first,
        table,
        lazy ? now + LAZY_MS : 0,
        now,
        bytes,
        JSON.stringify(fresh),
      );
      if (!lazy) eager = true;
      resize((before) => ({
        rows: before.rows + fresh.length,
        bytes: before.bytes + fresh.length * bytes,
      }));
    },
    isDirty(table, key) {
      const text = JSON.stringify(key);
      return (
        sql.all("SELECT 1 AS n FROM outbox WHERE table_name = ? AND key = ?", table, text).length >
          0 ||
        sql.all("SELECT 1 AS n FROM dead_letters WHERE table_name = ? AND key = ?", table, text)
          .length > 0
      );
    },
    state() {
      const [oldest] = sql.all<{ at: number }>(
        "SELECT marked_at AS at FROM outbox ORDER BY seq LIMIT 1",
      );
      return {
        ...sizeNow(),
        dead: countDead(sql),
        oldest_at: oldest?.at ?? null,
        last_error: lastError,
      };
    },
    async flush(force = false) {
      if (force && flying) await flying;
      await flush(force);
    },
    nextAt() {
      eager ??= sql.all("SELECT 1 AS n FROM outbox WHERE due_at = 0 LIMIT 1").length > 0;
      if (eager) return retryAt;
      const [row] = sql.all<{ at: number | null }>(
        "SELECT min(due_at) AS at FROM outbox WHERE due_at > 0",
      );
      return row?.at === null || row?.at === undefined ? null : Math.max(row.at, retryAt);
    },
    unmarkDirty(table, key) {
      removed(
        sql.all("DELETE FROM outbox WHERE table_name = ? AND key = ? RETURNING bytes", table, key),
      );
      revive(sql, table, key);
    },
    forget(namespace) {
      for (const table of ["outbox", "dead_letters"]) {
        sql.run(
          `DELETE FROM ${table} WHERE table_name <> 'api_keys' AND json_extract(key, '$[0]') = ?`,
          namespace,
        );
      }
      resize(() => null);
    },
    park(table, key, reason, detail) {
      park(sql, { table_name: table, key, reason, detail }, ports.now());
      removed(
        sql.all("DELETE FROM outbox WHERE table_name = ? AND key = ? RETURNING bytes", table, key),
      );
    },
    fenceOff(writer, seq) {
      sql.run(
        `INSERT INTO outbox_fences (writer, seq) VALUES (?, ?)
          ON CONFLICT (writer) DO UPDATE SET seq = max(seq, excluded.seq)`,
        writer,
        seq,
      );
    },
    resetBackoff() {
      failures = 0;
      retryAt = 0;
      heldUntil = 0;
    },
    async settled() {
      await flying;
    },
    lastBatch,
    dead: (limit) => listDead(sql, limit),
    retryDead: () =>
      ports.transaction(() => {
        const parked = sql.all<{ table_name: TableName; key: string }>(
          "SELECT table_name, key FROM dead_letters",
        );
        for (const { table_name, key } of parked) {
          const again =
            "UPDATE outbox SET due_at = 0 WHERE table_name = ? AND key = ? RETURNING seq";
          if (sql.all(again, table_name, key).length > 0) eager = true;
          else insert(table_name, key, 0, sizeOf(sql, table_name, JSON.parse(key) as SqlValue[]));
        }
        return parked.length;
      }),
  };
}

/** How long a client that asked for `wait=stored` waits before it is told `queued`, ms. */
const STORED_WAIT_MS = 10_000;

/** Waits until the database has these rows; false when that takes too long. */
export async function sentInTime(
  outbox: Outbox,
  marks: readonly (readonly [TableName, readonly SqlValue[]])[],
): Promise<boolean> {
  const deadline = Date.now() + STORED_WAIT_MS;
  for (;;) {
    if (!marks.some(([table, key]) => outbox.isDirty(table, key))) return true;
    if (Date.now() > deadline) return false;
    await outbox.flush(true);
    if (marks.some(([table, key]) => outbox.isDirty(table, key))) await scheduler.wait(100);
  }
}

const COUNT = "SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM outbox";

/**
 * What a derived row counts as, and the rest of any other, bytes: measuring each would cost more
 * than writing it.
 */
const DERIVED_BYTES = 1_000;
const ROW_BYTES = 100;

/** Bytes that wait: what clients wrote is measured. */
function sizeOf(sql: LocalSql, table: TableName, key: readonly SqlValue[]): number {
  const { columns, key: width, lazy } = TABLES[table];
  if (lazy) return DERIVED_BYTES;
  if (!columns.some((column) => column === "body")) return ROW_BYTES;
  const where = columns.slice(0, width).map((column) => `${column} = ?`);
  const [row] = sql.all<{ n: number }>(
    `SELECT octet_length(body) AS n FROM ${table} WHERE ${where.join(" AND ")}`,
    ...key,
  );
  return (row?.n ?? 0) + ROW_BYTES;
}
