/**
 * What backups stand on, in Node: a store in memory, a real libSQL server, and steps that can be
 * cut anywhere.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  BackupFault,
  createBackupKeys,
  type BackupKeys,
  type Manifest,
  type ObjectStore,
  type Steps,
} from "../../../src/backup/index.ts";
import {
  migrated,
  openDatabase,
  openSnapshots,
  TABLES,
  type Database,
  type TableName,
} from "../../../src/storage/index.ts";

/** Keys of backups, each of 32 times this byte, the newest first. */
export async function backupKeys(...bytes: readonly number[]): Promise<BackupKeys> {
  const keys = await createBackupKeys(bytes.map((byte) => new Uint8Array(32).fill(byte)));
  if (!keys) throw new Error("there is no key");
  return keys;
}

/**
 * Everything that crosses to the outside passes one of these, which may fail before or after it was
 * done.
 */
export class Faults {
  /** Operations so far. */
  count = 0;
  /** Fails at this operation; even numbers before it is done, odd ones after. null: never. */
  at: number | null = null;

  async pass<T>(work: () => Promise<T>): Promise<T> {
    this.#hit();
    const value = await work();
    this.#hit();
    return value;
  }
  #hit(): void {
    const here = this.count++;
    if (here === this.at) throw new Crash(`crash at ${here}`);
  }
}
export class Crash extends Error {}

export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #faults: Faults;

  constructor(faults = new Faults()) {
    this.#faults = faults;
  }
  get(key: string, max: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#faults.pass(async () => {
      const bytes = this.objects.get(key) ?? null;
      if (bytes && bytes.length > max)
        throw new BackupFault(key, `has ${bytes.length} bytes; at most ${max} are read`);
      return bytes;
    });
  }
  put(key: string, bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<void> {
    return this.#faults.pass(async () => {
      if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw new Error("wrong sum");
      this.objects.set(key, bytes);
    });
  }
  create(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return this.#faults.pass(async () => {
      if (this.objects.has(key)) return false;
      this.objects.set(key, bytes);
      return true;
    });
  }
  list(prefix: string): Promise<string[]> {
    return this.#faults.pass(async () =>
      [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    );
  }
  remove(keys: readonly string[]): Promise<void> {
    return this.#faults.pass(async () => {
      for (const key of keys) this.objects.delete(key);
    });
  }
}

/** Steps whose results outlive a crash, as JSON. */
export class KeptSteps implements Steps {
  readonly kept = new Map<string, string>();

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const result = this.kept.get(name);
    if (result !== undefined) return JSON.parse(result) as T;
    const value = await work();
    this.kept.set(name, JSON.stringify(value));
    return value;
  }
}

export interface Place {
  database: Database;
  snapshots: ReturnType<typeof openSnapshots>;
}

/** A database, migrated, behind faults. */
export async function place(url: string, faults = new Faults(), paged = false): Promise<Place> {
  const opened = openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });
  const database = migrated(opened, Date.now);
  await database.version();
  const snapshots = openSnapshots({ url, authToken: null, silenceMs: 20_000, paged });
  return {
    database: {
      all: (sql, ...args) => faults.pass(() => database.all(sql, ...args)),
      write: (statements) => faults.pass(() => database.write(statements)),
    },
    snapshots: {
      async *read(queries) {
        await faults.pass(async () => undefined);
        yield* snapshots.read(queries);
        await faults.pass(async () => undefined);
      },
    },
  };
}

/** Every shared table as typed text in key order; equal exactly when the tables are. */
export async function contentOf(url: string): Promise<Record<string, string[]>> {
  const names = Object.keys(TABLES) as TableName[];
  const snapshots = openSnapshots({ url, authToken: null, silenceMs: 20_000 });
  const content: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
  const queries = names.map((name) => {
    const { columns, key } = TABLES[name];
    return {
      sql: `SELECT ${columns.join(", ")} FROM ${name} ORDER BY ${columns.slice(0, key).join(", ")}`,
      args: [],
    };
  });
  for await (const { query, rows } of snapshots.read(queries)) {
    content[names[query] ?? ""]?.push(...rows.map((row) => JSON.stringify(row)));
  }
  return content;
}

/** A manifest of format 1 that says as little as it may, with one chunk that is nowhere. */
export function manifestOf(id: string, more: Partial<Manifest> = {}): Manifest {
  const sha256 = "ab".repeat(32);
  const { columns, key } = TABLES.episodes;
  return {
    format: "memory-service-backup",
    format_version: 1,
    id,
    kind: "full",
    started_at: "2026-01-01T00:00:00.000Z",
    finished_at: "2026-01-01T00:00:00.000Z",
    written_by: { name: "test", version: "0" },
    schema_version: 1,
    parent: null,
    watermark: { feed: "feed", seq: 1, at: "2026-01-01T00:00:00.000Z" },
    scope: { namespace: null, since: null },
    tables: { episodes: { columns, key, rows: null } },
    encryption: null,
    chunks: [
      {
        object: `episodes-scan-00000-00000-${sha256.slice(0, 16)}.ndjson.gz`,
        table: "episodes",
        op: "put",
        layer: 0,
        rows: 1,
        bytes: 1,
        stored: 1,
        sha256,
        parts: false,
        last: '["a","b"]',
        instance: null,
        state: "stored",
      },
    ],
    ...more,
  };
}
