import { describe, expect, it } from "vitest";
import { rebuildWithoutRowid } from "../../../src/durable/shared/tables/without-rowid.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

const NEW = `CREATE TABLE IF NOT EXISTS t (a TEXT NOT NULL, n INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (a, n)) STRICT, WITHOUT ROWID`;
const OLD = NEW.replace(", WITHOUT ROWID", "");
const TABLE = { name: "t", create: NEW, columns: ["a", "n", "body"] };

const layout = (sql: NodeSql): unknown =>
  sql.all("SELECT sql FROM sqlite_master WHERE name LIKE 't%' AND type = 'table'");

/** A table as an earlier release made it, with so many rows of so many bytes. */
function made(rows: number, bytes: number): NodeSql {
  const sql = openLocal([OLD]);
  sql.run(
    `WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < ?)
      INSERT INTO t (a, n, body) SELECT 'x', n, zeroblob(?) FROM k`,
    rows,
    bytes,
  );
  return sql;
}

describe("a table that an earlier release made with a rowid", () => {
  it("is made anew without one, with its rows, once", () => {
    const sql = made(10_000, 100);
    rebuildWithoutRowid(sql, TABLE);
    const [{ sql: text } = { sql: "" }] = layout(sql) as { sql: string }[];
    expect(text).toMatch(/WITHOUT ROWID/);
    expect(layout(sql)).toHaveLength(1);
    expect(sql.all("SELECT count(*) AS n, sum(octet_length(body)) AS bytes FROM t")).toEqual([
      { n: 10_000, bytes: 1_000_000 },
    ]);
    rebuildWithoutRowid(sql, TABLE);
    expect(sql.all("SELECT count(*) AS n FROM t")).toEqual([{ n: 10_000 }]);
  });

  it.each([
    ["rows", 10_001, 1],
    ["bytes", 25, 1_000_000],
  ])("stays as it is when it has many %s", (_what, rows, bytes) => {
    const sql = made(rows, bytes);
    const before = layout(sql);
    rebuildWithoutRowid(sql, TABLE);
    expect(layout(sql)).toEqual(before);
  });

  it("is nothing where it is not made yet", () => {
    const sql = openLocal([]);
    rebuildWithoutRowid(sql, TABLE);
    expect(layout(sql)).toEqual([]);
  });
});
