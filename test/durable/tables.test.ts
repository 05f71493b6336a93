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
import { TABLES, type Table } from "../../src/storage/index.ts";
import { NodeInstances } from "../support/instances.ts";
import { sqlOf } from "../support/source.ts";

const ROOT = join(import.meta.dirname, "../..");
const ALL: Readonly<Record<string, { owner: string }>> = { ...TABLES, ...INSTANCE_TABLES };

/** Who else names tables in SQL, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "src/storage/tables.ts": "the definitions of the tables",
  "src/storage/changes.ts": "the change feed of every table, in the database",
  "src/storage/search/": "the search that knowledge runs on either engine",
  "src/backup/": "a backup or a restore of the database, which has no instance to ask",
  "src/workflows/": "a restore of the database, which has it for itself",
  "src/durable/coordinator/monitoring/measures.ts": "a mean size of the database's rows",
};

/** Who runs SQL on tables that a column of the lists names, and what it does to their rows. */
const MOVERS: Readonly<Record<string, string>> = {
  "src/durable/outbox/batch.ts": "reads the rows that go to the database",
  "src/durable/outbox/outbox-table.ts": "measures a row",
  "src/durable/outbox/unsent.ts": "its own two lists of unsent rows",
  "src/durable/shared/tables/snapshots.ts": "reads every row for a snapshot",
  "src/durable/instance/episodes/eraser.ts": "drops the rows of a namespace",
  "src/durable/instance/episodes/table/list-query.ts": "lists of episodes, which it owns",
  "src/durable/instance/placement/shard-rows.ts": "reads, stores and drops the rows of a shard",
  "src/durable/instance/placement/holdings.ts": "reads rows for a restore",
  "src/durable/instance/placement/after-restore.ts": "drops copies, and puts rows back",
  "src/durable/instance/knowledge/": "the tables that knowledge owns",
};

const files = globSync("src/**/*.ts", { cwd: ROOT }).sort();
const within = (file: string, places: Iterable<string>): boolean =>
  [...places].some((place) => file === place || (place.endsWith("/") && file.startsWith(place)));
const isOwner = (file: string, owner: string): boolean =>
  file === `src/durable/${owner}.ts` || file.startsWith(`src/durable/${owner}/`);

/** Tables that a statement, or a part of one, names; `${…}` for one that it does not. */
function tablesIn(sql: string): string[] {
  const named = sql.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE|EXISTS|ON)\s+(\w+|\$\{)/g);
  const [, first = ""] = /^\s*(\w+)(?: \w+)? (?:WHERE|LEFT JOIN)\b/.exec(sql) ?? [];
  return [...[...named].map((match) => match[1] ?? ""), first].filter((name) => name !== "");
}

describe("SQL on a table", () => {
  const found = files.flatMap((file) =>
    sqlOf(file, readFileSync(join(ROOT, file), "utf8")).flatMap((sql) =>
      tablesIn(sql).map((table) => ({ file, table })),
    ),
  );

  it("is in its owner's file, and in no other", () => {
    expect(found.filter(({ table }) => table in ALL).length).toBeGreaterThan(150);
    const strangers = found
      .filter(({ file, table }) => !isOwner(file, ALL[table]?.owner ?? "") && table in ALL)
      .filter(({ file }) => !within(file, Object.keys(EXCEPTIONS)))
      .map(({ file, table }) => `${file} names ${table}, which is ${ALL[table]?.owner}'s`);
    expect([...new Set(strangers)]).toEqual([]);
  });

  it("that is not named is run by those who go through tables by their columns", () => {
    const movers = found.filter(
      ({ file, table }) => table === "${" && file.startsWith("src/durable/"),
    );
    expect(movers.length).toBeGreaterThan(10);
    const strangers = movers.filter(({ file }) => !within(file, Object.keys(MOVERS)));
    expect([...new Set(strangers.map(({ file }) => file))]).toEqual([]);
  });

  it("has owners that are there, each of which knows its table", () => {
    const strange = Object.entries(ALL).filter(([table, { owner }]) => {
      const owned = files.filter((file) => isOwner(file, owner));
      return !owned.some((file) => readFileSync(join(ROOT, file), "utf8").includes(table));
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
    expect(made).toEqual(Object.keys(ALL).sort());
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
    const moving = Object.entries<InstanceTable>(INSTANCE_TABLES).flatMap(([table, { moves }]) =>
      moves === null ? [] : [[table, moves]],
    );
    expect(Object.fromEntries(moving)).toEqual(PUT_BACK);
  });
});
