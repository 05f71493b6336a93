import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Migrator } from "../../../src/durable/coordinator/migrator.ts";
import {
  migrated,
  MIGRATIONS,
  openDatabase,
  SCHEMA_VERSION,
  schemaProblems,
  acquireLease,
  upsert,
  type Database,
  type Migration,
} from "../../../src/storage/index.ts";
import { rowsOf } from "../../support/service/database.ts";
import { Sqld } from "../../support/processes/sqld.ts";

let server: Sqld;
let database: Database;
let name = 0;
beforeAll(async () => {
  server = await Sqld.start();
  database = openDatabase({ url: server.url, authToken: null, timeoutMs: () => 30_000 });
  await migrated(database, Date.now).version();
});
afterAll(() => server.remove());

/** Migrations of a table of their own, so that each test begins anew in one database. */
let expand: Migration;
let contract: Migration;
/** What a new database applies by itself. */
const KNOWN = MIGRATIONS;
let list: Migration[];
beforeEach(async () => {
  name += 1;
  const [version, table] = [name * 10, `t${name}`];
  expand = {
    version,
    name: "a table",
    kind: "expand",
    statements: [
      `CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY, old TEXT DEFAULT 'o') STRICT`,
      `ALTER TABLE ${table} ADD COLUMN fresh TEXT DEFAULT 'f'`,
    ],
  };
  contract = {
    version: version + 1,
    name: "without old",
    kind: "contract",
    statements: [
      `INSERT INTO ${table} (id) VALUES (1)`,
      `UPDATE ${table} SET fresh = old`,
      `ALTER TABLE ${table} DROP COLUMN old`,
    ],
  };
  list = [...KNOWN, expand, contract];
  for (const sql of [
    `DELETE FROM _migrations WHERE version > ${SCHEMA_VERSION}`,
    `DELETE FROM _migration_steps WHERE version > ${SCHEMA_VERSION}`,
  ]) {
    await database.write([{ sql, args: [] }]);
  }
});

interface Options {
  backupFirst?: () => Promise<string>;
  database?: Database;
  migrations?: readonly Migration[];
  isManual?: boolean;
}
const incidents: { kind: string; severity: string; title: string; detail: unknown }[] = [];
beforeEach(() => incidents.splice(0));
function migrator({
  backupFirst = async () => "b1",
  database: other = database,
  migrations = list,
  isManual = false,
}: Options = {}): Migrator {
  return new Migrator({
    database: other,
    migrations,
    backupFirst,
    now: Date.now,
    uuid: () => crypto.randomUUID(),
    writeLease: (work) => work(),
    log: () => undefined,
    isManual,
    incident: (incident) => incidents.push(incident),
    bookmarks: async (by) => ({ coordinator: `before ${by}` }),
  });
}
const rows = (): Promise<Record<string, unknown>[]> => rowsOf(server.url, `SELECT * FROM t${name}`);

/** The database, that fails or loses the reply of the n-th batch that changes tables. */
function faulty(at: number, how: "refuses" | "loses the reply"): Database {
  let batches = 0;
  return {
    all: (sql, ...args) => database.all(sql, ...args),
    async write(statements) {
      const counts =
        statements.some(({ sql }) => sql.includes("INTO _migration_steps")) && ++batches === at;
      if (counts && how === "refuses") throw new Error("the process died");
      await database.write(statements);
      if (counts) throw new Error("the process died");
    },
  };
}

