import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  exportDatabase,
  restoreBackup,
  verifyBackup,
  type Manifest,
  type RestorePlan,
} from "../../src/backup/index.ts";
import { fill, open, PLANNED, report, TwoDatabases, wipe } from "../support/backups/databases.ts";
import {
  contentOf,
  Crash,
  Faults,
  KeptSteps,
  MemoryStore,
  place,
  type Place,
} from "../support/backups/ports.ts";

let two: TwoDatabases;
beforeAll(async () => {
  two = await TwoDatabases.start();
}, 60_000);
afterAll(() => two.remove());

describe("a crash at every step", () => {
  it(
    "of the export leaves no backup, and begun again it ends right",
    { timeout: 300_000 },
    async () => {
      await wipe(two.source.url);
      await fill(two.source.url, 0, 40);
      const expected = await contentOf(two.source.url);
      const probe = new Faults();
      const run = async (
        faults: Faults,
        store: MemoryStore,
        steps: KeptSteps,
      ): Promise<Manifest> => {
        const { snapshots } = await place(two.source.url, faults);
        const plan = { id: "full", ...PLANNED, parent: null, chunksPerStep: 1 };
        return exportDatabase({ steps, snapshots, store, keys: null, now: Date.now, report }, plan);
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
          await wipe(two.target.url);
          await two.restore(store, manifest, { run: `x${at}` });
          expect(await contentOf(two.target.url)).toEqual(expected);
        }
      }
    },
  );

  it("of the restore is gone on with, and ends right", { timeout: 300_000 }, async () => {
    await wipe(two.source.url);
    await fill(two.source.url, 0, 60);
    const store = new MemoryStore();
    const full = await two.take(store, "full", null);
    await fill(two.source.url, 40, 80);
    const tip = await two.take(store, "inc", full);
    const expected = await contentOf(two.source.url);
    const { database: calm } = await place(two.target.url);
    const begin = async (run: string, faults: Faults): Promise<() => Promise<unknown>> => {
      await wipe(two.target.url);
      await fill(two.target.url, 70, 90);
      await wipeKeys(two.target.url);
      const { database: faulty } = await place(two.target.url, faults);
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
      expect(await contentOf(two.target.url)).toEqual(expected);
    }
  });
});

async function wipeKeys(url: string): Promise<void> {
  const database = open(url);
  await database.write([{ sql: "DELETE FROM api_keys", args: [] }]);
}
