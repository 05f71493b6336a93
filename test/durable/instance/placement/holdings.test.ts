import { beforeEach, describe, expect, it } from "vitest";
import { LOCAL_SCHEMA, type InstanceContext } from "../../../../src/durable/instance/context.ts";
import { holdings } from "../../../../src/durable/instance/placement/holdings.ts";
import type { Knowledge } from "../../../../src/durable/instance/knowledge/index.ts";
import { KNOWLEDGE_SCHEMA } from "../../../../src/durable/instance/knowledge/index.ts";
import { OUTBOX_SCHEMA, type Outbox } from "../../../../src/durable/outbox/outbox.ts";
import { AfterRestore } from "../../../../src/durable/instance/placement/after-restore.ts";
import { SCHEMA, upsert, type SqlValue } from "../../../../src/storage/index.ts";
import { openLocal } from "../../../support/node-sql.ts";
import { type EpisodesCursor, BEFORE_EPISODE } from "../../../../src/durable/shared/holdings.ts";

const EPISODES = 10_000;
let sql: ReturnType<typeof openLocal>;
let ports: Parameters<typeof holdings>[0];

const idOf = (n: number): string => `e${String(n).padStart(6, "0")}`;
function episodeRow(id: string, body: string): SqlValue[] {
  return [
    "ns",
    id,
    "completed",
    "success",
    "d",
    null,
    null,
    "other",
    "t",
    "[]",
    1,
    2,
    3,
    4,
    1,
    body,
  ];
}
function put(table: "episodes" | "steps" | "tombstones", rows: SqlValue[][]): void {
  const statement = upsert(table, rows);
  sql.run(statement.sql, ...statement.args);
}

beforeEach(() => {
  sql = openLocal([...SCHEMA, ...OUTBOX_SCHEMA, ...LOCAL_SCHEMA, ...KNOWLEDGE_SCHEMA]);
  ports = { sql, isHome: () => true };
});

function fill(): void {
  const numbers = Array.from({ length: EPISODES }, (_, n) => n);
  put(
    "episodes",
    numbers.map((n) => episodeRow(idOf(n), "{}")),
  );
  put(
    "steps",
    numbers.flatMap((n) => [1, 2, 3].map((number) => ["ns", idOf(n), number, "{}"])),
  );
}
const mark = (table: string, key: SqlValue[], seq: number): void =>
  sql.run("INSERT INTO outbox VALUES (?, ?, ?, 1, 0, 1, 1)", seq, table, JSON.stringify(key));

describe("what an instance holds, for a restore", () => {
  it("is every copy once, a bounded page at a time, but for those of which something is unsent", () => {
    fill();
    mark("episodes", ["ns", idOf(7)], 1);
    mark("steps", ["ns", idOf(4_999), 2], 2);
    const found: string[] = [];
    let pages = 0;
    for (let after: readonly [string, string] | null = ["", ""]; after !== null; pages++) {
      const page: { copies: { id: string; steps: number }[]; next: [string, string] | null } =
        holdings(ports, "copies", {
          namespace: null,
          episode: null,
          after,
        });
      expect(page.copies.length).toBeLessThanOrEqual(500);
      expect(page.copies.every(({ steps }) => steps === 3)).toBe(true);
      found.push(...page.copies.map(({ id }) => id));
      after = page.next;
    }
    expect(pages).toBeGreaterThanOrEqual(EPISODES / 500);
    expect(found).toEqual(
      Array.from({ length: EPISODES }, (_, n) => idOf(n)).filter(
        (id) => id !== idOf(7) && id !== idOf(4_999),
      ),
    );
  });

  it("is whole episodes in pages of about a megabyte, each row once, however large they are", () => {
    const large = "x".repeat(300_000);
    put("episodes", [episodeRow("a", "{}"), episodeRow("b", large), episodeRow("d", "{}")]);
    put("steps", [
      ...Array.from({ length: 9 }, (_, i): SqlValue[] => ["ns", "a", i + 1, large]),
      ["ns", "b", 1, "y".repeat(1_700_000)],
      ["ns", "b", 2, "{}"],
    ]);
    const keys = ["a", "b", "c", "d"].map((id): [string, string] => ["ns", id]);
    const found: string[] = [];
    for (let from: EpisodesCursor | null = { index: 0, number: BEFORE_EPISODE }; from !== null;) {
      const page: ReturnType<typeof holdings<"episodes">> = holdings(ports, "episodes", {
        keys,
        from,
      });
      expect(JSON.stringify(page.rows).length).toBeLessThan(3_100_000);
      found.push(
        ...page.rows.map(
          ({ table, row }) => `${table} ${String(row[1])} ${table === "steps" ? row[2] : ""}`,
        ),
      );
      from = page.next;
    }
    const steps = (id: string, count: number) =>
      Array.from({ length: count }, (_, i) => `steps ${id} ${i + 1}`);
    expect(found).toEqual([
      "episodes a ",
      ...steps("a", 9),
      "episodes b ",
      ...steps("b", 2),
      "episodes d ",
    ]);
  });

  it("is rows in key order, a bounded page at a time, unsent ones left out where that is asked for", () => {
    put(
      "tombstones",
      Array.from({ length: 1_200 }, (_, n) => ["ns", idOf(n), n]),
    );
    mark("tombstones", ["ns", idOf(3)], 1);
    for (const sent of [false, true]) {
      const found: SqlValue[] = [];
      let after: SqlValue[] | null = null;
      do {
        const page: ReturnType<typeof holdings<"rows">> = holdings(ports, "rows", {
          table: "tombstones",
          namespace: null,
          after,
          sent,
        });
        expect(page.rows.length).toBeLessThanOrEqual(500);
        found.push(...page.rows.map((row) => row[1] ?? null));
        after = page.next;
      } while (after !== null);
      expect(found).toEqual(
        Array.from({ length: 1_200 }, (_, n) => idOf(n)).filter((id) => !sent || id !== idOf(3)),
      );
    }
  });
});

