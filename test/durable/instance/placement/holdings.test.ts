import { beforeEach, describe, expect, it } from "vitest";
import { EpisodeRows } from "../../../../src/durable/instance/episodes/store/episode-rows.ts";
import {
  holdings,
  type HoldingsDeps,
} from "../../../../src/durable/instance/placement/holdings.ts";
import { OUTBOX_SCHEMA } from "../../../../src/durable/outbox/outbox.ts";
import {
  BEFORE_EPISODE,
  type EpisodesCursor,
} from "../../../../src/durable/shared/instance/holdings.ts";
import { SCHEMA, upsert, type SqlValue } from "../../../../src/storage/index.ts";
import { openLocal } from "../../../support/node-sql.ts";

const EPISODES = 10_000;
let sql: ReturnType<typeof openLocal>;
let deps: HoldingsDeps;

const idOf = (n: number): string => `e${String(n).padStart(6, "0")}`;
function episodeRow(id: string, body: string): SqlValue[] {
  return [
    "ns",
    id,
    "completed",
    "success",
    "d",
    null,
    null,
    "other",
    "t",
    "[]",
    1,
    2,
    3,
    4,
    1,
    body,
  ];
}
function put(table: "episodes" | "steps" | "tombstones", rows: SqlValue[][]): void {
  const statement = upsert(table, rows);
  sql.run(statement.sql, ...statement.args);
}

beforeEach(() => {
  sql = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
  deps = {
    context: { sql, isHome: (home) => home !== "ns:elsewhere" },
    episodes: new EpisodeRows(sql),
    relationships: { loadedNamespaces: () => [] },
    knowledge: { namespaces: () => [], curated: { rows: { loadedNamespaces: () => [] } } },
  };
});

function fill(): void {
  const numbers = Array.from({ length: EPISODES }, (_, n) => n);
  put(
    "episodes",
    numbers.map((n) => episodeRow(idOf(n), "{}")),
  );
  put(
    "steps",
    numbers.flatMap((n) => [1, 2, 3].map((number) => ["ns", idOf(n), number, "{}"])),
  );
}
const mark = (table: string, key: SqlValue[], seq: number): void =>
  sql.run(
    `INSERT INTO outbox (seq, table_name, key, generation, due_at, marked_at, bytes)
      VALUES (?, ?, ?, 1, 0, 1, 1)`,
    seq,
    table,
    JSON.stringify(key),
  );

describe("what an instance holds, for a restore", () => {
  it("is every copy once, a bounded page at a time, but for those of which something is unsent", () => {
    fill();
    mark("episodes", ["ns", idOf(7)], 1);
    mark("steps", ["ns", idOf(4_999), 2], 2);
    const found: string[] = [];
    let pages = 0;
    for (let after: readonly [string, string] | null = ["", ""]; after !== null; pages++) {
      const page: { copies: { id: string; steps: number }[]; next: [string, string] | null } =
        holdings(deps, "copies", {
          namespace: null,
          episode: null,
          after,
        });
      expect(page.copies.length).toBeLessThanOrEqual(500);
      expect(page.copies.every(({ steps }) => steps === 3)).toBe(true);
      found.push(...page.copies.map(({ id }) => id));
      after = page.next;
    }
    expect(pages).toBeGreaterThanOrEqual(EPISODES / 500);
    expect(found).toEqual(
      Array.from({ length: EPISODES }, (_, n) => idOf(n)).filter(
        (id) => id !== idOf(7) && id !== idOf(4_999),
      ),
    );
  });

  it("is whole episodes in pages of about a megabyte, each row once, however large they are", () => {
    const large = "x".repeat(300_000);
    put("episodes", [episodeRow("a", "{}"), episodeRow("b", large), episodeRow("d", "{}")]);
    put("steps", [
      ...Array.from({ length: 9 }, (_, i): SqlValue[] => ["ns", "a", i + 1, large]),
      ["ns", "b", 1, "y".repeat(1_700_000)],
      ["ns", "b", 2, "{}"],
    ]);
    const keys = ["a", "b", "c", "d"].map((id): [string, string] => ["ns", id]);
    const found: string[] = [];
    for (let from: EpisodesCursor | null = { index: 0, number: BEFORE_EPISODE }; from !== null;) {
      const page: ReturnType<typeof holdings<"episodes">> = holdings(deps, "episodes", {
        keys,
        from,
      });
      expect(JSON.stringify(page.rows).length).toBeLessThan(3_100_000);
      found.push(
        ...page.rows.map(
          ({ table, row }) => `${table} ${String(row[1])} ${table === "steps" ? row[2] : ""}`,
        ),
      );
      from = page.next;
    }
    const steps = (id: string, count: number) =>
      Array.from({ length: count }, (_, i) => `steps ${id} ${i + 1}`);
    expect(found).toEqual([
      "episodes a ",
      ...steps("a", 9),
      "episodes b ",
      ...steps("b", 2),
      "episodes d ",
    ]);
  });

  it("is rows in key order, a bounded page at a time, unsent ones left out where that is asked for", () => {
    put(
      "tombstones",
      Array.from({ length: 1_200 }, (_, n) => ["ns", idOf(n), n]),
    );
    mark("tombstones", ["ns", idOf(3)], 1);
    for (const onlySent of [false, true]) {
      const found: SqlValue[] = [];
      let after: SqlValue[] | null = null;
      do {
        const page: ReturnType<typeof holdings<"rows">> = holdings(deps, "rows", {
          table: "tombstones",
          namespace: null,
          after,
          onlySent,
        });
        expect(page.rows.length).toBeLessThanOrEqual(500);
        found.push(...page.rows.map((row) => row[1] ?? null));
        after = page.next;
      } while (after !== null);
      expect(found).toEqual(
        Array.from({ length: 1_200 }, (_, n) => idOf(n)).filter(
          (id) => !onlySent || id !== idOf(3),
        ),
      );
    }
  });

  it("is the namespaces whose home it is, and what of each is here in full, a page at a time", () => {
    const names = Array.from({ length: 700 }, (_, n) => `n${String(n).padStart(4, "0")}`);
    const after = (list: string[]) => (from: string, limit: number) =>
      list.filter((name) => name > from).slice(0, limit);
    deps.relationships.loadedNamespaces = after(names.filter((_, n) => n % 2 === 0));
    deps.knowledge.namespaces = (from, limit) =>
      after(names.filter((_, n) => n % 3 === 0))(from, limit).map((namespace) => ({
        namespace,
        isReady: namespace !== "n0003",
      }));
    deps.context.isHome = (home) => home !== "ns:n0006";
    const found: Record<string, [boolean, boolean]> = {};
    for (let from: string | null = ""; from !== null;) {
      const page: ReturnType<typeof holdings<"namespaces">> = holdings(deps, "namespaces", {
        after: from,
      });
      expect(page.namespaces.length).toBeLessThanOrEqual(500);
      for (const { namespace, isLearned, hasRelationships } of page.namespaces)
        found[namespace] = [isLearned, hasRelationships];
      from = page.next;
    }
    const expected = names.flatMap((name, n): [string, [boolean, boolean]][] =>
      n === 6 || (n % 2 > 0 && n % 3 > 0) ? [] : [[name, [n % 3 === 0 && n !== 3, n % 2 === 0]]],
    );
    expect(found).toEqual(Object.fromEntries(expected));
  });
});
