import { describe, expect, it } from "vitest";
import {
  DatabaseError,
  migrated,
  MIGRATIONS,
  SCHEMA_VERSION,
  schemaProblems,
  schemaStatus,
  upsert,
  type Database,
  type Migration,
} from "../../src/storage/index.ts";
import { toDatabaseError } from "../../src/storage/database/errors.ts";
import { breaking } from "../../src/storage/migrations/migrations.ts";
import { asDatabase, openLocal, type NodeSql } from "../support/node-sql.ts";

/** Node's SQLite speaks of errors in its own way. */
function database(local: NodeSql = openLocal([])): Database {
  const bare = asDatabase(local);
  const said = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      const code = /UNIQUE|NOT NULL/.test(String(error)) ? "SQLITE_CONSTRAINT" : "SQLITE_UNKNOWN";
      throw toDatabaseError(Object.assign(new Error(String(error)), { code }));
    });
  return {
    all: (sql, ...args) => said(bare.all(sql, ...args)),
    write: (statements) => said(bare.write(statements)),
  };
}
const LATER: Migration = {
  version: MIGRATIONS.length + 1,
  name: "later",
  kind: "expand",
  statements: [
    "CREATE TABLE IF NOT EXISTS later (id TEXT PRIMARY KEY) STRICT",
    "ALTER TABLE feedback ADD COLUMN rank INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX IF NOT EXISTS feedback_rank ON feedback (namespace, rank)",
    "CREATE TRIGGER IF NOT EXISTS feedback_later AFTER INSERT ON feedback BEGIN INSERT OR IGNORE INTO later (id) VALUES (new.recall_id); END",
  ],
};
const now = (): number => 1_000;

describe("the migrations", () => {
  it("are numbered from 1 without a gap", () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  it.each([...MIGRATIONS, LATER])("expand $version ($name) only adds", (migration) => {
    expect(breaking(migration)).toEqual([]);
  });

  it.each([
    "DROP TABLE episodes",
    "ALTER TABLE episodes DROP COLUMN body",
    "ALTER TABLE episodes RENAME TO runs",
    "ALTER TABLE episodes RENAME COLUMN body TO text",
    "ALTER TABLE episodes ADD COLUMN size INTEGER NOT NULL",
    "ALTER TABLE episodes ADD COLUMN size INTEGER",
    "ALTER TABLE episodes ADD COLUMN size INTEGER DEFAULT 0 UNIQUE",
    "CREATE TABLE episodes (id TEXT)",
    "CREATE UNIQUE INDEX IF NOT EXISTS once ON episodes (task)",
    "DROP TRIGGER search_docs_insert",
    "DROP INDEX episodes_newest",
    "UPDATE episodes SET body = '{}'",
    "DELETE FROM recalls",
    "INSERT INTO domains VALUES ('n', 'd', '{}')",
    "PRAGMA user_version = 3",
    "/* CREATE TABLE IF NOT EXISTS x */ DROP TABLE episodes",
  ])("'%s' needs a contract migration", (sql) => {
    const migration: Migration = { version: 9, name: "x", kind: "expand", statements: [sql] };
    expect(breaking(migration)).toEqual([sql]);
    expect(breaking({ ...migration, kind: "contract" })).toEqual([]);
  });
});

describe("a database that migrates itself", () => {
  it("applies what is missing, once, and keeps the checksums", async () => {
    const local = openLocal([]);
    const first = migrated(database(local), now);
    expect(await first.version()).toBe(MIGRATIONS.length);
    const before = local.all("SELECT version, step, checksum FROM _migration_steps");
    expect(before).toHaveLength(MIGRATIONS.flatMap(({ statements }) => statements).length);
    const again = migrated(database(local), now);
    expect(schemaProblems(await again.status())).toEqual([]);
    expect(local.all("SELECT version, step, checksum FROM _migration_steps")).toEqual(before);
  });

  it("goes on from version 1 as an earlier release left it, with what is in it", async () => {
    const [first] = MIGRATIONS;
    const local = openLocal([
      ...(first?.statements ?? []),
      "CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
      "INSERT INTO _migrations VALUES (1, 'episodes, learning and search', 5)",
    ]);
    const { sql, args } = upsert("feedback", [["n", "old", 1, "{}"]]);
    local.run(sql, ...args);
    const status = await migrated(database(local), now).status();
    expect(status.migrations.map(({ state, appliedAt }) => [state, appliedAt])).toEqual([
      ["applied", 5],
      ...MIGRATIONS.slice(1).map(({ kind }) =>
        kind === "expand" ? ["applied", 1_000] : ["pending", null],
      ),
    ]);
    expect(schemaProblems(status)).toEqual([]);
    expect(local.all("SELECT count(*) AS n FROM _changes")).toEqual([{ n: 0 }]);
    expect(local.all("SELECT recall_id FROM feedback")).toEqual([{ recall_id: "old" }]);
  });

  it("leaves nothing of a migration that failed", async () => {
    const local = openLocal([]);
    const broken: Migration = {
      ...LATER,
      statements: [...LATER.statements, "CREATE TABLE IF NOT EXISTS x (id WRONG) STRICT"],
    };
    const later = migrated(database(local), now, { migrations: [...MIGRATIONS, broken] });
    expect(await later.version()).toBe(MIGRATIONS.length);
    expect(local.all("SELECT name FROM sqlite_schema WHERE name = 'later'")).toEqual([]);
    expect(schemaProblems(await later.status())).toEqual([
      `migration ${LATER.version} (later) is not applied`,
    ]);
  });

  it("never takes a migration that the database refuses for a fault of the rows that wait", async () => {
    const broken: Migration = {
      ...LATER,
      statements: ["CREATE TABLE IF NOT EXISTS x (id WRONG) STRICT"],
    };
    const later = migrated(database(), now, { migrations: [...MIGRATIONS, broken] });
    const error = await later
      .write([upsert("feedback", [["n", "d", 1, "{}"]])])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatabaseError);
    expect((error as DatabaseError).kind).toBe("schema");
  });

  it("reads what an earlier release left while it cannot be migrated, and migrates when it can", async () => {
    const local = openLocal([]);
    await migrated(database(local), now).version();
    const open = database(local);
    await open.write([upsert("feedback", [["n", "d", 1, "{}"]])]);
    let [time, blocked, tries] = [0, true, 0];
    const guarded: Database = {
      all: (sql, ...args) => open.all(sql, ...args),
      write: async (statements) => {
        tries += 1;
        if (blocked) throw new DatabaseError("quota", "BLOCKED", null);
        await open.write(statements);
      },
    };
    const later = migrated(guarded, () => time, { migrations: [...MIGRATIONS, LATER] });
    for (let i = 0; i < 3; i++)
      expect(await later.all("SELECT recall_id FROM feedback")).toEqual([{ recall_id: "d" }]);
    await expect(later.write([upsert("feedback", [["n", "e", 1, "{}"]])])).rejects.toMatchObject({
      kind: "quota",
    });
    expect(tries).toBe(1);
    blocked = false;
    time = 10_000;
    await later.write([upsert("feedback", [["n", "e", 1, "{}"]])]);
    expect(await later.version()).toBe(LATER.version);
  });

  it("works with a later release's schema", async () => {
    const local = openLocal([]);
    await migrated(database(local), now, { migrations: [...MIGRATIONS, LATER] }).version();
    const earlier = migrated(database(local), now);
    await earlier.write([upsert("feedback", [["n", "d", 1, "{}"]])]);
    expect(await earlier.all("SELECT recall_id, body FROM feedback")).toEqual([
      { recall_id: "d", body: "{}" },
    ]);
    const status = await earlier.status();
    expect([status.version, status.needed, schemaProblems(status)]).toEqual([
      LATER.version,
      SCHEMA_VERSION,
      [],
    ]);
    expect(status.migrations.at(-1)).toMatchObject({
      name: "later",
      state: "applied",
      migration: null,
      checksum: null,
    });
  });

  it("takes away at once what only earlier releases need, where it is empty", async () => {
    const local = openLocal([]);
    const all = Array.from({ length: 3 }, () => migrated(database(local), now));
    await Promise.all(all.map((one) => one.version()));
    const status = await migrated(database(local), now).status();
    expect(status.migrations.map(({ state }) => state)).toEqual(MIGRATIONS.map(() => "applied"));
    expect(schemaProblems(status)).toEqual([]);
    const dropped = "SELECT name FROM sqlite_schema WHERE name = 'episodes_open'";
    expect(local.all(dropped)).toEqual([]);
  });

  it("does not wait for a contract migration, and does not run it", async () => {
    const local = openLocal([]);
    const contract: Migration = {
      version: LATER.version,
      name: "drop",
      kind: "contract",
      statements: ["DROP TABLE domains"],
    };
    const after: Migration = {
      ...LATER,
      version: LATER.version + 1,
      statements: LATER.statements.slice(0, 1),
    };
    await migrated(database(local), now).version();
    const later = migrated(database(local), now, { migrations: [...MIGRATIONS, contract, after] });
    const status = await later.status();
    expect(status.migrations.map(({ state }) => state)).toEqual([
      ...MIGRATIONS.map(() => "applied"),
      "pending",
      "applied",
    ]);
    expect([status.version, status.needed, schemaProblems(status)]).toEqual([
      after.version,
      after.version,
      [],
    ]);
    expect(local.all("SELECT count(*) AS n FROM domains")).toEqual([{ n: 0 }]);
  });
});

