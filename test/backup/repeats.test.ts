import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  exportDatabase,
  restoreBackup,
  verifyBackup,
  type Manifest,
  type RestorePlan,
  type Steps,
} from "../../src/backup/index.ts";
import {
  fill,
  open,
  parentOf,
  PLANNED,
  report,
  TwoDatabases,
  wipe,
} from "../support/backups/databases.ts";
import { contentOf, MemoryStore, place } from "../support/backups/ports.ts";

let two: TwoDatabases;
beforeAll(async () => {
  two = await TwoDatabases.start();
}, 60_000);
afterAll(() => two.remove());

/** Each piece of work is done twice, and what the first try answered is lost. */
abstract class Repeated implements Steps {
  /** Of pieces. */
  count = 0;

  async run<T>(_name: string, work: () => Promise<T>): Promise<T> {
    this.count += 1;
    // A result crosses to the platform and back as JSON.
    return JSON.parse(JSON.stringify(await this.repeat(work))) as T;
  }

  protected abstract repeat<T>(work: () => Promise<T>): Promise<T>;
}

class OneAfterTheOther extends Repeated {
  protected async repeat<T>(work: () => Promise<T>): Promise<T> {
    await work();
    return work();
  }
}

class SideBySide extends Repeated {
  protected async repeat<T>(work: () => Promise<T>): Promise<T> {
    const lost = work();
    const [, kept] = await Promise.all([lost, work()]);
    return kept;
  }
}

describe.each([
  ["after it was done", OneAfterTheOther],
  ["while its first try still runs", SideBySide],
])("each step that the platform repeats %s", (_, Kind) => {
  it("makes a chain of backups that is right", { timeout: 120_000 }, async () => {
    await wipe(two.source.url);
    const store = new MemoryStore();
    const take = async (id: string, parent: Manifest | null): Promise<Manifest> => {
      const { snapshots } = await place(two.source.url);
      const steps = new Kind();
      const more = { parent: await parentOf(parent), chunksPerStep: 1, changesPerPage: 40 };
      const manifest = await exportDatabase(
        { steps, snapshots, store, keys: null, now: Date.now, report },
        { id, ...PLANNED, ...more },
      );
      expect(steps.count).toBeGreaterThan(5);
      return manifest;
    };
    await fill(two.source.url, 0, 60);
    const full = await take("full", null);
    await fill(two.source.url, 40, 80);
    const tip = await take("inc", full);

    const steps = new Kind();
    const verdict = await verifyBackup({ steps, store, keys: null, report }, tip);
    expect(verdict).toMatchObject({ ok: true, faults: [] });
    await wipe(two.target.url);
    await two.restore(store, tip);
    expect(await contentOf(two.target.url)).toEqual(await contentOf(two.source.url));
  });

  it("restores what was backed up, once", { timeout: 120_000 }, async () => {
    await wipe(two.source.url);
    await wipe(two.target.url);
    await fill(two.source.url, 0, 60);
    const store = new MemoryStore();
    const full = await two.take(store, "full", null);
    await fill(two.source.url, 40, 80);
    const tip = await two.take(store, "inc", full);
    await fill(two.target.url, 70, 90);
    // Keys that were made after a backup stay.
    await open(two.target.url).write([{ sql: "DELETE FROM api_keys", args: [] }]);
    const { database } = await place(two.target.url);
    const plan: RestorePlan = {
      run: "repeated",
      backup: { id: tip.id, kind: tip.kind },
      mode: "replace",
      scope: { namespace: null, episode: null },
      deleted: "bring_back",
      dry_run: false,
      writers: [],
      api_keys: true,
    };
    const steps = new Kind();
    await restoreBackup({ steps, store, keys: null, database, now: Date.now, report }, plan);
    expect(steps.count).toBeGreaterThan(5);
    expect(await contentOf(two.target.url)).toEqual(await contentOf(two.source.url));
  });
});
