import { describe, expect, it } from "vitest";
import { episodeDocument, makeDigest } from "../../src/memory/learning/index.ts";
import { NO_ABLATIONS, type AblationName } from "../../src/memory/ablations.ts";
import { namespaceTag } from "../../src/memory/text/index.ts";
import { findCandidates, localReader, SCHEMA, TABLES, upsert } from "../../src/storage/index.ts";
import { episodeOf } from "../support/episodes.ts";
import { openLocal } from "../support/node-sql.ts";
import { success } from "../support/knowledge.ts";

/** Ids of the documents that answer, best first. */
async function ranked(
  tasks: Record<string, string>,
  query: string,
  off: AblationName | null,
): Promise<string[]> {
  const sql = openLocal(SCHEMA);
  const tag = await namespaceTag("n");
  for (const [id, task] of Object.entries(tasks)) {
    const document = episodeDocument(await makeDigest(episodeOf(id, success, { task }), []), tag);
    const { sql: text, args } = upsert("search_docs", [
      TABLES.search_docs.columns.map((column) => document[column]),
    ]);
    sql.run(text, ...args);
  }
  const found = await findCandidates(localReader(sql), tag, "n", query, {
    kind: "episode",
    limit: 10,
    ablations: off === null ? NO_ABLATIONS : new Set([off]),
  });
  return found.map(({ id }) => id);
}

const filler = Array.from({ length: 12 }, (_, i) => `word${i} filler${i}`).join(" ");

describe("a part of recall", () => {
  it("prefers the task whose first line says it", async () => {
    const tasks = {
      b: "some words\nrotate the certificate here",
      a: "rotate the certificate\nsome words here",
    };
    expect(await ranked(tasks, "certificate", null)).toEqual(["a", "b"]);
    expect(await ranked(tasks, "certificate", "recall_lead")).toEqual(["b", "a"]);
  });

  it("counts words of the same beginning in part", async () => {
    const tasks = { a: "neuron treatment plan", b: "kidney treatment plan" };
    expect(await ranked(tasks, "neural treatment", null)).toEqual(["a", "b"]);
    expect(await ranked(tasks, "neural treatment", "recall_variants")).toEqual(["b", "a"]);
  });

  it("prefers terms that stand together", async () => {
    const tasks = {
      a: `restart queue ${filler} worker other`,
      b: `restart ${filler} queue other worker`,
      c: `${filler} other restart queue worker`,
    };
    expect((await ranked(tasks, "restart queue worker", null))[0]).toBe("c");
  });

  it("looks at neither the first line nor what stands together when the query is a description", async () => {
    const tasks = { b: "other\nrestart worker queue", a: "restart\nother worker queue" };
    const description = `restart ${filler} ${filler.replaceAll("word", "more")}`;
    expect(await ranked(tasks, "restart", null)).toEqual(["a", "b"]);
    expect(await ranked(tasks, description, null)).toEqual(["b", "a"]);
  });

  it("follows what a long query repeats", async () => {
    const tasks = {
      a: "return goods now",
      b: "exchange goods now",
      c: "return parcel",
      d: "exchange parcel",
    };
    const long = `exchange exchange exchange return ${filler} ${filler.replaceAll("word", "more")}`;
    expect((await ranked(tasks, long, null))[0]).toBe("d");
    const [, second] = await ranked(tasks, long, null);
    expect(second).toBe("b");
  });
});
