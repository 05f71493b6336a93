import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addEvidence,
  addToDomain,
  applyFeedback,
  baseRates,
  contributionsOf,
  makeDigest,
  patternKey,
  removeEvidence,
  removeFromDomain,
  viewPattern,
} from "../../../../src/memory/learning/index.ts";
import type {
  Contribution,
  Digest,
  DomainRow,
  PatternRow,
} from "../../../../src/memory/learning/types.ts";
import { outcomes, stepLists, episodeOf, stepOf } from "../../../support/episodes.ts";

const DAY = 86_400_000;
const contribution: Contribution = {
  key: "p",
  content: { kind: "tool_sequence", tools: ["a", "b"] },
  occurrences: 2,
  latency_ms: 30,
};

/** Digests as different as learning can see them. */
const digests: fc.Arbitrary<Digest[]> = fc
  .array(
    fc.record({
      success: fc.integer({ min: 0, max: 1000 }),
      day: fc.integer({ min: 20_000, max: 20_030 }),
      domain: fc.constantFrom("x", "y"),
      reward: fc.option(fc.integer({ min: 0, max: 1000 })),
    }),
    { minLength: 1, maxLength: 15 },
  )
  .map((list) =>
    list.map(({ success, day, domain, reward }, i) => ({
      namespace: "n",
      episode_id: `e${i}`,
      version: 1,
      task: "t",
      task_type: "other",
      context: { domain, language: null, framework: null, complexity: "simple", tags: [] },
      tags: [],
      status: "completed",
      outcome: "success",
      summary: null,
      insights: [],
      success,
      failure: 1000 - success,
      reward,
      started_at: day * DAY,
      ended_at: day * DAY + i,
      path: [],
    })),
  );
const learned = (list: readonly Digest[]): PatternRow | null =>
  list.reduce<PatternRow | null>((row, digest) => addEvidence(row, digest, contribution), null);

describe("evidence", () => {
  it("does not depend on the order in which episodes are learned", () => {
    fc.assert(
      fc.property(
        digests.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(learned(shuffled)).toEqual(learned(list));
        },
      ),
    );
  });

  it("is taken back exactly by deleting", () => {
    fc.assert(
      fc.property(digests, fc.nat(), (list, pick) => {
        const gone = list[pick % list.length];
        if (!gone) return;
        const rest = list.filter((digest) => digest !== gone);
        const all = learned(list);
        const undone = all && removeEvidence(all, gone, contribution);
        expect(undone?.buckets ?? null).toEqual(learned(rest)?.buckets ?? null);
      }),
    );
  });

  it("of a domain is taken back exactly too", () => {
    fc.assert(
      fc.property(digests, (list) => {
        const one = list.map((digest) => ({
          ...digest,
          context: { ...digest.context, domain: "x" },
        }));
        const all = one.reduce<DomainRow | null>((row, digest) => addToDomain(row, digest), null);
        const none = one.reduce<DomainRow | null>(
          (row, digest) => row && removeFromDomain(row, digest),
          all,
        );
        expect(none).toBeNull();
      }),
    );
  });

  it("gives a confidence in 0…1 that another success never lowers", () => {
    const now = 20_031 * DAY;
    const base = baseRates([], now);
    fc.assert(
      fc.property(digests, (list) => {
        const row = learned(list);
        const [first] = list;
        if (!row || !first) return;
        const view = viewPattern(row, base, now);
        expect(view.confidence).toBeGreaterThanOrEqual(0);
        expect(view.confidence).toBeLessThanOrEqual(1);
        const more = addEvidence(
          row,
          { ...first, episode_id: "more", success: 1000, failure: 0 },
          contribution,
        );
        expect(viewPattern(more, base, now).confidence).toBeGreaterThanOrEqual(
          view.confidence - 1e-12,
        );
      }),
    );
  });

  it("weighs less as it ages", () => {
    const row = learned([{ ...digestOf(), success: 1000, failure: 0 }]);
    if (!row) throw new Error("nothing learned");
    const support = (now: number): number =>
      viewPattern(row, baseRates([], now), now).support.success;
    expect(support(20_000 * DAY)).toBeCloseTo(1, 6);
    // Half of the short memory, and nearly all of the long one.
    const aged = 0.75 / 2 + 0.25 * 2 ** (-30 / 365);
    expect(support(20_030 * DAY)).toBeCloseTo(aged, 6);
  });

  it("moves with feedback and moves back", () => {
    const row = learned([digestOf()]);
    if (!row) throw new Error("nothing learned");
    const moved = applyFeedback(row, { day: 20_000, helpful: 800, unhelpful: 200 }, 1);
    expect(moved.feedback).toEqual([{ day: 20_000, helpful: 800, unhelpful: 200 }]);
    expect(applyFeedback(moved, { day: 20_000, helpful: 800, unhelpful: 200 }, -1)).toEqual(row);
  });
});

function digestOf(): Digest {
  const [digest] = fc.sample(digests, { numRuns: 1, seed: 1 })[0] ?? [];
  if (!digest) throw new Error("no digest");
  return { ...digest, ended_at: 20_000 * DAY };
}

