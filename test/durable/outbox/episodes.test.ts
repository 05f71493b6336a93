import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { migrateOutbox } from "../../../src/durable/outbox/outbox-rows.ts";
import { Outbox, OUTBOX_SCHEMA } from "../../../src/durable/outbox/outbox.ts";
import { isEpisodeUnsent, waitingRows } from "../../../src/durable/outbox/unsent.ts";
import {
  INSTANCE_STAGES,
  snapshotPage,
  type SnapshotCursor,
  type SnapshotPage,
} from "../../../src/durable/shared/tables/snapshots.ts";
import {
  CHANGES_TABLE,
  DatabaseError,
  FENCE_SCHEMA,
  SCHEMA,
  type SqlValue,
  type Statement,
} from "../../../src/storage/index.ts";
import { toDatabaseError } from "../../../src/storage/database/errors.ts";
import { asDatabase, openLocal, type NodeSql } from "../../support/node-sql.ts";

/** What the database never takes. */
const POISON = "poison";

let local: NodeSql;
let remote: NodeSql;
let outbox: Outbox;
let batch: { together: boolean; rows: number };
let isDown: boolean;
/** Called after each batch that the database took. */
let onBatch: () => void;
let batches: number;

beforeEach(() => {
  local = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
  remote = openLocal([...SCHEMA, ...FENCE_SCHEMA, CHANGES_TABLE]);
  batch = { together: true, rows: 500 };
  isDown = false;
  onBatch = () => undefined;
  batches = 0;
  outbox = opened();
});

/** As an object that starts finds it. */
function opened(): Outbox {
  const database = asDatabase(remote);
  return new Outbox({
    sql: local,
    transaction: (work) => local.transaction(work),
    onRollback: (undo) => local.onRollback(undo),
    writer: () => "instance-0",
    batch: () => batch,
    database: { all: (sql, ...args) => database.all(sql, ...args), write },
    now: () => 1_000_000,
    random: () => 0.5,
    writeLease: { run: (work) => work(), release: async () => undefined },
    onBatchTaken: () => undefined,
    wait: async () => undefined,
    log: () => undefined,
  });
}

async function write(statements: readonly Statement[]): Promise<void> {
  if (isDown) throw new DatabaseError("unreachable", "", null);
  if (statements.some(({ args }) => args.some((arg) => String(arg).includes(POISON))))
    throw toDatabaseError(Object.assign(new Error("no"), { code: "SQLITE_CONSTRAINT" }));
  await asDatabase(remote).write(statements);
  batches += 1;
  onBatch();
}

const EPISODE = `INSERT INTO episodes (namespace, id, status, domain, task_type, task, tags,
    started_at, updated_at, version, step_count, body)
  VALUES ('n', ?, 'in_progress', '', 'other', '', '[]', 1, 1, 1, 0, ?)
  ON CONFLICT (namespace, id) DO UPDATE SET body = excluded.body`;

type NewStep = readonly [number: number, body: string];

/** Stores an episode's record and steps, and marks them; in a transaction. */
function put(id: string, record: string, steps: readonly NewStep[] = []): void {
  for (const [number, body] of steps)
    local.run("INSERT OR REPLACE INTO steps VALUES ('n', ?, ?, ?)", id, number, body);
  local.run(EPISODE, id, record);
  outbox.markEpisode({
    namespace: "n",
    id,
    bytes: record.length,
    steps: steps.map(([number, body]) => ({ number, bytes: body.length })),
  });
}

/** Deletes an episode as its home does; in a transaction. */
function remove(id: string): void {
  const steps = local.all<{ number: number }>("SELECT number FROM steps WHERE episode_id = ?", id);
  local.run("DELETE FROM episodes WHERE id = ?", id);
  local.run("DELETE FROM steps WHERE episode_id = ?", id);
  outbox.markDirty("episodes", ["n", id]);
  for (const { number } of steps) outbox.markDirty("steps", ["n", id, number]);
}

const steps = (sql: NodeSql): unknown[] =>
  sql.all("SELECT episode_id, number, body FROM steps ORDER BY episode_id, number");
