import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Outbox, OUTBOX_SCHEMA } from "../../../src/durable/outbox/outbox.ts";
import { migrated, MIGRATIONS, openDatabase, SCHEMA } from "../../../src/storage/index.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";
import { Sqld } from "../../support/processes/sqld.ts";

const EPISODES = 30;
const BATCHES = 10;

let database: Sqld;
let local: NodeSql;
let outbox: Outbox;
beforeAll(async () => {
  database = await Sqld.start();
  const far = openDatabase({ url: database.url, authToken: null, timeoutMs: () => 20_000 });
  await migrated(far, Date.now).version();
  const contracts = MIGRATIONS.filter(({ kind }) => kind === "contract");
  const statements = contracts.flatMap((migration) => migration.statements);
  await far.write(statements.map((sql) => ({ sql, args: [] })));
}, 60_000);
afterAll(() => database.remove());

beforeEach(() => {
  local = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
  outbox = new Outbox({
    sql: local,
    transaction: (work) => local.transaction(work),
    onRollback: (undo) => local.onRollback(undo),
    database: openDatabase({ url: database.url, authToken: null, timeoutMs: () => 20_000 }),
    writer: () => "instance-0",
    batch: () => ({ together: true, rows: 500 }),
    now: Date.now,
    random: Math.random,
    writeLease: { run: (work) => work(), release: async () => undefined },
    onBatchTaken: () => undefined,
    wait: async () => undefined,
    log: () => undefined,
  });
});

function put(id: string, steps: readonly number[], status = "in_progress"): void {
  local.transaction(() => {
    for (const number of steps) local.run("INSERT INTO steps VALUES ('n', ?, ?, '{}')", id, number);
    local.run(
      `INSERT INTO episodes (namespace, id, status, domain, task_type, task, tags, started_at,
          updated_at, version, step_count, body)
        VALUES ('n', ?, ?, '', 'other', '', '[]', 1, 1, 1, 0, '{}')
        ON CONFLICT (namespace, id) DO UPDATE
          SET version = version + 1, updated_at = updated_at + 1, status = excluded.status`,
      id,
      status,
    );
    outbox.markEpisode({
      namespace: "n",
      id,
      bytes: 2,
      steps: steps.map((number) => ({ number, bytes: 2 })),
    });
  });
}

/** Rows that the database writes for this, for each of so many. */
async function written(many: number, work: () => Promise<void>): Promise<number> {
  const { rows_written_count: before } = await database.usage();
  await work();
  const { rows_written_count: after } = await database.usage();
  return (after - before) / many;
}

it("a step is at most 2.5 rows in the database, ten in a batch", async () => {
  put("steps", []);
  await outbox.flush();
  const rows = await written(BATCHES * 10, async () => {
    for (let n = 0; n < BATCHES; n++) {
      for (let i = 1; i <= 10; i++) put("steps", [n * 10 + i]);
      await outbox.flush();
    }
  });
  expect(rows).toBeGreaterThanOrEqual(2);
  expect(rows).toBeLessThanOrEqual(2.5);
});

it("an episode of seven steps is at most 20 rows in the database", async () => {
  const rows = await written(EPISODES, async () => {
    for (let n = 0; n < EPISODES; n++) {
      put(`e${n}`, [1, 2, 3, 4, 5, 6, 7]);
      put(`e${n}`, [], "completed");
    }
    await outbox.flush();
  });
  expect(rows).toBeGreaterThanOrEqual(15);
  expect(rows).toBeLessThanOrEqual(20);
});
