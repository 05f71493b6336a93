import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { episodeDocument, makeDigest } from "../../src/memory/learning/index.ts";
import { editDistance, namespaceTag, queryTokens, tokenize } from "../../src/memory/text/index.ts";
import { findCandidates, localReader, SCHEMA, TABLES, upsert } from "../../src/storage/index.ts";
import { episodeOf } from "../support/episodes.ts";
import { openLocal, type NodeSql } from "../support/node-sql.ts";

describe("tokens", () => {
  it("are ASCII letters and digits for any text, and few", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => {
        const tokens = tokenize(text);
        expect(tokens.length).toBeLessThanOrEqual(2_000);
        for (const { term } of tokens) expect(term).toMatch(/^[a-z0-9]{1,40}$/);
      }),
    );
  });

  it("fold case, accents, endings and identifiers", () => {
    const terms = (text: string): string[] => tokenize(text).map(({ term }) => term);
    expect(terms("Cancelled ZOË")).toEqual(["cancel", "zoe"]);
    expect(terms("getUserDetails get_user_details")).toEqual([
      "get",
      "user",
      "detail",
      "get",
      "user",
      "detail",
    ]);
    expect(terms("東京都")).toHaveLength(2);
    expect(queryTokens("the order of the day").map(({ word }) => word)).toEqual(["order", "day"]);
  });

  it("of a text in ASCII are the same as beside other letters", () => {
    const other = tokenize("東京");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 500 }), (text) => {
        expect([...tokenize(text), ...other]).toEqual(tokenize(`${text} 東京`));
      }),
    );
  });

  it("are as far apart as the errors between them", () => {
    expect(editDistance("keyboard", "keybord", 2)).toBe(1);
    expect(editDistance("form", "from", 2)).toBe(1);
    expect(editDistance("cat", "elephant", 2)).toBe(3);
  });
});

describe("search", () => {
  let sql: NodeSql;

  beforeEach(async () => {
    sql = openLocal(SCHEMA);
    await add("n", "e1", "exchange the mechanical keyboard");
    await add("n", "e2", "cancel the order of a lamp");
    await add("n", "e3", "return a lamp and a keyboard");
    await add("m", "e1", "exchange the secret keyboard");
  });

  async function add(namespace: string, id: string, task: string): Promise<void> {
    const digest = await makeDigest(episodeOf(id, null, { namespace, task }), []);
    const document = episodeDocument(digest, await namespaceTag(namespace));
    const { sql: text, args } = upsert("search_docs", [
      TABLES.search_docs.columns.map((column) => document[column]),
    ]);
    sql.run(text, ...args);
  }
  const find = async (query: string, namespace = "n"): Promise<string[]> => {
    const found = await findCandidates(
      localReader(sql),
      await namespaceTag(namespace),
      namespace,
      query,
      {
        limit: 10,
      },
    );
    return found.map(({ id }) => id);
  };

  it("puts what answers more of the question first", async () => {
    expect(await find("exchange a keyboard")).toEqual(["e1", "e3"]);
    expect((await find("cancelling lamps"))[0]).toBe("e2");
  });

  it("finds what was meant when it was misspelt", async () => {
    expect(await find("keybaord exchnge")).toEqual(["e1", "e3"]);
  });

  it("finds nothing where nothing is relevant", async () => {
    expect(await find("zebra")).toEqual([]);
    expect(await find("")).toEqual([]);
  });

  it("sees one namespace", async () => {
    expect(await find("secret")).toEqual([]);
    expect(await find("secret", "m")).toEqual(["e1"]);
    expect(await find("lamp", "m")).toEqual([]);
  });

  it("finds candidates by the terms that few documents have, and scores them by all", async () => {
    for (let i = 0; i < 60; i++)
      await add("n", `c${String(i).padStart(2, "0")}`, `cancel the common order ${i}`);
    await add("n", "z1", "tune the zither before the evening concert");
    await add("n", "z2", "cancel the zither of the common order");
    const limits = { limit: 10, postings: 10 };
    const ids = async (query: string): Promise<string[]> =>
      (await findCandidates(localReader(sql), await namespaceTag("n"), "n", query, limits)).map(
        ({ id }) => id,
      );
    expect(await ids("cancel the common order of a zither")).toEqual(["z2", "z1"]);
    // Where every term is common the rarest still finds.
    expect(await ids("common order")).toHaveLength(10);
  });

  it("takes any text for text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (text) => {
        await find(text);
        await find(`keyboard" OR ${text}`);
      }),
    );
    expect(await find('keyboard" NEAR * ( NOT lamp {task_terms} : ^')).toContain("e1");
  });

  it("keeps up with a document that changes", async () => {
    await add("n", "e2", "polish the zither");
    expect(await find("zither")).toEqual(["e2"]);
    expect(await find("order")).toEqual([]);
  });
});
