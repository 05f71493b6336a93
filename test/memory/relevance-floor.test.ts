import { describe, expect, it } from "vitest";
import { fuse, RelevanceFloor } from "../../src/memory/ranking/index.ts";
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

  it("keeps out a run that has the words of a question here and there, and none of its texts many", () => {
    const question = "list the airlines whose flights depart from the northern airport of Aberdeen";
    const long = {
      outcome: "the airlines were told",
      errors: "no flights",
      tools: "depart_from list_orders",
      calls: "airport northern",
    };
    const index = new MemoryIndex();
    for (const [i, task] of ORDERS.entries()) index.add(`order-${i}`, { task, ...long });
    const spread = index.find(question);
    expect(spread.length).toBeGreaterThan(0);
    expect(spread[0]?.matched_terms.length).toBeGreaterThanOrEqual(5);
    expect(new RelevanceFloor(question, spread).isMet).toBe(false);

    index.add("flights", {
      task: "which airlines have flights that depart from Aberdeen",
      ...long,
    });
    expect(new RelevanceFloor(question, index.find(question)).isMet).toBe(true);
  });

  it("needs less where the question names the domain of what was found, and more than one word", () => {
    const question = "rotate the quarterly certificates of seven northern gateways tonight";
    const isMet = (more: { inOneField?: number; isOfDomain?: boolean }): boolean =>
      new RelevanceFloor(question, [{ text: 0.06, inOneField: 3, ...more }]).isMet;
    expect(isMet({})).toBe(false);
    expect(isMet({ isOfDomain: true })).toBe(true);
    expect(isMet({ isOfDomain: true, inOneField: 1 })).toBe(false);
  });

  it("takes five words of a long question for no evidence, and six in ten of a short one for some", () => {
    const isMet = (words: number, inOneField: number): boolean => {
      const question = Array.from({ length: words }, (_, i) => `word${i}`).join(" ");
      return new RelevanceFloor(question, [{ text: 0.01, inOneField }]).isMet;
    };
    expect(isMet(12, 5)).toBe(true);
    expect(isMet(60, 5)).toBe(false);
    expect(isMet(60, 9)).toBe(true);
    expect(isMet(5, 3)).toBe(true);
    expect(isMet(5, 2)).toBe(false);
  });

  it("lets in what means the same, in whichever words", () => {
    const meant = fuse([], [{ id: "a", similarity: 0.4 }], 10);
    const floor = new RelevanceFloor("which two proteins bind to the membrane", meant);
    expect(meant.filter((candidate) => floor.admits(candidate))).toHaveLength(1);
  });

  it("lets in what shares words that say much", () => {
    const tasks = [...ORDERS, "rotate the certificates"];
    expect(admitted(tasks, "rotating certificates")).toEqual(["rotate the certificates"]);
  });
});
