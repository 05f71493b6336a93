import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { FamilyRun } from "../../../src/memory/skills/index.ts";
import { charactersOf, describe as describeFamily } from "../../../src/memory/skills/index.ts";
import { familiesOf, Features, namesOf } from "../../../src/memory/skills/index.ts";

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
  const families = familiesOf(all, new Features());

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
        expect(familiesOf(shuffled, new Features())).toEqual(families);
      }),
      { numRuns: 50 },
    );
  });

  it("are found in work that grows with what runs have, not with what each two of them have", () => {
    const reads = new Map<FamilyRun, number>();
    const many = Array.from({ length: 300 }, (_, i) =>
      counted(
        runOf(
          `task ${"abcdefghij"[i % 10]} of kind ${i % 7} ${"word ".repeat(i % 40)}`,
          Array.from({ length: 60 }, (_unused, k) => `tool_${i % 5}_${(i * k) % 31}`),
        ),
        reads,
      ),
    );
    const lookUp = vi.spyOn(Map.prototype, "get");
    const features = new Features();
    const found = familiesOf(many, features);
    const characters = charactersOf(found, many, features);
    const lookedUp = lookUp.mock.calls.length;
    lookUp.mockRestore();

    expect(found.length).toBeGreaterThan(3);
    expect(characters).toHaveLength(found.length);
    // A run has 31 actions and a few words, each looked up a few times; 45,000 pairs share as many.
    expect(lookedUp).toBeLessThan(300 * many.length);
    expect(Math.max(...reads.values())).toBeLessThanOrEqual(2);
  });
});

/** Counts how often the path of a run is read. */
function counted(run: FamilyRun, reads: Map<FamilyRun, number>): FamilyRun {
  const { path, ...rest } = run;
  const own: FamilyRun = {
    ...rest,
    get path() {
      reads.set(own, (reads.get(own) ?? 0) + 1);
      return path;
    },
  };
  return own;
}

describe("what a family is called", () => {
  const families = familiesOf(all, new Features());
  const characters = charactersOf(families, all, new Features());
  const named = families.map(({ domain }, i) => ({
    domain,
    character: characters[i] ?? { actions: [], words: [] },
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