const records = (sql: NodeSql): unknown[] => sql.all("SELECT id, body FROM episodes ORDER BY id");
const numbers = (sql: NodeSql): number[] =>
  sql.all<{ number: number }>("SELECT number FROM steps ORDER BY number").map((row) => row.number);
const marks = (): unknown[] => local.all("SELECT key, steps_after, steps FROM outbox");
const once = (work: () => void): void => local.transaction(work);

describe("an episode that grows", () => {
  it("is one row of the outbox, however many steps wait, each of which counts", async () => {
    once(() => put("e", "r1"));
    for (let n = 1; n <= 50; n++) once(() => put("e", `r${n}`, [[n, "x".repeat(10)]]));
    expect(marks()).toEqual([{ key: '["n","e"]', steps_after: 0, steps: 50 }]);
    expect(outbox.state()).toMatchObject({ rows: 51, bytes: 103 + 50 * 110 });
    expect(opened().state()).toEqual(outbox.state());
    expect(waitingRows(local)).toHaveLength(51);
    expect(outbox.isDirty("steps", ["n", "e", 50])).toBe(true);
    await outbox.flush();
    expect(batches).toBe(1);
    expect([numbers(remote).length, marks()]).toEqual([50, []]);
    expect(outbox.isDirty("steps", ["n", "e", 50])).toBe(false);
    // Only what is new goes then.
    once(() => put("e", "r51", [[51, "new"]]));
    expect(marks()).toEqual([{ key: '["n","e"]', steps_after: 50, steps: 1 }]);
    expect(isEpisodeUnsent(local, "n", "e")).toBe(true);
  });

  it("goes in batches that are bounded in rows and in bytes, its steps in their order and before it", async () => {
    batch = { together: true, rows: 7 };
    const large = "x".repeat(300_000);
    const all = Array.from({ length: 20 }, (_, i): NewStep => [i + 1, i < 10 ? large : "s"]);
    once(() => put("e", "r", all));
    const seen: [number[], number][] = [];
    onBatch = () => void seen.push([numbers(remote), records(remote).length]);
    await outbox.flush();
    for (const [there] of seen) expect(there).toEqual(there.map((_, i) => i + 1));
    expect(seen.map(([, episodes]) => episodes)).toEqual([...seen.slice(1).map(() => 0), 1]);
    const added = seen.map(([there], i) => there.length - (seen[i - 1]?.[0].length ?? 0));
    expect(Math.max(...added)).toBeLessThanOrEqual(7);
    // A slice holds a megabyte.
    expect(added[0]).toBe(3);
    expect(outbox.state()).toMatchObject({ rows: 0, bytes: 0 });
  });

  it("goes on after a failure, or in another life of the object, where it was", async () => {
    batch = { together: false, rows: 500 };
    once(() => put("e", "r", [[1, "a"], [2, "b"], [3, "c"]])); // prettier-ignore
    onBatch = () => {
      isDown = batches === 2;
    };
    await outbox.flush();
    expect(marks()).toEqual([{ key: '["n","e"]', steps_after: 2, steps: 1 }]);
    isDown = false;
    outbox = opened();
    expect(outbox.state().rows).toBe(2);
    await outbox.flush();
    expect(batches).toBe(4);
    expect([steps(remote), records(remote)]).toEqual([steps(local), records(local)]);
  });

  it("sets the step aside that the database never takes, alone, and sends it when asked to", async () => {
    const bodies = ["a", "b", POISON, "d", "e"];
    once(() => put("e", "r", bodies.map((body, i): NewStep => [i + 1, body]))); // prettier-ignore
    await outbox.flush();
    expect([numbers(remote), marks()]).toEqual([[1, 2, 4, 5], []]);
    expect(records(remote)).toHaveLength(1);
    expect(outbox.dead(9)).toMatchObject([{ table: "steps", key: ["n", "e", 3] }]);
    expect(outbox.isDirty("steps", ["n", "e", 3])).toBe(true);
    expect(isEpisodeUnsent(local, "n", "e")).toBe(true);
    local.run("UPDATE steps SET body = 'c' WHERE number = 3");
    outbox.retryDead();
    await outbox.flush();
    expect([numbers(remote), outbox.state().dead]).toEqual([[1, 2, 3, 4, 5], 0]);
  });

  it("that is deleted and comes again while it is sent is sent again, all of it", async () => {
    once(() => put("e", "old", [[1, "old"], [2, "old"]])); // prettier-ignore
    onBatch = () => {
      if (batches > 1) return;
      once(() => remove("e"));
      once(() => put("e", "new", [[1, "new"]])); // prettier-ignore
    };
    await outbox.flush();
    expect([steps(remote), records(remote)]).toEqual([steps(local), records(local)]);
    expect(steps(remote)).toMatchObject([{ body: "new" }]);
  });

  it("takes the outbox of an earlier release, whose steps are rows of it, and goes on", async () => {
    local.run("DROP TABLE outbox");
    local.run(`CREATE TABLE outbox (
      seq INTEGER PRIMARY KEY, table_name TEXT NOT NULL, key TEXT NOT NULL,
      generation INTEGER NOT NULL, due_at INTEGER NOT NULL, marked_at INTEGER NOT NULL,
      bytes INTEGER NOT NULL, UNIQUE (table_name, key)) STRICT`);
    local.run(EPISODE, "e", "r");
    local.run("INSERT INTO steps VALUES ('n', 'e', 1, 'a'), ('n', 'e', 2, 'b')");
    local.run(`INSERT INTO outbox VALUES (5, 'episodes', '["n","e"]', 3, 0, 1, 101),
      (6, 'steps', '["n","e",1]', 1, 0, 1, 101), (7, 'steps', '["n","e",2]', 1, 0, 1, 101)`);
    migrateOutbox(local);
    migrateOutbox(local);
    outbox = opened();
    expect(outbox.state()).toMatchObject({ rows: 3, bytes: 303 });
    once(() => put("e", "r", [[3, "c"]])); // prettier-ignore
    await outbox.flush();
    expect([steps(remote), records(remote)]).toEqual([steps(local), records(local)]);
    expect(outbox.state().rows).toBe(0);
  });
});

