import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Outbox, OUTBOX_SCHEMA } from "../../../src/durable/outbox/outbox.ts";
import {
  CHANGES_TABLE,
  DatabaseError,
  fenceOff,
  FENCE_SCHEMA,
  SCHEMA,
  type Statement,
  upsertRow,
} from "../../../src/storage/index.ts";
import { toDatabaseError } from "../../../src/storage/database/errors.ts";
import { asDatabase, openLocal, type NodeSql } from "../../support/node-sql.ts";

let local: NodeSql;
let remote: NodeSql;
let outbox: Outbox;
let batches: number;
let failWith: DatabaseError | null;
let whileWriting: (() => void) | null;
let rejects: (statements: readonly Statement[]) => boolean;
/** The code with which it rejects. */
let rejectsWith: string;
let now: number;
let batch: { together: boolean; rows: number };
let writeLate: (() => Promise<void>) | null;

beforeEach(() => {
  local = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
  remote = openLocal([...SCHEMA, ...FENCE_SCHEMA, CHANGES_TABLE]);
  batches = 0;
  failWith = null;
  whileWriting = null;
  rejects = () => false;
  rejectsWith = "SQLITE_CONSTRAINT";
  now = 1_000_000;
  batch = { together: true, rows: 500 };
  writeLate = null;
  const database = asDatabase(remote);
  outbox = new Outbox({
    sql: local,
    transaction: (work) => local.transaction(work),
    onRollback: (undo) => local.onRollback(undo),
    writer: () => "instance-0",
    batch: () => batch,
    database: {
      all: (sql, ...args) => database.all(sql, ...args),
      async write(statements) {
        batches += 1;
        if (failWith?.kind === "timeout") writeLate = () => database.write(statements);
        if (failWith) throw failWith;
        if (rejects(statements))
          throw toDatabaseError(Object.assign(new Error("no"), { code: rejectsWith }));
        try {
          await database.write(statements);
        } catch (error) {
          throw toDatabaseError(error);
        }
        whileWriting?.();
      },
    },
    now: () => now,
    random: () => 0.5,
    writeLease: { run: (work) => work(), release: async () => undefined },
    onBatchTaken: () => undefined,
    wait: async () => undefined,
    log: () => undefined,
  });
});

/** In a transaction. */
function put(number: number, body: string): void {
  const text =
    "INSERT OR REPLACE INTO steps (namespace, episode_id, number, body) VALUES ('n', 'e', ?, ?)";
  local.run(text, number, body);
  outbox.markDirty("steps", ["n", "e", number]);
}

function write(number: number, body: string): void {
  local.transaction(() => put(number, body));
}
const stored = (): { number: number; body: string }[] =>
  remote.all("SELECT number, body FROM steps ORDER BY number");

