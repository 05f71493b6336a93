import { beforeEach, describe, expect, it } from "vitest";
import {
  eraseNamespace,
  MIGRATIONS,
  prune,
  remove,
  TABLES,
  upsert,
  type SqlValue,
  type Statement,
  type Table,
  type TableName,
} from "../../src/storage/index.ts";
import { openLocal, type NodeSql } from "../support/node-sql.ts";

const NAMES = Object.keys(TABLES) as TableName[];
const NUMBERS = new Set(["number", "started_at", "ended_at", "updated_at", "version", "step_count", "created_at"]);
for (const name of [
  "deleted_at",
  "dimension",
  "embedded_at",
  "relevance",
  "length",
  "success",
  "failure",
  "episodes",
  "promoted",
  "last_seen_at",
]) {
  NUMBERS.add(name);
}

let database: NodeSql;
const run = ({ sql, args }: Statement): void => database.run(sql, ...args);
const feed = (): { seq: number; table_name: string; key: string; deleted: number }[] =>
  database.all("SELECT seq, table_name, key, deleted FROM _changes ORDER BY seq");
/** A row of a table, whose values all depend on the two numbers. */
function row(name: TableName, key: string, value: number): SqlValue[] {
  const table: Table = TABLES[name];
  return table.columns.map((column, i) => {
    if (i < table.key) return NUMBERS.has(column) ? key.length : key;
    return NUMBERS.has(column) ? value : `${key} ${value}`;
  });
}
const keyOf = (name: TableName, values: readonly SqlValue[]): string =>
  JSON.stringify(values.slice(0, TABLES[name].key));

beforeEach(() => {
  database = openLocal(MIGRATIONS.flatMap(({ statements }) => statements));
});

