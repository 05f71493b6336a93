import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctTies, dotOf, mermaidOf, orderOf, type Tie } from "../../../cli/graphs/graph.ts";

const ties: Tie[] = [
  { from: "c", to: "b", type: "depends_on" },
  { from: "b", to: "a", type: "follows" },
  { from: "d", to: "a", type: "related_to" },
];

describe("a graph of relationships", () => {
  it("is written for Graphviz and for Mermaid", () => {
    expect(dotOf(ties)).toContain('  "c" -> "b" [label="depends_on"];');
    expect(mermaidOf(ties)).toContain("  e2 -->|depends_on| e1");
    expect(distinctTies([...ties, ...ties])).toHaveLength(3);
  });

  it("orders episodes behind what they need, and says which are circular", () => {
    expect(orderOf(ties)).toEqual({ order: ["a", "d", "b", "c"], circular: [] });
    const circle = [...ties, { from: "a", to: "c", type: "depends_on" }];
    expect(orderOf(circle)).toEqual({ order: ["d"], circular: ["a", "b", "c"] });
  });

  it("has each episode once, behind what it needs, whatever the ties", () => {
    const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const tie = fc.record({ from: id, to: id, type: fc.constantFrom("depends_on", "related_to") });
    fc.assert(
      fc.property(fc.array(tie), (some) => {
        const { order, circular } = orderOf(some);
        const all = new Set(some.flatMap(({ from, to }) => [from, to]));
        expect([...order, ...circular].sort()).toEqual([...all].sort());
        for (const { from, to, type } of some)
          if (type === "depends_on" && order.includes(from))
            expect(order.indexOf(to)).toBeLessThan(order.indexOf(from));
      }),
    );
  });

  it("is left by no name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 2 }), (from) => {
        const lines = mermaidOf([{ from, to: "b", type: 'x"]' }]).split("\n");
        expect(lines).toHaveLength(4);
        expect(lines[3]).toMatch(/^ {2}e\d -->\|x#34;#93;\| e\d$/);
      }),
    );
  });
});