describe("the text of a migration that was applied", () => {
  const edit = (change: (statements: readonly string[]) => string[]): Migration[] =>
    MIGRATIONS.map((one) =>
      one.version === 2 ? { ...one, statements: change(one.statements) } : one,
    );
  it.each([
    [
      "another statement",
      edit((all) => all.with(3, `${all[3]} `.replace("AFTER", "BEFORE"))),
      "statement 4 differs",
    ],
    ["one more", edit((all) => [...all, "CREATE TABLE IF NOT EXISTS more (id TEXT)"]), "differs"],
    ["one less", edit((all) => all.slice(0, -1)), "differs"],
    ["another order", edit((all) => all.toReversed()), "differ"],
  ])("is not %s", async (_what, migrations, said) => {
    const local = openLocal([]);
    await migrated(database(local), now).version();
    const edited = migrated(database(local), now, { migrations: migrations });
    const [problem, ...more] = schemaProblems(await edited.status());
    expect(more).toEqual([]);
    expect(problem).toContain("migration 2 (change feed) was changed after it was applied");
    expect(problem).toContain(said);
    // What is there works on; what is missing is not added to it.
    await edited.write([upsert("feedback", [["n", "d", 1, "{}"]])]);
    const later = migrated(database(local), now, { migrations: [...migrations, LATER] });
    await expect(later.write([upsert("feedback", [["n", "e", 1, "{}"]])])).rejects.toMatchObject({
      kind: "schema",
    });
    expect(await later.all("SELECT recall_id FROM feedback")).toEqual([{ recall_id: "d" }]);
  });

  it("may be broken into other lines", async () => {
    const local = openLocal([]);
    await migrated(database(local), now).version();
    const same = edit((all) => all.map((sql) => sql.replaceAll(/\s+/g, "\n  ")));
    expect(schemaProblems(await schemaStatus(database(local), same))).toEqual([]);
  });
});
