import { beforeAll, describe, expect, it } from "vitest";
import { askErrors } from "../../bench/quality/coding/ways-out.ts";
import { ngram } from "../../bench/quality/baselines.ts";
import { Memory } from "../../bench/quality/memory.ts";
import { ACTION_LEVELS, type ActionLevel } from "../../bench/quality/runs/action.ts";
import { nextStepCurve } from "../../bench/quality/runs/curve.ts";
import { foreignRow } from "../../bench/quality/runs/foreign.ts";
import {
  accuracyOf,
  askSteps,
  calibrationOf,
  counting,
} from "../../bench/quality/runs/next-step.ts";
import { outcomeRows } from "../../bench/quality/runs/outcome.ts";
import { routing } from "../../bench/quality/runs/routing.ts";
import { codingSessions } from "../../bench/quality/sets/coding.ts";
import { lineOf, type Run, type RunSet } from "../../bench/quality/sets/run-set.ts";

const LEVEL = ACTION_LEVELS[0] as ActionLevel;

/** A task is done with its own two tools; every third run stops after the first, and fails. */
function runOf(task: number, trial: number): Run {
  const isDone = trial < 2;
  const tools = [`open_${task % 2}`, ...(isDone ? [`close_${task % 2}`] : [])];
  return {
    id: `run-${task}-${trial}`,
    domain: "doors",
    agent_variant: "a",
    task_id: task,
    task: `${task % 2 === 0 ? "the red gate of barn" : "a blue hatch at pier"} number ${task}`,
    steps: tools.map((tool, i) => ({
      n: i + 1,
      tool,
      args: {},
      thought: null,
      result: "ok",
      ok: true,
    })),
    outcome: { success: isDone },
  };
}

const runs = Array.from({ length: 12 }, (_, task) =>
  [0, 1, 2].map((trial) => runOf(task, trial)),
).flat();
const set: RunSet = {
  name: "doors",
  learned: runs.filter(({ task_id }) => Number(task_id) < 8),
  asked: runs.filter(({ task_id }) => Number(task_id) >= 8),
  hasOutcome: true,
};

describe("the bench of learning", () => {
  const memory = new Memory();
  beforeAll(() => memory.learn(set.name, set.learned.map(lineOf)));

  it("counts what the first guess names, beside the best n-gram", async () => {
    const good = set.asked.filter(({ outcome }) => outcome.success === true);
    const asked = await askSteps(memory, set.name, {
      runs: good,
      told: "everything",
      levels: [LEVEL],
    });
    const { best, distinct } = counting(set.learned, asked, LEVEL);
    const { accuracy, difference } = accuracyOf(asked, best, LEVEL);
    expect(asked).toHaveLength(good.length * 2);
    expect(distinct).toBe(4);
    // The task tells the first tool, which an n-gram cannot know; the second follows from it.
    expect(accuracy).toBe(1);
    expect(difference.value).toBeCloseTo(0.25);
    expect(difference.low).toBeGreaterThanOrEqual(0);
    expect(calibrationOf(asked, LEVEL).count).toBeGreaterThan(0);
  });

  it("lets an n-gram know no more of the actions before than it is said to know", () => {
    const runOfCommands = (...commands: string[]): Run => {
      const [step] = runOf(0, 0).steps;
      if (!step) throw new Error("a run has a step");
      return { ...runOf(0, 0), steps: commands.map((args) => ({ ...step, tool: "sh", args })) };
    };
    const known = [runOfCommands("a", "b"), runOfCommands("a", "b"), runOfCommands("c", "d")];
    const commandOf = ({ args }: Run["steps"][number]): string => String(args);
    expect(ngram(known, 2, commandOf)(["c"])).toBe("d");
    expect(ngram(known, 2, commandOf, ({ tool }) => tool)(["sh"])).toBe("b");
  });

  it("asks how a run ends on the way, beside the base rate", async () => {
    const [begun, ended] = await outcomeRows(memory, set, [0, 1]);
    expect(begun?.[0]).toBe("doors, 0 % of the run");
    expect(begun?.[2]).toBeCloseTo(2 / 9);
    expect(Number(ended?.[3])).toBeLessThan(Number(ended?.[2]));
  });

  it("counts foreign questions that get an answer", async () => {
    const tasks = new Map([["ships", ["unload cargo", "hoist sails"]]]);
    const row = await foreignRow(memory, set.name, tasks, [set.asked[0]?.task ?? ""]);
    expect(row[0]).toBe("doors");
    expect(row[1]).toBe("0 of 2");
    expect(row[5]).toBe("1 of 1");
  });

  it("asks the same after each share of the episodes", async () => {
    const curve = await nextStepCurve(new Memory(), set, {
      level: LEVEL,
      steps: 100,
      shares: [0.5, 1],
    });
    expect(curve.memory.map(({ episodes }) => episodes)).toEqual([12, 24]);
    expect(curve.memory.at(-1)?.value).toBe(1);
    expect(curve.baseline.points).toHaveLength(2);
  });

  it("routes queries to tools, beside plain search", async () => {
    const queries = Array.from({ length: 40 }, (_, i) => ({
      id: `q${i}`,
      text: i % 2 === 0 ? `weather in town ${i}` : `translate word ${i}`,
      tool: i % 2 === 0 ? "Weather" : "Dictionary",
    }));
    const routed = { name: "routes", learned: queries.slice(0, 30), asked: queries.slice(30) };
    const { rows, curve } = await routing(new Memory(), routed, { learned: 30, asked: 10 });
    expect(rows).toHaveLength(1);
    expect(curve.memory.at(-1)?.value).toBe(1);
    expect(curve.baseline.points.at(-1)?.value).toBe(1);
  });

  it("asks at every held-back error", async () => {
    const coding = codingSessions();
    const own = new Memory();
    await own.learn(coding.name, coding.learned.slice(0, 20).map(lineOf));
    const errors = await askErrors(own, coding.name, coding.asked.slice(0, 5));
    expect(errors).toHaveLength(5);
    for (const { ways, isSilent, isNamed } of errors) {
      expect(isSilent).toBe(ways.length === 0);
      if (isSilent) expect(isNamed).toBe(false);
    }
  });
});
