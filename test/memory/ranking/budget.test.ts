import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitToTokens } from "../../../src/memory/ranking/index.ts";
import { chooseByWorth } from "../../../src/memory/ranking/worth.ts";

const ids = Array.from({ length: 20 }, (_, i) => `0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a${i + 10}`);
const many = <T>(count: number, of: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => of(i));
const VIEW = {
  recall_id: "r",
  next_tools: many(5, (i) => ({
    tool: `tool_${i}`,
    probability: 1 / (i + 3),
    why: "because",
    episodes: ids,
  })),
  episodes: many(10, (i) => ({
    id: ids[i],
    score: 0.123456789,
    task: "a task ".repeat(40),
    tools: ["a", "b"],
  })),
  patterns: many(10, (i) => ({
    id: `p${i}`,
    description: "a pattern",
    lift: Math.PI,
    episodes: ids,
  })),
  heuristics: many(5, (i) => ({ id: `h${i}`, condition: "c", action: "a", episodes: ids })),
  lessons: many(5, (i) => ({ id: `l${i}`, text: "look twice ".repeat(5) })),
  playbook: {
    id: "pb",
    confidence: 0.4,
    based_on: ids,
    steps: many(12, (i) => ({
      order: i + 1,
      tool: `tool_${i}`,
      support: 1 / 3,
      episodes: ids,
      pitfalls: [],
    })),
  },
  truncated: 0,
};
const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4);

describe("a recall within its tokens", () => {
  it("fits, and fills the room that it has", () => {
    for (const max of [300, 600, 1_000, 1_500, 2_000]) {
      const fitted = fitToTokens(VIEW, max);
      expect(tokens(fitted)).toBeLessThanOrEqual(max);
      expect(tokens(fitted)).toBeGreaterThan(0.8 * max);
    }
  });

  it("has the best of each kind, and a playbook that is shortened before it is left out", () => {
    const fitted = fitToTokens(VIEW, 1_000);
    for (const name of ["next_tools", "episodes", "patterns", "heuristics", "lessons"] as const) {
      expect(fitted[name].length, name).toBeGreaterThan(0);
      expect((fitted[name][0] as { id?: string }).id).toBe((VIEW[name][0] as { id?: string }).id);
    }
    const steps = fitted.playbook?.steps ?? [];
    expect(steps.map(({ order }) => order)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.length).toBeLessThan(12);
  });

  it("counts what it left out", () => {
    const count = (view: typeof VIEW): number =>
      view.next_tools.length +
      view.episodes.length +
      view.patterns.length +
      view.heuristics.length +
      view.lessons.length +
      (view.playbook?.steps.length ?? 0);
    const fitted = fitToTokens(VIEW, 700);
    expect(fitted.truncated).toBe(count(VIEW) - count(fitted));
  });

  it("leaves an answer that fits as it is, and names fewer ids before it drops an item", () => {
    expect(fitToTokens(VIEW, null)).toBe(VIEW);
    expect(fitToTokens(VIEW, 1_000_000)).toBe(VIEW);
    const shortened = fitToTokens(VIEW, tokens(VIEW) - 1);
    expect(shortened.truncated).toBe(0);
    expect(shortened.patterns[0]).toMatchObject({ lift: 3.142, episodes: ids.slice(0, 2) });
  });
});

describe("what is worth its room", () => {
  it("never takes more than there is, and of each kind only first items", () => {
    const choice = fc.record({
      worth: fc.integer({ min: 1, max: 100 }),
      costs: fc
        .array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 })
        .map((costs) => costs.toSorted((a, b) => b - a)),
    });
    const kinds = fc.array(
      fc.record({
        opening: fc.nat(20),
        items: fc.array(choice, { maxLength: 6 }),
        isMinor: fc.boolean(),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(kinds, fc.integer({ min: -10, max: 300 }), (all, room) => {
        const chosen = chooseByWorth(all, room);
        const cost = chosen.reduce((sum, forms, at) => {
          const { opening, items } = all[at] ?? { opening: 0, items: [] };
          const own = forms.map((form, i) => items[i]?.costs[form] ?? Number.NaN);
          return sum + (forms.length > 0 ? opening : 0) + own.reduce((a, b) => a + b, 0);
        }, 0);
        expect(cost).toBeLessThanOrEqual(Math.max(0, room));
        const major = all.filter(({ isMinor }) => !isMinor);
        const heads = major.reduce(
          (sum, { opening, items: [head] }) =>
            sum + (head ? opening + (head.costs.at(-1) ?? 0) : 0),
          0,
        );
        if (heads > room) return;
        for (const [at, { items, isMinor }] of all.entries())
          if (!isMinor)
            expect(chosen[at]?.length).toBeGreaterThanOrEqual(Math.min(1, items.length));
      }),
    );
  });
});
