/**
 * Keeps a batch that the database executes late from undoing a newer one: a batch begins with
 * its writer's number, and a trigger refuses a number that is not above the last one taken (a
 * fencing token: M. Kleppmann, "How to do distributed locking", 2016). The server may execute a
 * request long after its sender gave it up.
 *
 * @module
 */

import type { Statement } from "./sql.ts";

/** What the database says when it refuses a batch for its number. */
export const FENCED = "a newer batch of this writer was taken";

/** Only the database has these: who wrote last, and where probes write. */
export const FENCE_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS _writers (
    writer TEXT PRIMARY KEY, seq INTEGER NOT NULL, fenced INTEGER NOT NULL, at INTEGER NOT NULL) STRICT`,
  `CREATE TRIGGER IF NOT EXISTS _writers_fence BEFORE UPDATE OF seq ON _writers
    WHEN new.seq <= max(old.seq, old.fenced) BEGIN SELECT RAISE(ABORT, '${FENCED}'); END`,
  `CREATE TABLE IF NOT EXISTS _probes (writer TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`,
];

/**
 * The first statement of a batch: fails it when a batch of this writer with this number or a later
 * one was taken.
 */
export function fence(writer: string, seq: number, now: number): Statement {
  return {
    sql: `INSERT INTO _writers (writer, seq, fenced, at) VALUES (?, ?, 0, ?)
      ON CONFLICT (writer) DO UPDATE SET seq = excluded.seq, at = excluded.at`,
    args: [writer, seq, now],
  };
}

/**
 * Refuses every batch of another writer up to this number from now on: what it sent and gave up
 * must not come late.
 */
export function fenceOff(writer: string, seq: number, now: number): Statement {
  return {
    sql: `INSERT INTO _writers (writer, seq, fenced, at) VALUES (?, 0, ?, ?)
      ON CONFLICT (writer) DO UPDATE SET fenced = max(fenced, excluded.fenced)`,
    args: [writer, seq, now],
  };
}

/** One small write, to see whether the database takes any: reads succeed while writes stall. */
export function probeWrite(writer: string, now: number): Statement {
  return {
    sql: "INSERT INTO _probes (writer, at) VALUES (?, ?) ON CONFLICT (writer) DO UPDATE SET at = excluded.at",
    args: [writer, now],
  };
}
