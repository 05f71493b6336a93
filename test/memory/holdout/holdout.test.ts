import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareGroups,
  countInGroup,
  groupOf,
  type HoldoutSums,
} from "../../../src/memory/holdout/index.ts";
import type { Digest, PathStep, RecallGroup } from "../../../src/memory/learning/types.ts";
import {
  newcombeInterval,
  observationsFor,
  welchInterval,
} from "../../../src/memory/statistics.ts";

/** Ids as the service draws them: their beginnings are alike. */
const ids = Array.from(
  { length: 10_000 },
  (_, i) =>
    `0197a1b2-c3d4-7${(i >> 4).toString(16).padStart(3, "0")}-8a6b-7c8d9e0f${i.toString(16).padStart(4, "0")}`,
);
const numbered = Array.from({ length: 10_000 }, (_, i) => `run-${i}`);

describe("assignment", () => {
  it.each([0.01, 0.1, 0.25, 0.5])(
    "holds out a share of %d, within its binomial interval",
    (share) => {
      for (const subjects of [ids, numbered]) {
        for (const namespace of ["default", "a", "customer-service"]) {
          const held = subjects.filter((id) => groupOf(namespace, id, share)?.held_out).length;
          // 99.9 %: there are 24 of these.
          const margin = 3.29 * Math.sqrt(10_000 * share * (1 - share));
          expect(Math.abs(held - 10_000 * share)).toBeLessThanOrEqual(margin);
        }
      }
    },
  );

  it("is the same each time, and grows with the share", () => {
    for (const id of ids.slice(0, 1_000)) {
      expect(groupOf("n", id, 0.2)).toEqual(groupOf("n", id, 0.2));
      if (groupOf("n", id, 0.1)?.held_out) expect(groupOf("n", id, 0.3)?.held_out).toBe(true);
    }
  });

  it("is of its own in each namespace", () => {
    const both = ids.filter(
      (id) => groupOf("a", id, 0.5)?.held_out && groupOf("b", id, 0.5)?.held_out,
    );
    expect(Math.abs(both.length - 2_500)).toBeLessThan(3.29 * Math.sqrt(10_000 * 0.25 * 0.75));
  });

  it("puts nobody into a group without a hold-out", () => {
    expect(groupOf("n", "id", 0)).toBeNull();
  });
});

interface Made {
  success: number;
  isJudged: boolean;
  path: { tool: string; error: string | null }[];
  group: RecallGroup | null;
}

const step = fc.record({
  tool: fc.constantFrom("a", "b"),
  error: fc.constantFrom(null, "E1", "E2"),
});
const episode: fc.Arbitrary<Made> = fc.record({
  success: fc.integer({ min: 0, max: 1000 }),
  isJudged: fc.boolean(),
  path: fc.array(step, { maxLength: 6 }),
  group: fc.option(fc.record({ percent: fc.constantFrom(10, 50), held_out: fc.boolean() })),
});

function digestOf({
  success,
  isJudged,
  path,
  group,
}: Made): Pick<Digest, "success" | "failure" | "path" | "recall_group"> {
  return {
    success: isJudged ? success : 0,
    failure: isJudged ? 1000 - success : 0,
    path: path.map((each, i): PathStep => ({
      ...each,
      number: i + 1,
      action: "",
      result: each.error === null ? "success" : "error",
      latency_ms: null,
    })),
    ...(group ? { recall_group: group } : {}),
  };
}

const count = (episodes: readonly Made[]): readonly HoldoutSums[] =>
  episodes.reduce<readonly HoldoutSums[]>(
    (sums, each) => countInGroup(sums, digestOf(each), 1),
    [],
  );

describe("counting", () => {
  it("is the same in any order, and taken back without a trace", () => {
    fc.assert(
      fc.property(
        fc.array(episode, { maxLength: 30 }),
        fc.array(episode, { maxLength: 10 }),
        (kept, gone) => {
          const sums = count([...gone, ...kept]);
          expect(count([...kept, ...gone])).toEqual(sums);
          const rest = gone.reduce((left, each) => countInGroup(left, digestOf(each), -1), sums);
          expect(rest).toEqual(count(kept));
        },
      ),
    );
  });

  it("counts an error that a tool meets again once an episode, and mixes no shares", () => {
    const made = (percent: number, errors: (string | null)[]): Made => ({
      success: 1000,
      isJudged: true,
      path: errors.map((error) => ({ tool: "a", error })),
      group: { percent, held_out: true },
    });
    const sums = count([
      made(10, ["E1", "E1", "E1"]),
      made(10, ["E1", "E2", null, null]),
      made(50, ["E1", "E1"]),
    ]);
    expect(
      sums.map(({ percent, held_out }) => [
        percent,
        held_out.judged,
        held_out.repeated,
        held_out.steps,
      ]),
    ).toEqual([
      [10, 2, 1, 7],
      [50, 1, 1, 2],
    ]);
  });
});

/** Uniform in 0…1, from a seed (G. Marsaglia, xorshift32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

interface World {
  share: number;
  episodes: number;
  /** Success rates, and mean numbers of steps, with and without the memory. */
  rates: [shown: number, held: number];
  steps: [shown: number, held: number];
}

