import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { figuresOf } from "../scripts/house/figures.ts";

const figures = new Map(
  figuresOf(join(import.meta.dirname, ".."), "src", "src/durable").map((figure) => [
    figure.what,
    figure,
  ]),
);

describe("the source", () => {
  it.each([
    ["most files flat in one folder", 12],
    ["lines of the longest file", 400],
    ["lines over 100 columns, in a thousand", 9],
  ])("has at most so many: %s, %i", (what, bound) => {
    const figure = figures.get(what);
    expect(figure?.value, figure?.where).toBeLessThanOrEqual(bound);
    expect(figure?.value).toBeGreaterThan(0);
  });
});
