import { expect, it } from "vitest";
import { rebuildWithoutRowid } from "../../../src/durable/shared/tables/without-rowid.ts";
import { STEPS_TABLE, TABLES } from "../../../src/storage/index.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

const FORMER = `CREATE TABLE steps (
  namespace TEXT NOT NULL, episode_id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (namespace, episode_id, number)) STRICT`;
const steps = { name: "steps", create: STEPS_TABLE, columns: TABLES.steps.columns };

/** @param bytes of each body, about */
function filled(rows: number, bytes = 8): NodeSql {
  const sql = openLocal([FORMER]);
  sql.run(
    `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
      INSERT INTO steps SELECT 'n', 'e', n, printf('%.*c', ?, 'x') || n FROM n`,
    rows,
    bytes,
  );
  return sql;
}

const hasRowid = (sql: NodeSql): boolean => {
  const [made] = sql.all<{ sql: string }>("SELECT sql FROM sqlite_master WHERE name = 'steps'");
  return !made?.sql.includes("WITHOUT ROWID");
};

it("a small table of an earlier release gets its present layout, with all of its rows, once", () => {
  const sql = filled(500);
  const before = sql.all("SELECT * FROM steps ORDER BY number");
  for (let n = 0; n < 2; n++) sql.transaction(() => rebuildWithoutRowid(sql, steps));
  expect(hasRowid(sql)).toBe(false);
  expect(sql.all("SELECT * FROM steps ORDER BY number")).toEqual(before);
  expect(sql.all("SELECT name FROM sqlite_master WHERE type = 'table'")).toEqual([
    { name: "steps" },
  ]);
});

it.each([
  ["rows", 10_001, 8],
  ["bytes", 25, 1_000_000],
])("one of many %s stays as it is", (_what, rows, bytes) => {
  const sql = filled(rows, bytes);
  sql.transaction(() => rebuildWithoutRowid(sql, steps));
  expect(hasRowid(sql)).toBe(true);
  expect(sql.all("SELECT count(*) AS n FROM steps")).toEqual([{ n: rows }]);
});
