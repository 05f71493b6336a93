import { describe, expect, it } from "vitest";
import {
  namespaceTag,
  queryTokens,
  taggedTerm,
  trigrams,
  taggedTrigram,
  FIELDS,
} from "../../src/memory/text/index.ts";
import {
  findCandidates,
  localReader,
  SCHEMA,
  SearchStatistics,
  TABLES,
  upsert,
} from "../../src/storage/index.ts";
import { openLocal, type NodeSql } from "../support/node-sql.ts";

const NAMESPACE = "n";
const TAG = await namespaceTag(NAMESPACE);
/** More documents than a search looks at. */
const MANY = 4_000;

function documentOf(id: string, text: string, kind = "episode"): (string | number | null)[] {
  const terms = queryTokens(text).map(({ term }) => term);
  const row: Record<string, string> = {
    namespace: NAMESPACE,
    kind,
    id,
    task_terms: terms.map((term) => taggedTerm(TAG, term)).join(" "),
    tag_terms: "",
    outcome_terms: "",
    tool_terms: "",
    error_terms: "",
    trigrams: [...new Set(terms.flatMap(trigrams))]
      .map((gram) => taggedTrigram(TAG, gram))
      .join(" "),
    lengths: JSON.stringify(FIELDS.map((_, i) => (i === 0 ? terms.length : 0))),
  };
  return TABLES.search_docs.columns.map((column) => row[column] ?? "");
}

function store(texts: readonly string[], backward = false): NodeSql {
  const sql = openLocal(SCHEMA);
  sql.transaction(() => {
    const rows = texts.map((task, i) => documentOf(`e-${i}`, task));
    const { sql: text, args } = upsert("search_docs", backward ? rows.toReversed() : rows);
    sql.run(text, ...args);
  });
  return sql;
}

const find = (sql: NodeSql, query: string, more: object = {}) =>
  findCandidates(localReader(sql), TAG, NAMESPACE, query, {
    kind: "episode",
    limit: 10,
    postings: 3_000,
    ...more,
  });

describe("a search in more documents than it looks at", () => {
  const sql = store(
    Array.from(
      { length: MANY },
      (_, i) => `refund the customer's order number${i} ${i === 17 ? "zeppelin" : "parcel"}`,
    ),
  );

  it("finds what holds a rare term, and scores it by the common ones too", async () => {
    const [best, second] = await find(sql, "refund an order of a zeppelin");
    expect(best?.id).toBe("e-17");
    expect(best?.matched_terms.sort()).toEqual(["order", "refund", "zeppelin"]);
    expect(second).toBeUndefined();
  });

  it("finds the newest when every term is everywhere", async () => {
    const found = await find(sql, "refund order");
    expect(found).toHaveLength(10);
    expect(found.every(({ text }) => text > 0.3)).toBe(true);
  });

  it("ranks as without pruning where the terms are rare", async () => {
    const query = "number5 number900 number3999";
    const ids = async (more: object): Promise<string[]> =>
      (await find(sql, query, more)).map(({ id }) => id);
    expect(await ids({})).toEqual(await ids({ postings: MANY * 10 }));
  });

  it("forgives one error anywhere in a word, and two in a long one", async () => {
    for (const word of ["zepelin", "xeppelin", "zeppelim", "zepeplin", "zeppellin", "zeppxxin"]) {
      expect([word, (await find(sql, word))[0]?.id]).toEqual([word, "e-17"]);
    }
  });

  it("takes an unknown word for the same one in whichever order the documents came", async () => {
    // More words that it may be than are looked at.
    const words = Array.from(
      { length: 52 },
      (_, i) => `zeppelin${i < 26 ? 8 : 9}${String.fromCodePoint(97 + (i % 26))}`,
    );
    const [forward, backward] = [store(words), store(words, true)];
    const found = await find(forward, "zeppelin");
    expect(found).not.toHaveLength(0);
    expect(await find(backward, "zeppelin")).toEqual(found);
  });

  it("counts what is common once in a while, what is rare every time", async () => {
    let now = 0;
    const statistics = new SearchStatistics(() => now);
    const asked: string[] = [];
    const reader = localReader({
      ...sql,
      all: (text, ...args) => {
        if (text.includes("search_terms")) asked.push(String(args[0]));
        return sql.all(text, ...args);
      },
    });
    const options = { kind: "episode", limit: 10, statistics } as const;
    const search = () => findCandidates(reader, TAG, NAMESPACE, "refund zeppelin", options);
    const first = await search();
    expect(await search()).toEqual(first);
    expect(asked.map((terms) => (JSON.parse(terms) as string[]).length)).toEqual([2, 1]);
    now = 3_600_000;
    await search();
    expect((JSON.parse(asked[2] ?? "[]") as string[]).length).toBe(2);
  });
});

describe("a search for one kind of documents among those of the other", () => {
  const texts = Array.from({ length: 400 }, (_, i) => `refund parcel number${i}`);
  const mixed = (patternEvery: number): NodeSql => {
    const sql = openLocal(SCHEMA);
    const rows = texts.map((text, i) =>
      documentOf(`${i}`, text, i % patternEvery === 0 ? "pattern" : "episode"),
    );
    const { sql: text, args } = upsert("search_docs", rows);
    sql.transaction(() => sql.run(text, ...args));
    return sql;
  };
  const patterns = (sql: NodeSql, limit: number, candidates: number) =>
    findCandidates(localReader(sql), TAG, NAMESPACE, "refund parcel", {
      kind: "pattern",
      limit,
      candidates,
    });
  const episodes = (sql: NodeSql, limit: number, candidates: number) =>
    findCandidates(localReader(sql), TAG, NAMESPACE, "refund parcel", {
      kind: "episode",
      limit,
      candidates,
    });

  it("finds few among many, however far down they are", async () => {
    const found = await patterns(mixed(100), 10, 10);
    expect(found.map(({ id }) => id).sort()).toEqual(["0", "100", "200", "300"]);
    for (const { kind, score } of found) expect([kind, score > 0]).toEqual(["pattern", true]);
  });

  it("finds as many as are wanted where both are many", async () => {
    const sql = mixed(2);
    for (const [found, kind] of [
      [await patterns(sql, 10, 10), "pattern"],
      [await episodes(sql, 10, 10), "episode"],
    ] as const) {
      expect(found).toHaveLength(10);
      for (const candidate of found) expect(candidate.kind).toBe(kind);
    }
  });

  it("finds few episodes among many patterns, however far down they are", async () => {
    const sql = openLocal(SCHEMA);
    const rows = texts.map((text, i) =>
      documentOf(`${i}`, text, i % 100 === 0 ? "episode" : "pattern"),
    );
    const { sql: text, args } = upsert("search_docs", rows);
    sql.transaction(() => sql.run(text, ...args));
    expect((await episodes(sql, 10, 10)).map(({ id }) => id).sort()).toEqual([
      "0",
      "100",
      "200",
      "300",
    ]);
  });

  it("reads no more rows than are wanted when most are of the other kind", async () => {
    const sql = mixed(100);
    const read: number[] = [];
    const reader = localReader({
      ...sql,
      all: (text, ...args) => {
        if (text.includes("task_terms"))
          read.push((JSON.parse(String(args[0])) as number[]).length);
        return sql.all(text, ...args);
      },
    });
    await findCandidates(reader, TAG, NAMESPACE, "refund parcel", { kind: "pattern", limit: 10 });
    expect(read).toEqual([4]);
  });
});