describe("whatever is done to episodes, taken back, refused and cut short", () => {
  const id = fc.constantFrom("d", "e");
  const body = fc.oneof(fc.string({ maxLength: 8 }), fc.constant(POISON));
  const change = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("append" as const), id, bodies: fc.array(body, { maxLength: 4 }) }) }, // prettier-ignore
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("late" as const), id, number: fc.integer({ min: 1, max: 12 }), body }) }, // prettier-ignore
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), id }) },
  );
  type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("change" as const), change, isKept: fc.boolean() }) }, // prettier-ignore
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("flush" as const), meanwhile: fc.option(change), isDown: fc.boolean() }) }, // prettier-ignore
    { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "retry" as const }) },
  );
  let counter = 0;

  function apply(one: Change): void {
    counter += 1;
    if (one.kind === "remove") return remove(one.id);
    const present = local
      .all<{ number: number }>("SELECT number FROM steps WHERE episode_id = ?", one.id)
      .map(({ number }) => number);
    const last = Math.max(0, ...present);
    if (one.kind === "append")
      return put(one.id, `r${counter}`, one.bodies.map((text, i): NewStep => [last + 2 * (i + 1), text + counter])); // prettier-ignore
    // A step is never changed while its episode is there.
    if (!present.includes(one.number))
      put(one.id, `r${counter}`, [[one.number, one.body + counter]]);
  }

  /** What the rows of the outbox stand for, counted by what is there. */
  function counted(): number {
    const rows = local.all<{ key: string; after: number | null }>(
      "SELECT key, steps_after AS after FROM outbox",
    );
    return rows.reduce((sum, { key, after }) => {
      if (after === null) return sum + 1;
      const [, episode] = JSON.parse(key) as [string, string];
      const text = "SELECT count(*) AS n FROM steps WHERE episode_id = ? AND number > ?";
      return sum + 1 + Number(local.all(text, episode, after)[0]?.["n"]);
    }, 0);
  }

  it("the database has in the end what is here, but for what is set aside; and what waits is counted", async () => {
    const run = fc.asyncProperty(
      fc.array(action, { maxLength: 25 }),
      fc.integer({ min: 1, max: 6 }),
      async (actions, rows) => {
        local = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
        remote = openLocal([...SCHEMA, ...FENCE_SCHEMA, CHANGES_TABLE]);
        outbox = opened();
        batch = { together: rows > 1, rows };
        for (const one of actions) {
          if (one.kind === "restart") outbox = opened();
          else if (one.kind === "retry") outbox.retryDead();
          else if (one.kind === "change") {
            const work = (): void => {
              apply(one.change);
              if (!one.isKept) throw new Error("taken back");
            };
            if (one.isKept) once(work);
            else expect(() => once(work)).toThrow("taken back");
          } else await flushed(one.isDown, one.meanwhile);
          expect(outbox.state().rows).toBe(counted());
          expect(opened().state()).toMatchObject({ rows: outbox.state().rows, bytes: outbox.state().bytes }); // prettier-ignore
        }
        await flushed(false, null);
        expect(outbox.state()).toMatchObject({ rows: 0, bytes: 0 });
        const dead = new Set(outbox.dead(1_000).map(({ key }) => JSON.stringify(key)));
        const others = (sql: NodeSql): unknown[] =>
          sql
            .all(
              "SELECT namespace, episode_id, number, body FROM steps ORDER BY episode_id, number",
            )
            .filter((row) => !dead.has(JSON.stringify(Object.values(row).slice(0, 3))));
        expect([others(remote), records(remote)]).toEqual([others(local), records(local)]);
        // And all of it, when the database takes it.
        local.run("UPDATE steps SET body = replace(body, ?, '')", POISON);
        outbox.retryDead();
        await flushed(false, null);
        expect([steps(remote), outbox.state().dead]).toEqual([steps(local), 0]);
      },
    );
    await fc.assert(run, { numRuns: 300 });
  });

  async function flushed(down: boolean, meanwhile: Change | null): Promise<void> {
    isDown = down;
    let isDone = meanwhile === null;
    onBatch = () => {
      if (!isDone && meanwhile) once(() => apply(meanwhile));
      isDone = true;
    };
    outbox.resetBackoff();
    await outbox.flush(true);
    isDown = false;
  }
});

