import { describe, expect, it } from "vitest";
import { situationOf } from "../../../../src/durable/instance/knowledge/questions/similar.ts";
import { NO_ABLATIONS } from "../../../../src/memory/ablations.ts";
import { predictionBasis } from "../../../../src/memory/learning/index.ts";
import { countVotes } from "../../../../src/memory/learning/prediction/votes.ts";
import { stepOf } from "../../../support/episodes.ts";
import { digestOfSteps, NOW, success } from "../../../support/knowledge.ts";

/** The share of the votes of each tool, where each run did one thing. */
function shares(runs: readonly (readonly [task: string, tool: string])[]): Map<string, number> {
  const episodes = runs.map(([task, tool], i) => ({
    digest: digestOfSteps(`run-${i}`, task, success, [
      stepOf(1, tool, { type: "success", output: "" }),
    ]),
    similarity: 1,
  }));
  const situation = situationOf({ task: "return the lamp", context: {}, recent_steps: [] });
  const votes = countVotes(situation, predictionBasis(episodes, NOW, NO_ABLATIONS));
  return new Map([...votes].map(([tool, { weight }]) => [tool, weight]));
}

const others = ["migrate a ledger", "paint some walls"].map((task) => [task, "ask"] as const);

describe("the votes of similar runs", () => {
  it("are drawn to what all runs did where those of one run alone say so", () => {
    const one = shares([["return the lamp", "give_back"], ...others]);
    expect(one.get("give_back")).toBeGreaterThan(0.5);
    expect(one.get("ask")).toBeGreaterThan(0.2);
    const many = shares([
      ...Array.from({ length: 20 }, () => ["return the lamp", "give_back"] as const),
      ...others,
    ]);
    expect(many.get("give_back")).toBeGreaterThan(0.95);
  });

  it("sum to 1, and are none where nothing was judged", () => {
    const sum = [...shares([["return the lamp", "give_back"], ...others]).values()];
    expect(sum.reduce((all, share) => all + share, 0)).toBeCloseTo(1, 12);
    expect(shares([]).size).toBe(0);
  });
});
