import { beforeEach, describe, expect, it } from "vitest";
import {
  type Database,
  DatabaseError,
  migrated,
  OwnedDatabase,
  readOwner,
  takeOver,
  upsert,
} from "../../src/storage/index.ts";
import { toDatabaseError } from "../../src/storage/database/errors.ts";
import { asDatabase, openLocal, type NodeSql } from "../support/node-sql.ts";

const START = 1_700_000_000_000;
let now = START;
let local: NodeSql;
let bare: Database;

beforeEach(() => {
  now = START;
  local = openLocal([]);
  const plain = asDatabase(local);
  const sorted = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      const { message } = error as Error;
      throw message.includes("another deployment")
        ? new DatabaseError("foreign", "SQLITE_CONSTRAINT", error)
        : toDatabaseError(Object.assign(error as Error, { code: "SQLITE_ERROR" }));
    });
  bare = {
    all: (sql, ...args) => sorted(plain.all(sql, ...args)),
    write: (statements) => sorted(plain.write(statements)),
  };
});

function opened(
  deployment: string | null,
  deps: Partial<ConstructorParameters<typeof OwnedDatabase>[0]> = {},
): OwnedDatabase {
  const own = migrated(bare, () => now);
  return new OwnedDatabase({
    bare,
    migrated: own,
    deployment: async () => deployment,
    now: () => now,
    ...deps,
  });
}
const row = (id: string) => upsert("tombstones", [["n", id, 1]]);
const kindOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof DatabaseError ? error.kind : error),
  );
const rows = () => local.all<{ episode_id: string }>("SELECT episode_id FROM tombstones");

describe("a database", () => {
  it("is the first deployment's that writes to it", async () => {
    await opened("one").write([row("a")]);
    expect(await readOwner(bare)).toEqual({ deployment: "one", since: START });
    now += 1_000;
    await opened("one").write([row("b")]);
    expect(await readOwner(bare)).toEqual({ deployment: "one", since: START });
    expect(rows()).toHaveLength(2);
  });

  it("refuses another's batch as a whole, and is not read by it", async () => {
    const one = opened("one");
    const two = opened("two");
    expect(await kindOf(two.all("SELECT 1 AS n"))).toBe("done");
    await one.write([row("a")]);
    expect(await kindOf(two.write([row("b")]))).toBe("foreign");
    expect(rows()).toEqual([{ episode_id: "a" }]);
    expect(await kindOf(two.all("SELECT 1 AS n"))).toBe("foreign");
    expect(await kindOf(two.status())).toBe("foreign");
    expect(await kindOf(one.write([row("c")]))).toBe("done");
  });

  it("is not migrated by who does not own it", async () => {
    await opened("one").version();
    await bare.write([
      { sql: "INSERT INTO _owner (one, deployment, since) VALUES (1, 'one', 1)", args: [] },
      { sql: "DELETE FROM _migrations WHERE version = 7", args: [] },
      { sql: "DELETE FROM _migration_steps WHERE version = 7", args: [] },
    ]);
    expect(await kindOf(opened("two").write([row("b")]))).toBe("foreign");
    const [applied] = local.all<{ n: number }>("SELECT max(version) AS n FROM _migrations");
    expect(applied?.n).toBe(6);
  });

  it("stops its former owner after a takeover: writes at once, reads within 30 s", async () => {
    const one = opened("one");
    await one.write([row("a")]);
    const two = opened("two");
    expect(await kindOf(two.write([row("b")]))).toBe("foreign");
    await bare.write([takeOver("one", "two", now)]);
    expect(await kindOf(two.write([row("b")]))).toBe("foreign");
    now += 5_000;
    expect(await kindOf(two.write([row("b")]))).toBe("done");
    expect(await kindOf(one.all("SELECT 1 AS n"))).toBe("done");
    now += 25_001;
    expect(await kindOf(one.all("SELECT 1 AS n"))).toBe("foreign");
    expect(await kindOf(one.write([row("c")]))).toBe("foreign");
    expect(rows()).toHaveLength(2);
  });

  it("is looked at again when asked to", async () => {
    await opened("one").write([row("a")]);
    const two = opened("two");
    expect(await kindOf(two.write([row("b")]))).toBe("foreign");
    await bare.write([takeOver("one", "two", now)]);
    two.lookAgain();
    expect(await kindOf(two.write([row("b")]))).toBe("done");
  });

  it("is taken over only from whom it is", async () => {
    await opened("one").write([row("a")]);
    await bare.write([takeOver("three", "two", now)]);
    expect(await readOwner(bare)).toMatchObject({ deployment: "one" });
  });

  it("is used without a claim by a release that has no mark", async () => {
    await opened("one").write([row("a")]);
    expect(await kindOf(opened(null).write([row("b")]))).toBe("done");
    expect(await readOwner(bare)).toMatchObject({ deployment: "one" });
  });

  it("is not asked while nobody knows which deployment this is", async () => {
    const nobody = opened(null, {
      deployment: async () => {
        throw new Error("no answer");
      },
    });
    expect(await kindOf(nobody.write([row("a")]))).toBe("not_asked");
    expect(await kindOf(nobody.all("SELECT 1 AS n"))).toBe("not_asked");
  });

  it("is its own's whose kept id was wrong", async () => {
    await opened("one").write([row("a")]);
    const found = opened(null, { deployment: async (anew) => (anew ? "one" : "made up") });
    expect(await kindOf(found.all("SELECT 1 AS n"))).toBe("done");
  });

  it("is one deployment's when two come to an empty one at once", async () => {
    const both = [opened("one"), opened("two")];
    const found = await Promise.all(both.map((own, i) => kindOf(own.write([row(`${i}`)]))));
    expect(found.map(String).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(["done", "foreign"]);
    expect(rows()).toHaveLength(1);
  });
});