describe("a snapshot", () => {
  it("has each unsent step as one, and each step that is here as a copy, in pages of bounded size", () => {
    const body = "x".repeat(40_000);
    for (const id of ["a", "b", "c"])
      once(() => put(id, "r", Array.from({ length: 60 }, (_, i): NewStep => [i + 1, body]))); // prettier-ignore
    // Of one of them, the database has the first steps.
    local.run(`UPDATE outbox SET steps_after = 50 WHERE key = '["n","b"]'`);
    const stages = INSTANCE_STAGES.filter(({ table }) =>
      ["outbox", "episodes", "steps"].includes(table),
    );
    const pages: SnapshotPage[] = [];
    for (let at: SnapshotCursor | null = null; ;) {
      const page: SnapshotPage = snapshotPage(local, at, stages);
      pages.push(page);
      at = page.next;
      if (at === null) break;
    }
    const rows = pages.flatMap((page) => page.rows);
    const of = (state: string, table: string): number =>
      rows.filter((row) => row.state === state && row.table === table).length;
    expect([of("unsent", "episodes"), of("unsent", "steps")]).toEqual([3, 130]);
    expect([of("cached", "episodes"), of("cached", "steps")]).toEqual([3, 180]);
    const keys = rows.map(({ state, table, row }) => {
      const values = row as SqlValue[];
      return JSON.stringify([state, table, ...values.slice(0, table === "steps" ? 3 : 2)]);
    });
    expect(new Set(keys).size).toBe(keys.length);
    expect(pages.length).toBeGreaterThan(10);
    for (const page of pages) expect(page.rows.length).toBeLessThanOrEqual(30);
  });
});
