import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { DatabaseError, fenceOff, upsertRow } from "../../../src/storage/index.ts";
import { asDatabase } from "../../support/node-sql.ts";
import { OutboxWorld } from "./outbox-world.ts";

let world: OutboxWorld;
beforeEach(() => {
  world = new OutboxWorld();
});

describe("the outbox", () => {
  it("takes many derived rows at once, as one by one: each once, changed rows again", () => {
    const keys = [
      ["n", "a"],
      ["n", "b"],
    ];
    world.local.transaction(() => world.outbox.markAllDirty("patterns", keys));
    world.local.transaction(() => world.outbox.markAllDirty("patterns", [["n", "b"]]));
    const marks = world.local.all("SELECT table_name, key, generation FROM outbox ORDER BY key");
    expect(marks).toEqual([
      { table_name: "patterns", key: '["n","a"]', generation: 1 },
      { table_name: "patterns", key: '["n","b"]', generation: 2 },
    ]);
    expect(keys.every((key) => world.outbox.isDirty("patterns", key))).toBe(true);
    world.local.transaction(() => world.outbox.markDirty("patterns", ["n", "c"]));
    expect(world.outbox.state()).toMatchObject({ rows: 3, bytes: 3_000 });
    // They wait for more of the like.
    expect(world.outbox.nextAt()).toBeGreaterThan(world.now);
  });

  it("sends many rows in one batch and holds nothing afterwards", async () => {
    for (let i = 1; i <= 40; i++) world.write(i, `{"i":${i}}`);
    await world.outbox.flush();
    expect(world.batches).toBe(1);
    expect(world.stored()).toHaveLength(40);
    expect(world.outbox.state().rows).toBe(0);
    expect(world.outbox.nextAt()).toBeNull();
  });

  it("sends a row as it is when it is sent, however often it was written", async () => {
    for (const body of ["a", "b", "c"]) world.write(1, body);
    expect(world.outbox.state().rows).toBe(1);
    await world.outbox.flush();
    expect(world.stored()).toEqual([{ number: 1, body: "c" }]);
  });

  it("keeps the mark of a row that changed while its batch was on the way", async () => {
    world.write(1, "old");
    let once = true;
    world.whileWriting = () => {
      if (once) world.write(1, "new");
      once = false;
    };
    await world.outbox.flush();
    expect(world.stored()).toEqual([{ number: 1, body: "new" }]);
    expect(world.batches).toBe(2);
  });

  it("deletes from the database what is gone here", async () => {
    world.write(1, "a");
    await world.outbox.flush();
    world.local.transaction(() => {
      world.local.run("DELETE FROM steps");
      world.outbox.markDirty("steps", ["n", "e", 1]);
    });
    await world.outbox.flush();
    expect(world.stored()).toEqual([]);
  });

  it("loses nothing while the database is away, waits longer, and drains when it is back", async () => {
    world.failWith = new DatabaseError("unreachable", "TimeoutError", null);
    world.write(1, "a");
    await world.outbox.flush();
    const first = (world.outbox.nextAt() ?? 0) - world.now;
    world.now = world.outbox.nextAt() ?? 0;
    await world.outbox.flush();
    expect((world.outbox.nextAt() ?? 0) - world.now).toBeGreaterThan(first);
    expect(world.outbox.state().rows).toBe(1);
    world.failWith = null;
    world.now = world.outbox.nextAt() ?? 0;
    await world.outbox.flush();
    expect(world.stored()).toHaveLength(1);
    expect(world.outbox.state().rows).toBe(0);
  });

  it("reads nothing for a database that is not asked, until its time, unless it is forced or its wait is reset", async () => {
    world.write(1, "a");
    world.failWith = new DatabaseError("not_asked", "circuit breaker open", null, 5_000);
    await world.outbox.flush();
    expect(world.batches).toBe(1);
    world.now += 4_999;
    await world.outbox.flush();
    expect(world.batches, "before its time").toBe(1);
    await world.outbox.flush(true);
    expect(world.batches, "forced").toBe(2);
    world.now += 5_000;
    await world.outbox.flush();
    expect(world.batches, "at its time").toBe(3);
    world.failWith = null;
    world.outbox.resetBackoff();
    await world.outbox.flush();
    expect(world.stored()).toEqual([{ number: 1, body: "a" }]);
  });

  it("writes the same state when a reply is lost after the commit", async () => {
    world.write(1, "a");
    world.whileWriting = () => {
      world.whileWriting = null;
      throw new DatabaseError("unreachable", "connection lost", null);
    };
    await world.outbox.flush();
    expect(world.outbox.state().rows).toBe(1);
    world.now = world.outbox.nextAt() ?? 0;
    await world.outbox.flush();
    expect(world.stored()).toEqual([{ number: 1, body: "a" }]);
    expect(world.outbox.state().rows).toBe(0);
  });

  it("lets derived rows wait, unless it is forced", async () => {
    world.local.run(upsertRow("vectors"), ...vectorOf("v", "{}"));
    world.outbox.markDirty("vectors", ["n", "episode", "v", "m"]);
    await world.outbox.flush();
    expect(world.remote.all("SELECT * FROM vectors")).toEqual([]);
    await world.outbox.flush(true);
    expect(world.remote.all("SELECT id FROM vectors")).toEqual([{ id: "v" }]);
  });

  it("never lets a batch that the database executes late undo a newer one", async () => {
    world.failWith = new DatabaseError("timeout", "TimeoutError", null);
    world.write(1, "old");
    await world.outbox.flush();
    const late = world.writeLate;
    world.failWith = null;
    world.write(1, "new");
    world.now = world.outbox.nextAt() ?? 0;
    await world.outbox.flush();
    await expect(late?.()).rejects.toThrow("newer batch");
    expect(world.stored()).toEqual([{ number: 1, body: "new" }]);
  });

  it("sends batches of others than its rows one after the other with them: none comes late", async () => {
    const grants = [5, 0, 0];
    world.beforeLease = async () => {
      for (let turns = grants.shift() ?? 0; turns > 0; turns--)
        await new Promise((resolve) => setImmediate(resolve));
    };
    world.write(1, "row");
    const args = [JSON.stringify("beside it")];
    const beside = { sql: "INSERT INTO steps VALUES ('n', 'e', 2, json_extract(?, '$'))", args };
    await Promise.all([world.outbox.write([beside]), world.outbox.flush()]);
    expect(world.stored()).toEqual([
      { number: 1, body: "row" },
      { number: 2, body: "beside it" },
    ]);
  });

  it("does not send again what another instance took over while its batch was fenced off", async () => {
    world.write(1, "old");
    world.write(2, "mine");
    const theirs = {
      sql: "INSERT INTO steps VALUES ('n', 'e', 1, 'newer, by the new home')",
      args: [],
    };
    let moved = false;
    world.rejects = () => {
      if (moved) return false;
      // Step 1 goes to its new home, which shuts this batch out, while it is on its way.
      moved = true;
      world.local.run("DELETE FROM steps WHERE number = 1");
      world.outbox.clearDirty("steps", '["n","e",1]');
      const { sql, args } = fenceOff("instance-0", world.outbox.lastBatch(), world.now);
      world.remote.run(sql, ...args);
      world.remote.run(theirs.sql);
      return false;
    };
    await world.outbox.flush();
    expect(world.stored()).toEqual([
      { number: 1, body: "newer, by the new home" },
      { number: 2, body: "mine" },
    ]);
    expect(world.outbox.state().rows).toBe(0);
  });

  it("does not send the other half of a divided batch for what went away meanwhile", async () => {
    for (let i = 1; i <= 4; i++) world.write(i, i === 2 ? "poison" : "fine");
    world.rejects = (statements) =>
      statements.some(({ args }) => args.some((arg) => String(arg).includes("poison")));
    world.whileWriting = () => {
      if (!world.outbox.isDirty("steps", ["n", "e", 4])) return;
      world.local.run("DELETE FROM steps WHERE number = 4");
      world.outbox.clearDirty("steps", '["n","e",4]');
    };
    await world.outbox.flush();
    expect(world.stored().map((row) => row.number)).toEqual([1, 3]);
  });

  it("goes on above the numbers of a predecessor whose storage was lost", async () => {
    await asDatabase(world.remote).write([fenceOff("instance-0", 9_000_000, world.now)]);
    world.write(1, "a");
    await world.outbox.flush();
    expect(world.stored()).toHaveLength(1);
    expect(world.outbox.lastBatch()).toBeGreaterThan(9_000_000);
  });

  it("sends in the order of the first marks, so that no step comes before an earlier one", async () => {
    world.batch = { together: true, rows: 3 };
    const seen: number[][] = [];
    world.whileWriting = () => void seen.push(world.stored().map((row) => row.number));
    for (let i = 1; i <= 10; i++) world.write(i, `{"i":${i}}`);
    world.write(2, "again");
    await world.outbox.flush();
    for (const numbers of seen) expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    expect(world.batches).toBe(4);
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
        for (const sql of [world.local, world.remote]) sql.run("DELETE FROM vectors");
        world.local.transaction(() => {
          for (const id of ids) {
            world.local.run(upsertRow("vectors"), ...vectorOf(id, `of ${id}`));
            world.outbox.markDirty("vectors", ["n", "episode", id, "m"]);
          }
        });
        await world.outbox.flush(true);
        const sent = world.remote.all<{ id: string; body: string }>("SELECT id, body FROM vectors");
        expect(sent.map(({ id }) => id).sort()).toEqual(ids);
        expect(sent.every(({ id, body }) => body === `of ${id}`)).toBe(true);
      }),
    );
  });

  it("sends row by row when batches are switched off", async () => {
    world.batch = { together: false, rows: 500 };
    for (let i = 1; i <= 5; i++) world.write(i, "a");
    await world.outbox.flush();
    expect(world.batches).toBe(5);
  });

  it("knows how many rows and bytes wait, and since when", async () => {
    world.write(1, "x".repeat(1_000));
    world.now += 500;
    world.write(2, "x".repeat(1_000));
    expect(world.outbox.state()).toMatchObject({ rows: 2, oldest_at: 1_000_000 });
    expect(world.outbox.state().bytes).toBeGreaterThanOrEqual(2_000);
    world.write(2, "x");
    expect(world.outbox.state().bytes).toBeLessThan(2_000);
    await world.outbox.flush();
    expect(world.outbox.state()).toMatchObject({ rows: 0, bytes: 0, oldest_at: null });
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
          if (known.kind === "write") world.put(known.number, known.body);
          else if (known.kind === "derive")
            world.outbox.markAllDirty("vectors", [["n", "episode", `v${known.number}`, "m"]]);
          else if (known.kind === "unmark")
            world.outbox.clearDirty("steps", JSON.stringify(["n", "e", known.number]));
          else if (known.kind === "park") world.park(known.number);
          else world.outbox.clearNamespace("n");
        };
        for (const { action: known, kept } of actions) {
          if (known.kind === "flush" || known.kind === "fail") {
            world.failWith =
              known.kind === "fail" ? new DatabaseError("unreachable", "", null) : null;
            await world.outbox.flush(kept);
          } else if (known.kind === "revive") world.outbox.retryDead();
          else {
            const work = (): void => {
              apply(known);
              if (!kept) throw new Error("taken back");
            };
            if (kept) world.local.transaction(work);
            else expect(() => world.local.transaction(work)).toThrow("taken back");
          }
          const [counted] = world.local.all(
            "SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM outbox",
          );
          expect(world.outbox.state()).toMatchObject(counted ?? {});
          if (Number(counted?.["rows"]) > 0) expect(world.outbox.nextAt()).not.toBeNull();
        }
        world.failWith = null;
        world.outbox.resetBackoff();
        await world.outbox.flush(true);
        expect([world.outbox.state().rows, world.outbox.nextAt()]).toEqual([0, null]);
      }),
      { numRuns: 200 },
    );
  });
});

/** A row of `vectors`. */
function vectorOf(id: string, body: string): (string | number)[] {
  return ["n", "episode", id, "m", 1, 1, body];
}
