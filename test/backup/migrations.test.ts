import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrated, openDatabase, planMigrations, SCHEMA, upsert, FENCE_SCHEMA } from "../../src/storage/index.ts";
import { migrate, MIGRATIONS, violations, type Migration } from "../../src/storage/migrations.ts";
import { rowsOf } from "../support/database.ts";
import { Crash, Faults } from "../support/backup.ts";
import { Sqld } from "../support/sqld.ts";

let server: Sqld;
beforeAll(async () => {
  server = await Sqld.start();
}, 60_000);
afterAll(() => server.remove());

const open = () => openDatabase({ url: server.url, authToken: null, timeoutMs: () => 10_000 });
const NEXT: Migration = { version: 3, name: "a column", statements: ["ALTER TABLE feedback ADD COLUMN note TEXT"] };
const episode = ["n", "e", "completed", null, "d", null, null, "other", "t", "[]", 1, 2, 3, 1, 0, "{}"];

describe("migrations", () => {
  it("of every version only add", () => {
    for (const migration of MIGRATIONS) expect(violations(migration)).toEqual([]);
  });

  it.each([
    "DROP TABLE steps",
    "ALTER TABLE steps RENAME TO step",
    "ALTER TABLE steps RENAME COLUMN body TO text",
    "ALTER TABLE steps DROP COLUMN body",
    "ALTER TABLE steps ADD COLUMN kind TEXT NOT NULL",
    "CREATE UNIQUE INDEX one ON steps (body)",
    "DELETE FROM steps",
  ])("that would break the version beside them are found: %s", (sql) => {
    expect(violations({ version: 9, name: "bad", statements: [sql] })).toHaveLength(1);
  });

  it("bring a database of version 1 along with what it holds, and the feed begins", { timeout: 30_000 }, async () => {
    const database = open();
    const ledger =
      "CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";
    await database.write([
      ...[ledger, ...SCHEMA, ...FENCE_SCHEMA].map((sql) => ({ sql, args: [] })),
      { sql: "INSERT INTO _migrations VALUES (1, 'first', 1)", args: [] },
      upsert("episodes", [episode]),
    ]);
    expect((await planMigrations(database)).map(({ state }) => state)).toEqual(["applied", "pending"]);
    // Used as it is when nobody allows the migration: an older schema serves.
    const kept = migrated(database, Date.now, () => false);
    await kept.write([upsert("tombstones", [["n", "x", 1]])]);
    expect(await kept.version()).toBe(1);
    expect(await migrated(database, Date.now).version()).toBe(2);
    await database.write([upsert("episodes", [episode])]);
    expect(await rowsOf(server.url, "SELECT t, k1, k2 FROM _changes")).toEqual([{ t: "episodes", k1: "n", k2: "e" }]);
    const plan = await planMigrations(database);
    expect(plan.map(({ state, violations: broken }) => [state, broken])).toEqual([
      ["applied", []],
      ["applied", []],
    ]);
  });

  it("that were cut at any point are gone on with", { timeout: 30_000 }, async () => {
    for (let at = 0; at < 8; at++) {
      const faults = new Faults();
      faults.at = at;
      const database = open();
      const cut = {
        ...database,
        write: (statements: Parameters<typeof database.write>[0]) => faults.pass(() => database.write(statements)),
      };
      const table = `extra_${at}`;
      const added = { version: 10 + at, name: "t", statements: [`CREATE TABLE ${table} (a TEXT) STRICT`] };
      if (at > 1) {
        expect(await migrate(cut, 1, [...MIGRATIONS, added])).toBe(10 + at);
        continue;
      }
      // Cut after the commit, the claim is found and it counts as done.
      await migrate(cut, 1, [...MIGRATIONS, added]).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      expect(await migrate(database, 1, [...MIGRATIONS, added])).toBe(10 + at);
      await rowsOf(server.url, `SELECT * FROM ${table}`);
    }
  });

  it("that are newer than the service do not disturb it", { timeout: 30_000 }, async () => {
    const fresh = await Sqld.start();
    try {
      const database = openDatabase({ url: fresh.url, authToken: null, timeoutMs: () => 10_000 });
      await migrate(database, 1, [...MIGRATIONS, NEXT]);
      const older = migrated(database, Date.now);
      await older.write([upsert("episodes", [episode]), upsert("feedback", [["n", "r", 1, "{}"]])]);
      expect(await older.version()).toBe(3);
      const changed = { ...NEXT, statements: ["ALTER TABLE feedback ADD COLUMN other TEXT"] };
      const plan = await planMigrations(database, [...MIGRATIONS, changed]);
      expect(plan.map(({ state }) => state)).toEqual(["applied", "applied", "changed"]);
    } finally {
      await fresh.remove();
    }
  });
});
