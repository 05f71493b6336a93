import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { figuresOf } from "../scripts/house/figures.ts";
import { circlesIn, longestChain } from "../scripts/house/graph.ts";
import { sourcesOf } from "../scripts/house/sources.ts";

const ROOT = join(import.meta.dirname, "..");

const figures = new Map(
  figuresOf(ROOT, "src", "src/durable").map((figure) => [figure.what, figure]),
);

describe("the figures", () => {
  const GRAPH = new Map([
    ["a", ["b", "elsewhere"]],
    ["b", ["c"]],
    ["c", ["b", "d"]],
    ["d", []],
  ]);

  it("find circles, and the files of each", () => {
    expect(circlesIn(GRAPH).map((circle) => circle.toSorted())).toEqual([["b", "c"]]);
    expect(circlesIn(new Map([["a", ["a"]]]))).toEqual([["a"]]);
  });

  it("follow imports the longest way, and cut a circle where it closes", () => {
    expect(longestChain(GRAPH)).toEqual(["a", "b", "c", "d"]);
  });
});

describe("the source", () => {
  it.each([
    ["most files flat in one folder", 12],
    ["lines of the longest file", 400],
    ["lines over 100 columns, in a thousand", 9],
    ["import levels of src/durable at run time", 10],
  ])("has at most so many: %s, %i", (what, bound) => {
    const figure = figures.get(what);
    expect(figure?.value, figure?.where).toBeLessThanOrEqual(bound);
    expect(figure?.value).toBeGreaterThan(0);
  });

  it.each([
    "import circles at run time",
    "files over 400 lines",
    "functions over 50 lines",
    "functions over 5 parameters",
  ])("has none: %s", (what) => {
    const figure = figures.get(what);
    expect(figure?.value, figure?.where).toBe(0);
  });

  it("has circles of types only where requests name their answers, and answers their requests", () => {
    const graph = new Map(sourcesOf(ROOT, "src").map(({ file, imports }) => [file, imports]));
    for (const circle of circlesIn(graph)) {
      const [folder] = circle.map((file) => dirname(file));
      expect(circle.toSorted()).toEqual([`${folder}/answers.ts`, `${folder}/requests.ts`]);
    }
  });
});
