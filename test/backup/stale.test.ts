import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BackupFault,
  chooseParent,
  exportDatabase,
  listBackups,
  putVerdict,
  sweep,
  verifyBackup,
  type Manifest,
  type ObjectStore,
} from "../../src/backup/index.ts";
import { sha256Hex } from "../../src/util/hashing/hash.ts";
import {
  fill,
  parentOf,
  PLANNED,
  report,
  TwoDatabases,
  wipe,
} from "../support/backups/databases.ts";
import { contentOf, KeptSteps, MemoryStore, place } from "../support/backups/ports.ts";

type Objects = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Remembers what it held after each change. */
class RecordedStore extends MemoryStore {
  readonly past: Objects[] = [new Map()];

  override async put(...args: Parameters<MemoryStore["put"]>): Promise<void> {
    await super.put(...args);
    this.past.push(new Map(this.objects));
  }

  override async create(...args: Parameters<MemoryStore["create"]>): Promise<boolean> {
    const isNew = await super.create(...args);
    this.past.push(new Map(this.objects));
    return isNew;
  }
}

/** Writes go where they belong; reads answer with what was there so many changes ago. */
function stale({ past }: RecordedStore, lag: number): { store: ObjectStore; now: RecordedStore } {
  const now = new RecordedStore();
  now.past.splice(0, 1, ...past);
  for (const [key, bytes] of past.at(-1) ?? []) now.objects.set(key, bytes);
  const then = (): MemoryStore => {
    const view = new MemoryStore();
    for (const [key, bytes] of now.past.at(-1 - lag) ?? []) view.objects.set(key, bytes);
    return view;
  };
  const store: ObjectStore = {
    get: (key, max) => then().get(key, max),
    list: (prefix) => then().list(prefix),
    put: (...args) => now.put(...args),
    create: (...args) => now.create(...args),
    remove: (keys) => now.remove(keys),
  };
  return { store, now };
}

let two: TwoDatabases;
let made: RecordedStore;
const chain: Manifest[] = [];
/** Rows in each backup's chain. */
const rowsOf = new Map<string, number>();

const verified = (store: ObjectStore, { id, kind }: Manifest) =>
  verifyBackup({ steps: new KeptSteps(), store, keys: null, report }, { id, kind });

/** Takes a backup and reads it back, as the job does. */
async function take(store: ObjectStore, id: string, parent: Manifest | null): Promise<Manifest> {
  const { snapshots } = await place(two.source.url);
  const manifest = await exportDatabase(
    { steps: new KeptSteps(), snapshots, store, keys: null, now: Date.now, report },
    {
      id,
      ...PLANNED,
      parent: await parentOf(parent),
      chunksPerStep: 1,
      changesPerPage: 40,
    },
  );
  const verdict = await verified(store, manifest);
  const sha256 = await sha256Hex(JSON.stringify(manifest));
  await putVerdict({ store, keys: null }, verdict, sha256, new Date().toISOString());
  return manifest;
}

beforeAll(async () => {
  two = await TwoDatabases.start();
  made = new RecordedStore();
  for (const [i, id] of ["b1", "b2", "b3"].entries()) {
    await fill(two.source.url, 25 * i, 25 * i + 40);
    const manifest = await take(made, id, chain.at(-1) ?? null);
    rowsOf.set(id, (await verified(made, manifest)).rows);
    chain.push(manifest);
  }
}, 120_000);
afterAll(() => two.remove());

/** Of what was written, in changes: from the last one to nothing at all. */
const lags = Array.from({ length: 200 }, (_, i) => i);

describe("an object store that answers with what is old", () => {
  it("makes no backup look whole that is not", { timeout: 120_000 }, async () => {
    let loud = 0;
    for (const lag of lags.filter((i) => i <= made.past.length)) {
      const { store } = stale(made, lag);
      for (const manifest of chain) {
        const verdict = await verified(store, manifest);
        if (verdict.ok) expect(verdict.rows).toBe(rowsOf.get(manifest.id));
        else loud += 1;
      }
    }
    expect(loud).toBeGreaterThan(10);
  });

  it("restores a backup, or fails before it touches anything", { timeout: 240_000 }, async () => {
    const tip = chain[2] as Manifest;
    const expected = await contentOf(two.source.url);
    const outcomes = new Set<string>();
    for (const lag of lags.filter((i) => i <= made.past.length && (i < 4 || i % 9 === 0))) {
      await wipe(two.target.url);
      await fill(two.target.url, 70, 75);
      const before = await contentOf(two.target.url);
      const { store } = stale(made, lag);
      const run = `stale-${lag}`;
      const failed = await two.restore(store, tip, { run, deleted: "bring_back" }).then(
        () => null,
        (error: unknown) => error,
      );
      if (failed !== null) expect(failed).toBeInstanceOf(BackupFault);
      outcomes.add(failed === null ? "restored" : "refused");
      expect(await contentOf(two.target.url)).toEqual(failed === null ? expected : before);
    }
    expect([...outcomes].sort()).toEqual(["refused", "restored"]);
  });

  it("continues a backup that is whole, or none", { timeout: 240_000 }, async () => {
    await fill(two.source.url, 80, 95);
    const expected = await contentOf(two.source.url);
    const chosen = new Set<string>();
    for (const lag of lags.filter((i) => i <= made.past.length && i % 5 === 0)) {
      const { store, now } = stale(made, lag);
      const { parent } = await chooseParent({ store, keys: null });
      chosen.add(parent?.id ?? "none");
      const { snapshots } = await place(two.source.url);
      const steps = new KeptSteps();
      // What is written is read again with the next step: it is not there yet, or it is.
      const work = exportDatabase(
        { steps, snapshots, store, keys: null, now: Date.now, report },
        { id: "b4", ...PLANNED, parent, chunksPerStep: 1, changesPerPage: 40 },
      );
      await work.catch((error: unknown) => expect(error).toBeInstanceOf(BackupFault));
      const { backups } = await listBackups({ store: now, keys: null }, ({ manifest }) => manifest);
      const tip = backups.find(({ id }) => id === "b4");
      if (!tip) continue;
      expect(await verified(now, tip)).toMatchObject({ ok: true });
      if (lag % 25 !== 0) continue;
      await wipe(two.target.url);
      await two.restore(now, tip, { run: `continued-${lag}`, deleted: "bring_back" });
      expect(await contentOf(two.target.url)).toEqual(expected);
    }
    expect([...chosen].sort()).toEqual(["b1", "b2", "b3", "none"]);
  });

  it("lets no part of a backup go that stays", { timeout: 120_000 }, async () => {
    const rules = { daily_days: 1, weekly_weeks: 1, monthly_months: 1 };
    const later = Date.now() + 400 * 86_400_000;
    for (const lag of lags.filter((i) => i <= made.past.length)) {
      const { store, now } = stale(made, lag);
      await sweep({ store, keys: null }, rules, later);
      const { backups } = await listBackups({ store: now, keys: null }, ({ manifest }) => manifest);
      expect(backups.length).toBeGreaterThan(0);
      for (const manifest of backups)
        expect(await verified(now, manifest)).toMatchObject({ ok: true });
    }
  });
});
