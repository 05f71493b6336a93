import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  BackupFault,
  chooseParent,
  exportDatabase,
  newestForDrill,
  putVerdict,
  sweep,
  takeSnapshot,
  verifyBackup,
  type BackupKeys,
  type Manifest,
} from "../../src/backup/index.ts";
import { sha256Hex } from "../../src/util/hashing/hash.ts";
import { manifestKey } from "../../src/backup/format/manifest.ts";
import { getVerdict, verdictKey } from "../../src/backup/store/verdicts.ts";
import { openDatabase, upsert } from "../../src/storage/index.ts";
import { restore } from "../../src/workflows/restore/restore.ts";
import { verify } from "../../src/workflows/backup.ts";
import type { JobContext } from "../../src/workflows/job-context.ts";
import {
  backupKeys,
  contentOf,
  KeptSteps,
  MemoryStore,
  place,
  type Place,
} from "../support/backups/ports.ts";
import { bytesOf, Forger, sumOf, writeLegacy } from "../support/forgeries/forger.ts";
import { ACCEPTED } from "../support/forgeries/accepted.ts";
import { WITHOUT_KEY } from "../support/forgeries/without-key.ts";
import {
  BEFORE_KEY,
  FOREIGN,
  FULL,
  LEGACY,
  LEGACY_PLAIN,
  NAMES,
  ONE,
  SECOND,
  SNAPSHOT,
  TWO,
  report,
  rowOf,
  type Forgery,
  plant,
} from "../support/forgeries/forgery.ts";
import { WITH_KEY } from "../support/forgeries/with-key.ts";
import { Sqld } from "../support/processes/sqld.ts";

// The base classes of the platform, which the rooms' front door names; nothing here makes an object
// of them.
vi.mock("cloudflare:workers", () => ({ DurableObject: class {}, WorkflowEntrypoint: class {} }));

let source: Sqld;
let target: Sqld;
let keys: BackupKeys;
/** Written by the service with BACKUP_KEY, and without one. */
let authentic: MemoryStore;
let plain: MemoryStore;
let untouched: Record<string, string[]>;
let from: Place;
let to: Place;

async function fill(url: string, first: number, count: number): Promise<void> {
  const database = openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });
  const numbers = Array.from({ length: count }, (_, i) => first + i);
  await database.write(
    NAMES.map((name) =>
      upsert(
        name,
        numbers.map((n) => rowOf(name, n)),
      ),
    ),
  );
}

async function take(
  store: MemoryStore,
  own: BackupKeys | null,
  id: string,
  parent: Manifest | null = null,
): Promise<Manifest> {
  const link = parent && {
    id: parent.id,
    sha256: await sha256Hex(JSON.stringify(parent)),
    feed: parent.watermark?.feed ?? "",
    seq: parent.watermark?.seq ?? 0,
  };
  const plan = {
    id,
    scope: { namespace: null, since: null },
    parent: link,
    written_by: { name: "test", version: "0" },
    chunksPerStep: 1,
    changesPerPage: 20,
  };
  const ports = {
    steps: new KeptSteps(),
    snapshots: from.snapshots,
    store,
    keys: own,
    now: Date.now,
    report,
  };
  const manifest = await exportDatabase(ports, plan);
  await judge(store, own, manifest);
  return manifest;
}

async function judge(
  store: MemoryStore,
  own: BackupKeys | null,
  { id, kind }: Manifest,
): Promise<void> {
  const bucket = { store, keys: own };
  const verdict = await verifyBackup({ ...bucket, steps: new KeptSteps(), report }, { id, kind });
  expect(verdict.faults).toEqual([]);
  const manifest = new Forger(store).manifest(id, kind);
  await putVerdict(bucket, verdict, sumOf(JSON.stringify(manifest)), "2026-01-10T00:00:00.000Z");
}

