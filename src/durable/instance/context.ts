/**
 * What the parts of an instance stand on: its storage, its way to the database and to the other
 * instances, its clock.
 *
 * @module
 */

import { homeOf } from "../../memory/rendezvous.ts";
import type { Settings } from "../../contract/settings.ts";
import type { Counting } from "../../observability/index.ts";
import type { Database, LocalSql, SqlValue, TableName } from "../../storage/index.ts";
import type { Control } from "../shared/control.ts";
import type { InternalName, Internals, Place } from "../shared/protocol.ts";
import type { Shard } from "../shared/placement.ts";

export interface InstanceContext {
  sql: LocalSql;
  /** Synchronous, all or nothing. Never nested. */
  transaction: <T>(work: () => T) => T;
  database: Database;
  /** As they are now: they may change at run time. */
  settings: () => Settings;
  control: () => Control;
  now: () => number;
  uuid: (now: number) => string;
  place: () => Place;
  /**
   * How many instances may hold something: those of an earlier topology count until they have
   * handed over.
   */
  instanceCount: () => number;
  /** Whether what has this text as its home lives here now: look again after every wait. */
  isHome: (home: string) => boolean;
  /**
   * Marks a row for the outbox; in the transaction that changes it. Throws `Moved` when the row
   * lives elsewhere by now. `bytes`: what it holds; measured when it is not given.
   */
  markDirty: (table: TableName, key: readonly SqlValue[], bytes?: number) => void;
  /**
   * Says that the shard begins here: no other instance can have anything of it. In the transaction
   * that begins it.
   */
  begin: (shard: Shard) => void;
  isDirty: (table: TableName, key: readonly SqlValue[]) => boolean;
  /** Asks an instance, this one included. Throws `Refused`, or an Error when it is out of reach. */
  ask: <N extends InternalName>(
    instance: number,
    name: N,
    input: Internals[N]["input"],
  ) => Promise<Internals[N]["output"]>;
  /** Sees to it that the alarm rings at this time or before. */
  wake: (at: number) => void;
  /** What is counted in a transaction is taken back with it. */
  meter: Counting;
  log: (event: Record<string, unknown>) => void;
}

/** The instance that keeps a namespace's recall. */
export function namespaceHome(context: InstanceContext, namespace: string): number {
  return homeOf(`ns:${namespace}`, context.place().count);
}

export const LOCAL_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`,
  // Pushed copy of the keys; the Coordinator owns them.
  `CREATE TABLE IF NOT EXISTS keys (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS idempotency (
    scope TEXT PRIMARY KEY, home TEXT NOT NULL, fingerprint TEXT NOT NULL, result TEXT NOT NULL,
    created_at INTEGER NOT NULL) STRICT`,
  `CREATE INDEX IF NOT EXISTS idempotency_home ON idempotency (home)`,
  `CREATE INDEX IF NOT EXISTS idempotency_age ON idempotency (created_at)`,
  // An episode that is here is here with all its steps.
  `CREATE TABLE IF NOT EXISTS cached (
    namespace TEXT NOT NULL, id TEXT NOT NULL, used_at INTEGER NOT NULL, loaded_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY (namespace, id)) STRICT`,
  `CREATE INDEX IF NOT EXISTS cached_used ON cached (used_at)`,
  // Pending tasks to a namespace's home that are not done yet.
  `CREATE TABLE IF NOT EXISTS pending_tasks (
    kind TEXT NOT NULL, namespace TEXT NOT NULL, id TEXT NOT NULL, recall_id TEXT,
    PRIMARY KEY (kind, namespace, id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS erasing (namespace TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS relationships_loaded (namespace TEXT PRIMARY KEY) STRICT`,
];

/** Brings the storage of an instance that an earlier release wrote to what this one reads. */
export function migrateLocal(sql: LocalSql): void {
  const [former] = sql.all("SELECT 1 AS n FROM sqlite_master WHERE name = 'errands'");
  if (!former) return;
  sql.run(`INSERT OR IGNORE INTO pending_tasks (kind, namespace, id, recall_id)
    SELECT kind, namespace, id, recall_id FROM errands`);
  sql.run("DROP TABLE errands");
}
