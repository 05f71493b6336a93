import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerOf, resultClass } from "../../../../src/contract/episodes/step-result.ts";
import type { Step } from "../../../../src/contract/episodes/record.ts";
import { PATTERN_KINDS, type PatternContent } from "../../../../src/contract/patterns.ts";
import {
  contributionsOf,
  definitionOf,
  lookupsAfter,
  makeDigest,
  nextToolLookups,
  Implications,
} from "../../../../src/memory/learning/index.ts";
import { episodeOf, stepLists, stepOf } from "../../../support/episodes.ts";
import { success } from "../../../support/knowledge.ts";

/** The patterns of a successful episode of these steps, in order. */
function mined(steps: readonly Step[]): PatternContent[] {
  const digest = makeDigest(episodeOf("e", success, { task_type: "testing" }), steps);
  return contributionsOf(digest).map(({ content }) => content);
}

const failed = (n: number, tool: string): Step =>
  stepOf(n, tool, { type: "error", message: `order ${n} not found` });

describe("the patterns of an episode", () => {
  it("are of every kind of the contract, each once, those of a step before those of the run", () => {
    const contents = mined([failed(1, "look"), stepOf(2, "list"), stepOf(3, "look")]);
    expect(contents).toEqual([
      { kind: "tool_sequence", tools: ["look", "list"] },
      { kind: "tool_sequence", tools: ["look", "list", "look"] },
      { kind: "decision_point", after_tool: "look", after_result: "error", next_tool: "list" },
      { kind: "error_recovery", tool: "look", error: "order <number> not found", path: ["list"] },
      { kind: "tool_sequence", tools: ["list", "look"] },
      { kind: "decision_point", after_tool: "list", after_result: "success", next_tool: "look" },
      { kind: "context_pattern", features: { domain: "d", task_type: "testing" }, tool: "look" },
      { kind: "context_pattern", features: { domain: "d" }, tool: "look" },
      { kind: "context_pattern", features: { domain: "d", task_type: "testing" }, tool: "list" },
      { kind: "context_pattern", features: { domain: "d" }, tool: "list" },
    ]);
    expect(new Set(contents.map(({ kind }) => kind))).toEqual(new Set(PATTERN_KINDS));
  });

  it("have no recovery that comes later than five steps after the error, nor runs of more than five tools", () => {
    const tools = ["a", "b", "c", "d", "e"];
    const late = [failed(1, "x"), ...tools.map((tool, i) => failed(i + 2, tool)), stepOf(7, "y")];
    const contents = mined(late);
    expect(
      contents.filter((content) => content.kind === "error_recovery" && content.tool === "x"),
    ).toEqual([]);
    const lengths = contents.flatMap((content) =>
      content.kind === "tool_sequence" ? [content.tools.length] : [],
    );
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([2, 5]);
  });

  it("are looked up by what a step after which they were seen calls for", () => {
    fc.assert(
      fc.property(stepLists, (steps) => {
        const contents = mined(steps);
        const calledFor = new Set(
          steps.flatMap(({ tool, result, parameters }) => {
            const message = answerOf(result) ?? "";
            return lookupsAfter({ tool, result: resultClass(result), message, parameters }).map(
              ({ kind, prefix }) => `${kind} ${prefix}`,
            );
          }),
        );
        const continued = new Set(steps.flatMap((_, i) => nextToolLookups(steps.slice(0, i + 1))));
        for (const content of contents) {
          const definition = definitionOf(content);
          const { prefix } = definition.lookup(content);
          if (content.kind === "tool_sequence") expect(continued).toContain(prefix);
          if (definition.prefixesAfter) expect(calledFor).toContain(`${content.kind} ${prefix}`);
        }
      }),
    );
  });

  it("are described, and named by their tools, conditions and search texts", () => {
    const words = mined([failed(1, "look"), stepOf(2, "list")]).map((content) => {
      const definition = definitionOf(content);
      return [
        definition.describe(content),
        definition.tools(content),
        definition.condition(content),
        definition.searchTexts(content),
      ];
    });
    const domain = { domain: "d" };
    const both = { domain: "d", task_type: "testing" };
    expect(words).toEqual([
      ["look → list", ["look", "list"], null, {}],
      [
        "after look (error): list",
        ["look", "list"],
        { after_tool: "look", after_result: "error" },
        {},
      ],
      [
        'look failed with "order <number> not found": list',
        ["look", "list"],
        { tool: "look", error: "order <number> not found" },
        { errors: "order <number> not found" },
      ],
      ["domain d, task_type testing: look", ["look"], both, { tags: "d testing" }],
      ["domain d: look", ["look"], domain, { tags: "d" }],
      ["domain d, task_type testing: list", ["list"], both, { tags: "d testing" }],
      ["domain d: list", ["list"], domain, { tags: "d" }],
    ]);
  });
});

describe("a pattern that another one of the same support makes needless", () => {
  const run = (...tools: string[]) => ({ kind: "tool_sequence", tools }) as const;
  const used = (features: Record<string, string>) =>
    ({ kind: "context_pattern", features, tool: "t" }) as const;
  const items = (contents: readonly [PatternContent, number][]) =>
    contents.map(([content, support]) => ({ content, support }));
  type Item = ReturnType<typeof items>[number];
  const withoutImplied = (some: readonly Item[], all: readonly Item[]): Item[] => {
    const implications = new Implications(all, ({ support }) => support);
    return some.filter((item) => !implications.isNeedless(item));
  };
  const left = (...contents: [PatternContent, number][]): PatternContent[] =>
    withoutImplied(items(contents), items(contents)).map(({ content }) => content);

  it("is the run that a longer run contains", () => {
    const longer = run("a", "b", "c");
    expect(left([run("b", "c"), 3], [longer, 3], [run("a", "c"), 3])).toEqual([
      longer,
      run("a", "c"),
    ]);
    expect(left([run("b", "c"), 4], [longer, 3])).toHaveLength(2);
  });

  it("is the description of a context that a shorter one is part of", () => {
    const [narrow, wide] = [used({ domain: "d", language: "ts" }), used({ domain: "d" })];
    expect(left([narrow, 3], [wide, 3])).toEqual([wide]);
    expect(left([narrow, 3], [wide, 5])).toHaveLength(2);
    expect(left([narrow, 3], [used({ domain: "e" }), 3])).toHaveLength(2);
  });

  it("is needless, too, by one that is not on the same page", () => {
    const longer = run("a", "b", "c");
    const page = items([
      [run("b", "c"), 3],
      [run("c", "d"), 3],
    ]);
    const all = [...items([[longer, 3]]), ...page];
    const kept = withoutImplied(page, all);
    expect(kept.map(({ content }) => content)).toEqual([run("c", "d")]);
  });
});
