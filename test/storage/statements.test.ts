import { expect, it } from "vitest";
import {
  MIGRATIONS,
  namespacesAmong,
  namespacesBehind,
  TABLES,
  upsert,
  upsertRow,
} from "../../src/storage/index.ts";
import { openLocal } from "../support/node-sql.ts";

const row = (episodes: number): (string | number)[] =>
  TABLES.patterns.columns.map((column) => {
    const value: Record<string, string | number> = {
      namespace: "n",
      id: "p",
      kind: "tool_sequence",
      prefix: "a",
      suffix: "b",
      body: "{}",
    };
    return value[column] ?? episodes;
  });

it("a row that is there is changed, many at once or one by one, but for what follows from its key", () => {
  for (const way of ["many", "one"] as const) {
    const sql = openLocal(MIGRATIONS.flatMap(({ statements }) => statements));
    for (const episodes of [1, 2]) {
      const many = upsert("patterns", [row(episodes)]);
      if (way === "many") sql.run(many.sql, ...many.args);
      else sql.run(upsertRow("patterns"), ...row(episodes));
    }
    expect(sql.all("SELECT kind, prefix, suffix, length, episodes FROM patterns")).toEqual([
      { kind: "tool_sequence", prefix: "a", suffix: "b", length: 1, episodes: 2 },
    ]);
  }
});

it("the names of namespaces come in order, page by page, of episodes and of lessons, each once", () => {
  const sql = openLocal(MIGRATIONS.flatMap(({ statements }) => statements));
  const put = (
    table: "episodes" | "lessons" | "namespace_settings",
    namespace: string,
    id: string,
  ): void => {
    const values = TABLES[table].columns.map((column) => {
      if (column === "namespace") return namespace;
      return /^(id|name)$/.test(column) ? id : 1;
    });
    sql.run(upsertRow(table), ...values);
  };
  for (const namespace of ["b", "a", "c.d"])
    for (const id of ["1", "2", "3"]) put("episodes", namespace, id);
  put("lessons", "b", "1");
  put("lessons", "aa", "1");
  const page = (after: string, limit: number): unknown[] => {
    const statement = namespacesBehind(after, limit);
    return sql.all<{ name: string }>(statement.sql, ...statement.args).map(({ name }) => name);
  };
  expect(page("", 100)).toEqual(["a", "aa", "b", "c.d"]);
  put("namespace_settings", "d", "1");
  expect(page("c", 100)).toEqual(["c.d", "d"]);
  const among = namespacesAmong(["a", "c", "d", "x"], "a", 100);
  expect(sql.all(among.sql, ...among.args)).toEqual([{ name: "d" }]);
  expect([page("", 2), page("aa", 2), page("c.d", 2)]).toEqual([["a", "aa"], ["b", "c.d"], ["d"]]);
});