/** A chain of three and a snapshot. */
async function world(own: BackupKeys | null): Promise<MemoryStore> {
  const store = new MemoryStore();
  const full = await take(store, own, FULL);
  await fill(source.url, 20, 15);
  const one = await take(store, own, ONE, full);
  await fill(source.url, 30, 15);
  await take(store, own, TWO, one);
  await take(store, own, SECOND);
  const rows = [
    { table: "episodes", state: "unsent" as const, key: null, row: rowOf("episodes", 90) },
    { table: "api_keys", state: "cached" as const, key: null, row: rowOf("api_keys", 91) },
    {
      table: "pending_tasks",
      state: "local" as const,
      key: null,
      row: { kind: "learn", namespace: "ns", id: "i", recall_id: null },
    },
  ];
  const page = async () => ({ rows, next: null });
  const ports = { steps: new KeptSteps(), store, keys: own, now: Date.now, page, report };
  const plan = {
    id: SNAPSHOT,
    instances: 2,
    schema_version: 3,
    written_by: { name: "test", version: "0" },
  };
  await judge(store, own, await takeSnapshot(ports, plan));
  return store;
}

beforeAll(async () => {
  [source, target] = [await Sqld.start(), await Sqld.start()];
  [from, to] = [await place(source.url), await place(target.url)];
  await fill(source.url, 0, 12);
  await fill(target.url, 50, 3);
  keys = await backupKeys(1);
  const other = await backupKeys(2);
  authentic = await world(keys);
  await take(authentic, other, FOREIGN);
  await writeLegacy(authentic, await take(authentic, null, LEGACY), keys);
  await writeLegacy(authentic, await take(authentic, null, LEGACY_PLAIN), null);
  await take(authentic, null, BEFORE_KEY);
  for (const id of [FOREIGN, LEGACY, LEGACY_PLAIN, BEFORE_KEY])
    authentic.objects.delete(verdictKey(id));
  plain = await world(null);
  untouched = await contentOf(target.url);
}, 60_000);
afterAll(async () => {
  await source.remove();
  await target.remove();
});

/**
 * A job's context whose Coordinator fails the test: a bad backup is refused before anybody is asked
 * for anything.
 */
function jobContextOf(store: MemoryStore, own: BackupKeys | null, ask = refuseToAsk): JobContext {
  const steps = new KeptSteps();
  const base = {
    job: "restore-test",
    steps,
    store,
    keys: own,
    now: Date.now,
    report,
    executed: () => 0,
  };
  const database = { ...to.database, version: async () => 3 };
  return { ...base, database, snapshots: to.snapshots, ask } as unknown as JobContext;
}
const refuseToAsk = async (name: string): Promise<never> => {
  throw new Error(`the Coordinator was asked for ${name}`);
};
/** One that has no instances, and lets a restore have the database. */
const obliging = async (name: string): Promise<unknown> => {
  if (name === "restore.hold") return [];
  if (name === "restore.release") return { replayed: 0, kept: 0 };
  if (name === "knowledge.forget") return null;
  if (name === "cluster.instance_count") return 0;
  throw new Error(`the Coordinator was asked for ${name}`);
};

/** Both jobs refuse, name the object and the fault, and the database is as it was. */
async function isRefused(
  from_: MemoryStore,
  own: BackupKeys | null,
  { forge, object, fault }: Forgery,
): Promise<void> {
  const forger = new Forger(from_);
  const { id, accept = false } = (await forge(forger)) ?? { id: TWO };
  const params = { backup: id, mode: "replace", accept_unauthenticated: accept };
  const jobs = [
    () => restore(jobContextOf(forger.store, own), params),
    () => restore(jobContextOf(forger.store, own), { ...params, dry_run: true }),
  ];
  // Only a restore can be told to accept one.
  if (!accept) jobs.push(() => verify(jobContextOf(forger.store, own), { backup: id }));
  for (const job of jobs) {
    const error = await job().then(
      (result) => new Error(`it was taken: ${JSON.stringify(result)}`),
      (thrown: unknown) => thrown as Error,
    );
    expect(error.message).toMatch(fault);
    expect(error).toBeInstanceOf(BackupFault);
    expect((error as BackupFault).object).toMatch(object);
  }
  expect(await contentOf(target.url)).toEqual(untouched);
  expect(
    await to.database.all("SELECT 1 AS n FROM _writers WHERE writer LIKE 'restore-%'"),
  ).toEqual([]);
}

