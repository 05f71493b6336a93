import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { listBackups, r2Store, createBackupKeys } from "../../src/backup/index.ts";
import type { JobView } from "../../src/contract/backups/answers.ts";
import { MS } from "../../src/contract/limits.ts";
import { parseEnv } from "../../src/env.ts";
import { migrated, openDatabase, upsert } from "../../src/storage/index.ts";
import type { BackedUp } from "../../src/workflows/backup.ts";
import { unmark } from "../support/backups/databases.ts";
import { Nights } from "../support/nights.ts";
import { Sqld } from "../support/processes/sqld.ts";
import { until } from "../support/processes/until.ts";

vi.mock("cloudflare:workers", async () => (await import("../support/coordinator.ts")).WORKERS);

const OLD = "ab".repeat(32);
const NEW = "cd".repeat(32);
/** What R2 answers about an object that may not be changed. */
const LOCKED = "put: The object is locked by a bucket lock. (10069)";

let database: Sqld;
let nights: Nights;

beforeAll(async () => {
  database = await Sqld.start();
}, 60_000);
afterAll(() => database.remove());
beforeEach(async () => {
  await unmark(database.url);
  await remember(`before ${expect.getState().currentTestName}`);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const vars = { BACKUP_KEY: OLD, R2_TIMEOUT_MS: "500" };
  nights = await Nights.open({ databaseUrl: database.url, vars });
});
afterEach(() => {
  expect(nights.coordinator.failures).toEqual([]);
  nights.close();
  vi.restoreAllMocks();
});

/** A row more in the database. */
async function remember(id: string): Promise<void> {
  const opened = openDatabase({ url: database.url, authToken: null, timeoutMs: () => 20_000 });
  const writable = migrated(opened, Date.now);
  await writable.write([upsert("tombstones", [["memory", id, Date.now()]])]);
}

/** What a night made of the database. */
async function tonight(): Promise<{ made: BackedUp | null; error: string | null; check: string }> {
  const { job, backup } = await nights.night();
  const { database: made } = job.result as { database: BackedUp | null };
  return { made, error: job.error, check: `${backup.status}: ${backup.message}` };
}
const objects = (): Map<string, Uint8Array> => nights.coordinator.bucket.objects;
const deploy = (BACKUP_KEY: string): void => nights.coordinator.deploy({ BACKUP_KEY });

/** Which backups the deployment can restore, as far as their keys go. */
async function readable(): Promise<string[]> {
  const keys = await createBackupKeys(parseEnv(nights.coordinator.env).backupKeys);
  const place = { store: r2Store(nights.coordinator.bucket.binding), keys };
  const { backups } = await listBackups(place, ({ manifest, trust }) =>
    trust.missing_key === null && manifest.kind !== "snapshot" ? manifest.id : null,
  );
  return backups.flatMap((id) => id ?? []);
}

