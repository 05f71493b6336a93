import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EpisodeRows } from "../../../../src/durable/instance/episodes/store/episode-rows.ts";
import { PENDING_TASKS_SCHEMA } from "../../../../src/durable/instance/episodes/tasks/pending-tasks.ts";
import { TRACES_SCHEMA } from "../../../../src/durable/instance/episodes/traces/trace-rows.ts";
import { KNOWLEDGE_SCHEMA } from "../../../../src/durable/instance/knowledge/index.ts";
import { ShardRows } from "../../../../src/durable/instance/placement/shard-rows.ts";
import { KEPT_ANSWERS_SCHEMA } from "../../../../src/durable/instance/requests/kept-answers.ts";
import { OUTBOX_SCHEMA } from "../../../../src/durable/outbox/outbox.ts";
import type {
  Shard,
  ShardCursor,
  ShardSlice,
} from "../../../../src/durable/shared/instance/placement.ts";
import { bytesOfValues, SCHEMA, upsertRow, type SqlValue } from "../../../../src/storage/index.ts";
import { openLocal } from "../../../support/node-sql.ts";

/** What the database has of a row: not yet, never as it is, or as it is. */
type State = "unsent" | "parked" | "stored";

function opened() {
  const sql = openLocal([
    ...SCHEMA,
    ...OUTBOX_SCHEMA,
    ...KEPT_ANSWERS_SCHEMA,
    ...TRACES_SCHEMA,
    ...PENDING_TASKS_SCHEMA,
    ...KNOWLEDGE_SCHEMA,
  ]);
  let seq = 1_000_000;
  const mark = (state: State, table: string, key: readonly SqlValue[]): void => {
    const text = JSON.stringify(key);
    if (state === "unsent") {
      sql.run(
        "INSERT INTO outbox (seq, table_name, key, generation, due_at, marked_at, bytes) VALUES (?, ?, ?, 1, 0, 0, 0)",
        seq++,
        table,
        text,
      );
    } else if (state === "parked") {
      sql.run(
        `INSERT INTO dead_letters (table_name, key, reason, detail, parked_at, tries) VALUES (?, ?, '', '', 0, 1)`,
        table,
        text,
      );
    }
  };
  const isDirty = (table: string, key: readonly SqlValue[]): boolean =>
    ["outbox", "dead_letters"].some(
      (name) =>
        sql.all(
          `SELECT 1 AS n FROM ${name} WHERE table_name = ? AND key = ?`,
          table,
          JSON.stringify(key),
        ).length > 0,
    );
  const outbox = { isDirty, markDirty: () => 0, clearDirty: () => undefined };
  return { sql, mark, slices: new ShardRows({ sql, outbox, episodes: new EpisodeRows(sql) }) };
}

function all(slices: ShardRows, shard: Shard): ShardSlice[] {
  const parts: ShardSlice[] = [];
  for (let after: ShardCursor | null = null; ;) {
    const part: ShardSlice = slices.read(shard, after);
    parts.push(part);
    after = part.next;
    if (after === null) return parts;
    if (parts.length > 500) throw new Error("it does not end");
  }
}

const small = (parts: readonly ShardSlice[]): boolean =>
  parts.every(({ rows }) => {
    const bytes = rows.reduce((sum, { row }) => sum + bytesOfValues(row ?? []), 0);
    return rows.length <= 1 || bytes <= 1_001_000;
  });

describe("the slices of what moves", () => {
  it("hold each step of an episode once, whatever the database knows of it, and what is to be done last", () => {
    const steps = fc.array(
      fc.record({
        bytes: fc.constantFrom(10, 5_000, 400_000, 1_200_000),
        state: fc.constantFrom<State>("unsent", "parked", "stored"),
      }),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const { sql, mark, slices } = opened();
        for (const [i, { bytes, state }] of list.entries()) {
          sql.run(upsertRow("steps"), "n", "e", i + 1, "x".repeat(bytes));
          mark(state, "steps", ["n", "e", i + 1]);
        }
        // Another episode whose id begins alike.
        sql.run(upsertRow("steps"), "n", "e1", 1, "other");
        mark("unsent", "steps", ["n", "e1", 1]);
        sql.run(
          "INSERT INTO pending_tasks (kind, namespace, id, recall_id) VALUES ('learn', 'n', 'e', NULL)",
        );
        const parts = all(slices, { kind: "episode", namespace: "n", id: "e" });
        const rows = parts.flatMap((part) => part.rows);
        expect(rows.map(({ key }) => Number(key[2])).sort((a, b) => a - b)).toEqual(
          list.map((_, i) => i + 1),
        );
        for (const { key, isUnsent, row } of rows) {
          const step = list[Number(key[2]) - 1];
          expect(isUnsent).toBe(step?.state !== "stored");
          expect(String(row?.at(-1)).length).toBe(step?.bytes);
        }
        expect(small(parts)).toBe(true);
        expect(parts.map(({ local }) => local.length)).toEqual([...parts.slice(1).map(() => 0), 1]);
      }),
      { numRuns: 40 },
    );
  });

  it("of a namespace hold what is unsent, deletions too, and what was recalled", () => {
    const { sql, mark, slices } = opened();
    for (let i = 0; i < 1_200; i++) {
      if (i % 3 > 0) sql.run(upsertRow("feedback"), "n", `r${i}`, 1, "{}".padEnd(2_000));
      mark("unsent", "feedback", ["n", `r${i}`]);
    }
    for (let i = 0; i < 5; i++)
      sql.run("INSERT INTO recalls VALUES ('n', ?, 1, ?)", `r${i}`, "x".repeat(450_000));
    const parts = all(slices, { kind: "namespace", namespace: "n" });
    const rows = parts.flatMap((part) => part.rows);
    expect(new Set(rows.map(({ key }) => key[1])).size).toBe(1_200);
    expect(rows).toHaveLength(1_200);
    expect(rows.filter(({ row }) => row === null)).toHaveLength(400);
    const local = parts.flatMap((part) => part.local);
    expect(local.map(({ row }) => row["id"])).toEqual(["r0", "r1", "r2", "r3", "r4"]);
    expect(parts.filter((part) => part.local.length > 0).length).toBeGreaterThan(2);
    expect(small(parts)).toBe(true);
  });
});
