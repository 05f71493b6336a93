import { expect, it } from "vitest";
import { MIGRATIONS, TABLES, upsert, upsertRow } from "../../src/storage/index.ts";
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
