import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctFindings, type Finding } from "../../../src/memory/words/index.ts";

const finding = (pattern_id: string, tools: string[], more: Partial<Finding> = {}): Finding => ({
  pattern_id,
  polarity: "do",
  tools,
  isConditional: false,
  support: { success: 8, failure: 2, episodes: 10 },
  ...more,
});
const idsOf = (items: Finding[]): string[] =>
  distinctFindings(items, (item) => item).map(({ pattern_id }) => pattern_id);

describe("findings", () => {
  it("are one: a run, the decision inside it, what the context says of it, and its heuristic", () => {
    const run = finding("run", ["a", "b", "c"]);
    const decision = finding("decision", ["b", "c"], { isConditional: true });
    const context = finding("context", ["c"], { isConditional: true });
    expect(idsOf([decision, context, run, { ...run }])).toEqual(["run"]);
    expect(
      idsOf([finding("run", ["a", "b"]), finding("decision", ["a", "b"], { isConditional: true })]),
    ).toEqual(["decision"]);
  });

  it("are two when the runs are others, or the polarity, or the tools", () => {
    const rare = { success: 2, failure: 0, episodes: 2 };
    const worse = { success: 3, failure: 7, episodes: 10 };
    const one = finding("one", ["a", "b", "c"]);
    for (const other of [
      finding("other", ["b", "c"], { support: rare }),
      finding("other", ["b", "c"], { support: worse }),
      finding("other", ["b", "c"], { polarity: "avoid" }),
      finding("other", ["a", "c"]),
    ])
      expect(idsOf([one, other])).toEqual(["one", "other"]);
  });

  it("keep their order, and what is distinct is distinct again", () => {
    const items = fc.array(
      fc.record({
        pattern_id: fc.constantFrom("p", "q", "r", "s", "t"),
        polarity: fc.constantFrom("do", "avoid"),
        tools: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 }),
        isConditional: fc.boolean(),
        support: fc.record({ success: fc.nat(9), failure: fc.nat(9), episodes: fc.nat(20) }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(items, (all) => {
        const kept = distinctFindings(all, (item) => item);
        expect(distinctFindings(kept, (item) => item)).toEqual(kept);
        expect(kept).toEqual(all.filter((item) => kept.includes(item)));
        expect(kept.length > 0).toBe(all.length > 0);
      }),
    );
  });
});
