import { beforeEach, describe, expect, it } from "vitest";
import { type Statement } from "../../../src/storage/index.ts";
import { OutboxWorld } from "./outbox-world.ts";

let world: OutboxWorld;
beforeEach(() => {
  world = new OutboxWorld();
});

describe("a row that the database does not take", () => {
  it("parks the one row that the database rejects and sends the others", async () => {
    for (let i = 1; i <= 9; i++) world.write(i, i === 5 ? "poison" : "fine");
    world.rejects = (statements) =>
      statements.some(({ args }) => args.some((arg) => String(arg).includes("poison")));
    await world.outbox.flush();
    expect(world.stored().map((row) => row.number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    expect(world.local.all("SELECT table_name, key, reason FROM dead_letters")).toEqual([
      { table_name: "steps", key: '["n","e",5]', reason: "constraint" },
    ]);
    expect(world.outbox.state().rows).toBe(0);
  });

  it.each([
    "SQLITE_IOERR",
    "SQLITE_CORRUPT",
    "SQLITE_NOMEM",
    "SQLITE_CANTOPEN",
    "SQLITE_NEVER_HEARD_OF",
  ])("sets no row aside for %s, and sends all in order afterwards", async (code) => {
    for (let i = 1; i <= 9; i++) world.write(i, "fine");
    world.rejectsWith = code;
    world.rejects = () => true;
    await world.outbox.flush();
    expect([world.outbox.state().dead, world.outbox.state().rows, world.batches]).toEqual([
      0, 9, 1,
    ]);
    world.rejects = () => false;
    world.now = world.outbox.nextAt() ?? 0;
    await world.outbox.flush();
    expect(world.stored().map((row) => row.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  describe("when the database rejects a statement", () => {
    const has = (statements: readonly Statement[], text: string): boolean =>
      statements.some(
        ({ sql, args }) => sql.includes(text) || args.some((arg) => String(arg).includes(text)),
      );
    beforeEach(() => {
      world.rejectsWith = "SQLITE_UNKNOWN";
    });

    it("sets aside the row whose value makes it fail", async () => {
      for (let i = 1; i <= 9; i++) world.write(i, i === 5 ? "poison" : "fine");
      world.rejects = (statements) => has(statements, "poison");
      await world.outbox.flush();
      expect(world.stored().map((row) => row.number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
      expect(world.outbox.dead(10)).toMatchObject([{ key: ["n", "e", 5], reason: "rejected" }]);
    });

    it("sets aside a row that is alone in its table, when the statement is taken without it", async () => {
      world.write(1, "poison");
      world.rejects = (statements) => has(statements, "poison");
      await world.outbox.flush();
      expect(world.outbox.dead(10)).toMatchObject([{ key: ["n", "e", 1], reason: "rejected" }]);
    });

    it("sets none aside when it fails without any row, and divides nothing", async () => {
      for (let i = 1; i <= 9; i++) world.write(i, "fine");
      world.rejects = (statements) => has(statements, "INTO steps");
      await world.outbox.flush();
      expect([world.outbox.state().dead, world.outbox.state().rows, world.batches]).toEqual([
        0, 9, 2,
      ]);
      expect(world.outbox.state().last_error).toBe("rejected: SQLITE_UNKNOWN");
      world.rejects = () => false;
      world.now = world.outbox.nextAt() ?? 0;
      await world.outbox.flush();
      expect(world.stored()).toHaveLength(9);
    });

    it("sets none aside when every row of a table fails alike, while other tables go on", async () => {
      for (let i = 1; i <= 4; i++) world.write(i, "fine");
      world.local.run(
        "INSERT INTO tombstones (namespace, episode_id, deleted_at) VALUES ('n', 'e', 1)",
      );
      world.local.transaction(() => world.outbox.markDirty("tombstones", ["n", "e"]));
      world.rejects = (statements) => has(statements, "fine");
      await world.outbox.flush();
      expect([world.outbox.state().dead, world.outbox.state().rows]).toEqual([0, 4]);
      expect(world.remote.all("SELECT episode_id FROM tombstones")).toEqual([{ episode_id: "e" }]);
      world.rejects = () => false;
      world.now = world.outbox.nextAt() ?? 0;
      await world.outbox.flush();
      expect(world.stored().map((row) => row.number)).toEqual([1, 2, 3, 4]);
    });
  });

  it("sends a parked row again when it is asked to, and knows it no more once it is taken", async () => {
    world.write(1, "poison");
    world.rejects = (statements) =>
      statements.some(({ args }) => args.some((arg) => String(arg).includes("poison")));
    await world.outbox.flush();
    expect(world.outbox.isDirty("steps", ["n", "e", 1])).toBe(true);
    expect(world.outbox.retryDead()).toBe(1);
    await world.outbox.flush();
    expect(world.outbox.dead(10)).toMatchObject([
      { table: "steps", key: ["n", "e", 1], reason: "constraint", tries: 2 },
    ]);
    world.rejects = () => false;
    world.outbox.retryDead();
    await world.outbox.flush();
    expect([world.outbox.state().dead, world.stored()]).toEqual([
      0,
      [{ number: 1, body: "poison" }],
    ]);
  });

  it("sets a row aside that is too large to be sent at all", async () => {
    world.write(1, "x".repeat(20_000_001));
    world.write(2, "fine");
    await world.outbox.flush();
    expect(world.stored().map((row) => row.number)).toEqual([2]);
    expect(world.outbox.dead(10)).toMatchObject([{ reason: "too_large" }]);
  });
});
