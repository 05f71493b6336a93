import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  exportDatabase,
  restoreBackup,
  verifyBackup,
  type Manifest,
  type RestorePlan,
} from "../../src/backup/index.ts";
import { sha256Hex } from "../../src/util/hash.ts";
import {
  episodesChanged,
  MIGRATIONS,
  openDatabase,
  remove,
  RETIRED_TABLES,
  TABLES,
  upsert,
  type SqlValue,
  type Statement,
  type TableName,
} from "../../src/storage/index.ts";
import {
  contentOf,
  Crash,
  Faults,
  KeptSteps,
  MemoryStore,
  place,
  type Place,
} from "../support/backup.ts";
import { Forger } from "../support/forgeries/forger.ts";
import { Sqld } from "../support/processes/sqld.ts";

let source: Sqld;
let target: Sqld;
beforeAll(async () => {
  [source, target] = [await Sqld.start(), await Sqld.start()];
  await place(source.url);
  await place(target.url);
  // The change feed that names steps by their episodes only: what an operator's migration leaves.
  await contracted(source.url);
  await contracted(target.url);
}, 60_000);
afterAll(async () => {
  await source.remove();
  await target.remove();
});

const NAMES = Object.keys(TABLES) as TableName[];
const written_by = { name: "test", version: "0" };
const report = async (): Promise<void> => {};
const whole = { namespace: null, since: null };

/** A row of any table, with the values that are hard to keep. */
function rowOf(name: TableName, n: number, text: string): SqlValue[] {
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
const TEXTS = [
  "",
  "plain",
  "nul\0in\0side",
  "\0",
  "ünïcode 😀 \u2028",
  '"quotes" \\ \\u0000',
  "x".repeat(300),
];

/** Applies the contract migrations. */
async function contracted(url: string): Promise<void> {
  const database = openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });
  const contracts = MIGRATIONS.filter(({ kind }) => kind === "contract");
  const statements = contracts.flatMap((migration) => migration.statements);
  await database.write(statements.map((sql) => ({ sql, args: [] })));
}

/** Rows, as whoever writes them does: steps without their episodes tell the change feed. */
function written(name: TableName, rows: readonly SqlValue[][]): Statement[] {
  return [upsert(name, rows), ...(name === "steps" ? [episodesChanged(rows)] : [])];
}

async function wipe(url: string): Promise<void> {
  const database = openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });
  await database.write([
    ...NAMES.map((name) => ({ sql: `DELETE FROM ${name}`, args: [] })),
    { sql: "DELETE FROM _writers", args: [] },
  ]);
}
async function fill(url: string, from: number, to: number): Promise<void> {
  const database = openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  await database.write(
    NAMES.flatMap((name) =>
      written(
        name,
        rows.map((n) => rowOf(name, n, TEXTS[n % TEXTS.length] ?? "")),
      ),
    ),
  );
}

async function take(
  store: MemoryStore,
  id: string,
  parent: Manifest | null,
  more: object = {},
): Promise<Manifest> {
  const { snapshots } = await place(source.url);
  const plan = {
    id,
    scope: whole,
    parent: parent && {
      id: parent.id,
      sha256: await sha256Hex(JSON.stringify(parent)),
      feed: parent.watermark?.feed ?? "",
      seq: parent.watermark?.seq ?? 0,
    },
    written_by,
    chunksPerStep: 1,
    changesPerPage: 40,
    ...more,
  };
  const ports = { steps: new KeptSteps(), snapshots, store, keys: null, now: Date.now, report };
  return exportDatabase(ports, plan);
}

async function restore(
  store: MemoryStore,
  tip: Manifest,
  more: Partial<RestorePlan> = {},
  faults = new Faults(),
) {
  const { database } = await place(target.url, faults);
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
  return restoreBackup(
    { steps: new KeptSteps(), store, keys: null, database, now: Date.now, report },
    plan,
  );
}

