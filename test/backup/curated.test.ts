import { describe, expect, it } from "vitest";
import { applyPortion } from "../../src/backup/restore/apply.ts";
import type { Portion } from "../../src/backup/restore/portion-sql.ts";
import {
  modeFor,
  tablesFor,
  type DeletedChoice,
  type RestoreMode,
} from "../../src/backup/restore/rules.ts";
import { MIGRATIONS, TABLES, upsert, type SqlValue } from "../../src/storage/index.ts";
import { openLocal, type NodeSql } from "../support/node-sql.ts";

type CuratedTable = "lessons" | "lesson_evidence" | "curation";

/** A database as migrations leave it. */
function database(): NodeSql {
  return openLocal(
    MIGRATIONS.filter(({ kind }) => kind === "expand").flatMap(({ statements }) => [...statements]),
  );
}

function put(sql: NodeSql, table: CuratedTable, row: SqlValue[]): void {
  const { sql: text, args } = upsert(table, [row]);
  sql.run(text, ...(args ?? []));
}

interface Restore {
  mode: RestoreMode;
  deleted?: DeletedChoice;
}

/** Brings rows of a backup of one table in, as a restore of everything does. */
function restore(
  sql: NodeSql,
  table: CuratedTable,
  rows: SqlValue[][],
  { mode, deleted = "respect" }: Restore,
): void {
  const { columns, key } = TABLES[table];
  const lines = rows.map((row) => JSON.stringify(row));
  const bounds = { layer: 0, parts: false, after: null, through: null };
  const portion: Portion = { table, op: "put", columns, key, lines, ...bounds };
  const scope = { namespace: null, episode: null };
  const rules = { mode: modeFor(table, mode, deleted), scope, deleted };
  for (const statement of applyPortion(portion, rules))
    sql.run(statement.sql, ...(statement.args ?? []));
}

const decision = (at: number, body: string): SqlValue[] => ["n", "pattern", "p", at, body];
const lesson = (at: number, body: string): SqlValue[] => ["n", "l", at, body];
const used = (episode: string): SqlValue[] => ["n", "l", `e:${episode}`, episode, 1, 1, 0, 0, "{}"];
const bodies = (sql: NodeSql, table: CuratedTable): unknown[] =>
  sql.all<{ body: string }>(`SELECT body FROM ${table}`).map(({ body }) => body);

describe.each<RestoreMode>(["merge", "replace"])("a restore with %s of an older backup", (mode) => {
  it("leaves what people decided since, and brings back what is missing", () => {
    for (const [table, row] of [
      ["curation", decision],
      ["lessons", lesson],
    ] as const) {
      const sql = database();
      put(sql, table, row(20, "now"));
      restore(sql, table, [row(10, "then")], { mode });
      expect(bodies(sql, table), table).toEqual(["now"]);
      restore(sql, table, [row(30, "later")], { mode });
      expect(bodies(sql, table), table).toEqual(["later"]);
      sql.run(`DELETE FROM ${table}`);
      restore(sql, table, [row(10, "then")], { mode });
      expect(bodies(sql, table), table).toEqual(["then"]);
    }
  });

  it("brings back no evidence of an episode that was deleted since", () => {
    const sql = database();
    sql.run("INSERT INTO _restore_dead (namespace, episode_id, deleted_at) VALUES ('n', 'b', 5)");
    restore(sql, "lesson_evidence", [used("a"), used("b")], { mode });
    expect(sql.all("SELECT episode_id FROM lesson_evidence")).toEqual([{ episode_id: "a" }]);
  });
});

it("a restore that is asked to bring the deleted back makes decisions what they were", () => {
  const sql = database();
  put(sql, "curation", decision(20, "now"));
  restore(sql, "curation", [decision(10, "then")], { mode: "replace", deleted: "bring_back" });
  expect(bodies(sql, "curation")).toEqual(["then"]);
});

it("a restore of one episode brings what it said and proved along, and decides nothing else", () => {
  const tables = tablesFor({ namespace: "n", episode: "e" }, "bring_back");
  expect(tables).toContain("lesson_evidence");
  expect(tables).not.toEqual(expect.arrayContaining(["lessons"]));
  expect(tables).not.toEqual(expect.arrayContaining(["curation"]));
});