describe("a night's backup of the database", () => {
  it("continues the night before, and nothing is reported", async () => {
    expect((await tonight()).made).toMatchObject({ kind: "full", broken: null });
    const second = await tonight();
    expect(second.made).toMatchObject({ kind: "incremental", note: null, broken: null });
    expect(second.check).toMatch(/^healthy: the last backup succeeded/);
  });

  it("is a full one of the new key after a rotation that keeps the old one for reading", async () => {
    const first = (await tonight()).made?.id ?? "";
    deploy(`${NEW}, ${OLD}`);
    const rotated = await tonight();
    expect(rotated.made).toMatchObject({ kind: "full", broken: null });
    expect(rotated.made?.note).toBe(
      `The chain of ${first} is of another key than BACKUP_KEY's newest. A full one was taken.`,
    );
    expect(rotated.check).toMatch(/^healthy/);
    expect(await readable()).toEqual([first, rotated.made?.id]);

    const next = await tonight();
    expect(next.made).toMatchObject({ kind: "incremental", note: null, broken: null });
    deploy(NEW);
    expect(await readable()).toEqual([rotated.made?.id, next.made?.id]);
    expect((await tonight()).made).toMatchObject({ kind: "incremental", broken: null });
  });

  it.each([
    ["was rotated without the old one", NEW],
    ["is gone", ""],
  ])("is a full one when the key %s, and says for a day what is lost", async (_, key) => {
    const first = (await tonight()).made?.id ?? "";
    deploy(key);
    const after = await tonight();
    expect(after.made?.kind).toBe("full");
    expect(after.made?.broken).toMatch(
      new RegExp(`^${first} is of the key [0-9a-f]{16}, which BACKUP_KEY has not$`),
    );
    expect(after.check).toMatch(/^degraded: .*failed: backup-verify: .* which BACKUP_KEY has not/);
    const next = await tonight();
    expect([next.made?.kind, next.made?.broken]).toEqual(["incremental", null]);
    expect(next.check).toMatch(/^healthy/);
  });

  it("is none while the key is malformed: nothing is written open, and readiness names it", async () => {
    await tonight();
    const before = [...objects().keys()];
    deploy("not a key");
    expect((await nights.backupCheck()).message).toContain("BACKUP_KEY must be 64 hex digits");
    const { job, backup } = await nights.night();
    expect([job.status, job.error]).toEqual([
      "failed",
      "BACKUP_KEY: its newest key is malformed: nothing is written with it",
    ]);
    expect(backup.status).toBe("degraded");
    expect(backup.message).toContain("BACKUP_KEY must be 64 hex digits");
    expect([...objects().keys()].filter((key) => !/^(health|incidents)/.test(key))).toEqual(
      before.filter((key) => !/^(health|incidents)/.test(key)),
    );
    deploy(OLD);
    expect((await tonight()).made).toMatchObject({ kind: "incremental", broken: null });
  });

  it("goes on with the key for writing while one for reading is malformed, which is named", async () => {
    await tonight();
    deploy(`${OLD} abc`);
    const { made, check } = await tonight();
    expect(made).toMatchObject({ kind: "incremental", broken: null });
    expect(check).toMatch(/^degraded: .*number 2 of 2 is not/);
  });

  it.each([
    ["manifest was deleted", /manifest\.json$/, "delete"],
    ["object was deleted", /\.aes$/, "delete"],
    ["object was damaged", /\.aes$/, "damage"],
  ] as const)("is a full one when the parent's %s, and says so for a day", async (_, key, how) => {
    const first = (await tonight()).made?.id ?? "";
    const victim = [...objects().keys()].find(
      (name) => name.startsWith(`exports/${first}/`) && key.test(name),
    );
    if (how === "delete") objects().delete(victim ?? "");
    else
      objects()
        .get(victim ?? "")
        ?.fill(0, 20, 40);
    const after = await tonight();
    expect(after.made?.kind).toBe("full");
    expect(after.made?.broken).toContain(
      victim?.endsWith("manifest.json") === true
        ? `${first} was read back at 2026-03-02T02:00:`
        : `The chain of ${first} cannot be restored: ${victim}`,
    );
    expect(after.check).toMatch(/^degraded: .*failed: backup-verify: /);
    const next = await tonight();
    expect([next.made?.kind, next.made?.broken]).toEqual(["incremental", null]);
  });

  it("is a full one when the beginning of a longer chain was deleted, and says so for a day", async () => {
    const first = (await tonight()).made?.id ?? "";
    const second = (await tonight()).made?.id ?? "";
    for (const name of objects().keys())
      if (name.startsWith(`exports/${first}/`)) objects().delete(name);
    const after = await tonight();
    expect(after.made?.kind).toBe("full");
    expect(after.made?.broken).toContain(`${second} cannot be restored: exports/${first}/`);
    expect(after.check).toMatch(/^degraded: .*failed: backup-verify/);
  });

  it("fails as such when the database is out of reach, with the snapshot that was taken", async () => {
    await tonight();
    await database.kill();
    const { job, backup } = await nights.night();
    await database.start();
    expect(job.status).toBe("failed");
    expect(job.error).toMatch(
      /^The snapshot \S+ was taken\. The database is out of reach: no incremental backup was made\.$/,
    );
    expect(job.result).toMatchObject({ kind: "snapshot", database: null });
    expect(backup.message).toMatch(/failed: backup-incremental: The database is out of reach/);
    expect(await failing()).toEqual(["backup-incremental"]);

    // The next health check finds that it takes writes again.
    const again = await triedAgain(job.id, () => nights.storageIs("healthy"));
    expect(again).toMatchObject({ status: "succeeded", result: { database: { broken: null } } });
    expect((await nights.backupCheck()).status).toBe("healthy");
    expect(await failing()).toEqual([]);
  });

  it("is not tried again while the database is away, however often its health is checked", async () => {
    await tonight();
    await database.kill();
    await nights.night();
    for (let check = 0; check < 3; check++) await nights.storageIs("degraded");
    await database.start();
    const jobs = await nights.coordinator.command("jobs.list", { limit: 10 });
    expect(jobs.filter(({ by }) => by.includes("again"))).toEqual([]);
  });

  it("that is a full one is made as well when the database is back", async () => {
    await database.kill();
    const { job } = await nights.night("0 3 * * SUN");
    await database.start();
    expect([job.kind, job.status]).toEqual(["backup", "failed"]);
    const again = await triedAgain(job.id, () => nights.storageIs("healthy"));
    expect(again).toMatchObject({ status: "succeeded", result: { kind: "full" } });
  });

  it("is made while the database refuses writes, and says what it could not tidy up", async () => {
    await tonight();
    await remember("one more");
    await database.configure({ block_writes: true, block_reason: "quota" });
    const { made, check } = await tonight();
    await database.configure({ block_writes: false, block_reason: null });
    expect(made).toMatchObject({ kind: "incremental", broken: null, pruned_changes: 0 });
    expect(made?.note).toMatch(/^The change feed was not pruned: /);
    expect(check).toMatch(/^healthy/);
    expect((await tonight()).made?.pruned_changes).toBeGreaterThan(0);
  });

  it("fails by name while R2 refuses what is written, and the next night's is made", async () => {
    await tonight();
    const { bucket } = nights.coordinator;
    bucket.onRequest = (request) => {
      if (/^put (exports|snapshots)/.test(request)) throw new Error(LOCKED);
    };
    const { job, backup } = await nights.night();
    expect([job.status, job.error]).toEqual(["failed", LOCKED]);
    expect(backup.message).toMatch(/failed: backup-snapshot: put: The object is locked/);
    expect(await failing()).toEqual(["backup-snapshot"]);
    bucket.onRequest = () => undefined;
    expect((await tonight()).check).toMatch(/^healthy/);
  });

  it.each(["errors", "stalls", "denies access"] as const)(
    "fails by name while R2 %s, and is made when it is back, that day",
    async (fault) => {
      await tonight();
      const { bucket } = nights.coordinator;
      if (fault !== "denies access") bucket.fault = fault;
      else
        bucket.onRequest = () => {
          throw new Error("Access Denied (10003)");
        };
      const { job, backup } = await nights.night();
      expect(job.status).toBe("failed");
      expect(job.error).toMatch(/R2/);
      expect(backup.status).toBe("degraded");
      expect(backup.message).toMatch(/failed: backup-snapshot: /);

      bucket.fault = "none";
      bucket.onRequest = () => undefined;
      nights.pass(MS.hour);
      await triedAgain(job.id, () => nights.coordinator.fireAlarm());
      expect((await nights.backupCheck()).status).toBe("healthy");
    },
  );
});