describe("a backup of a database at rest", () => {
  it(
    "comes back byte by byte: integers beyond 2^53, NULs, empty text",
    { timeout: 60_000 },
    async () => {
      await wipe(source.url);
      await wipe(target.url);
      await fill(source.url, 0, 300);
      const database = openDatabase({ url: source.url, authToken: null, timeoutMs: () => 20_000 });
      await database.write([
        {
          sql: "UPDATE episodes SET started_at = 9223372036854775807, version = -9223372036854775808 WHERE rowid = 3",
          args: [],
        },
      ]);
      const store = new MemoryStore();
      const full = await take(store, "full", null);
      await restore(store, full);
      const content = await contentOf(source.url);
      expect(content["patterns"]).toHaveLength(300);
      expect(await contentOf(target.url)).toEqual(content);
    },
  );

  /** Of each table what changes, without how many rows it has. */
  const countsOf = ({ tables }: Awaited<ReturnType<typeof restore>>) =>
    Object.fromEntries(
      Object.entries(tables).map(([name, { missing, changed, surplus }]) => [
        name,
        { missing, changed, surplus },
      ]),
    );

  it(
    "replaces a living database: what is not in it goes, what differs is as it was",
    { timeout: 60_000 },
    async () => {
      const store = new MemoryStore();
      const full = await take(store, "full", null);
      const before = await contentOf(source.url);
      await fill(target.url, 280, 400);
      const database = openDatabase({ url: target.url, authToken: null, timeoutMs: () => 20_000 });
      await database.write([{ sql: "UPDATE steps SET body = 'damaged'", args: [] }]);
      const dry = await restore(store, full, { run: "dry", dry_run: true, deleted: "bring_back" });
      expect(dry.tables["steps"]).toMatchObject({
        missing: 0,
        changed: before["steps"]?.length,
        surplus: 100,
      });
      const { api_keys: known } = before;
      const done = await restore(store, full, { run: "r2", deleted: "bring_back" });
      expect(countsOf(done)).toEqual(countsOf(dry));
      const again = await restore(store, full, { run: "r3", deleted: "bring_back" });
      const { steps, ...others } = countsOf(again);
      expect(steps).toEqual({ missing: 0, changed: 0, surplus: 0 });
      expect(others).toMatchObject({ episodes: steps, relationships: steps });
      const after = await contentOf(target.url);
      // Keys are never taken back by a restore.
      expect(after["api_keys"]?.length).toBeGreaterThan(known?.length ?? 0);
      expect({ ...after, api_keys: known }).toEqual(before);
    },
  );
});

describe("patterns of a backup", () => {
  it(
    "come back but those that name an episode which was deleted since",
    { timeout: 60_000 },
    async () => {
      await wipe(source.url);
      await wipe(target.url);
      const bodies = {
        alive: { episodes: [{ id: "one" }] },
        dead: { episodes: [{ id: "one" }, { id: "gone" }] },
        elsewhere: { episodes: [{ id: "of another namespace" }] },
        odd: { episodes: ["gone", { id: { id: 7 } }, null] },
        none: [],
      };
      const rows = Object.entries(bodies).map(([id, body]) => {
        const [, , ...columns] = rowOf("patterns", 1, JSON.stringify(body));
        return ["b", id, ...columns];
      });
      const unreadable = ["b", "unreadable", ...rowOf("patterns", 1, "{").slice(2)];
      const database = openDatabase({ url: source.url, authToken: null, timeoutMs: () => 20_000 });
      await database.write([upsert("patterns", [...rows, unreadable])]);
      const store = new MemoryStore();
      const full = await take(store, "patterns", null);

      const there = openDatabase({ url: target.url, authToken: null, timeoutMs: () => 20_000 });
      const tombstones = [
        ["b", "gone", 1_700_000_000_001],
        ["a", "of another namespace", 1_700_000_000_001],
      ];
      await there.write([upsert("tombstones", tombstones)]);
      await restore(store, full, { run: "patterns", mode: "merge" });
      const restored = await there.all<{ id: string }>("SELECT id FROM patterns ORDER BY id");
      expect(restored.map(({ id }) => id)).toEqual([
        "alive",
        "elsewhere",
        "none",
        "odd",
        "unreadable",
      ]);
    },
  );
});