describe("the end of a restore at an instance", () => {
  const done = { namespace: null, episode: null, outbox: "replay" } as const;
  let resynced: unknown[][];
  let restored: AfterRestore;

  beforeEach(() => {
    resynced = [];
    const knowledge = { resync: (...args: unknown[]) => void resynced.push(args) };
    const outbox = { markDirty: () => undefined, resetBackoff: () => undefined };
    const context = {
      sql,
      transaction: (work: () => unknown) => sql.transaction(work),
      now: () => 1,
      wake: () => undefined,
      meter: { count: () => undefined },
    };
    restored = new AfterRestore(
      context as unknown as InstanceContext,
      outbox as unknown as Outbox,
      knowledge as unknown as Knowledge,
    );
  });
  const left = (): unknown[] =>
    sql.all("SELECT id FROM episodes ORDER BY id").map((row) => row["id"]);

  it("comes in slices, which drop what the database has and nothing that is unsent or to be learned", () => {
    fill();
    mark("steps", ["ns", idOf(4_999), 2], 1);
    sql.run("INSERT INTO pending_tasks VALUES ('learn', 'ns', ?, NULL)", idOf(9_999));
    let slices = 0;
    for (let after: [string, string] | null = null; ; slices++) {
      const before = left().length;
      const answer: ReturnType<AfterRestore["done"]> = restored.done({ ...done, after });
      expect(before - left().length).toBeLessThanOrEqual(500);
      after = answer.next ?? null;
      if (after === null) break;
      expect(resynced).toEqual([]);
    }
    expect(slices).toBeGreaterThanOrEqual(EPISODES / 500);
    expect(left()).toEqual([idOf(4_999), idOf(9_999)]);
    expect(sql.all("SELECT count(*) AS n FROM steps")).toEqual([{ n: 6 }]);
    expect(resynced).toEqual([["*", true]]);
  });

  it("is all at once for a Coordinator of an earlier release", () => {
    fill();
    expect(restored.done(done)).toEqual({ replayed: 0, kept: 0 });
    expect([left(), resynced]).toEqual([[], [["*", true]]]);
  });

  it("drops nothing where the database is given back half restored", () => {
    fill();
    restored.done({ ...done, merged: true, copies: "keep", after: null });
    expect([left().length, resynced]).toEqual([EPISODES, [["*", false]]]);
  });
});

describe("rows that a snapshot gives back", () => {
  it.each([
    ["a foreign table", "api_keys", { id: "a", hash: "b", body: "{}" }],
    ["a property that every object has", "constructor", {}],
    ["SQL for a column", "pending_tasks", { "kind) VALUES (1); --": 1 }],
    ["a foreign column", "pending_tasks", { kind: "learn", namespace: "n", id: "i", rowid: 1 }],
    ["an object for a value", "idempotency", { scope: { a: 1 } }],
  ])("are refused at the instance too: %s", (_name, table, row) => {
    const context = {
      sql,
      transaction: (work: () => unknown) => sql.transaction(work),
      now: () => 1,
      wake: () => undefined,
    };
    const restored = new AfterRestore(
      context as unknown as InstanceContext,
      {} as Outbox,
      {} as Knowledge,
    );
    expect(() => restored.put(table, [row as never])).toThrow(/not put back|cannot have/);
  });
});
