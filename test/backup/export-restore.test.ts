import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportDatabase, type Manifest } from "../../src/backup/index.ts";
import { remove, TABLES } from "../../src/storage/index.ts";
import {
  fill,
  NAMES,
  open,
  parentOf,
  PLANNED,
  report,
  rowOf,
  TEXTS,
  TwoDatabases,
  wipe,
  written,
} from "../support/backups/databases.ts";
import { contentOf, Faults, KeptSteps, MemoryStore, place } from "../support/backups/ports.ts";

let two: TwoDatabases;
beforeAll(async () => {
  two = await TwoDatabases.start();
}, 60_000);
afterAll(() => two.remove());

describe("a backup of a database at rest", () => {
  it(
    "comes back byte by byte: integers beyond 2^53, NULs, empty text",
    { timeout: 60_000 },
    async () => {
      await wipe(two.source.url);
      await wipe(two.target.url);
      await fill(two.source.url, 0, 300);
      const database = open(two.source.url);
      await database.write([
        {
          sql: "UPDATE episodes SET started_at = 9223372036854775807, version = -9223372036854775808 WHERE rowid = 3",
          args: [],
        },
      ]);
      const store = new MemoryStore();
      const full = await two.take(store, "full", null);
      await two.restore(store, full);
      const content = await contentOf(two.source.url);
      expect(content["patterns"]).toHaveLength(300);
      expect(await contentOf(two.target.url)).toEqual(content);
    },
  );

  /** Of each table what changes, without how many rows it has. */
  const countsOf = ({ tables }: Awaited<ReturnType<typeof two.restore>>) =>
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
      const full = await two.take(store, "full", null);
      const before = await contentOf(two.source.url);
      await fill(two.target.url, 280, 400);
      const database = open(two.target.url);
      await database.write([{ sql: "UPDATE steps SET body = 'damaged'", args: [] }]);
      const dry = await two.restore(store, full, {
        run: "dry",
        dry_run: true,
        deleted: "bring_back",
      });
      expect(dry.tables["steps"]).toMatchObject({
        missing: 0,
        changed: before["steps"]?.length,
        surplus: 100,
      });
      const { api_keys: known } = before;
      const done = await two.restore(store, full, { run: "r2", deleted: "bring_back" });
      expect(countsOf(done)).toEqual(countsOf(dry));
      const again = await two.restore(store, full, { run: "r3", deleted: "bring_back" });
      const { steps, ...others } = countsOf(again);
      expect(steps).toEqual({ missing: 0, changed: 0, surplus: 0 });
      expect(others).toMatchObject({ episodes: steps, relationships: steps });
      const after = await contentOf(two.target.url);
      // Keys are never taken back by a restore.
      expect(after["api_keys"]?.length).toBeGreaterThan(known?.length ?? 0);
      expect({ ...after, api_keys: known }).toEqual(before);
    },
  );
});

/** Changes at random; what the database held at each number of the feed is kept beside it. */
class Writer {
  readonly states = new Map<number, Record<string, string[]>>();
  readonly #database = open(two.source.url);
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
    this.states.set(row?.seq ?? 0, await contentOf(two.source.url));
  }
}

describe.each([
  ["streamed", false],
  ["in pages, from a server without a cursor", true],
])("backups taken while the database is written to, %s", (_name, paged) => {
  it("are exactly the state at their watermarks", { timeout: 120_000 }, async () => {
    await wipe(two.source.url);
    await fill(two.source.url, 0, 120);
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
    const { snapshots } = await place(two.source.url, new Faults(), paged);
    const ports = { steps, snapshots, store, keys: null, now: Date.now, report };
    const chain: Manifest[] = [];
    for (const id of ["full", "inc1", "inc2", "inc3"]) {
      const parent = chain.at(-1) ?? null;
      const plan = {
        id,
        ...PLANNED,
        parent: await parentOf(parent),
        chunksPerStep: 1,
        changesPerPage: 25,
      };
      steps.kept.clear();
      chain.push(await exportDatabase(ports, plan));
      for (let i = 0; i < 10; i++) await writer.change();
    }
    for (const tip of chain) {
      await wipe(two.target.url);
      await two.restore(store, tip, { run: tip.id });
      const expected = writer.states.get(tip.watermark?.seq ?? -1);
      expect(expected).toBeDefined();
      expect(await contentOf(two.target.url)).toEqual(expected);
    }
    // From the newest back to the oldest, over what is there.
    const [full] = chain;
    if (!full) throw new Error("no backup");
    await two.restore(store, full, { run: "back", deleted: "bring_back" });
    const expected = writer.states.get(full.watermark?.seq ?? -1);
    const { api_keys: _keys, ...others } = await contentOf(two.target.url);
    const { api_keys: _known, ...wanted } = expected ?? {};
    expect(others).toEqual(wanted);
  });
});