describe("a service whose backups are not made", () => {
  it("is healthy until the first time of the schedule has passed, and then is not", async () => {
    expect((await nights.backupCheck()).message).toMatch(/^no backup was made yet; the first one/);
    expect(await overdue()).toEqual([]);
    nights.pass(17 * MS.hour);
    const { status, message } = await nights.backupCheck();
    expect(status).toBe("degraded");
    expect(message).toMatch(/^no backup was made yet; backup-snapshot is overdue: it never succ/);
    expect(await overdue()).toContain("backup-incremental");
    // Whatever becomes of the object, it is waited for since its first start.
    nights.coordinator.evict();
    expect((await nights.backupCheck()).status).toBe("degraded");
  });

  it("says for each kind that it is overdue, however new another one is", async () => {
    await tonight();
    for (let night = 0; night < 8; night++) await nights.night();
    const { status, message } = await nights.backupCheck();
    expect([status, message]).toEqual(["degraded", expect.stringMatching(/^the last backup/)]);
    expect(message).toMatch(/backup-full is overdue: it last succeeded 8 days ago\. Run one now/);
    expect(message).not.toMatch(/backup-(snapshot|incremental) is overdue/);
    expect((await overdue()).filter((job) => job.startsWith("backup"))).toEqual(["backup-full"]);
  });

  it("finds after the loss of the Coordinator what R2 has", async () => {
    const { made } = await tonight();
    nights.coordinator.lose();
    expect((await nights.backupCheck()).message).toMatch(/^no backup was made yet/);
    await nights.cron("*/5 * * * *");
    const { status, message } = await nights.backupCheck();
    expect([status, message]).toEqual(["healthy", "the last backup succeeded 6 h ago"]);
    const found = await nights.series("memory_backup_last_success_timestamp_seconds");
    expect(new Set(found.map(([{ kind }]) => kind))).toEqual(new Set(["full", "snapshot"]));
    const { incidents } = await nights.coordinator.command("incidents.timeline", { since: 0 });
    expect(incidents.find(({ kind }) => kind === "backup")?.detail).toMatchObject({
      found: expect.arrayContaining([expect.objectContaining({ kind: "full", id: made?.id })]),
    });
  });
});

/** The job that is made in the place of one that failed, by what happens now, when it has ended. */
async function triedAgain(id: string, happens: () => Promise<unknown>): Promise<JobView> {
  await happens();
  let again: JobView | undefined;
  await until("it is tried again", async () => {
    const jobs = await nights.coordinator.command("jobs.list", { limit: 5 });
    again = jobs.find(({ by }) => by.endsWith(`(again: ${id})`));
    return again !== undefined && again.finished_at !== null;
  });
  if (!again) throw new Error("it was not");
  return again;
}

/** The jobs whose last run failed, by their series. */
async function failing(): Promise<(string | undefined)[]> {
  const series = await nights.series("memory_job_failing");
  return series.flatMap(([{ job }, value]) => (value === 1 ? [job] : []));
}

/** The jobs that are overdue, by their series. */
async function overdue(): Promise<string[]> {
  const series = await nights.series("memory_job_due_timestamp_seconds");
  const late = series.filter(([, due]) => due * 1_000 < Date.now());
  return late.map(([{ job }]) => job ?? "");
}