describe("a backup of an earlier release, with tables that are no more", () => {
  /** As it was taken, and with a row of each table that is no more. */
  async function takenEarlier(id: string, parent: Manifest | null): Promise<[Forger, Manifest]> {
    const store = new MemoryStore();
    await take(store, id, parent);
    const forger = new Forger(store);
    const manifest = forger.manifest(id, "full");
    const retired = Object.entries(RETIRED_TABLES).map(([name, { columns, key }]) => {
      const values = columns.map((column, i) => (column === "namespace" ? "a" : `${name} ${i}`));
      const row = JSON.stringify(values);
      const last = JSON.stringify(values.slice(0, key));
      const chunk = forger.chunk({ id, kind: "full" }, [row], { table: name, layer: 0, last });
      return { name, described: { columns, key, rows: 1 }, chunk };
    });
    forger.write({
      ...manifest,
      tables: {
        ...manifest.tables,
        ...Object.fromEntries(retired.map(({ name, described }) => [name, described])),
      },
      chunks: [...manifest.chunks, ...retired.map(({ chunk }) => chunk)],
    });
    return [forger, forger.manifest(id, "full")];
  }

  it("is verified with them, and restored without them", { timeout: 60_000 }, async () => {
    await wipe(source.url);
    await wipe(target.url);
    await fill(source.url, 0, 30);
    const content = await contentOf(source.url);
    const [{ store }, manifest] = await takenEarlier("early", null);
    const verdict = await verifyBackup(
      { steps: new KeptSteps(), store, keys: null, report },
      { id: "early", kind: "full" },
    );
    const rows = Object.values(content).flat().length + Object.keys(RETIRED_TABLES).length;
    expect([verdict.ok, verdict.rows]).toEqual([true, rows]);

    for (const mode of ["merge", "replace"] as const) {
      await wipe(target.url);
      const result = await restore(store, manifest, { mode, run: `early ${mode}` });
      expect(Object.keys(result.tables)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(recalls|digests|domains|search_docs)$/)]),
      );
      expect(await contentOf(target.url)).toEqual(content);
      const database = openDatabase({ url: target.url, authToken: null, timeoutMs: () => 20_000 });
      for (const name of Object.keys(RETIRED_TABLES))
        expect(await database.all(`SELECT * FROM ${name}`)).toEqual([]);
    }
  });

  it(
    "is refused when it names a column that such a table never had",
    { timeout: 60_000 },
    async () => {
      const [forger, manifest] = await takenEarlier("odd", null);
      const digests = {
        columns: ["namespace", "episode_id", "x); DROP TABLE steps; --"],
        key: 2,
        rows: 1,
      };
      forger.write({ ...manifest, tables: { ...manifest.tables, digests } });
      await expect(
        restore(forger.store, forger.manifest("odd", "full"), { run: "odd" }),
      ).rejects.toThrow("holds digests.x); DROP TABLE steps; --, which this version does not know");
    },
  );
});

/** Changes at random; what the database held at each number of the feed is kept beside it. */
class Writer {
  readonly states = new Map<number, Record<string, string[]>>();
  readonly #database = openDatabase({ url: source.url, authToken: null, timeoutMs: () => 20_000 });
  #n = 0;

  async change(): Promise<void> {
    const n = this.#n++;
    const name = NAMES[n % NAMES.length] ?? "episodes";
    const some = Array.from({ length: 4 }, (_, i) => (n * 7 + i * 13) % 120);
    const rows = some.map((k) => rowOf(name, k, `${TEXTS[n % TEXTS.length]}${n}`));
    const keys = rows.map((row) => row.slice(0, TABLES[name].key));
    await this.#database.write(n % 3 === 0 ? [remove(name, keys)] : written(name, rows));
    const [row] = await this.#database.all<{ seq: number }>(
      "SELECT seq FROM sqlite_sequence WHERE name = '_changes'",
    );
    this.states.set(row?.seq ?? 0, await contentOf(source.url));
  }
}

