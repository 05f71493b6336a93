import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unvisitedIds } from "../../../../src/memory/learning/index.ts";

const listed = {
  parameters: { person: "someone_17" },
  answer: 'boxes: "#B100", "#B200", "#B300"; price 12345',
};
const looked = (box: string) => ({ parameters: { box }, answer: `${box} holds a lamp` });

describe("what is left to try", () => {
  it("are the identifiers of the form that the last call took, named before and not taken yet", () => {
    expect(unvisitedIds([listed, looked("#B100"), looked("#B200"), looked("#B300")])).toEqual([
      0, 2, 1, 0,
    ]);
  });

  it("is not known of a step whose parameters are not", () => {
    expect(unvisitedIds([listed, { answer: "#B100 holds a lamp" }])).toEqual([0, null]);
  });

  it("knows no names: other forms of identifiers count alike", () => {
    const files = { parameters: {}, answer: "src/part1-a.ts src/part2-b.ts" };
    expect(unvisitedIds([files, { parameters: { file: "part1-a" }, answer: "" }])).toEqual([0, 1]);
  });

  it("is 0, 1 or 2 for any text, and one figure for each step", () => {
    const step = fc.record({
      parameters: fc.jsonValue(),
      answer: fc.option(fc.string({ unit: "binary", maxLength: 50 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const left = unvisitedIds(steps);
        expect(left).toHaveLength(steps.length);
        for (const count of left) expect([0, 1, 2]).toContain(count);
      }),
    );
  });

  it("is found in little time in a text made to take long", () => {
    const answer = "a".repeat(1_000_000);
    expect(unvisitedIds([{ parameters: { text: answer }, answer }])).toEqual([0]);
  });
});