describe("the outbox", () => {
  it("takes many derived rows at once, as one by one: each once, changed rows again", () => {
    const keys = [
      ["n", "a"],
      ["n", "b"],
    ];
    local.transaction(() => outbox.markAllDirty("patterns", keys));
    local.transaction(() => outbox.markAllDirty("patterns", [["n", "b"]]));
    const marks = local.all("SELECT table_name, key, generation FROM outbox ORDER BY key");
    expect(marks).toEqual([
      { table_name: "patterns", key: '["n","a"]', generation: 1 },
      { table_name: "patterns", key: '["n","b"]', generation: 2 },
    ]);
    expect(keys.every((key) => outbox.isDirty("patterns", key))).toBe(true);
    local.transaction(() => outbox.markDirty("patterns", ["n", "c"]));
    expect(outbox.state()).toMatchObject({ rows: 3, bytes: 3_000 });
    // They wait for more of the like.
    expect(outbox.nextAt()).toBeGreaterThan(now);
  });

  it("sends many rows in one batch and holds nothing afterwards", async () => {
    for (let i = 1; i <= 40; i++) write(i, `{"i":${i}}`);
    await outbox.flush();
    expect(batches).toBe(1);
    expect(stored()).toHaveLength(40);
    expect(outbox.state().rows).toBe(0);
    expect(outbox.nextAt()).toBeNull();
  });

  it("sends a row as it is when it is sent, however often it was written", async () => {
    for (const body of ["a", "b", "c"]) write(1, body);
    expect(outbox.state().rows).toBe(1);
    await outbox.flush();
    expect(stored()).toEqual([{ number: 1, body: "c" }]);
  });

  it("keeps the mark of a row that changed while its batch was on the way", async () => {
    write(1, "old");
    let once = true;
    whileWriting = () => {
      if (once) write(1, "new");
      once = false;
    };
    await outbox.flush();
    expect(stored()).toEqual([{ number: 1, body: "new" }]);
    expect(batches).toBe(2);
  });

  it("deletes from the database what is gone here", async () => {
    write(1, "a");
    await outbox.flush();
    local.transaction(() => {
      local.run("DELETE FROM steps");
      outbox.markDirty("steps", ["n", "e", 1]);
    });
    await outbox.flush();
    expect(stored()).toEqual([]);
  });

  it("loses nothing while the database is away, waits longer, and drains when it is back", async () => {
    failWith = new DatabaseError("unreachable", "TimeoutError", null);
    write(1, "a");
    await outbox.flush();
    const first = (outbox.nextAt() ?? 0) - now;
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    expect((outbox.nextAt() ?? 0) - now).toBeGreaterThan(first);
    expect(outbox.state().rows).toBe(1);
    failWith = null;
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    expect(stored()).toHaveLength(1);
    expect(outbox.state().rows).toBe(0);
  });

  it("reads nothing for a database that is not asked, until its time, unless forced or encouraged", async () => {
    write(1, "a");
    failWith = new DatabaseError("not_asked", "circuit breaker open", null, 5_000);
    await outbox.flush();
    expect(batches).toBe(1);
    now += 4_999;
    await outbox.flush();
    expect(batches, "before its time").toBe(1);
    await outbox.flush(true);
    expect(batches, "forced").toBe(2);
    now += 5_000;
    await outbox.flush();
    expect(batches, "at its time").toBe(3);
    failWith = null;
    outbox.resetBackoff();
    await outbox.flush();
    expect(stored()).toEqual([{ number: 1, body: "a" }]);
  });

  it("writes the same state when a reply is lost after the commit", async () => {
    write(1, "a");
    whileWriting = () => {
      whileWriting = null;
      throw new DatabaseError("unreachable", "connection lost", null);
    };
    await outbox.flush();
    expect(outbox.state().rows).toBe(1);
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    expect(stored()).toEqual([{ number: 1, body: "a" }]);
    expect(outbox.state().rows).toBe(0);
  });

  it("parks the one row that the database rejects and sends the others", async () => {
    for (let i = 1; i <= 9; i++) write(i, i === 5 ? "poison" : "fine");
    rejects = (statements) =>
      statements.some(({ args }) => args.some((arg) => String(arg).includes("poison")));
    await outbox.flush();
    expect(stored().map((row) => row.number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    expect(local.all("SELECT table_name, key, reason FROM dead_letters")).toEqual([
      { table_name: "steps", key: '["n","e",5]', reason: "constraint" },
    ]);
    expect(outbox.state().rows).toBe(0);
  });

  it.each([
    "SQLITE_IOERR",
    "SQLITE_CORRUPT",
    "SQLITE_NOMEM",
    "SQLITE_CANTOPEN",
    "SQLITE_NEVER_HEARD_OF",
  ])("sets no row aside for %s, and sends all in order afterwards", async (code) => {
    for (let i = 1; i <= 9; i++) write(i, "fine");
    rejectsWith = code;
    rejects = () => true;
    await outbox.flush();
    expect([outbox.state().dead, outbox.state().rows, batches]).toEqual([0, 9, 1]);
    rejects = () => false;
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    expect(stored().map((row) => row.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  describe("when the database rejects a statement", () => {
    const has = (statements: readonly Statement[], text: string): boolean =>
      statements.some(
        ({ sql, args }) => sql.includes(text) || args.some((arg) => String(arg).includes(text)),
      );
    beforeEach(() => {
      rejectsWith = "SQLITE_UNKNOWN";
    });

    it("sets aside the row whose value makes it fail", async () => {
      for (let i = 1; i <= 9; i++) write(i, i === 5 ? "poison" : "fine");
      rejects = (statements) => has(statements, "poison");
      await outbox.flush();
      expect(stored().map((row) => row.number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
      expect(outbox.dead(10)).toMatchObject([{ key: ["n", "e", 5], reason: "rejected" }]);
    });

    it("sets aside a row that is alone in its table, when the statement is taken without it", async () => {
      write(1, "poison");
      rejects = (statements) => has(statements, "poison");
      await outbox.flush();
      expect(outbox.dead(10)).toMatchObject([{ key: ["n", "e", 1], reason: "rejected" }]);
    });

    it("sets none aside when it fails without any row, and divides nothing", async () => {
      for (let i = 1; i <= 9; i++) write(i, "fine");
      rejects = (statements) => has(statements, "INTO steps");
      await outbox.flush();
      expect([outbox.state().dead, outbox.state().rows, batches]).toEqual([0, 9, 2]);
      expect(outbox.state().last_error).toBe("rejected: SQLITE_UNKNOWN");
      rejects = () => false;
      now = outbox.nextAt() ?? 0;
      await outbox.flush();
      expect(stored()).toHaveLength(9);
    });

    it("sets none aside when every row of a table fails alike, while other tables go on", async () => {
      for (let i = 1; i <= 4; i++) write(i, "fine");
      local.run("INSERT INTO tombstones (namespace, episode_id, deleted_at) VALUES ('n', 'e', 1)");
      local.transaction(() => outbox.markDirty("tombstones", ["n", "e"]));
      rejects = (statements) => has(statements, "fine");
      await outbox.flush();
      expect([outbox.state().dead, outbox.state().rows]).toEqual([0, 4]);
      expect(remote.all("SELECT episode_id FROM tombstones")).toEqual([{ episode_id: "e" }]);
      rejects = () => false;
      now = outbox.nextAt() ?? 0;
      await outbox.flush();
      expect(stored().map((row) => row.number)).toEqual([1, 2, 3, 4]);
    });
  });

  it("lets derived rows wait, unless it is forced", async () => {
    local.run(upsertRow("vectors"), ...vectorOf("v", "{}"));
    outbox.markDirty("vectors", ["n", "episode", "v", "m"]);
    await outbox.flush();
    expect(remote.all("SELECT * FROM vectors")).toEqual([]);
    await outbox.flush(true);
    expect(remote.all("SELECT id FROM vectors")).toEqual([{ id: "v" }]);
  });

  it("sends a parked row again when it is asked to, and knows it no more once it is taken", async () => {
    write(1, "poison");
    rejects = (statements) =>
      statements.some(({ args }) => args.some((arg) => String(arg).includes("poison")));
    await outbox.flush();
    expect(outbox.isDirty("steps", ["n", "e", 1])).toBe(true);
    expect(outbox.retryDead()).toBe(1);
    await outbox.flush();
    expect(outbox.dead(10)).toMatchObject([
      { table: "steps", key: ["n", "e", 1], reason: "constraint", tries: 2 },
    ]);
    rejects = () => false;
    outbox.retryDead();
    await outbox.flush();
    expect([outbox.state().dead, stored()]).toEqual([0, [{ number: 1, body: "poison" }]]);
  });

  it("never lets a batch that the database executes late undo a newer one", async () => {
    failWith = new DatabaseError("timeout", "TimeoutError", null);
    write(1, "old");
    await outbox.flush();
    const late = writeLate;
    failWith = null;
    write(1, "new");
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    await expect(late?.()).rejects.toThrow("newer batch");
    expect(stored()).toEqual([{ number: 1, body: "new" }]);
  });

  it("does not send again what another instance took over while its batch was fenced off", async () => {
    write(1, "old");
    write(2, "mine");
    const theirs = {
      sql: "INSERT INTO steps VALUES ('n', 'e', 1, 'newer, by the new home')",
      args: [],
    };
    let moved = false;
    rejects = () => {
      if (moved) return false;
      // Step 1 goes to its new home, which shuts this batch out, while it is on its way.
      moved = true;
      local.run("DELETE FROM steps WHERE number = 1");
      outbox.clearDirty("steps", '["n","e",1]');
      const { sql, args } = fenceOff("instance-0", outbox.lastBatch(), now);
      remote.run(sql, ...args);
      remote.run(theirs.sql);
      return false;
    };
    await outbox.flush();
    expect(stored()).toEqual([
      { number: 1, body: "newer, by the new home" },
      { number: 2, body: "mine" },
    ]);
    expect(outbox.state().rows).toBe(0);
  });

  it("does not send the other half of a divided batch for what went away meanwhile", async () => {
    for (let i = 1; i <= 4; i++) write(i, i === 2 ? "poison" : "fine");
    rejects = (statements) =>
      statements.some(({ args }) => args.some((arg) => String(arg).includes("poison")));
    whileWriting = () => {
      if (!outbox.isDirty("steps", ["n", "e", 4])) return;
      local.run("DELETE FROM steps WHERE number = 4");
      outbox.clearDirty("steps", '["n","e",4]');
    };
    await outbox.flush();
    expect(stored().map((row) => row.number)).toEqual([1, 3]);
  });

  it("goes on above the numbers of a predecessor whose storage was lost", async () => {
    await asDatabase(remote).write([fenceOff("instance-0", 9_000_000, now)]);
    write(1, "a");
    await outbox.flush();
    expect(stored()).toHaveLength(1);
    expect(outbox.lastBatch()).toBeGreaterThan(9_000_000);
  });

  it("sends in the order of the first marks, so that no step comes before an earlier one", async () => {
    batch = { together: true, rows: 3 };
    const seen: number[][] = [];
    whileWriting = () => void seen.push(stored().map((row) => row.number));
    for (let i = 1; i <= 10; i++) write(i, `{"i":${i}}`);
    write(2, "again");
    await outbox.flush();
    for (const numbers of seen) expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    expect(batches).toBe(4);
  });

  it("finds each row by its key, whatever characters that has", async () => {
    const names = fc.uniqueArray(fc.string({ unit: "binary", minLength: 1 }), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(names, async (drawn) => {
        const ids = [
          ...new Set(drawn.map((name) => name.replaceAll("\0", "").toWellFormed())),
        ].sort();
        for (const sql of [local, remote]) sql.run("DELETE FROM vectors");
        local.transaction(() => {
          for (const id of ids) {
            local.run(upsertRow("vectors"), ...vectorOf(id, `of ${id}`));
            outbox.markDirty("vectors", ["n", "episode", id, "m"]);
          }
        });
        await outbox.flush(true);
        const sent = remote.all<{ id: string; body: string }>("SELECT id, body FROM vectors");
        expect(sent.map(({ id }) => id).sort()).toEqual(ids);
        expect(sent.every(({ id, body }) => body === `of ${id}`)).toBe(true);
      }),
    );
  });

  it("sends row by row when batches are switched off", async () => {
    batch = { together: false, rows: 500 };
    for (let i = 1; i <= 5; i++) write(i, "a");
    await outbox.flush();
    expect(batches).toBe(5);
  });

  it("knows how many rows and bytes wait, and since when", async () => {
    write(1, "x".repeat(1_000));
    now += 500;
    write(2, "x".repeat(1_000));
    expect(outbox.state()).toMatchObject({ rows: 2, oldest_at: 1_000_000 });
    expect(outbox.state().bytes).toBeGreaterThanOrEqual(2_000);
    write(2, "x");
    expect(outbox.state().bytes).toBeLessThan(2_000);
    await outbox.flush();
    expect(outbox.state()).toMatchObject({ rows: 0, bytes: 0, oldest_at: null });
  });

  it("sets a row aside that is too large to be sent at all", async () => {
    write(1, "x".repeat(20_000_001));
    write(2, "fine");
    await outbox.flush();
    expect(stored().map((row) => row.number)).toEqual([2]);
    expect(outbox.dead(10)).toMatchObject([{ reason: "too_large" }]);
  });

  it("counts what waits exactly, and knows that something does, whatever is done and taken back", async () => {
    const number = fc.integer({ min: 1, max: 5 });
    const action = fc.oneof(
      fc.record({
        kind: fc.constant("write" as const),
        number,
        body: fc.string({ maxLength: 20 }),
      }),
      fc.record({
        kind: fc.constantFrom("derive" as const, "unmark" as const, "park" as const),
        number,
      }),
      fc.record({
        kind: fc.constantFrom(
          "flush" as const,
          "fail" as const,
          "revive" as const,
          "forget" as const,
        ),
      }),
    );
    const done = fc.array(fc.record({ action, kept: fc.boolean() }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(done, async (actions) => {
        const apply = (
          known: Exclude<(typeof actions)[number]["action"], { kind: "flush" | "fail" | "revive" }>,
        ): void => {
          if (known.kind === "write") put(known.number, known.body);
          else if (known.kind === "derive")
            outbox.markAllDirty("vectors", [["n", "episode", `v${known.number}`, "m"]]);
          else if (known.kind === "unmark")
            outbox.clearDirty("steps", JSON.stringify(["n", "e", known.number]));
          else if (known.kind === "park") park(known.number);
          else outbox.clearNamespace("n");
        };
        for (const { action: known, kept } of actions) {
          if (known.kind === "flush" || known.kind === "fail") {
            failWith = known.kind === "fail" ? new DatabaseError("unreachable", "", null) : null;
            await outbox.flush(kept);
          } else if (known.kind === "revive") outbox.retryDead();
          else {
            const work = (): void => {
              apply(known);
              if (!kept) throw new Error("taken back");
            };
            if (kept) local.transaction(work);
            else expect(() => local.transaction(work)).toThrow("taken back");
          }
          const [counted] = local.all(
            "SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM outbox",
          );
          expect(outbox.state()).toMatchObject(counted ?? {});
          if (Number(counted?.["rows"]) > 0) expect(outbox.nextAt()).not.toBeNull();
        }
        failWith = null;
        outbox.resetBackoff();
        await outbox.flush(true);
        expect([outbox.state().rows, outbox.nextAt()]).toEqual([0, null]);
      }),
      { numRuns: 200 },
    );
  });
});

function park(number: number): void {
  const key = JSON.stringify(["n", "e", number]);
  if (outbox.isDirty("steps", ["n", "e", number])) outbox.park("steps", key, "restore", "");
}

/** A row of `vectors`. */
function vectorOf(id: string, body: string): (string | number)[] {
  return ["n", "episode", id, "m", 1, 1, body];
}
