/**
 * Two databases of real servers: one that backups are taken of, and one that they are restored into.
 * With rows of every table, whose values are hard to keep.
 *
 * @module
 */

import {
  exportDatabase,
  restoreBackup,
  type Manifest,
  type ObjectStore,
  type RestorePlan,
} from "../../../src/backup/index.ts";
import {
  episodesChanged,
  MIGRATIONS,
  migrated,
  openDatabase,
  TABLES,
  upsert,
  type Database,
  type SqlValue,
  type Statement,
  type TableName,
} from "../../../src/storage/index.ts";
import { sha256Hex } from "../../../src/util/hashing/hash.ts";
import { Sqld } from "../processes/sqld.ts";
import { KeptSteps, place } from "./ports.ts";

export const NAMES = Object.keys(TABLES) as TableName[];
/** What every plan of an export says. */
export const PLANNED = {
  scope: { namespace: null, since: null },
  written_by: { name: "test", version: "0" },
} as const;
export const report = async (): Promise<void> => {};

/** A row of any table, with the values that are hard to keep. */
export function rowOf(name: TableName, n: number, text: string): SqlValue[] {
  const { columns, key } = TABLES[name];
  return columns.map((column, i) => {
    if (column === "namespace") return n % 3 === 0 ? "a" : "b";
    if (column === "hash") return `hash of ${n}`;
    if (column === "number") return (n % 50) + 1;
    if (/_at$|version|count|length|dimension|success|failure|episodes|promoted/.test(column))
      return 1_700_000_000_000 + n;
    if (i < key) return `${column}-${Math.floor(n / 5)}-${n}`;
    return text;
  });
}

export const TEXTS = [
  "",
  "plain",
  "nul\0in\0side",
  "\0",
  "ünïcode 😀 \u2028",
  '"quotes" \\ \\u0000',
  "x".repeat(300),
];

export const open = (url: string): Database =>
  openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });

/** Applies the contract migrations. */
async function contracted(url: string): Promise<void> {
  const contracts = MIGRATIONS.filter(({ kind }) => kind === "contract");
  const statements = contracts.flatMap((migration) => migration.statements);
  await open(url).write(statements.map((sql) => ({ sql, args: [] })));
}

/** Rows with what their writer says beside them: of steps without their episodes the change feed must
 * be told. */
export function written(name: TableName, rows: readonly SqlValue[][]): Statement[] {
  return [upsert(name, rows), ...(name === "steps" ? [episodesChanged(rows)] : [])];
}

/** Takes all rows away, and what the feed knows of writers. */
export async function wipe(url: string): Promise<void> {
  await open(url).write([
    ...NAMES.map((name) => ({ sql: `DELETE FROM ${name}`, args: [] })),
    { sql: "DELETE FROM _writers", args: [] },
  ]);
}

/** Makes it nobody's database again, for the next deployment of a test. */
export async function unmark(url: string): Promise<void> {
  await migrated(open(url), Date.now).write([{ sql: "DELETE FROM _owner", args: [] }]);
}

/** Writes rows `from` to `to`, the last left out, of every table. */
export async function fill(url: string, from: number, to: number): Promise<void> {
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  await open(url).write(
    NAMES.flatMap((name) =>
      written(
        name,
        rows.map((n) => rowOf(name, n, TEXTS[n % TEXTS.length] ?? "")),
      ),
    ),
  );
}

/** How a backup names its parent; null: it has none. */
export async function parentOf(parent: Manifest | null) {
  return (
    parent && {
      id: parent.id,
      sha256: await sha256Hex(JSON.stringify(parent)),
      feed: parent.watermark?.feed ?? "",
      seq: parent.watermark?.seq ?? 0,
    }
  );
}

export class TwoDatabases {
  readonly source: Sqld;
  readonly target: Sqld;

  private constructor(source: Sqld, target: Sqld) {
    this.source = source;
    this.target = target;
  }

  /** With the change feed that names steps by their episodes only: an operator's migration. */
  static async start(): Promise<TwoDatabases> {
    const two = new TwoDatabases(await Sqld.start(), await Sqld.start());
    for (const { url } of [two.source, two.target]) {
      await place(url);
      await contracted(url);
    }
    return two;
  }

  async remove(): Promise<void> {
    await this.source.remove();
    await this.target.remove();
  }

  /** Takes a backup of the source. */
  async take(store: ObjectStore, id: string, parent: Manifest | null): Promise<Manifest> {
    const { snapshots } = await place(this.source.url);
    const more = { parent: await parentOf(parent), chunksPerStep: 1, changesPerPage: 40 };
    const ports = { steps: new KeptSteps(), snapshots, store, keys: null, now: Date.now, report };
    return exportDatabase(ports, { id, ...PLANNED, ...more });
  }

  /** Restores a backup into the target; it replaces what is there, if the plan does not say else. */
  async restore(store: ObjectStore, tip: Manifest, more: Partial<RestorePlan> = {}) {
    const { database } = await place(this.target.url);
    const plan: RestorePlan = {
      run: "r1",
      backup: { id: tip.id, kind: tip.kind },
      mode: "replace",
      scope: { namespace: null, episode: null },
      deleted: "respect",
      dry_run: false,
      writers: [],
      api_keys: true,
      ...more,
    };
    const ports = { steps: new KeptSteps(), store, keys: null, database, now: Date.now, report };
    return restoreBackup(ports, plan);
  }
}
