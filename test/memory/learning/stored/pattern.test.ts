import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PatternContent } from "../../../../src/contract/patterns.ts";
import {
  addEvidence,
  contributionsOf,
  makeDigest,
  packPattern,
  unpackPattern,
} from "../../../../src/memory/learning/index.ts";
import type { PatternRow } from "../../../../src/memory/learning/types.ts";
import { episodeOf, outcomes, stepLists } from "../../../support/episodes.ts";

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const count = fc.oneof(fc.nat(1_000), fc.maxSafeNat());
const day = fc.integer({ min: -40_000, max: 40_000 });
const content: fc.Arbitrary<PatternContent> = fc.oneof(
  fc.record({ kind: fc.constant("tool_sequence" as const), tools: fc.array(name) }),
  fc.record({
    kind: fc.constant("error_recovery" as const),
    tool: name,
    error: fc.string({ unit: "binary" }),
    path: fc.array(name),
  }),
) as fc.Arbitrary<PatternContent>;
const id = fc.array(fc.constantFrom(..."0123456789abcdef".split("")), {
  minLength: 32,
  maxLength: 32,
});

const rows: fc.Arbitrary<PatternRow> = fc.record(
  {
    namespace: name,
    id: id.map((digits) => digits.join("")),
    content,
    buckets: fc.array(
      fc.record({
        day,
        domain: fc.oneof(name, fc.constantFrom("a", "b", "")),
        success: count,
        failure: count,
        reward: count,
        episodes: count,
        occurrences: count,
        latency_ms: count,
      }),
      { maxLength: 20 },
    ),
    feedback: fc.array(fc.record({ day, helpful: count, unhelpful: count }), { maxLength: 10 }),
    episodes: fc.array(
      fc.record({
        id: fc.oneof(
          name,
          fc.uuid(),
          fc.uuid().map((uuid) => uuid.toUpperCase()),
          fc.uuid().map((uuid) => `${uuid}0`),
        ),
        ended_at: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
      }),
      { maxLength: 10 },
    ),
    promoted: fc.boolean(),
    last_seen_at: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
    slots: fc.constant(true as const),
    grain: fc.constantFrom(8, 64, 512),
    feedback_grain: fc.constantFrom(8, 64),
  },
  {
    noNullPrototype: true,
    requiredKeys: [
      "namespace",
      "id",
      "content",
      "buckets",
      "feedback",
      "episodes",
      "promoted",
      "last_seen_at",
    ],
  },
);

const unpacked = (row: PatternRow): PatternRow =>
  unpackPattern(row.namespace, packPattern(row), (text) => text);

describe("a stored pattern", () => {
  it("is the pattern that was packed", () => {
    fc.assert(
      fc.property(rows, (row) => {
        expect(unpacked(row)).toEqual(row);
      }),
    );
  });

  it("learns on as if it had not been stored", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(stepLists, outcomes), { maxLength: 8 }), (runs) => {
        const [plain, kept] = [new Map<string, PatternRow>(), new Map<string, PatternRow>()];
        for (const [i, [steps, outcome]] of runs.entries()) {
          const digest = makeDigest(episodeOf(`e${i}`, outcome), steps);
          for (const one of contributionsOf(digest)) {
            plain.set(one.key, addEvidence(plain.get(one.key) ?? null, digest, one));
            kept.set(one.key, unpacked(addEvidence(kept.get(one.key) ?? null, digest, one)));
          }
        }
        expect(kept).toEqual(plain);
      }),
    );
  });

  it("takes a few bytes a day and domain, and sixteen an episode", () => {
    const row = fc.sample(rows, 1)[0] as PatternRow;
    const domain = "a domain of a long name";
    const empty = { ...row, buckets: [], episodes: [], feedback: [] };
    const buckets = Array.from({ length: 100 }, (_, i) => ({
      day: 20_000 + i,
      domain,
      success: 1000,
      failure: 0,
      reward: 700,
      episodes: 1,
      occurrences: 1,
      latency_ms: 100,
    }));
    const episodes = fc
      .sample(fc.uuid(), 10)
      .map((uuid) => ({ id: uuid, ended_at: 1_800_000_000_000 }));
    const before = packPattern(empty).length;
    expect(packPattern({ ...empty, buckets }).length - before).toBeLessThan(100 * 11 + 50);
    expect(packPattern({ ...empty, episodes }).length - before).toBe(10 * (16 + 1 + 6));
  });
});
