/**
 * Which rows the database does not hold yet, and the loop that sends them. A mark names a row, it does not copy it: a
 * flush sends the row as it is then, so many writes to one row are one row sent, and sending twice is harmless.
 *
 * @module
 */

import {
  DatabaseError,
  remove,
  TABLES,
  upsert,
  type Database,
  type LocalSql,
  type SqlValue,
  type Statement,
  type TableName,
} from "../storage/index.ts";

export const OUTBOX_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, table_name TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL,
    due_at INTEGER NOT NULL, UNIQUE (table_name, key)) STRICT`,
  `CREATE TABLE IF NOT EXISTS dead_letters (
    table_name TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL, parked_at INTEGER NOT NULL,
    PRIMARY KEY (table_name, key)) STRICT`,
];

/** Rows in one batch. */
const BATCH_ROWS = 500;
/** Characters of row values in one batch, so that it stays far below the deadline of a request. */
const BATCH_CHARS = 1_000_000;
/** How long derived rows wait for more changes, ms. */
const LAZY_MS = 2_000;
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30_000;

export interface OutboxPorts {
  sql: LocalSql;
  transaction<T>(work: () => T): T;
  database: Pick<Database, "write">;
  now(): number;
  /** 0…1, for jitter. */
  random(): number;
  /** Runs a batch while no other instance writes; falls back to running it at once. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  log(event: Record<string, unknown>): void;
}

interface Mark {
  seq: number;
  table_name: TableName;
  key: string;
  generation: number;
}
interface Loaded {
  mark: Mark;
  key: SqlValue[];
  /** null: the row is gone and is deleted from the database. */
  row: SqlValue[] | null;
}

export interface Outbox {
  /** Marks a row; call it in the transaction that changes the row. */
  mark(table: TableName, key: readonly SqlValue[]): void;
  isMarked(table: TableName, key: readonly SqlValue[]): boolean;
  depth(): number;
  /** Sends everything that is due, and returns when it is sent or the database failed. One flush runs at a time. */
  flush(force?: boolean): Promise<void>;
  /** When the next flush should be tried, ms since the epoch; null when there is nothing to send. */
  nextAt(): number | null;
  /** Waits until no batch is in flight. */
  settled(): Promise<void>;
}

export function createOutbox(ports: OutboxPorts): Outbox {
  const { sql } = ports;
  let flying: Promise<void> | null = null;
  let failures = 0;
  let retryAt = 0;

  const due = (now: number): Mark[] =>
    sql.all<{ seq: number; table_name: TableName; key: string; generation: number }>(
      "SELECT seq, table_name, key, generation FROM outbox WHERE due_at <= ? ORDER BY seq LIMIT ?",
      now,
      BATCH_ROWS,
    );

  const load = (mark: Mark): Loaded => {
    const { columns, key: width } = TABLES[mark.table_name];
    const key = JSON.parse(mark.key) as SqlValue[];
    const where = columns.slice(0, width).map((column) => `${column} = ?`);
    const [row] = sql.all(`SELECT ${columns.join(", ")} FROM ${mark.table_name} WHERE ${where.join(" AND ")}`, ...key);
    return { mark, key, row: row ? columns.map((column) => row[column] ?? null) : null };
  };

  const send = async (rows: readonly Loaded[]): Promise<void> => {
    try {
      await ports.turn(() => ports.database.write(statementsFor(rows)));
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.kind !== "rejected") throw error;
      if (rows.length === 1) return park(rows[0] as Loaded, error);
      // One bad row must not hold back the others: halve until it stands alone.
      const middle = rows.length >> 1;
      await send(rows.slice(0, middle));
      await send(rows.slice(middle));
      return;
    }
    ports.transaction(() => done(rows.map(({ mark }) => mark)));
  };

  const done = (marks: readonly Mark[]): void => {
    sql.run(
      `DELETE FROM outbox WHERE (seq, generation) IN
        (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))`,
      JSON.stringify(marks.map(({ seq, generation }) => [seq, generation])),
    );
  };

  const park = ({ mark }: Loaded, error: DatabaseError): void => {
    ports.transaction(() => {
      sql.run(
        "INSERT OR REPLACE INTO dead_letters (table_name, key, reason, parked_at) VALUES (?, ?, ?, ?)",
        mark.table_name,
        mark.key,
        error.code,
        ports.now(),
      );
      done([mark]);
    });
    ports.log({ event: "outbox_dead_letter", level: "error", table: mark.table_name, reason: error.code });
  };

  const drain = async (force: boolean): Promise<void> => {
    // Forced: what was marked until now is sent without waiting for its time.
    if (force) sql.run("UPDATE outbox SET due_at = 0 WHERE due_at > 0");
    for (;;) {
      const rows = within(due(ports.now()).map(load));
      if (rows.length === 0) return;
      try {
        await send(rows);
        failures = 0;
      } catch (error) {
        failures += 1;
        const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failures, 10));
        retryAt = ports.now() + BACKOFF_MIN_MS + Math.floor(ports.random() * ceiling);
        const code = error instanceof DatabaseError ? error.code : String(error);
        ports.log({ event: "outbox_flush_failed", level: "warn", failures, code, rows: rows.length });
        return;
      }
    }
  };

  return {
    mark(table, key) {
      const lazy = TABLES[table].lazy ? LAZY_MS : 0;
      sql.run(
        `INSERT INTO outbox (table_name, key, generation, due_at) VALUES (?, ?, 1, ?)
          ON CONFLICT (table_name, key) DO UPDATE SET generation = generation + 1`,
        table,
        JSON.stringify(key),
        lazy ? ports.now() + lazy : 0,
      );
    },
    isMarked: (table, key) =>
      sql.all("SELECT 1 AS n FROM outbox WHERE table_name = ? AND key = ?", table, JSON.stringify(key)).length > 0,
    depth: () => sql.all<{ n: number }>("SELECT count(*) AS n FROM outbox")[0]?.n ?? 0,
    async flush(force = false) {
      if (!force && ports.now() < retryAt) return;
      while (flying && force) await flying;
      flying ??= drain(force).finally(() => {
        flying = null;
      });
      return flying;
    },
    nextAt() {
      const [row] = sql.all<{ at: number | null }>("SELECT min(due_at) AS at FROM outbox");
      return row?.at === null || row?.at === undefined ? null : Math.max(row.at, retryAt);
    },
    async settled() {
      while (flying) await flying;
    },
  };
}

/** The longest beginning of the rows that fits one batch; at least one. */
function within(rows: readonly Loaded[]): Loaded[] {
  let chars = 0;
  const fitting = rows.findIndex(({ row }, i) => {
    chars += row?.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0) ?? 0;
    return i > 0 && chars > BATCH_CHARS;
  });
  return fitting < 0 ? [...rows] : rows.slice(0, fitting);
}

function statementsFor(rows: readonly Loaded[]): Statement[] {
  const statements: Statement[] = [];
  for (const name of Object.keys(TABLES) as TableName[]) {
    const mine = rows.filter(({ mark }) => mark.table_name === name);
    const gone = mine.filter(({ row }) => row === null);
    const present = mine.flatMap(({ row }) => (row ? [row] : []));
    if (gone.length > 0)
      statements.push(
        remove(
          name,
          gone.map(({ key }) => key),
        ),
      );
    if (present.length > 0) statements.push(upsert(name, present));
  }
  return statements;
}
