/**
 * The rows of the table `outbox`: how the table is made, and what goes in and out of it. A row
 * names a row of `TABLES`; that of an episode has a watermark as well, the number of a step above
 * which the database lacks them all: so a step that is added is no row of the outbox.
 *
 * @module
 */

import type { LocalSql, TableName } from "../../storage/index.ts";

/** What a row that waits counts as beside its body, bytes. */
export const ROW_OVERHEAD_BYTES = 100;

export const OUTBOX_TABLE_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY, table_name TEXT NOT NULL, key TEXT NOT NULL,
    generation INTEGER NOT NULL, due_at INTEGER NOT NULL, marked_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL, steps_after INTEGER, steps INTEGER NOT NULL DEFAULT 0,
    steps_bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (table_name, key)) STRICT`,
  // Most rows are due at once, and an index of those would be two more writes for each.
  `CREATE INDEX IF NOT EXISTS outbox_later ON outbox (due_at) WHERE due_at > 0`,
];

/** Gives the table of an earlier release its watermark; in a transaction, after it is made. */
export function migrateOutbox(sql: LocalSql): void {
  const text = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'outbox'";
  const [made] = sql.all<{ sql: string }>(text);
  if (!made || /\bsteps_after\b/.test(made.sql)) return;
  sql.run("ALTER TABLE outbox ADD COLUMN steps_after INTEGER");
  sql.run("ALTER TABLE outbox ADD COLUMN steps INTEGER NOT NULL DEFAULT 0");
  sql.run("ALTER TABLE outbox ADD COLUMN steps_bytes INTEGER NOT NULL DEFAULT 0");
}

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
  /** Of an episode: its steps with higher numbers are unsent as well; null: none is by this row. */
  steps_after: number | null;
  /** What those steps count as. */
  steps_bytes: number;
}

/** Rows that the database does not have: each step of an episode is one. */
export interface OutboxSize {
  rows: number;
  bytes: number;
}

/** What is asked of a row of the outbox before it is marked again. */
export interface NamedRow extends Record<string, number | null> {
  seq: number;
  bytes: number;
}

/** A change of an episode: its record, and steps that were added to it, or written anew. */
export interface EpisodeChange {
  namespace: string;
  id: string;
  /** UTF-8 bytes of its record. */
  bytes: number;
  /** What was added, each with the UTF-8 bytes of its body. */
  steps: readonly { number: number; bytes: number }[];
  /** The steps from this number on are those, and no others; absent: they were added. */
  from?: number;
  /** Nothing of it was here before. */
  isNew?: true;
}

/** Steps of an episode that the database took, or that were set aside, in their order. */
export interface SentSteps {
  /** Of the row of the outbox. */
  seq: number;
  /** The watermark as it was, and as it is now. */
  from: number;
  to: number;
  steps: number;
  /** UTF-8 bytes of their bodies. */
  bytes: number;
}
