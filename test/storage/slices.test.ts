import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readByKeys,
  readNamespaceSlice,
  readOrdered,
  SCHEMA,
  takeSlice,
  upsertRow,
} from "../../src/storage/index.ts";
import { asDatabase, openLocal } from "../support/node-sql.ts";

/** A database with judgements of recalls `e000`, `e001` … whose bodies have these sizes. */
function opened(sizes: readonly number[]) {
  const sql = openLocal(SCHEMA);
  for (const [i, size] of sizes.entries()) {
    const body = JSON.stringify({
      n: i,
      pad: "é".repeat(Math.max(0, Math.floor((size - 20) / 2))),
    });
    sql.run(upsertRow("feedback"), "n", idOf(i), i, body);
  }
  sql.run(upsertRow("feedback"), "other", "e000", 1, "{}");
  return { sql, database: asDatabase(sql) };
}
const idOf = (i: number): string => `e${String(i).padStart(3, "0")}`;

describe("slices of a namespace", () => {
  it("hold every row once, in key order, none more than its bytes unless it is one row", async () => {
    const lists = fc.array(fc.constantFrom(30, 1_000, 400_000, 1_200_000), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 5 }), async (sizes, rows) => {
        const { database } = opened(sizes);
        const seen: string[] = [];
        let after: string[] | null = null;
        for (let more = true; more;) {
          const slice = await readNamespaceSlice(database, "feedback", "n", after, { rows });
          expect(slice.rows.length).toBeLessThanOrEqual(rows);
          if (slice.rows.length > 1) expect(slice.bytes).toBeLessThanOrEqual(1_001_000);
          seen.push(...slice.rows.map((row) => String(row[1])));
          after = [seen.at(-1) ?? ""];
          more = slice.more;
        }
        expect(seen).toEqual(sizes.map((_, i) => idOf(i)));
      }),
      { numRuns: 25 },
    );
  });
});

describe("rows by their keys", () => {
  it("come from the database with as many questions as their bytes need, and from here with one", async () => {
    const { sql, database } = opened([400_000, 400_000, 400_000, 1_500_000, 100, 400_000]);
    const asked: string[] = [];
    const counting = {
      all: async <T extends Record<string, string | number | null>>(
        text: string,
        ...args: (string | number | null)[]
      ) => {
        const rows = sql.all<T>(text, ...args);
        const bytes = rows.reduce((sum, row) => sum + String(row["body"]).length * 2, 0);
        asked.push(`${rows.length} ${bytes > 2_500_000}`);
        return rows;
      },
    };
    const ids = ["e003", "missing", "e000", "e005", "e001", "e002", "e004"];
    const read = {
      name: "feedback",
      namespace: "n",
      column: "recall_id",
      ids,
      select: "t.body AS body",
      counted: ["body"],
    } as const;
    const found = await readByKeys<{ body: string }>(counting, read);
    const numbers = (rows: readonly { body: string }[]) =>
      rows.map(({ body }) => (JSON.parse(body) as { n: number }).n);
    expect(numbers(found)).toEqual([3, 0, 5, 1, 2, 4]);
    expect(asked).toEqual(["1 false", "2 false", "3 false"]);
    const here = await readByKeys<{ body: string }>({ ...database, isLocal: true }, read);
    expect(numbers(here).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe("lists in an order of their own", () => {
  it.each([true, undefined])(
    "are cut by rows and by bytes, and say so (in the object itself: %s)",
    async (isLocal) => {
      const { database } = opened([400_000, 100, 400_000, 400_000, 100]);
      const reader = isLocal ? { ...database, isLocal } : database;
      const read = {
        from: "feedback WHERE namespace = ?",
        order: "recall_id DESC",
        args: ["n"],
      } as const;
      const first = await readOrdered(reader, { ...read, bounds: { rows: 10 } });
      expect([first.rows.length, first.more]).toEqual([4, true]);
      const two = await readOrdered(reader, { ...read, bounds: { rows: 2 } });
      expect([two.rows.length, two.more]).toEqual([2, true]);
      const all = await readOrdered(reader, { ...read, bounds: { rows: 5, bytes: 10_000_000 } });
      expect([all.rows.length, all.more]).toEqual([5, false]);
    },
  );
});

describe("a slice of what is here", () => {
  it("reads one row more than it takes, and none after it", () => {
    let read = 0;
    const rows = function* () {
      for (;;) {
        read += 1;
        yield { body: "x".repeat(300_000) };
      }
    };
    expect(takeSlice(rows(), { rows: 100 })).toMatchObject({ bytes: 900_000, more: true });
    expect(read).toBe(4);
    expect(takeSlice([{ body: "x".repeat(5_000_000) }], { rows: 100 })).toMatchObject({
      bytes: 5_000_000,
      more: false,
    });
  });
});