function simulate(
  { share, episodes, rates, steps }: World,
  random: () => number,
  run: number,
): HoldoutSums {
  let sums: readonly HoldoutSums[] = [];
  for (let i = 0; i < episodes; i++) {
    const group = groupOf("simulated", `${run}-${i}`, share);
    const at = group?.held_out ? 1 : 0;
    // Not normal: a run has 1 to twice its mean steps less 1.
    const length = 1 + Math.floor(random() * (2 * steps[at] - 1));
    const path = Array.from({ length }, () => ({ tool: "a", error: null }));
    const success = random() < rates[at] ? 1000 : 0;
    sums = countInGroup(sums, digestOf({ success, isJudged: true, path, group }), 1);
  }
  const [only] = sums;
  if (!only) throw new Error("nothing was simulated");
  return only;
}

describe("comparison", () => {
  it.each<[string, World]>([
    ["a common effect", { share: 0.2, episodes: 300, rates: [0.7, 0.55], steps: [6, 8] }],
    ["no effect", { share: 0.5, episodes: 120, rates: [0.5, 0.5], steps: [5, 5] }],
    ["rates near 1", { share: 0.1, episodes: 500, rates: [0.95, 0.9], steps: [4, 5] }],
  ])("has the true difference in 93 to 97 of 100 of its intervals: %s", (_what, world) => {
    const random = randomFrom(20_260_131);
    const runs = 1_000;
    let [success, steps, error] = [0, 0, 0];
    const truth = world.rates[0] - world.rates[1];
    for (let run = 0; run < runs; run++) {
      const { effect } = compareGroups(simulate(world, random, run));
      const holds = (
        { low, high }: { low: number | null; high: number | null },
        value: number,
      ): number => (low !== null && high !== null && low <= value && value <= high ? 1 : 0);
      success += holds(effect.success, truth);
      steps += holds(effect.steps, world.steps[0] - world.steps[1]);
      error += (effect.success.value ?? Number.NaN) - truth;
    }
    expect(success / runs).toBeGreaterThanOrEqual(0.93);
    expect(success / runs).toBeLessThanOrEqual(0.97);
    expect(steps / runs).toBeGreaterThanOrEqual(0.93);
    expect(steps / runs).toBeLessThanOrEqual(0.97);
    expect(Math.abs(error / runs)).toBeLessThan(0.01);
  });

  it("needs as many episodes as it says: a difference of the size is then found in about 80 %", () => {
    const random = randomFrom(7);
    const rates: [number, number] = [0.75, 0.6];
    const episodes = observationsFor(rates, 0.15, 0.3);
    const world = { share: 0.3, episodes, rates, steps: [5, 5] as [number, number] };
    const found = Array.from(
      { length: 500 },
      (_, run) => compareGroups(simulate(world, random, run)).verdict,
    );
    const share = found.filter((verdict) => verdict === "helps").length / found.length;
    expect(share).toBeGreaterThan(0.74);
    expect(share).toBeLessThan(0.86);
  });

  it("says harms where the memory does, and that nothing is left to wait for", () => {
    const world = { share: 0.5, episodes: 2_000, rates: [0.4, 0.7], steps: [5, 5] } as World;
    const view = compareGroups(simulate(world, randomFrom(3), 0));
    expect(view).toMatchObject({ verdict: "harms", still_needed: 0, share: 0.5 });
  });

  it("says nothing of a group without episodes", () => {
    const digest = digestOf({
      success: 1000,
      isJudged: true,
      path: [],
      group: { percent: 10, held_out: false },
    });
    const [sums] = countInGroup([], digest, 1);
    const view = sums && compareGroups(sums);
    expect(view?.effect.success).toEqual({ value: null, low: null, high: null });
    expect(view?.held_out.success).toEqual({ rate: null, low: null, high: null });
    expect(view?.verdict).toBe("undecided");
    expect(view?.still_needed).toBeGreaterThan(100);
  });
});

describe("the intervals", () => {
  it("Newcombe's are those that he published", () => {
    const published: [number, number, number, number, number, number][] = [
      [56, 70, 48, 80, 0.0524, 0.3339],
      [9, 10, 3, 10, 0.1705, 0.809],
      [10, 10, 0, 20, 0.6791, 1],
    ];
    for (const [a, m, b, n, low, high] of published) {
      const [lower, upper] = newcombeInterval(
        { successes: a, total: m },
        { successes: b, total: n },
      );
      expect(lower).toBeCloseTo(low, 4);
      expect(upper).toBeCloseTo(high, 4);
    }
  });

  it("Welch's is that of a worked example, and there is none for a single value", () => {
    const sample = (values: number[]) => ({
      count: values.length,
      sum: values.reduce((sum, value) => sum + value, 0),
      squares: values.reduce((sum, value) => sum + value * value, 0),
    });
    const a = sample([
      27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4,
    ]);
    const b = sample([
      27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.0,
    ]);
    const interval = welchInterval(a, b);
    // As SciPy 1.16 has them.
    expect(interval?.[0]).toBeCloseTo(-4.839182, 5);
    expect(interval?.[1]).toBeCloseTo(-0.774152, 5);
    expect(welchInterval(sample([1]), b)).toBeNull();
  });
});
