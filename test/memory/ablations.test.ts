import { describe, expect, it } from "vitest";
import { NO_ABLATIONS, type AblationName } from "../../src/memory/ablations.ts";
import { MemoryIndex } from "../support/search.ts";

/** Ids of the documents that answer, best first. */
function ranked(tasks: Record<string, string>, query: string, off: AblationName | null): string[] {
  const index = new MemoryIndex();
  for (const [id, task] of Object.entries(tasks)) index.add(id, task);
  return index.ids(query, { ablations: off === null ? NO_ABLATIONS : new Set([off]) });
}

const filler = Array.from({ length: 12 }, (_, i) => `word${i} filler${i}`).join(" ");

describe("a part of recall", () => {
  it("prefers the task whose first line says it", () => {
    const tasks = {
      b: "some words\nrotate the certificate here",
      a: "rotate the certificate\nsome words here",
    };
    expect(ranked(tasks, "certificate", null)).toEqual(["a", "b"]);
    expect(ranked(tasks, "certificate", "recall_lead")).toEqual(["b", "a"]);
  });

  it("counts words of the same beginning in part", () => {
    const tasks = { a: "neuron treatment plan", b: "kidney treatment plan" };
    expect(ranked(tasks, "neural treatment", null)).toEqual(["a", "b"]);
    expect(ranked(tasks, "neural treatment", "recall_variants")).toEqual(["b", "a"]);
  });

  it("prefers terms that stand together", () => {
    const tasks = {
      a: `restart queue ${filler} worker other`,
      b: `restart ${filler} queue other worker`,
      c: `${filler} other restart queue worker`,
    };
    expect(ranked(tasks, "restart queue worker", null)[0]).toBe("c");
  });

  it("looks at neither the first line nor what stands together when the query is a description", () => {
    const tasks = { b: "other\nrestart worker queue", a: "restart\nother worker queue" };
    const description = `restart ${filler} ${filler.replaceAll("word", "more")}`;
    expect(ranked(tasks, "restart", null)).toEqual(["a", "b"]);
    expect(ranked(tasks, description, null)).toEqual(["b", "a"]);
  });

  it("follows what a long query repeats", () => {
    const tasks = {
      a: "return goods now",
      b: "exchange goods now",
      c: "return parcel",
      d: "exchange parcel",
    };
    const long = `exchange exchange exchange return ${filler} ${filler.replaceAll("word", "more")}`;
    expect(ranked(tasks, long, null)[0]).toBe("d");
    const [, second] = ranked(tasks, long, null);
    expect(second).toBe("b");
  });
});