describe("migrations, as an operator sees them", () => {
  it("are planned with their SQL, and the plan changes nothing", async () => {
    const plan = await migrator().plan();
    expect(plan).toMatchObject({
      schema_version: SCHEMA_VERSION,
      executed: false,
      applied: [],
      backup: null,
      lease: null,
    });
    expect(plan.migrations.slice(0, KNOWN.length).map(({ state, sql }) => [state, sql])).toEqual(
      KNOWN.map(() => ["applied", []]),
    );
    const [first, second] = plan.migrations.slice(-2);
    expect(first).toMatchObject({
      kind: "expand",
      state: "pending",
      sql: expand.statements,
      applied_at: null,
    });
    expect(second).toMatchObject({ kind: "contract", state: "pending", sql: contract.statements });
    for (const one of plan.migrations) expect(one.checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(plan.migrations[0]?.checksum).toBe(plan.migrations[0]?.applied_checksum);
    expect(
      await rowsOf(server.url, `SELECT name FROM sqlite_schema WHERE name = 't${name}'`),
    ).toEqual([]);
  });

  it("are executed in order, with a backup taken first, and once", async () => {
    const seen: unknown[] = [];
    const backupFirst = async (): Promise<string> => {
      seen.push(await rowsOf(server.url, "SELECT max(version) AS version FROM _migrations"));
      return "exports/1";
    };
    const ran = await migrator({ backupFirst }).execute(false, "root");
    expect(ran).toMatchObject({
      executed: true,
      applied: [expand.version, contract.version],
      backup: "exports/1",
      lease: null,
    });
    expect(seen).toEqual([[{ version: SCHEMA_VERSION }]]);
    expect(await rows()).toEqual([{ id: 1, fresh: "o" }]);
    expect(await migrator({ backupFirst }).execute(false, "root")).toMatchObject({
      applied: [],
      backup: null,
    });
    expect(seen).toHaveLength(1);
  });

  it("change nothing when the backup fails", async () => {
    const backupFirst = (): Promise<string> => Promise.reject(new Error("R2 is down"));
    await expect(migrator({ backupFirst }).execute(false, "root")).rejects.toMatchObject({
      failure: {
        code: "conflict",
        detail: expect.stringContaining("nothing was migrated") as string,
      },
    });
    expect(await migrator().plan()).toMatchObject({ schema_version: SCHEMA_VERSION, lease: null });
  });

  it("take no backup where the operator wants none", async () => {
    const backupFirst = (): Promise<string> => Promise.reject(new Error("R2 is down"));
    expect(await migrator({ backupFirst }).execute(true, "root")).toMatchObject({
      applied: [expand.version, contract.version],
      backup: null,
    });
  });

  it.each(
    [1, 2, 3, 4].flatMap((at) => [[at, "refuses"] as const, [at, "loses the reply"] as const]),
  )("go on where a run stopped whose batch %i %s, and do nothing twice", async (at, how) => {
    await migrator({ database: faulty(at, how) })
      .execute(true, "root")
      .catch(() => undefined);
    const between = await migrator().plan();
    const done = at - (how === "refuses" ? 1 : 0);
    // The first batch is the whole expand migration, the others are statements of the contract
    // migration.
    if (done >= 2 && done < 4) {
      expect(between.migrations.at(-1)).toMatchObject({
        state: "started",
        sql: contract.statements.slice(done - 1),
      });
    }
    await migrator().execute(true, "root");
    expect(await rows()).toEqual([{ id: 1, fresh: "o" }]);
    expect((await migrator().plan()).migrations.every(({ state }) => state === "applied")).toBe(
      true,
    );
  });

  it("say which one stopped, and why", async () => {
    const broken = {
      ...contract,
      statements: [...contract.statements.slice(0, 2), "ALTER TABLE nowhere DROP COLUMN x"],
    };
    const error = await migrator({ migrations: [...KNOWN, expand, broken] })
      .execute(true, "root")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { code: "conflict" } });
    expect(String(error)).toContain(
      `Migration ${contract.version} (without old) stopped: database schema: no such table`,
    );
    expect((await migrator().plan()).migrations.at(-1)).toMatchObject({ state: "started" });
    // A release that mends what was not applied yet goes on.
    await migrator().execute(true, "root");
    expect(await rows()).toEqual([{ id: 1, fresh: "o" }]);
  });

  it("refuse to go on from another text than was applied, and name it", async () => {
    const ran = [...KNOWN, expand];
    await migrator({ migrations: ran }).execute(true, "root");
    const edited = {
      ...expand,
      statements: expand.statements.with(1, `ALTER TABLE t${name} ADD COLUMN x TEXT DEFAULT ''`),
    };
    const other = migrator({ migrations: [...KNOWN, edited, contract] });
    const problem = `migration ${expand.version} (a table) was changed after it was applied: statement 2 differs`;
    expect((await other.plan()).problems).toEqual([problem]);
    await expect(other.execute(true, "root")).rejects.toMatchObject({
      failure: { code: "conflict", detail: expect.stringContaining(problem) as string },
    });
  });

  it("show what a later release applied", async () => {
    await migrator().execute(true, "root");
    const plan = await migrator({ migrations: KNOWN }).plan();
    expect(plan).toMatchObject({
      schema_version: contract.version,
      needed_version: SCHEMA_VERSION,
      problems: [],
    });
    expect(plan.migrations.at(-1)).toMatchObject({
      name: "without old",
      kind: null,
      state: "applied",
      checksum: null,
    });
  });
});

