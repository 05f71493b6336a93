import { beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../../src/contract/limits.ts";
import type { Relationship } from "../../../../src/contract/ties/answers.ts";
import type { RelationshipType } from "../../../../src/contract/vocabulary.ts";
import { Relationships } from "../../../../src/durable/instance/episodes/relationships.ts";
import { SCHEMA } from "../../../../src/storage/index.ts";
import { openLocal, type NodeSql } from "../../../support/node-sql.ts";

const NAMESPACE = "n";
const { relationships_max: MOST, relationships_walked_max: WALKED } = LIMITS;

let sql: NodeSql;
/** Statements that read, in order, and how many episodes the walks among them came to. */
let read: string[];
let visited: number;
let ties: Relationships;

beforeEach(() => {
  sql = openLocal(SCHEMA);
  read = [];
  visited = 0;
  const counting: NodeSql = {
    ...sql,
    all: (text, ...args) => {
      read.push(text);
      const rows = sql.all(text, ...args);
      for (const row of rows) visited += Number(row["visited"] ?? 0);
      return rows as never[];
    },
  };
  ties = new Relationships({
    sql: counting,
    transaction: (work) => sql.transaction(work),
    now: () => 0,
    database: { all: async () => [] },
    askHome: async () => true as never,
    isHome: () => true,
    isDirty: () => false,
    markDirty: () => undefined,
  });
  for (const statement of ties.schema) sql.run(statement);
  sql.run("INSERT INTO relationships_loaded (namespace) VALUES (?)", NAMESPACE);
});

const tie = (from: string, to: string, type: RelationshipType = "depends_on"): Relationship => ({
  from,
  to,
  type,
  created_at: "2026-01-01T00:00:00.000Z",
  reason: null,
});
const put = (...all: Relationship[]): Promise<void> => ties.putAll(NAMESPACE, all);

/** Stores what is not to be checked. */
function stored(all: readonly Relationship[]): void {
  const text = "INSERT INTO relationships VALUES (?, ?, ?, ?, 0, NULL)";
  for (const { from, type, to } of all) sql.run(text, NAMESPACE, from, type, to);
}

/** One after the other, each tied to the next. */
const chain = (name: string, length: number): Relationship[] =>
  Array.from({ length: length - 1 }, (_, i) => tie(`${name}${i}`, `${name}${i + 1}`));

/** Each of so many tied to the fifty that follow. */
const thicket = (name: string, length: number): Relationship[] =>
  Array.from({ length }, (_, i) =>
    Array.from({ length: 50 }, (__, k) => tie(`${name}${i}`, `${name}${i + k + 1}`)),
  ).flat();

const line = (from: string, name: string): Relationship[] =>
  Array.from({ length: MOST }, (_, i) => tie(from, `${name}${i}`));

describe("a relationship that must close no cycle", () => {
  it("is made without going through the namespace, in whichever direction it is checked", async () => {
    stored([...chain("c", 2_000), tie("guilty", "c1000"), ...thicket("g", 20)]);
    await put(...line("bomb", "g"));
    await expect(put(tie("c1999", "g0"), tie("c1999", "guilty"))).rejects.toThrow("guilty");
    await expect(ties.list(NAMESPACE, "g3")).resolves.toHaveLength(54);
    const statements = new Set(read.filter((text) => / relationships\b/.test(text)));
    const plan = [...statements].flatMap((text) =>
      sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`).map(({ detail }) => detail),
    );
    const searches = plan.filter((detail) => /\b(r|relationships)\b/.test(detail));
    expect(searches.length).toBeGreaterThan(6);
    for (const search of searches) expect(search).toMatch(/\(namespace=\? AND (from|to)_id=\?/);
  });

  it("is checked once for all that a line brings, towards where there is least", async () => {
    stored(thicket("g", 400));
    await put(...line("bomb", "g"));
    expect(read.filter((text) => text.includes("RECURSIVE"))).toHaveLength(1);
    expect(visited).toBe(1);
    visited = 0;
    stored(chain("c", 10_000));
    await put(tie("c9999", "end"));
    await put(tie("begin", "c0"));
    expect(visited).toBeLessThan(600);
  });

  it("visits no more than the bound either way, and refuses what it could not tell", async () => {
    stored([...chain("a", WALKED + 1), ...chain("b", WALKED + 1)]);
    const error = await put(tie(`a${WALKED}`, "b0")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { code: "limit_exceeded", path: "to" } });
    expect(String(error)).toContain(`relationships_walked_max = ${WALKED}`);
    expect(visited).toBeLessThanOrEqual(2 * (WALKED + 300));
    await put(tie(`a${WALKED - 1}`, "b0"));
    await put(tie(`a${WALKED}`, "b1", "follows"));
    await expect(put(tie("b7", "a11"))).rejects.toMatchObject({ failure: { code: "cycle" } });
  });

  it("is refused if and only if it closes one, with the end that does, and all of its line", async () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const here: Relationship[] = [];
    const leads = (from: string, to: string): boolean => {
      const reached = new Set([from]);
      for (const id of reached) for (const next of here) if (next.from === id) reached.add(next.to);
      return reached.has(to);
    };
    const answers = { refused: 0, taken: 0 };
    for (let n = 0; n < 400; n++) {
      const from = `e${random(30)}`;
      const brought = Array.from({ length: 1 + random(3) }, () => tie(from, `e${random(30)}`));
      const closing = brought.filter(({ to }) => leads(to, from)).map(({ to }) => to);
      const error: unknown = await put(...brought).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (closing.length > 0) {
        answers.refused += 1;
        expect(error).toMatchObject({ failure: { code: "cycle", path: "to" } });
        expect(closing.some((to) => String(error).includes(`${from} → ${to} would`))).toBe(true);
      } else {
        answers.taken += 1;
        expect(error).toBeNull();
        for (const next of brought)
          if (!here.some(({ from: a, to }) => a === next.from && to === next.to)) here.push(next);
      }
      expect(sql.all("SELECT 1 FROM relationships")).toHaveLength(here.length);
    }
    expect(Math.min(answers.refused, answers.taken)).toBeGreaterThan(50);
  });

  it("is named among the many of a line of which the walk goes on from all at once", async () => {
    // More lead to where it begins than are visited at first.
    stored([...chain("c", 2_000), tie("guilty", "c1000")]);
    const innocent = line("c1999", "x").slice(0, 100);
    const error = put(...innocent, tie("c1999", "guilty"), ...line("c1999", "y").slice(0, 50));
    await expect(error).rejects.toThrow("c1999 → guilty would close a cycle");
  });
});

describe("the relationships of an episode", () => {
  it("are as many as they may be in both directions together, the same one again none", async () => {
    await put(...line("full", "x").slice(1), tie("other", "full", "follows"));
    await put(tie("other", "full", "follows"));
    await expect(put(tie("full", "more"))).rejects.toMatchObject({
      failure: { code: "limit_exceeded" },
    });
    await expect(put(tie("more", "full", "references"))).rejects.toMatchObject({
      failure: { path: "to" },
    });
  });
});