describe("with BACKUP_KEY, refused by verify and by restore before anything is touched", () => {
  it.each(Object.entries(WITH_KEY))("%s", (_name, forgery) => isRefused(authentic, keys, forgery));
});

describe("without BACKUP_KEY, with every sum recomputed, refused all the same", () => {
  it.each(Object.entries(WITHOUT_KEY))("%s", (_name, forgery) => isRefused(plain, null, forgery));
});

describe("accept_unauthenticated does not accept", () => {
  it.each(Object.entries(ACCEPTED))("%s", (_name, forgery) => isRefused(authentic, keys, forgery));
});

describe("what may be accepted by name", () => {
  it.each([LEGACY, LEGACY_PLAIN, BEFORE_KEY])(
    "%s comes back with a warning, and none of its keys does",
    async (id) => {
      const params = { backup: id, dry_run: true, accept_unauthenticated: true };
      const dry = (await restore(jobContextOf(authentic, keys), params)) as {
        warnings: string[];
        tables: object;
      };
      expect(dry.warnings).toEqual([
        expect.stringContaining(`The backup ${id} was accepted unauthenticated`),
      ]);
      expect(Object.keys(dry.tables)).not.toContain("api_keys");
      await fillBack(async () => {
        const done = await restore(jobContextOf(authentic, keys, obliging as never), {
          ...params,
          dry_run: false,
        });
        expect(done).toMatchObject({ authentic: false, warnings: dry.warnings, mode: "merge" });
        const now = await contentOf(target.url);
        expect(now["episodes"]?.length).toBeGreaterThan(untouched["episodes"]?.length ?? 0);
        expect(now["api_keys"]).toEqual(untouched["api_keys"]);
      });
    },
  );

  it("is nothing that an authentic one needs: it comes back without a warning, and its keys do not either", async () => {
    await fillBack(async () => {
      const done = await restore(jobContextOf(authentic, keys, obliging as never), { backup: TWO });
      expect(done).toMatchObject({ authentic: true, keys: { in_backup: 37, named: [] } });
      expect(done).not.toHaveProperty("warnings");
      expect((await contentOf(target.url))["api_keys"]).toEqual(untouched["api_keys"]);
    });
  });
});

/** Lets a restore write to the database, and makes it as it was. */
async function fillBack(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    const clear = NAMES.filter((name) => name !== "api_keys").map((name) => ({
      sql: `DELETE FROM ${name}`,
      args: [],
    }));
    await to.database.write([...clear, { sql: "DELETE FROM _writers", args: [] }]);
    await fill(target.url, 50, 3);
    expect(await contentOf(target.url)).toEqual(untouched);
  }
}

