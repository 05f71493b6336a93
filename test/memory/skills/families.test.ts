import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FamilyRun } from "../../../src/memory/skills/index.ts";
import { characterOf, describe as describeFamily } from "../../../src/memory/skills/index.ts";
import { familiesOf, namesOf } from "../../../src/memory/skills/index.ts";

let ids = 0;

function runOf(task: string, tools: readonly string[], domain = "shop"): FamilyRun {
  ids += 1;
  const context = { domain, language: null, framework: null, complexity: "moderate", tags: [] };
  return {
    episode_id: `e-${String(ids).padStart(4, "0")}`,
    ended_at: 1_000 * ids,
    task,
    context: context as FamilyRun["context"],
    path: tools.map((tool, i) => ({
      number: i + 1,
      tool,
      action: "",
      result: "success",
      error: null,
      latency_ms: null,
    })),
  };
}

const orders = ["Ann", "Bo", "Cy"].map((who) =>
  runOf(`cancel the order of ${who}`, ["find_user", "get_order", "cancel_order"]),
);
const refunds = ["Di", "Ed", "Fay", "Gus"].map((who) =>
  runOf(`refund a parcel that ${who} returned`, ["find_user", "get_parcel", "refund"]),
);
const alone = runOf("paint the shop", ["paint"]);
const abroad = ["Hal", "Ida", "Jo"].map((who) =>
  runOf(`cancel the order of ${who}`, ["find_user", "get_order", "cancel_order"], "abroad"),
);
const all = [...orders, ...refunds, alone, ...abroad];
const idsOf = (runs: readonly FamilyRun[]): string[] => runs.map((run) => run.episode_id).sort();

describe("families of runs", () => {
  const families = familiesOf(all);

  it("are of those that do the same for the same kind of task, in one domain", () => {
    expect(families.map(({ runs }) => idsOf(runs))).toEqual([
      idsOf(refunds),
      idsOf(orders),
      idsOf(abroad),
    ]);
  });

  it("are the same in whatever order runs come", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(familiesOf(shuffled)).toEqual(families);
      }),
      { numRuns: 50 },
    );
  });

  it("take little time for as many as are looked at", () => {
    const many = Array.from({ length: 400 }, (_, i) =>
      runOf(
        `task ${"abcdefghij"[i % 10]} of kind ${i % 7} ${"word ".repeat(i % 40)}`,
        Array.from({ length: 60 }, (_unused, k) => `tool_${(i * k) % 31}`),
      ),
    );
    const begun = performance.now();
    const found = familiesOf(many);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(found.flatMap(({ runs }) => runs).length).toBeLessThanOrEqual(400);
  });
});

describe("what a family is called", () => {
  const families = familiesOf(all);
  const named = families.map((family) => ({
    domain: family.domain,
    character: characterOf(family, all),
  }));

  it("is what it does that others do not", () => {
    expect(named[0]?.character.actions).toEqual(["get_parcel", "refund"]);
    expect(named[0]?.character.words).toEqual(["parcel", "refund", "returned"]);
    expect(namesOf(named)).toEqual([
      "shop-get-parcel-refund",
      "shop-get-order-cancel-order",
      "abroad-get-order-cancel-order",
    ]);
  });

  it("names no person", () => {
    const told = named.map(({ domain, character }) => describeFamily(domain, character)).join("\n");
    expect(told).not.toMatch(/\b(?:Di|Ed|Fay|Gus|Ann|Bo|Cy)\b/i);
  });

  it("is a folder's name and a line, whatever tools and domains are called", () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(name, name, name, (domain, tool, word) => {
        const character = { actions: [tool], words: [] };
        const twice = [
          { domain, character },
          { domain, character },
        ];
        const names = namesOf(twice);
        expect(new Set(names).size).toBe(2);
        for (const one of names) {
          expect(one).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
          expect(one.length).toBeLessThanOrEqual(64);
        }
        const about = describeFamily(domain, { actions: [tool, word], words: [] });
        expect(about.length).toBeLessThanOrEqual(1_024);
        expect(about).not.toMatch(/[\n\r`<]\/?[a-z]/);
      }),
    );
  });
});
