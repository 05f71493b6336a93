import { describe, expect, it } from "vitest";
import type { Outcome, Step, StepResult } from "../../../../../src/contract/episodes/record.ts";
import type { AdviceView } from "../../../../../src/contract/recall/answers.ts";
import type { AdviseInput } from "../../../../../src/contract/recall/requests.ts";
import { stepOf } from "../../../../support/episodes.ts";
import {
  digestOfSteps,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../../support/knowledge.ts";

type Ran = readonly (readonly [tool: string, result?: StepResult])[];
const ok = (output = ""): StepResult => ({ type: "success", output });
const error = (message: string): StepResult => ({ type: "error", message });
const steps = (ran: Ran): Step[] =>
  ran.map(([tool, result], i) => stepOf(i + 1, tool, result ?? ok()));

interface Run {
  id: string;
  task: string;
  outcome: Outcome;
  ran: Ran;
}

async function learned(runs: readonly Run[]) {
  const { knowledge, sql, learn, forget } = openKnowledge();
  for (const { id, task, outcome, ran } of runs) {
    learn(digestOfSteps(id, task, outcome, steps(ran)));
  }
  const ask = (task: string, more: Partial<AdviseInput> = {}): Promise<AdviceView> =>
    knowledge.questions.advise(
      "n",
      { task, context: {}, recent_steps: [], next_tool: null, error: null, ...more },
      NOW,
    );
  return { knowledge, sql, ask, learn, forget };
}

/** Someone searches shelves until the thing is found, and then does what the task says. */
const searches: Run[] = ["lamp", "chair", "vase", "clock", "mirror", "kettle"].flatMap(
  (thing, i): Run[] => [
    {
      id: `return-${thing}`,
      task: `please return the ${thing} from the order`,
      outcome: success,
      ran: [["open_shelf", ok("a carpet")], ["open_shelf", ok(`a ${thing}`)], ["return_thing"]],
    },
    {
      id: `cancel-${thing}`,
      task: `please cancel the ${thing} of the order`,
      outcome: i % 2 === 0 ? success : failure,
      ran: [["open_shelf", ok(`a ${thing}`)], ["cancel_thing"]],
    },
  ],
);

describe("advice", () => {
  it("goes on searching until the result holds what the task names, then does what the task says", async () => {
    const { ask } = await learned(searches);
    const task = "please return the sofa from the order";
    const next = async (output: string): Promise<string | undefined> => {
      const recent_steps = [{ tool: "open_shelf", result: "success" as const, message: output }];
      return (await ask(task, { recent_steps })).next_tools[0]?.tool;
    };
    expect(await next("a carpet")).toBe("open_shelf");
    expect(await next("a sofa")).toBe("return_thing");
  });

  it("goes on through a list until nothing of it is left to try", async () => {
    const list = (length: number): string[] => Array.from({ length }, (_, i) => `#B${100 + i}`);
    const ran = (boxes: readonly string[], done: number): Step[] => [
      { ...stepOf(1, "list_boxes", ok(boxes.join(", "))), parameters: {} },
      ...boxes
        .slice(0, done)
        .map((box, i) => ({ ...stepOf(i + 2, "open_box", ok("empty")), parameters: { box } })),
    ];
    const { learn, ask } = await learned([]);
    for (const [i, length] of [1, 2, 3, 4, 1, 2, 3, 4].entries()) {
      const taken = [...ran(list(length), length), stepOf(length + 2, "report", ok())];
      learn(digestOfSteps(`e${i}`, "look into every box", success, taken));
    }
    const next = async (length: number, done: number): Promise<string | undefined> => {
      const recent_steps = ran(list(length), done).map(({ tool, parameters, result }) => ({
        tool,
        parameters,
        result: "success" as const,
        message: result?.type === "success" ? result.output : "",
      }));
      return (await ask("look into every box", { recent_steps })).next_tools[0]?.tool;
    };
    for (const length of [2, 3, 5]) {
      for (let done = 1; done <= length; done++) {
        expect(await next(length, done)).toBe(done < length ? "open_box" : "report");
      }
    }
  });

  it("expects the tools that the task's words lead to, and names the episodes that say so", async () => {
    const { ask } = await learned(searches);
    const { expected_tools, recall_id } = await ask("please cancel the sofa of the order");
    const of = (tool: string): number =>
      expected_tools.find((one) => one.tool === tool)?.probability ?? 0;
    expect(of("cancel_thing")).toBeGreaterThan(0.6);
    expect(of("return_thing")).toBeLessThan(0.4);
    expect(recall_id).not.toBe("");
    const known = new Set(searches.map(({ id }) => id));
    for (const { episodes } of expected_tools)
      for (const id of episodes) expect(known).toContain(id);
  });

  it("is given for less in common where the question names the domain of what is known", async () => {
    const { ask } = await learned(searches);
    const task = "return the lamp of that order upstairs tomorrow evening, neighbours";
    const isKnown = async (context: AdviseInput["context"]): Promise<boolean> =>
      (await ask(task, { context })).expected_tools.length > 0;
    expect(await isKnown({})).toBe(false);
    expect(await isKnown({ domain: "another" })).toBe(false);
    expect(await isKnown({ domain: "d" })).toBe(true);
  });

  it("is the same to the last digit in whichever order the episodes came", async () => {
    const recent_steps = [{ tool: "open_shelf", result: "success" as const, message: "a sofa" }];
    const ask = async (runs: readonly Run[]): Promise<AdviceView> =>
      (await learned(runs)).ask("return the sofa", { recent_steps });
    expect(await ask(searches.toReversed())).toEqual(await ask(searches));
  });

  it("is, after an episode was learned and deleted, as if it had never been", async () => {
    const { learn, forget, ask } = await learned(searches);
    const recent_steps = [{ tool: "open_shelf", result: "success" as const }];
    const { recall_id: _first, ...before } = await ask("return the sofa", { recent_steps });
    const gone = digestOfSteps(
      "gone",
      "return the sofa",
      failure,
      steps([["open_shelf"], ["burn"]]),
    );
    learn(gone);
    expect((await ask("return the sofa", { recent_steps })).next_tools).not.toEqual(
      before.next_tools,
    );
    forget("n", "gone");
    const { recall_id: _second, ...after } = await ask("return the sofa", { recent_steps });
    expect(after).toEqual(before);
  });

  it("knows the way out of an error whose message it never saw, by its template and by its words", async () => {
    const ran = (id: number): Ran => [
      ["write", error(`file "/data/${id}.txt" is locked by process ${id}`)],
      ["wait"],
      ["write"],
    ];
    const runs = [1, 2, 3].map((i): Run => ({
      id: `e${i}`,
      task: "write the report",
      outcome: success,
      ran: ran(i),
    }));
    const { ask } = await learned(runs);
    const out = async (message: string): Promise<AdviceView["recoveries"]> => {
      const recent_steps = [{ tool: "write", result: "error" as const, message }];
      return (await ask("write a letter", { recent_steps })).recoveries;
    };
    expect(await out('file "/tmp/other.md" is locked by process 777')).toMatchObject([
      { likeness: 1, path: ["wait"] },
    ]);
    const [near] = await out('the file "/tmp/other.md" is locked by another process');
    expect(near?.path).toEqual(["wait"]);
    expect(near?.likeness).toBeGreaterThan(0.5);
    expect(near?.likeness).toBeLessThan(1);
    expect(await out("out of memory")).toEqual([]);
  });

  it("warns of a choice that ends badly, and says how a proposed tool looks", async () => {
    const runs = Array.from({ length: 12 }, (_, i): Run[] => [
      {
        id: `good-${i}`,
        task: `deploy service ${i}`,
        outcome: success,
        ran: [["build"], ["test"], ["deploy"]],
      },
      {
        id: `bad-${i}`,
        task: `deploy service ${i}`,
        outcome: failure,
        ran: [["build"], ["deploy"]],
      },
    ]).flat();
    const { ask } = await learned(runs);
    const recent_steps = [{ tool: "build", result: "success" as const }];
    const advice = await ask("deploy service 99", { recent_steps, next_tool: "deploy" });
    expect(advice.avoid.map(({ tool }) => tool)).toContain("deploy");
    expect(advice.proposed?.verdict).toBe("avoid");
    expect(advice.next_tools[0]?.tool).toBe("test");
    expect(
      (await ask("deploy service 99", { recent_steps, next_tool: "test" })).proposed?.verdict,
    ).toBe("usual");
    expect(
      (await ask("deploy service 99", { recent_steps, next_tool: "sing" })).proposed,
    ).toMatchObject({
      verdict: "unusual",
      rank: null,
    });
  });

  it("estimates the outcome from what was done, in parts that add up", async () => {
    const runs = Array.from({ length: 12 }, (_, i): Run[] => [
      {
        id: `good-${i}`,
        task: `deploy service ${i}`,
        outcome: success,
        ran: [["build"], ["test"], ["deploy"]],
      },
      {
        id: `bad-${i}`,
        task: `deploy service ${i}`,
        outcome: failure,
        ran: [["build", error("boom")], ["deploy"]],
      },
    ]).flat();
    const { ask } = await learned(runs);
    const good = await ask("deploy service 99", {
      recent_steps: ["build", "test", "deploy"].map((tool) => ({
        tool,
        result: "success" as const,
      })),
    });
    const bad = await ask("deploy service 99", {
      recent_steps: [
        { tool: "build", result: "error", message: "boom" },
        { tool: "deploy", result: "success" },
      ],
    });
    expect(good.outlook?.success).toBeGreaterThan(bad.outlook?.success ?? 1);
    for (const { outlook } of [good, bad]) {
      const parts = Object.values(outlook?.why ?? {}).reduce((sum, value) => sum + value, 0);
      expect(outlook?.success).toBeCloseTo((outlook?.base_rate ?? 0) + parts, 9);
    }
  });

  it("estimates from more episodes than a recall ranks, and from no more than it is bound to", async () => {
    const runs = Array.from({ length: 320 }, (_, i): Run => {
      const outcome = i % 2 === 0 ? success : failure;
      return { id: `run-${i}`, task: `water plant ${i}`, outcome, ran: [["pour"]] };
    });
    const { ask } = await learned(runs);
    expect((await ask("water a plant")).outlook?.runs).toBe(300);
  });

  it("is honestly empty in an empty memory", async () => {
    const { ask } = await learned([]);
    const { next_tools, expected_tools, avoid, recoveries, outlook } = await ask("anything", {
      recent_steps: [{ tool: "t", result: "error", message: "m" }],
    });
    expect({ next_tools, expected_tools, avoid, recoveries, outlook }).toEqual({
      next_tools: [],
      expected_tools: [],
      avoid: [],
      recoveries: [],
      outlook: null,
    });
  });
});

describe("proof of use", () => {
  it("counts what was shown, used and helped, and how episodes with and without a recall ended", async () => {
    const { knowledge, learn, forget } = await learned(searches);
    const about = { task: "return the lamp of the order", context: {}, recent_steps: [] };
    const include = ["episodes", "patterns", "heuristics", "playbook"] as const;
    const view = await knowledge.questions.recall(
      "n",
      { ...about, limit: 3, include: [...include], max_tokens: null },
      NOW,
    );
    const used = [view.episodes[0]?.id ?? "", view.playbook?.id ?? ""];
    await knowledge.feedback.give(
      "n",
      { recall_id: view.recall_id, used, helpful: true, rating: null },
      NOW,
    );
    const digest = digestOfSteps("with", "return the sofa", success, steps([["return_thing"]]));
    learn({ ...digest, used_recall: true });
    const { use, recall_effect } = await knowledge.questions.stats("n", NOW);
    expect(use.episodes).toMatchObject({ shown: 3, used: 1, helped: 1, rate: 1 });
    expect(use.playbooks).toMatchObject({ shown: 1, used: 1, helped: 1 });
    expect(use.episodes.low).toBeLessThan(1);
    expect(recall_effect.with_recall).toMatchObject({ episodes: 1, rate: 1 });
    expect(recall_effect.without_recall).toMatchObject({ episodes: searches.length, rate: 9 / 12 });
    forget("n", "with");
    expect((await knowledge.questions.stats("n", NOW)).recall_effect.with_recall).toMatchObject({
      episodes: 0,
      rate: null,
    });
  });
});
