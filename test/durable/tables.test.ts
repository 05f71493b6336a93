/**
 * A table has one owner, and what is done to its rows is told by its columns of `TABLES` or
 * `INSTANCE_TABLES`: held against every source file, and against the tables that an instance has.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PUT_BACK } from "../../src/backup/index.ts";
import {
  INSTANCE_TABLES,
  type InstanceTable,
} from "../../src/durable/shared/tables/instance-tables.ts";
import { TABLES, type Table, type TableName } from "../../src/storage/index.ts";
import { NodeInstances } from "../support/instances.ts";
import { sqlOf } from "../support/source.ts";

const ROOT = join(import.meta.dirname, "../..");
const ALL: Readonly<Record<string, { owner: string }>> = { ...TABLES, ...INSTANCE_TABLES };
/** The tables that an object has: some are the database's alone. */
const HELD = Object.keys(ALL).filter((name) => !isOnlyInDatabase(name));

function isOnlyInDatabase(name: string): boolean {
  return name in TABLES && TABLES[name as TableName].home === "database";
}

/** Who else names tables in SQL, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "src/storage/tables.ts": "the definitions of the tables",
  "src/storage/changes.ts": "the change feed of every table, in the database",
  "src/storage/migrations/": "the definitions of the tables in the database",
  "src/backup/": "a backup or a restore of the database, which has no instance to ask",
  "src/workflows/": "a restore of the database, which has it for itself",
  "src/durable/coordinator/monitoring/measures.ts": "a mean size of the database's rows",
};

/** Who runs SQL on tables that a column of the lists names, and what it does to their rows. */
const MOVERS: Readonly<Record<string, string>> = {
  "src/durable/outbox/batch.ts": "reads the rows that go to the database",
  "src/durable/outbox/outbox-table.ts": "measures a row",
  "src/durable/outbox/watermark.ts": "counts an episode's steps",
  "src/durable/outbox/unsent.ts": "its own two lists of unsent rows",
  "src/durable/shared/tables/snapshots.ts": "reads every row for a snapshot",
  "src/durable/shared/tables/without-rowid.ts": "makes a table anew, at its owner's call",
  "src/durable/instance/episodes/eraser.ts": "drops the rows of a namespace",
  "src/durable/instance/episodes/store/queries/list-query.ts": "lists of episodes, which it owns",
  "src/durable/instance/placement/shard-rows.ts": "reads, stores and drops the rows of a shard",
  "src/durable/instance/placement/holdings.ts": "reads rows for a restore",
  "src/durable/instance/placement/after-restore.ts": "drops copies, and puts rows back",
  "src/durable/instance/knowledge/": "the tables that knowledge owns",
};

const files = globSync("src/**/*.ts", { cwd: ROOT }).sort();
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const isAmong = (file: string, places: Readonly<Record<string, string>>): boolean =>
  Object.keys(places).some(
    (place) => file === place || (place.endsWith("/") && file.startsWith(place)),
  );
const isOwner = (file: string, owner: string): boolean =>
  file === `src/durable/${owner}.ts` || file.startsWith(`src/durable/${owner}/`);

/** Tables that a statement, or a part of one, names; `${` for one that it does not. */
function tablesIn(sql: string): string[] {
  const named = sql.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE|EXISTS|ON)\s+(\w+|\$\{)/g);
  const [, first = ""] = /^\s*(\w+)(?: \w+)? (?:WHERE|LEFT JOIN)\b/.exec(sql) ?? [];
  return [...[...named].map((match) => match[1] ?? ""), first].filter(
    (name) => name in ALL || name === "${",
  );
}

const tablesOf = (file: string, source: string): string[] =>
  sqlOf(file, source).flatMap((sql) => tablesIn(sql));