describe("what is chosen where nobody names a backup", () => {
  const NEWER = "20990101T000000Z-00000001";

  /** The newest backup in the bucket, with a right sum and a verdict. */
  async function withPlanted(): Promise<Forger> {
    const forger = new Forger(authentic);
    forger.write({ ...plant(forger, "full"), id: NEWER, started_at: "2099-01-01T00:00:00.000Z" });
    const { sha256 } = forger.sealed(NEWER, "full");
    const text = JSON.stringify({ id: NEWER, at: "2099-01-01T00:00:00.000Z", ok: true, sha256 });
    forger.store.objects.set(verdictKey(NEWER), bytesOf(text));
    return forger;
  }

  it("is never a planted one, neither as a parent nor for a drill", async () => {
    const { store } = await withPlanted();
    expect((await chooseParent({ store, keys })).parent?.id).toBe(SECOND);
    expect((await newestForDrill({ store, keys }))?.ref.id).toBe(SECOND);
    // Without a key nobody can tell them apart.
    expect((await newestForDrill({ store, keys: null }))?.ref.id).toBe(NEWER);
  });

  it("is no unread one by a verdict that he planted, replayed or signed with another key", async () => {
    const forger = new Forger(authentic);
    const bucket = { store: forger.store, keys };
    const { sha256 } = forger.sealed(TWO, "full");
    const real = forger.store.objects.get(verdictKey(ONE));
    const verdict = { id: TWO, ok: true, chain: [], objects: 0, rows: 0, bytes: 0, faults: [] };
    const other = await backupKeys(2);
    const his = new MemoryStore();
    await putVerdict({ store: his, keys: other }, verdict, sha256, "2099-01-01T00:00:00.000Z");
    const tries: [string, Uint8Array<ArrayBuffer> | undefined][] = [
      ["none", undefined],
      ["planted", bytesOf(JSON.stringify({ ...verdict, at: "2099-01-01T00:00:00.000Z", sha256 }))],
      ["replayed from another backup", real],
      ["signed with another key", his.objects.get(verdictKey(TWO))],
      [
        "with a MAC of a manifest",
        bytesOf(
          `{"mac":"${forger.sealed(TWO, "full").mac}","verdict":{"id":"${TWO}","at":"x","ok":true,"sha256":"${sha256}"}}`,
        ),
      ],
      ["no JSON", bytesOf("{")],
    ];
    for (const id of [SECOND, TWO]) forger.store.objects.delete(verdictKey(id));
    for (const [name, bytes] of tries) {
      if (bytes) forger.store.objects.set(verdictKey(TWO), bytes);
      expect([name, await getVerdict(bucket, TWO, sha256)]).toEqual([name, null]);
      expect([name, (await chooseParent(bucket)).parent?.id]).toEqual([name, ONE]);
    }
    await putVerdict(bucket, verdict, sha256, "2026-01-01T00:00:00.000Z");
    expect((await chooseParent(bucket)).parent?.id).toBe(TWO);
  });

  it("is for a drill one of format 1 only while there is no authentic one, and one that is encrypted", async () => {
    const forger = new Forger(authentic);
    const bucket = { store: forger.store, keys };
    for (const id of [FULL, ONE, TWO, SECOND]) forger.store.objects.delete(manifestKey(id, "full"));
    expect((await newestForDrill(bucket))?.ref).toMatchObject({ id: LEGACY, accept: true });
    expect(await chooseParent(bucket)).toMatchObject({ parent: null });
  });

  it("deletes no good backup, however many he plants, and no old one while nothing is authentic", async () => {
    const rules = { daily_days: 1, weekly_weeks: 5, monthly_months: 12 };
    const forger = await withPlanted();
    for (let n = 0; n < 30; n++) {
      const day = String(1 + (n % 28)).padStart(2, "0");
      const id = `202601${day}T0${n % 10}5959Z-0000${String(n).padStart(4, "0")}`;
      forger.write({ ...plant(forger, "full"), id, started_at: `2026-01-${day}T23:59:59.000Z` });
      const { sha256 } = forger.sealed(id, "full");
      forger.store.objects.set(
        verdictKey(id),
        bytesOf(JSON.stringify({ id, at: "x", ok: true, sha256 })),
      );
    }
    const good = new Forger(authentic);
    const now = Date.UTC(2026, 0, 20);
    const [clean, dirty] = [
      await sweep({ store: good.store, keys }, rules, now),
      await sweep({ store: forger.store, keys }, rules, now),
    ];
    const mine = [FULL, ONE, TWO, SECOND, SNAPSHOT, LEGACY, LEGACY_PLAIN, BEFORE_KEY, FOREIGN];
    const ours = (ids: readonly string[]): string[] => mine.filter((id) => ids.includes(id));
    expect([ours(dirty.kept), ours(dirty.deleted)]).toEqual([
      ours(clean.kept),
      ours(clean.deleted),
    ]);
    expect(ours(dirty.kept)).toEqual(expect.arrayContaining([SECOND, LEGACY]));
    expect(dirty.untrusted).toEqual(expect.arrayContaining([LEGACY, NEWER]));

    // Two years on what nobody vouches for goes by its own age; without an authentic chain nothing
    // of it does.
    const later = Date.UTC(2028, 0, 1);
    expect(
      (await sweep({ store: new Forger(authentic).store, keys }, rules, later)).untrusted,
    ).toEqual([]);
    const lost = new Forger(authentic);
    for (const id of [FULL, ONE, TWO, SECOND]) lost.store.objects.delete(manifestKey(id, "full"));
    expect((await sweep({ store: lost.store, keys }, rules, later)).untrusted).toContain(LEGACY);
  });
});