describe("the lease of migrations", () => {
  it("lets one of many executors run, beside instances that start", async () => {
    let backups = 0;
    const backupFirst = async (): Promise<string> => `b${++backups}`;
    const starting = Array.from({ length: 6 }, () =>
      migrated(database, Date.now, { migrations: list }),
    );
    const [ran] = await Promise.all([
      Promise.allSettled(
        Array.from({ length: 5 }, (_, i) =>
          migrator({ backupFirst }).execute(false, `root (${i})`),
        ),
      ),
      Promise.all(starting.map((one) => one.all("SELECT 1 AS n"))),
    ]);
    const failed = ran.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    for (const error of failed) expect(error).toMatchObject({ failure: { code: "not_ready" } });
    // One applied the contract migration; who came later found nothing left.
    const applied = ran.flatMap((one) => (one.status === "fulfilled" ? one.value.applied : []));
    expect(applied.filter((version) => version === contract.version)).toHaveLength(1);
    expect(await rows()).toEqual([{ id: 1, fresh: "o" }]);
    const marks = await rowsOf(
      server.url,
      `SELECT step FROM _migration_steps WHERE version = ${contract.version}`,
    );
    expect(marks.map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it("says who holds it and for how long, and lapses when its holder died", async () => {
    await acquireLease(database, "migrations", "root (ana) 1", 800);
    expect((await migrator().plan()).lease).toMatchObject({ holder: "root (ana)" });
    await expect(migrator().execute(true, "root (ben)")).rejects.toMatchObject({
      failure: {
        code: "not_ready",
        retry_after_s: 1,
        detail: expect.stringContaining("root (ana)") as string,
      },
    });
    for (;;) {
      const ran = await migrator()
        .execute(true, "root (ben)")
        .catch(() => null);
      if (ran) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await rows()).toHaveLength(1);
  });

  it("stops a run that lost it, before its next statement is applied", async () => {
    const stolen: Database = {
      all: (sql, ...args) => database.all(sql, ...args),
      async write(statements) {
        // Another executor takes over between the renewal and the statement.
        if (statements.some(({ sql }) => sql.includes(`UPDATE t${name}`))) {
          const sql = "UPDATE _leases SET holder = 'root (ben) 2' WHERE name = 'migrations'";
          await database.write([{ sql, args: [] }]);
        }
        await database.write(statements);
      },
    };
    await expect(migrator({ database: stolen }).execute(true, "root (ana)")).rejects.toMatchObject({
      failure: { code: "conflict" },
    });
    expect((await migrator().plan()).migrations.at(-1)).toMatchObject({
      state: "started",
      sql: contract.statements.slice(1),
    });
    await database.write([{ sql: "UPDATE _leases SET until = 0", args: [] }]);
    await migrator().execute(true, "root (ben)");
    expect(await rows()).toEqual([{ id: 1, fresh: "o" }]);
  });
});

describe("two releases beside each other", () => {
  it("an earlier one writes and reads every table of a later schema", async () => {
    await migrator().execute(true, "root");
    const earlier = migrated(database, Date.now);
    await earlier.write([
      upsert("feedback", [["skew", "d", 1, "{}"]]),
      upsert("steps", [["skew", "e", 1, "{}"]]),
    ]);
    expect(await earlier.all("SELECT body FROM feedback WHERE namespace = 'skew'")).toEqual([
      { body: "{}" },
    ]);
    const status = await earlier.status();
    expect([status.version, schemaProblems(status)]).toEqual([contract.version, []]);
  });

  it("a later one reads an earlier schema while it cannot be migrated", async () => {
    await server.configure({ block_writes: true });
    try {
      const later = migrated(database, Date.now, { migrations: list });
      expect(await later.all("SELECT count(*) AS n FROM api_keys")).toEqual([{ n: 0 }]);
      await expect(
        later.write([upsert("feedback", [["skew", "x", 1, "{}"]])]),
      ).rejects.toMatchObject({
        kind: "quota",
      });
      const status = await later.status();
      expect([status.version, status.needed]).toEqual([SCHEMA_VERSION, expand.version]);
    } finally {
      await server.configure({ block_writes: false });
    }
  });
});

describe("where nobody migrates but an operator", () => {
  it("what only adds waits, reads go on, and writes say what they wait for", async () => {
    const later = migrated(database, Date.now, { migrations: list, mode: "manual" });
    expect(await later.version()).toBe(SCHEMA_VERSION);
    await expect(
      later.write([upsert("feedback", [["n", "manual", 1, "{}"]])]),
    ).rejects.toMatchObject({ kind: "schema" });
    expect(
      await rowsOf(server.url, `SELECT name FROM sqlite_schema WHERE name = 't${name}'`),
    ).toEqual([]);
  });

  it("an operator adds what is missing, then takes the backup, then takes away", async () => {
    const seen: unknown[] = [];
    const backupFirst = async (): Promise<string> => {
      seen.push(await rowsOf(server.url, "SELECT max(version) AS version FROM _migrations"));
      return "exports/1";
    };
    const ran = await migrator({ backupFirst, isManual: true }).execute(false, "root");
    expect(ran.applied).toEqual([expand.version, contract.version]);
    expect(seen).toEqual([[{ version: expand.version }]]);
    const later = migrated(database, Date.now, { migrations: list, mode: "manual" });
    await later.write([upsert("feedback", [["n", "manual", 1, "{}"]])]);
  });

  it("an empty database has everything from the start", async () => {
    const empty = await Sqld.start();
    const first = openDatabase({ url: empty.url, authToken: null, timeoutMs: () => 30_000 });
    const fresh = migrated(first, Date.now, { mode: "manual" });
    expect(schemaProblems(await fresh.status())).toEqual([]);
    await empty.remove();
  });
});

describe("the timeline", () => {
  it("has each migration that was applied, with its backup", async () => {
    await migrator().execute(false, "root (alice)");
    expect(incidents).toMatchObject([
      { kind: "migration", severity: "info", detail: { version: expand.version, backup: "b1" } },
      {
        kind: "migration",
        title: `root (alice) applied migration ${contract.version} (without old)`,
        detail: { kind: "contract", by: "root (alice)", backup: "b1" },
      },
    ]);
  });

  it("has one that stopped, with the reason", async () => {
    const broken = { ...contract, statements: ["ALTER TABLE nowhere DROP COLUMN x"] };
    await migrator({ migrations: [...KNOWN, expand, broken] })
      .execute(false, "root")
      .catch(() => undefined);
    expect(incidents.at(-1)).toMatchObject({
      kind: "migration",
      severity: "critical",
      title: `migration ${contract.version} (without old) stopped`,
    });
  });
});