/** Tables that a file's SQL names although it may not. */
function breachesOf(file: string, source: string): string[] {
  return tablesOf(file, source).filter((table) => {
    if (table === "${") return file.startsWith("src/durable/") && !isAmong(file, MOVERS);
    return !isOwner(file, ALL[table]?.owner ?? "") && !isAmong(file, EXCEPTIONS);
  });
}

describe("SQL on a table", () => {
  it("is in its owner's file; what goes through tables by their columns is on a list", () => {
    const named = files.flatMap((file) => tablesOf(file, read(file)));
    expect(named.filter((table) => table !== "${").length).toBeGreaterThan(150);
    expect(named.filter((table) => table === "${").length).toBeGreaterThan(10);
    const breaches = files.flatMap((file) =>
      breachesOf(file, read(file)).map((table) => `${file} names ${table}`),
    );
    expect(breaches).toEqual([]);
  });

  it.each([
    ["src/durable/instance/background.ts", 'sql.all("SELECT * FROM outbox");', ["outbox"]],
    ["src/durable/outbox/batch.ts", 'sql.run("DELETE FROM cached WHERE id = ?", id);', ["cached"]],
    ["src/durable/outbox/batch.ts", 'sql.run("DELETE FROM outbox WHERE seq = ?", seq);', []],
    [
      "src/durable/instance/meta.ts",
      'sql.all("SELECT * FROM meta JOIN keys USING (a)");',
      ["keys"],
    ],
    ["src/durable/instance/meta.ts", "sql.run(`UPDATE ${table} SET a = 1`);", ["${"]],
    ["src/durable/instance/placement/shard-rows.ts", "sql.run(`DELETE FROM ${table}`);", []],
    ["src/api/api.ts", 'sql.all("SELECT * FROM episodes");', ["episodes"]],
    ["src/backup/backup.ts", 'sql.all("SELECT * FROM episodes");', []],
  ])("%s with %s breaks the rule for %j", (file, source, tables) => {
    expect(breachesOf(file, source)).toEqual(tables);
  });

  it("has owners that exist, each of which knows its table", () => {
    const strange = Object.entries(ALL).filter(([table, { owner }]) => {
      const owned = files.filter((file) => isOwner(file, owner));
      return !owned.some((file) => read(file).includes(table));
    });
    expect(strange).toEqual([]);
  });
});

describe("the tables of an instance", () => {
  const sql = new NodeInstances(1).local(0);
  const columnsOf = (table: string): string[] =>
    sql
      .all<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`)
      .map((row) => row.name);

  it("are those of the lists", () => {
    const made = sql
      .all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .map(({ name }) => name)
      .filter((name) => !/^(?:sqlite|search_index|search_terms)/.test(name));
    expect(made).toEqual(HELD.toSorted());
  });

  it.each(Object.entries<InstanceTable>(INSTANCE_TABLES))(
    "%s has the columns by which its rows are found and moved",
    (table, { of, moves }) => {
      const needed = { episode: ["namespace", "id"], namespace: ["namespace"], answer: ["home"] };
      expect(columnsOf(table)).toEqual(expect.arrayContaining(of === null ? [] : needed[of]));
      expect(columnsOf(table)).toEqual(expect.arrayContaining([...(moves ?? [])]));
    },
  );

  it.each(Object.entries<Table>(TABLES))(
    "%s has a key that begins with what says where its rows live",
    (_table, { columns, key, home }) => {
      const begin = columns.slice(0, key);
      if (home !== "coordinator") expect(begin[0]).toBe("namespace");
      if (home === "episode") expect(begin[1]).toMatch(/^(?:episode_)?id$/);
    },
  );

  it("of which a snapshot puts rows back are those whose rows move, with the same columns", () => {
    const moving = Object.entries<InstanceTable>(INSTANCE_TABLES).flatMap(
      ([table, { moves, isInSnapshot }]) =>
        moves === null || !isInSnapshot ? [] : [[table, moves]],
    );
    expect(Object.fromEntries(moving)).toEqual(PUT_BACK);
  });
});
