import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyBackup, type Manifest } from "../../src/backup/index.ts";
import { RETIRED_TABLES, upsert } from "../../src/storage/index.ts";
import { fill, open, report, rowOf, TwoDatabases, wipe } from "../support/backups/databases.ts";
import { contentOf, KeptSteps, MemoryStore } from "../support/backups/ports.ts";
import { Forger } from "../support/forgeries/forger.ts";

let two: TwoDatabases;
beforeAll(async () => {
  two = await TwoDatabases.start();
}, 60_000);
afterAll(() => two.remove());

describe("patterns of a backup", () => {
  it(
    "come back but those that name an episode which was deleted since",
    { timeout: 60_000 },
    async () => {
      await wipe(two.source.url);
      await wipe(two.target.url);
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
      const database = open(two.source.url);
      await database.write([upsert("patterns", [...rows, unreadable])]);
      const store = new MemoryStore();
      const full = await two.take(store, "patterns", null);

      const there = open(two.target.url);
      const tombstones = [
        ["b", "gone", 1_700_000_000_001],
        ["a", "of another namespace", 1_700_000_000_001],
      ];
      await there.write([upsert("tombstones", tombstones)]);
      await two.restore(store, full, { run: "patterns", mode: "merge" });
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
    await two.take(store, id, parent);
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
    await wipe(two.source.url);
    await wipe(two.target.url);
    await fill(two.source.url, 0, 30);
    const content = await contentOf(two.source.url);
    const [{ store }, manifest] = await takenEarlier("early", null);
    const verdict = await verifyBackup(
      { steps: new KeptSteps(), store, keys: null, report },
      { id: "early", kind: "full" },
    );
    const rows = Object.values(content).flat().length + Object.keys(RETIRED_TABLES).length;
    expect([verdict.ok, verdict.rows]).toEqual([true, rows]);

    for (const mode of ["merge", "replace"] as const) {
      await wipe(two.target.url);
      const result = await two.restore(store, manifest, { mode, run: `early ${mode}` });
      expect(Object.keys(result.tables)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(recalls|digests|domains|search_docs)$/)]),
      );
      expect(await contentOf(two.target.url)).toEqual(content);
      const database = open(two.target.url);
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
        two.restore(forger.store, forger.manifest("odd", "full"), { run: "odd" }),
      ).rejects.toThrow("holds digests.x); DROP TABLE steps; --, which this version does not know");
    },
  );
});