describe.each([
  ["streamed", false],
  ["in pages, from a server without a cursor", true],
])("backups taken while the database is written to, %s", (_name, paged) => {
  it("are exactly the state at their watermarks", { timeout: 120_000 }, async () => {
    await wipe(source.url);
    await fill(source.url, 0, 120);
    const writer = new Writer();
    await writer.change();
    const store = new MemoryStore();
    // A write between any two steps.
    const steps = new (class extends KeptSteps {
      override async run<T>(name: string, work: () => Promise<T>): Promise<T> {
        const value = await super.run(name, work);
        if (name !== "close" && name !== "manifest") await writer.change();
        return value;
      }
    })();
    const { snapshots } = await place(source.url, new Faults(), paged);
    const ports = { steps, snapshots, store, keys: null, now: Date.now, report };
    const chain: Manifest[] = [];
    for (const id of ["full", "inc1", "inc2", "inc3"]) {
      const parent = chain.at(-1);
      const plan = {
        id,
        scope: whole,
        parent: parent
          ? {
              id: parent.id,
              sha256: await sha256Hex(JSON.stringify(parent)),
              feed: parent.watermark?.feed ?? "",
              seq: parent.watermark?.seq ?? 0,
            }
          : null,
        written_by,
        chunksPerStep: 1,
        changesPerPage: 25,
      };
      steps.kept.clear();
      chain.push(await exportDatabase(ports, plan));
      for (let i = 0; i < 10; i++) await writer.change();
    }
    for (const tip of chain) {
      await wipe(target.url);
      await restore(store, tip, { run: tip.id });
      const expected = writer.states.get(tip.watermark?.seq ?? -1);
      expect(expected).toBeDefined();
      expect(await contentOf(target.url)).toEqual(expected);
    }
    // From the newest back to the oldest, over what is there.
    const [full] = chain;
    if (!full) throw new Error("no backup");
    await restore(store, full, { run: "back", deleted: "bring_back" });
    const expected = writer.states.get(full.watermark?.seq ?? -1);
    const { api_keys: _keys, ...others } = await contentOf(target.url);
    const { api_keys: _known, ...wanted } = expected ?? {};
    expect(others).toEqual(wanted);
  });
});

describe("a crash at every step", () => {
  it(
    "of the export leaves no backup, and begun again it ends right",
    { timeout: 300_000 },
    async () => {
      await wipe(source.url);
      await fill(source.url, 0, 40);
      const expected = await contentOf(source.url);
      const probe = new Faults();
      const run = async (
        faults: Faults,
        store: MemoryStore,
        steps: KeptSteps,
      ): Promise<Manifest> => {
        const { snapshots } = await place(source.url, faults);
        const guarded = store;
        const plan = { id: "full", scope: whole, parent: null, written_by, chunksPerStep: 1 };
        return exportDatabase(
          { steps, snapshots, store: guarded, keys: null, now: Date.now, report },
          plan,
        );
      };
      await run(probe, new MemoryStore(probe), new KeptSteps());
      expect(probe.count).toBeGreaterThan(60);
      for (let at = 0; at < probe.count; at++) {
        const faults = new Faults();
        faults.at = at;
        const store = new MemoryStore(faults);
        const steps = new KeptSteps();
        await expect(run(faults, store, steps)).rejects.toThrow(Crash);
        const manifest = await run(faults, store, steps);
        const verdict = await verifyBackup(
          { steps: new KeptSteps(), store, keys: null, report },
          { id: "full", kind: "full" },
        );
        expect([verdict.ok, verdict.rows]).toEqual([true, Object.values(expected).flat().length]);
        if (at % 40 === 0) {
          await wipe(target.url);
          await restore(store, manifest, { run: `x${at}` });
          expect(await contentOf(target.url)).toEqual(expected);
        }
      }
    },
  );

  it("of the restore is gone on with, and ends right", { timeout: 300_000 }, async () => {
    await wipe(source.url);
    await fill(source.url, 0, 60);
    const store = new MemoryStore();
    const full = await take(store, "full", null);
    await fill(source.url, 40, 80);
    const tip = await take(store, "inc", full);
    const expected = await contentOf(source.url);
    const { database: calm } = await place(target.url);
    const begin = async (run: string, faults: Faults): Promise<() => Promise<unknown>> => {
      await wipe(target.url);
      await fill(target.url, 70, 90);
      await wipeKeys(target.url);
      const { database: faulty } = await place(target.url, faults);
      // A crash at a read leaves what the write before it left, and is tried there.
      const database: Place["database"] = {
        all: (sql, ...args) => calm.all(sql, ...args),
        write: (statements) => faulty.write(statements),
      };
      const steps = new KeptSteps();
      const plan: RestorePlan = {
        run,
        backup: { id: tip.id, kind: tip.kind },
        mode: "replace",
        scope: { namespace: null, episode: null },
        deleted: "bring_back",
        dry_run: false,
        writers: [],
        api_keys: true,
      };
      return () =>
        restoreBackup({ steps, store, keys: null, database, now: Date.now, report }, plan);
    };
    const probe = new Faults();
    await (
      await begin("probe", probe)
    )();
    expect(probe.count).toBeGreaterThan(50);
    for (let at = 0; at < probe.count; at += 1) {
      const faults = new Faults();
      faults.at = at;
      const again = await begin(`c${at}`, faults);
      await expect(again()).rejects.toThrow(Crash);
      await again();
      expect(await contentOf(target.url)).toEqual(expected);
    }
  });
});

