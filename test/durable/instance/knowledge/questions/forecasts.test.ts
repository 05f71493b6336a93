import { describe, expect, it } from "vitest";
import type { AdviceView } from "../../../../../src/contract/recall/answers.ts";
import { stepOf } from "../../../../support/episodes.ts";
import {
  digestOfSteps,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../../support/knowledge.ts";

const stepsOf = (...tools: string[]) => tools.map((tool, i) => stepOf(i + 1, tool));

/** Runs go on with `left` half of the time, whatever was learned; each is asked about midway. */
async function predicted(count: number) {
  let now = NOW;
  const { knowledge, learn, forget } = openKnowledge({ capacity: 10_000, now: () => now });
  const ask = async (episode: string): Promise<AdviceView> =>
    knowledge.questions.advise(
      "n",
      {
        task: "walk to the market",
        context: {},
        recent_steps: [{ tool: "start", result: "success", message: "" }],
        next_tool: null,
        error: null,
        episode_id: episode,
        steps_taken: 1,
      },
      now,
    );
  for (let i = 0; i < 4; i++)
    learn(digestOfSteps(`first-${i}`, "walk to the market", success, stepsOf("start", "left")));
  for (let i = 0; i < count; i++) {
    const id = `e${i}`;
    await ask(id);
    const isGood = i % 2 === 0;
    const steps = stepsOf("start", isGood ? "left" : `right-${i}`);
    learn(digestOfSteps(id, "walk to the market", isGood ? success : failure, steps));
    now += 120_000;
  }
  const stats = () => knowledge.questions.stats("n", now);
  return { ask, stats, forget };
}

describe("what advice foretold of running episodes", () => {
  it("is counted beside what happened, once they have ended, and not after they were deleted", async () => {
    const { stats, forget, ask } = await predicted(20);
    const { next_tools, outcome } = (await stats()).calibration;
    expect(outcome.forecasts).toBe(20);
    expect(next_tools.forecasts).toBeGreaterThanOrEqual(20);
    const happened = outcome.bins.reduce((sum, bin) => sum + bin.observed * bin.forecasts, 0);
    expect(happened).toBeCloseTo(10, 9);
    await ask("still-running");
    expect((await stats()).calibration.outcome.forecasts).toBe(20);
    forget("n", "e3");
    expect((await stats()).calibration.outcome.forecasts).toBe(19);
  });

  it("corrects what is said next, so that it becomes honest", async () => {
    const { stats, ask } = await predicted(150);
    const { calibration } = await stats();
    expect(calibration.next_tools.error).toBeLessThan(0.15);
    const { outlook, next_tools } = await ask("asked-last");
    expect(outlook?.success).toBeGreaterThan(0.35);
    expect(outlook?.success).toBeLessThan(0.65);
    expect(next_tools[0]?.tool).toBe("left");
    expect(next_tools.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThan(
      1.000001,
    );
    const parts = Object.values(outlook?.why ?? {}).reduce((sum, value) => sum + value, 0);
    expect(outlook?.success).toBeCloseTo((outlook?.base_rate ?? 0) + parts, 9);
  });

  it("is nothing to be corrected by where no episode was named", async () => {
    const { stats } = await predicted(0);
    expect((await stats()).calibration).toEqual({
      next_tools: { forecasts: 0, error: null, bins: [] },
      outcome: { forecasts: 0, error: null, bins: [] },
    });
  });
});

it("the outlook of a run that took no step yet starts from how such runs ended", async () => {
  const { knowledge, learn } = openKnowledge({ capacity: 10_000, now: () => NOW });
  for (let i = 0; i < 16; i++) {
    const isGood = i % 4 !== 0;
    const steps = stepsOf("start", "left");
    learn(digestOfSteps(`e${i}`, "walk to the market", isGood ? success : failure, steps));
  }
  const outlookAfter = async (steps_taken: number): Promise<AdviceView["outlook"]> => {
    const recent_steps = stepsOf("start")
      .slice(0, steps_taken)
      .map(({ tool }) => ({ tool, result: "success" as const, message: "" }));
    const asked = { context: {}, next_tool: null, error: null };
    const question = { task: "walk to the market", recent_steps, steps_taken, ...asked };
    return (await knowledge.questions.advise("n", question, NOW)).outlook;
  };
  for (const steps of [0, 1]) {
    const outlook = await outlookAfter(steps);
    expect(outlook?.base_rate).toBeCloseTo(0.75, 9);
    expect(outlook?.success).toBeCloseTo(0.75, 1);
  }
});
