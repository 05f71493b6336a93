import { describe, expect, it } from "vitest";
import type { Step, StepResult } from "../../../../../src/contract/episodes/record.ts";
import type { AdviceView } from "../../../../../src/contract/recall/answers.ts";
import type { PlaybookView } from "../../../../../src/contract/recall/playbook.ts";
import type { AdviseInput } from "../../../../../src/contract/recall/requests.ts";
import { stepOf } from "../../../../support/episodes.ts";
import {
  digestOfSteps,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../../support/knowledge.ts";

type Called = readonly [tool: string, parameters: Record<string, unknown>, output: unknown];

const answered = (output: unknown): StepResult =>
  output instanceof Error
    ? { type: "error", message: output.message }
    : { type: "success", output: typeof output === "string" ? output : JSON.stringify(output) };

function stepsOf(calls: readonly Called[]): Step[] {
  return calls.map(([tool, parameters, output], i) => ({
    ...stepOf(i + 1, tool, answered(output)),
    parameters,
  }));
}

/** A customer's things are looked up order by order, and what was delivered is sent back. */
function returning(n: number, state: "delivered" | "pending"): Called[] {
  const [user, first, second] = [`user_${n}00`, `#W${n}01`, `#W${n}02`];
  const order = (id: string): unknown => ({
    order_id: id,
    state,
    items: [{ item_id: `${n}7${id.slice(-1)}` }],
  });
  return [
    ["find_user", { email: `ann${n}@example.org` }, user],
    ["get_user", { user_id: user }, { user_id: user, orders: [first, second] }],
    ["get_order", { order_id: first }, order(first)],
    ["get_order", { order_id: second }, order(second)],
    state === "delivered"
      ? ["return_items", { order_id: second, item_ids: [`${n}72`], how: "by post" }, { ok: true }]
      : ["cancel_order", { order_id: second, why: "no longer needed" }, { ok: true }],
  ];
}

function learned() {
  const { knowledge, learn } = openKnowledge();
  for (let n = 1; n <= 6; n++) {
    const state = n % 2 === 0 ? "delivered" : "pending";
    const task = `I am ann${n}@example.org and want my lamp number ${n} taken back`;
    learn(digestOfSteps(`e${n}`, task, success, stepsOf(returning(n, state))));
  }
  const task = "I am bob@example.org and want my lamp taken back";
  const playbook = async (): Promise<PlaybookView | null> =>
    (await knowledge.questions.playbook("n", { task, context: {}, recent_steps: [] }, NOW))
      .playbook;
  const advise = (more: Partial<AdviseInput>): Promise<AdviceView> =>
    knowledge.questions.advise(
      "n",
      { task, context: {}, recent_steps: [], next_tool: null, error: null, ...more },
      NOW,
    );
  return { knowledge, learn, playbook, advise };
}

describe("a playbook", () => {
  it("says where the values of each step come from, and what is a loop", async () => {
    const steps = (await learned().playbook())?.steps ?? [];
    const step = (tool: string) => steps.find((one) => one.tool === tool);
    expect(steps.map(({ tool }) => tool).slice(0, 3)).toEqual([
      "find_user",
      "get_user",
      "get_order",
    ]);
    expect(step("find_user")?.parameters).toEqual([{ name: "email", source: "task", support: 1 }]);
    expect(step("get_user")?.parameters).toEqual([
      { name: "user_id", source: "find_user", support: 1 },
    ]);
    expect(step("get_order")?.for_each).toBe("get_user.orders[]");
    expect(step("get_order")?.parameters?.[0]).toMatchObject({
      name: "order_id",
      source: "get_user.orders[]",
    });
  });

  it("says under which condition a step is taken, and what is the same in all runs", async () => {
    const steps = (await learned().playbook())?.steps ?? [];
    const back = steps.find(({ tool }) => tool === "return_items");
    const cancelled = steps.find(({ tool }) => tool === "cancel_order");
    const told = [back?.when, cancelled?.when].filter((when) => when !== undefined);
    expect(told.length).toBeGreaterThan(0);
    if (back) expect(back.when).toBe("get_order.state is delivered");
    if (cancelled) expect(cancelled.when).toBe("get_order.state is pending");
    const constants = [...(back?.parameters ?? []), ...(cancelled?.parameters ?? [])];
    expect(constants.flatMap(({ value }) => value ?? [])).not.toEqual([]);
  });

  it("holds no text of another task", async () => {
    const { knowledge, learn, playbook } = learned();
    for (let n = 1; n <= 3; n++) {
      const steps = stepsOf([["note", { text: "call Rosalind Franklin at noon" }, "noted"]]);
      const thought = steps.map((step) => ({ ...step, action: "Rosalind wants her lamp back" }));
      learn(digestOfSteps(`r${n}`, "Rosalind wants her lamp taken back", success, thought));
    }
    expect(JSON.stringify(await playbook())).not.toMatch(/Rosalind|ann\d@/);
    const input = { task: "lamp", context: {}, recent_steps: [] };
    expect(JSON.stringify(await knowledge.questions.playbook("n", input, NOW))).not.toContain(
      "Rosalind",
    );
  });

  it("warns of what went wrong once, with what led out of it", async () => {
    const { learn, playbook } = learned();
    const [find, ...rest] = stepsOf(returning(8, "delivered"));
    if (!find) throw new Error("there is a first step");
    const wrong: Step[] = [
      { ...find, result: { type: "error", message: "no user with that email" } },
      { ...stepOf(2, "find_by_name"), parameters: { name: "Ann" } },
      ...rest.map((step, i) => ({ ...step, number: i + 3 })),
    ];
    learn(
      digestOfSteps("bad", "I am ann8@example.org, take my lamp number 8 back", failure, wrong),
    );
    const pitfalls = (await playbook())?.steps.flatMap((step) => step.pitfalls) ?? [];
    expect(pitfalls).toEqual([
      {
        description: 'failed with "no user with that email"',
        episodes: ["bad"],
        way_out: "find_by_name",
      },
    ]);
  });
});

describe("the next action", () => {
  it("comes with the sources of its parameters, and what they hold in this run", async () => {
    const { advise } = learned();
    const recent_steps: AdviseInput["recent_steps"] = [
      {
        tool: "find_user",
        result: "success",
        parameters: { email: "bob@example.org" },
        message: "bob_1234",
      },
    ];
    const { next_actions } = await advise({ recent_steps });
    expect(next_actions?.[0]).toMatchObject({ action: "get_user", tool: "get_user", key: null });
    expect(next_actions?.[0]?.parameters).toEqual([
      { name: "user_id", source: "find_user", support: 1, found: ["bob_1234"] },
    ]);
  });

  it("asks for what no run had from anywhere", async () => {
    const { knowledge, learn } = openKnowledge();
    for (let n = 1; n <= 3; n++) {
      const calls: Called[] = [["pay", { code: `secret-${n}99`, kind: "card" }, "paid"]];
      learn(digestOfSteps(`p${n}`, `pay bill ${n}`, success, stepsOf(calls)));
    }
    const input = {
      task: "pay bill 7",
      context: {},
      recent_steps: [],
      next_tool: "pay",
      error: null,
    };
    const { next_actions } = await knowledge.questions.advise("n", input, NOW);
    expect(next_actions?.[0]?.parameters).toEqual([
      { name: "code", source: "ask", support: 1 },
      { name: "kind", value: "card", support: 1 },
    ]);
  });

  /** What comes next, in runs that install, test and commit. */
  async function nextInShell(
    recent_steps: AdviseInput["recent_steps"],
  ): Promise<AdviceView["next_actions"]> {
    const { knowledge, learn } = openKnowledge();
    for (let n = 1; n <= 4; n++) {
      const calls: Called[] = [
        ["Bash", { command: `npm ci --cache /tmp/${n}` }, "added 12 packages"],
        ["Bash", { command: "npm test" }, "all passed"],
        ["Bash", { command: `git commit -m 'part ${n}'` }, "done it all"],
      ];
      learn(digestOfSteps(`b${n}`, `mend the login ${n}`, success, stepsOf(calls)));
    }
    const question = { task: "mend the login", context: {}, next_tool: null, error: null };
    const advice = await knowledge.questions.advise("n", { ...question, recent_steps }, NOW);
    return advice.next_actions;
  }

  it("is named by what it does, where the tool does not say it", async () => {
    const parameters = { command: "cd web && npm ci" };
    const next = await nextInShell([{ tool: "Bash", result: "success", parameters }]);
    expect(next?.[0]).toMatchObject({ action: "Bash: npm test", key: "npm test" });
    expect(next?.[0]?.parameters).toEqual([{ name: "command", value: "npm test", support: 1 }]);
  });

  it("is found by the tools before it, where their parameters were not told", async () => {
    const next = await nextInShell([{ tool: "Bash", result: "success" }]);
    expect(next?.[0]).toMatchObject({ action: "Bash: npm test" });
    expect(next?.[0]?.probability).toBeGreaterThan(0.5);
  });

  it("does what was done before, where a run does the same again and that was not told", async () => {
    const { knowledge, learn } = openKnowledge();
    for (let n = 1; n <= 3; n++) {
      const twice: Called[] = Array.from({ length: 2 }, () => [
        "Bash",
        { command: "npm test" },
        "ok",
      ]);
      learn(digestOfSteps(`t${n}`, `mend the login ${n}`, success, stepsOf(twice)));
    }
    const recent_steps = [{ tool: "Bash", result: "success" as const }];
    const question = { task: "mend the login", context: {}, next_tool: null, error: null };
    const advice = await knowledge.questions.advise("n", { ...question, recent_steps }, NOW);
    expect(advice.next_actions?.map(({ action }) => action)).toEqual(["Bash: npm test"]);
  });
});