describe("the change feed", () => {
  it.each(NAMES)("tells of each insert, update and delete of %s, the newest only", (name) => {
    const [first, changed] = [row(name, "k", 1), row(name, "k", 2)];
    const key = keyOf(name, first);
    run(upsert(name, [first]));
    expect(feed()).toEqual([{ seq: 1, table_name: name, key, deleted: 0 }]);
    run(upsert(name, [changed]));
    expect(feed()).toEqual([{ seq: 2, table_name: name, key, deleted: 0 }]);
    run(remove(name, [first.slice(0, TABLES[name].key)]));
    expect(feed()).toEqual([{ seq: 3, table_name: name, key, deleted: 1 }]);
    run(upsert(name, [first]));
    expect(feed()).toEqual([{ seq: 4, table_name: name, key, deleted: 0 }]);
  });

  it.each(NAMES)("says nothing when an upsert of %s changes nothing", (name) => {
    run(upsert(name, [row(name, "k", 1)]));
    run(upsert(name, [row(name, "k", 1), row(name, "other", 1)]));
    expect(feed().map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it.each(NAMES)("tells of a change of any single column of %s", (name) => {
    const { columns, key }: Table = TABLES[name];
    const first = row(name, "k", 1);
    run(upsert(name, [first]));
    let before = feed()[0]?.seq ?? 0;
    for (let i = key; i < columns.length; i++) {
      run(upsert(name, [first.map((value, at) => (at === i ? (row(name, "k", 2)[at] ?? null) : value))]));
      const [{ seq } = { seq: 0 }] = feed();
      expect(seq, columns[i]).toBeGreaterThan(before);
      before = seq;
    }
  });

  it("tells a null from a value and a value from a null", () => {
    const open = row("relationships", "k", 1).with(5, null);
    run(upsert("relationships", [open]));
    run(upsert("relationships", [open]));
    expect(feed().map(({ seq }) => seq)).toEqual([1]);
    run(upsert("relationships", [open.with(5, "")]));
    run(upsert("relationships", [open]));
    expect(feed().map(({ seq }) => seq)).toEqual([3]);
  });

  it("tells of both keys when a key changes", () => {
    run(upsert("domains", [row("domains", "before", 1)]));
    database.run("UPDATE domains SET domain = 'after'");
    expect(feed().map(({ key, deleted }) => [key, deleted])).toEqual(
      expect.arrayContaining([
        ['["before","before"]', 1],
        ['["before","after"]', 0],
      ]),
    );
    expect(feed()).toHaveLength(2);
  });

  it("tells of rows that REPLACE and IGNORE wrote", () => {
    const sql = "INTO domains (namespace, domain, body) VALUES ('n', 'd', ?)";
    database.run(`INSERT OR IGNORE ${sql}`, "a");
    database.run(`INSERT OR IGNORE ${sql}`, "b");
    expect(feed()).toMatchObject([{ seq: 1 }]);
    database.run(`INSERT OR REPLACE ${sql}`, "c");
    expect(feed()).toMatchObject([{ seq: 2, deleted: 0 }]);
  });

  it("keeps keys apart whatever they are made of", () => {
    const odd = ['a","b', "a", "", "\0", "ü\u{1F600}", "'", "]", "1"];
    for (const namespace of odd)
      run(
        upsert(
          "domains",
          odd.map((domain) => [namespace, domain, "{}"]),
        ),
      );
    const keys = feed().map(({ key }) => key);
    expect(new Set(keys)).toEqual(new Set(odd.flatMap((a) => odd.map((b) => JSON.stringify([a, b])))));
  });

  it("keeps the search index right and tells of an erased namespace", () => {
    for (const name of NAMES) run(upsert(name, [row(name, "n", 1), row(name, "other", 1)]));
    run(upsert("search_docs", [row("search_docs", "n", 2)]));
    for (const statement of eraseNamespace("n")) run(statement);
    const gone = feed().filter(({ deleted }) => deleted === 1);
    expect(gone.map(({ table_name }) => table_name).sort()).toEqual(NAMES.filter((name) => name !== "api_keys").sort());
    expect(database.all("SELECT count(*) AS n FROM search_index WHERE search_index MATCH 'other'")).toEqual([{ n: 1 }]);
    expect(database.all("SELECT count(*) AS n FROM search_index WHERE search_index MATCH 'n'")).toEqual([{ n: 0 }]);
  });

  it("is undone with the transaction that made it", () => {
    expect(() =>
      database.transaction(() => {
        run(upsert("domains", [row("domains", "k", 1)]));
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(feed()).toEqual([]);
  });

  it("is pruned up to a watermark and never gives a number twice", () => {
    for (const key of ["a", "b", "c"]) run(upsert("domains", [row("domains", key, 1)]));
    run(prune(2));
    expect(feed().map(({ seq }) => seq)).toEqual([3]);
    run(prune(3));
    run(upsert("domains", [row("domains", "a", 2)]));
    expect(feed().map(({ seq }) => seq)).toEqual([4]);
  });

  it("with the rows it names turns the snapshot of its watermark into the present", () => {
    const copy = new Map<string, SqlValue>();
    const pull = (since: number): number => {
      const changes = feed().filter(({ seq }) => seq > since);
      for (const { key, deleted } of changes) {
        const [namespace, domain] = JSON.parse(key) as [string, string];
        const [present] = database.all<{ body: string }>(
          "SELECT body FROM domains WHERE namespace = ? AND domain = ?",
          namespace,
          domain,
        );
        expect(present === undefined).toBe(deleted === 1);
        if (present) copy.set(key, present.body);
        else copy.delete(key);
      }
      return changes.at(-1)?.seq ?? since;
    };
    let [watermark, seed] = [0, 7];
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 40; i++) {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        const key = `d${seed % 17}`;
        if (seed % 3 === 0) run(remove("domains", [["n", key]]));
        else run(upsert("domains", [["n", key, `{"v":${seed % 5}}`]]));
      }
      watermark = pull(watermark);
      const present = database.all<{ domain: string; body: string }>("SELECT domain, body FROM domains");
      expect(copy).toEqual(new Map(present.map(({ domain, body }) => [JSON.stringify(["n", domain]), body])));
    }
  });
});