describe("a digest", () => {
  it("is the same for the same episode, and contributes to every pattern once", () => {
    fc.assert(
      fc.property(stepLists, outcomes, (steps, outcome) => {
        const digest = makeDigest(episodeOf("e", outcome), steps);
        expect(makeDigest(episodeOf("e", outcome), steps)).toEqual(digest);
        const contributions = contributionsOf(digest);
        expect(contributionsOf(digest)).toEqual(contributions);
        const keys = contributions.map(({ key }) => key);
        expect(keys).toEqual(contributions.map(({ content }) => patternKey(content)));
        expect(new Set(keys).size).toBe(keys.length);
        expect(digest.success + digest.failure).toBeLessThanOrEqual(1000);
        expect(contributions.length > 0).toBe(
          steps.length > 0 && digest.success + digest.failure > 0,
        );
      }),
    );
  });

  it("contributes as often as a pattern is in the run, with the time of all its steps", () => {
    const tools = ["a", "b", "a", "b"];
    const steps = tools.map((tool, i) => stepOf(i + 1, tool, undefined, 10 ** i));
    const success = { type: "success", verdict: "", artifacts: [] } as const;
    const contributions = contributionsOf(
      makeDigest(episodeOf("e", { ...success, artifacts: [] }), steps),
    );
    const ofRun = (...run: string[]) =>
      contributions.flatMap(({ content, occurrences, latency_ms }) =>
        content.kind === "tool_sequence" && content.tools.join() === run.join()
          ? [[occurrences, latency_ms]]
          : [],
      );
    expect(ofRun("a", "b")).toEqual([[2, 1_111]]);
    expect(ofRun("b", "a")).toEqual([[1, 110]]);
    expect(ofRun("a", "b", "a", "b")).toEqual([[1, 1_111]]);
  });

  it("names the way out of an error by the error's template", () => {
    const steps = [
      stepOf(1, "look", { type: "error", message: "order 4711 not found" }),
      stepOf(2, "list"),
      stepOf(3, "look"),
    ];
    const digest = makeDigest(
      episodeOf("e", { type: "success", verdict: "", artifacts: [] }),
      steps,
    );
    const recoveries = contributionsOf(digest).flatMap(({ content }) =>
      content.kind === "error_recovery" ? [content] : [],
    );
    expect(recoveries).toEqual([
      { kind: "error_recovery", tool: "look", error: "order <number> not found", path: ["list"] },
    ]);
  });

  it("has the same pattern in two episodes, and another one in another namespace", () => {
    const steps = [stepOf(1, "a"), stepOf(2, "b")];
    const outcome = { type: "success", verdict: "", artifacts: [] } as const;
    const ids = (namespace: string, id: string): string[] => {
      const digest = makeDigest(episodeOf(id, { ...outcome, artifacts: [] }, { namespace }), steps);
      return contributionsOf(digest).map((one) => addEvidence(null, digest, one).id);
    };
    expect(ids("n", "e1")).toEqual(ids("n", "e2"));
    for (const id of ids("n", "e1")) expect(id).toMatch(/^[0-9a-f]{32}$/);
    const both = new Set([...ids("n", "e1"), ...ids("m", "e1")]);
    expect(both.size).toBe(2 * ids("n", "e1").length);
  });
});

describe("the evidence of a row", () => {
  const one = (i: number, domain: string, day: number): Digest => ({
    ...(fc.sample(digests, { numRuns: 1, seed: 1 })[0]?.[0] as Digest),
    episode_id: `e${i}`,
    context: { domain, language: null, framework: null, complexity: "simple", tags: [] },
    success: i % 1001,
    failure: 1000 - (i % 1001),
    ended_at: day * DAY,
  });
  const many = [
    ...Array.from({ length: 3_000 }, (_, i) => one(i, `domain ${i % 3}`, 10_000 + i)),
    ...Array.from({ length: 2_000 }, (_, i) => one(3_000 + i, `${"漢".repeat(190)}${i}`, 20_000)),
    ...Array.from({ length: 30 }, (_, i) => one(5_000 + i, `\u001f${i}`, 20_000)),
  ];

  it("is bounded in bytes, whatever the days and the domains, and taken back exactly", () => {
    let row: PatternRow | null = null;
    for (const digest of many) row = addEvidence(row, digest, contribution);
    expect(row?.buckets.length).toBeLessThanOrEqual(1_000);
    expect(new TextEncoder().encode(JSON.stringify(row)).length).toBeLessThan(300_000);
    const sum = (field: "episodes" | "success") =>
      row?.buckets.reduce((all, bucket) => all + bucket[field], 0);
    expect(sum("episodes")).toBe(many.length);
    expect(sum("success")).toBe(many.reduce((all, { success }) => all + success, 0));
    for (const digest of many.toReversed()) row = row && removeEvidence(row, digest, contribution);
    expect(row).toBeNull();
  });

  it("tells days and domains apart as long as there are not very many", () => {
    let row: PatternRow | null = null;
    for (let i = 0; i < 900; i++)
      row = addEvidence(row, one(i, `domain ${i % 3}`, 10_000 + i), contribution);
    expect(row?.buckets).toHaveLength(900);
    expect(row?.grain).toBeUndefined();
    expect(row?.slots).toBeUndefined();
  });

  it("of judged recalls is bounded too, and taken back exactly", () => {
    const empty = addEvidence(null, one(0, "d", 1), contribution);
    let row = empty;
    const use = { helpful: 700, unhelpful: 300 };
    for (let day = 0; day < 5_000; day++) row = applyFeedback(row, { day, ...use }, 1);
    expect(row.feedback.length).toBeLessThanOrEqual(1_000);
    expect(row.feedback.reduce((sum, { helpful }) => sum + helpful, 0)).toBe(5_000 * 700);
    for (let day = 0; day < 5_000; day++) row = applyFeedback(row, { day, ...use }, -1);
    expect(row.feedback).toEqual([]);
  });
});
