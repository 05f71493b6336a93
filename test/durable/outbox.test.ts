import { beforeEach, describe, expect, it } from "vitest";
import { createOutbox, OUTBOX_SCHEMA, type Outbox } from "../../src/durable/outbox.ts";
import { DatabaseError, SCHEMA, type Statement } from "../../src/storage/index.ts";
import { asDatabase, openLocal, type NodeSql } from "../support/node-sql.ts";

let local: NodeSql;
let remote: NodeSql;
let outbox: Outbox;
let batches: number;
let failWith: DatabaseError | null;
let whileWriting: (() => void) | null;
let rejects: (statements: readonly Statement[]) => boolean;
let now: number;

beforeEach(() => {
  local = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
  remote = openLocal(SCHEMA);
  batches = 0;
  failWith = null;
  whileWriting = null;
  rejects = () => false;
  now = 1_000_000;
  const database = asDatabase(remote);
  outbox = createOutbox({
    sql: local,
    transaction: (work) => local.transaction(work),
    database: {
      async write(statements) {
        batches += 1;
        if (failWith) throw failWith;
        if (rejects(statements)) throw new DatabaseError("rejected", "SQLITE_CONSTRAINT", null);
        await database.write(statements);
        whileWriting?.();
      },
    },
    now: () => now,
    random: () => 0.5,
    turn: (work) => work(),
    log: () => undefined,
  });
});

function write(number: number, body: string): void {
  local.transaction(() => {
    local.run(
      "INSERT OR REPLACE INTO steps (namespace, episode_id, number, body) VALUES ('n', 'e', ?, ?)",
      number,
      body,
    );
    outbox.mark("steps", ["n", "e", number]);
  });
}
const stored = (): { number: number; body: string }[] => remote.all("SELECT number, body FROM steps ORDER BY number");

describe("the outbox", () => {
  it("sends many rows in one batch and holds nothing afterwards", async () => {
    for (let i = 1; i <= 40; i++) write(i, `{"i":${i}}`);
    await outbox.flush();
    expect(batches).toBe(1);
    expect(stored()).toHaveLength(40);
    expect(outbox.depth()).toBe(0);
    expect(outbox.nextAt()).toBeNull();
  });

  it("sends a row as it is when it is sent, however often it was written", async () => {
    for (const body of ["a", "b", "c"]) write(1, body);
    expect(outbox.depth()).toBe(1);
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
      outbox.mark("steps", ["n", "e", 1]);
    });
    await outbox.flush();
    expect(stored()).toEqual([]);
  });

  it("loses nothing while the database is away, waits longer, and drains when it is back", async () => {
    failWith = new DatabaseError("unavailable", "TimeoutError", null);
    write(1, "a");
    await outbox.flush();
    const first = (outbox.nextAt() ?? 0) - now;
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    expect((outbox.nextAt() ?? 0) - now).toBeGreaterThan(first);
    expect(outbox.depth()).toBe(1);
    failWith = null;
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    expect(stored()).toHaveLength(1);
    expect(outbox.depth()).toBe(0);
  });

  it("writes the same state when a reply is lost after the commit", async () => {
    write(1, "a");
    whileWriting = () => {
      whileWriting = null;
      throw new DatabaseError("unavailable", "connection lost", null);
    };
    await outbox.flush();
    expect(outbox.depth()).toBe(1);
    now = outbox.nextAt() ?? 0;
    await outbox.flush();
    expect(stored()).toEqual([{ number: 1, body: "a" }]);
    expect(outbox.depth()).toBe(0);
  });

  it("parks the one row that the database rejects and sends the others", async () => {
    for (let i = 1; i <= 9; i++) write(i, i === 5 ? "poison" : "fine");
    rejects = (statements) => statements.some(({ args }) => String(args[0]).includes("poison"));
    await outbox.flush();
    expect(stored().map((row) => row.number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    expect(local.all("SELECT table_name, key, reason FROM dead_letters")).toEqual([
      { table_name: "steps", key: '["n","e",5]', reason: "SQLITE_CONSTRAINT" },
    ]);
    expect(outbox.depth()).toBe(0);
  });

  it("lets derived rows wait, unless it is forced", async () => {
    local.run("INSERT INTO domains (namespace, domain, body) VALUES ('n', 'd', '{}')");
    outbox.mark("domains", ["n", "d"]);
    await outbox.flush();
    expect(remote.all("SELECT * FROM domains")).toEqual([]);
    await outbox.flush(true);
    expect(remote.all("SELECT domain FROM domains")).toEqual([{ domain: "d" }]);
  });
});
