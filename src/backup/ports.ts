/**
 * What backups stand on: an object store with the keys that its content is authenticated by, and
 * steps whose results are kept. Types only.
 *
 * @module
 */

import type { BackupKeys } from "./format/keys.ts";

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

/** Where backups are, and the keys that they are authenticated by. */
export interface BackupPlace {
  store: ObjectStore;
  /** null: no BACKUP_KEY is set. */
  keys: BackupKeys | null;
}

/**
 * Runs a piece of work until it succeeded once, and keeps its result (JSON, at most 1 MiB), so that
 * a job that is begun again goes on where it stopped. A piece may run twice: it must be safe to
 * repeat, even while an earlier try still runs.
 */
export interface Steps {
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** How far a job is. */
export interface Progress {
  phase: string;
  rows: number;
  bytes: number;
  done: number;
  /** 0: not known yet. */
  total: number;
}
