/**
 * What backups stand on: an object store, a database, and steps whose results are kept.
 *
 * @module
 */

import type { Database, SnapshotReader } from "../storage/index.ts";

/** R2, or what stands for it. Strongly consistent. */
export interface ObjectStore {
  /**
   * null: there is no such object. Throws `BackupFault` for one of more than `max` bytes, before
   * any of it is read: what is in the bucket may be anybody's.
   */
  get(key: string, max: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** @param sha256 hex; checked by the store */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<void>;
  /** Writes only where nothing is. False: something was there. */
  create(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** All keys that begin so, in order. */
  list(prefix: string): Promise<string[]>;
  remove(keys: readonly string[]): Promise<void>;
}

/**
 * Runs a piece of work until it succeeded once, and keeps its result (JSON, at most 1 MiB), so that
 * a job that is begun again goes on where it stopped. A piece may run twice: it must be safe to
 * repeat, even while an earlier try still runs.
 */
export interface Steps {
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** How far a job is; `total` 0 while nobody knows. */
export interface Progress {
  phase: string;
  rows: number;
  bytes: number;
  done: number;
  total: number;
}

/** A database that backups read and restores write. */
export interface BackupDatabase {
  snapshots: SnapshotReader;
  database: Database;
}
