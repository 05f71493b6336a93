import { describe, expect, it } from "vitest";
import { RelevanceFloor } from "../../src/memory/ranking/index.ts";
import { MemoryIndex } from "../support/search.ts";

/** The episodes that have something to do with a question, of those that its words find. */
function admitted(tasks: readonly string[], question: string): string[] {
  const index = new MemoryIndex();
  for (const task of tasks) index.add(task, task);
  const found = index.find(question);
  const floor = new RelevanceFloor(question, found);
  return found.filter((candidate) => floor.admits(candidate)).map(({ id }) => id);
}

const ORDERS = Array.from({ length: 40 }, (_, i) => `please return item ${i} of the two orders`);

describe("the relevance floor", () => {
  it("keeps out what shares one common word with a longer question", () => {
    expect(admitted(ORDERS, "which two proteins bind to the membrane of a cell")).toEqual([]);
    expect(admitted(ORDERS, "list singers born before the two world wars ended")).toEqual([]);
  });

  it("lets in what a memory of one matter is asked about that matter, though its words are common", () => {
    expect(admitted(ORDERS, "please return the sofa of the order")).not.toEqual([]);
    expect(admitted(ORDERS, "return orders")).not.toEqual([]);
  });

  it("lets in what shares words that say much", () => {
    const tasks = [...ORDERS, "rotate the certificates"];
    expect(admitted(tasks, "rotating certificates")).toEqual(["rotate the certificates"]);
  });
});