async function wipeKeys(url: string): Promise<void> {
  const database = openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });
  await database.write([{ sql: "DELETE FROM api_keys", args: [] }]);
}

describe("any damage", () => {
  it("is found and named: 500 random ones, and each kind", { timeout: 300_000 }, async () => {
    await wipe(source.url);
    await fill(source.url, 0, 100);
    const store = new MemoryStore();
    const full = await take(store, "full", null);
    await fill(source.url, 50, 150);
    const tip = await take(store, "inc", full);
    const check = async () =>
      verifyBackup(
        { steps: new KeptSteps(), store, keys: null, report },
        { id: tip.id, kind: tip.kind },
      );
    expect((await check()).ok).toBe(true);
    const keys = [...store.objects.keys()].sort();
    const damage = fc.record({
      key: fc.constantFrom(...keys),
      other: fc.constantFrom(...keys),
      kind: fc.constantFrom("bit", "cut", "missing", "swapped", "longer"),
      place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    const tried = { bit: 0, cut: 0, missing: 0, swapped: 0, longer: 0 };
    for (const { key, other, kind, place: where, bit } of fc.sample(damage, {
      numRuns: 500,
      seed: 4,
    })) {
      const [good, second] = [store.objects.get(key), store.objects.get(other)];
      if (!good || !second) throw new Error("no object");
      if (kind === "swapped" && key === other) continue;
      tried[kind] += 1;
      const bad = new Uint8Array(good);
      const at = Math.floor(where * good.length);
      if (kind === "bit") bad[at] = (bad[at] ?? 0) ^ (1 << bit);
      if (kind === "missing") store.objects.delete(key);
      else if (kind === "swapped") {
        store.objects.set(key, second);
        store.objects.set(other, good);
      } else
        store.objects.set(
          key,
          kind === "cut" ? good.slice(0, at) : kind === "longer" ? Uint8Array.of(...good, 0) : bad,
        );
      const verdict = await check();
      expect([kind, key, verdict.ok]).toEqual([kind, key, false]);
      const named = verdict.faults.map((fault) => fault.object);
      expect(
        named.some(
          (object) => object.endsWith(key) || (kind === "swapped" && object.endsWith(other)),
        ),
      ).toBe(true);
      store.objects.set(key, good);
      store.objects.set(other, second);
    }
    expect(Object.values(tried).every((n) => n > 50)).toBe(true);
    expect((await check()).ok).toBe(true);
  });
});
