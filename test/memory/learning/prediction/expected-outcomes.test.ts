import { describe, expect, it } from "vitest";
import { NO_ABLATIONS } from "../../../../src/memory/ablations.ts";
import {
  predictionBasis,
  worthOfPattern,
  type ExpectedOutcomes,
} from "../../../../src/memory/learning/index.ts";
import type { EpisodeDigest } from "../../../../src/memory/learning/types.ts";
import { stepOf } from "../../../support/episodes.ts";
import { digestOfSteps, failure, NOW, success } from "../../../support/knowledge.ts";

const run = (id: string, task: string, isGood: boolean, ...tools: string[]): EpisodeDigest =>
  digestOfSteps(
    id,
    task,
    isGood ? success : failure,
    tools.map((tool, i) => stepOf(i + 1, tool)),
  );

function expectedOf(runs: readonly EpisodeDigest[]): ExpectedOutcomes {
  const episodes = runs.map((digest) => ({ digest, similarity: 1 }));
  return predictionBasis(episodes, NOW, NO_ABLATIONS).expected;
}

const easy = Array.from({ length: 6 }, (_, i) => run(`easy-${i}`, "change a page", true, "edit"));
const hard = Array.from({ length: 6 }, (_, i) =>
  run(`hard-${i}`, "migrate the ledger", i === 0, "lock", "migrate", "check"),
);

describe("what is to be expected of a run", () => {
  it("is the success of its task more than that of others", () => {
    const expected = expectedOf([...easy, ...hard]);
    expect(expected.rate("change a page", 0)).toBeGreaterThan(0.75);
    expect(expected.rate("migrate the ledger", 0)).toBeLessThan(0.4);
  });

  it("does not look at how the run itself ended", () => {
    const [good, bad] = [true, false].map((isGood) => {
      const own = run("own", "migrate the ledger", isGood, "lock");
      return expectedOf([...easy, ...hard, own]).rate("migrate the ledger", 0, own);
    });
    expect(good).toBeCloseTo(bad ?? -1, 12);
  });

  it("looks at those only that came as far", () => {
    const expected = expectedOf([...easy, ...hard]);
    expect(expected.rate("change a page", 2)).toBeLessThan(0.4);
    expect(expected.rate("change a page", 9)).toBeNull();
  });
});

describe("a pattern", () => {
  it("of a hard task is worth no warning, and one that others of the task do better without is", () => {
    const expected = expectedOf([...easy, ...hard]);
    expect(worthOfPattern(["lock", "migrate"], hard, expected)).not.toBe("worse");
    const skipped = Array.from({ length: 6 }, (_, i) =>
      run(`skipped-${i}`, "change a page", false, "skip", "edit"),
    );
    const checked = Array.from({ length: 12 }, (_, i) =>
      run(`checked-${i}`, "change a page", true, "check", "edit"),
    );
    const both = expectedOf([...checked, ...skipped]);
    expect(worthOfPattern(["skip", "edit"], skipped, both)).toBe("worse");
    expect(worthOfPattern(["skip", "edit"], skipped.slice(0, 2), both)).toBe("unknown");
  });
});
