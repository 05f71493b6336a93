import { beforeAll, describe, expect, it } from "vitest";
import type { Knowledge } from "../../../../src/durable/instance/knowledge/index.ts";
import type { Step } from "../../../../src/contract/episodes/record.ts";
import type { PatternView } from "../../../../src/contract/knowledge/answers.ts";
import type { Page } from "../../../../src/contract/operation.ts";
import type { AdviseInput } from "../../../../src/contract/recall/requests.ts";
import { stepOf } from "../../../support/episodes.ts";
import { HOSTILE_TEXTS, type HostileText } from "../../../support/hostile-texts.ts";
import { cpu, leastMs } from "../../../support/pace.ts";
import { digestOfSteps, failure, NOW, openKnowledge, success } from "../../../support/knowledge.ts";

/** CPU that one question may take, ms, here without HTTP and validation. Most take a twentieth. */
const CPU_MS_MAX = 400;
/**
 * Steps of a run whose digest is made, and what that may take: a run of 1,000 steps four times as
 * much.
 */
const STEPS = 250;
const DIGEST_MS_MAX = 1_000;

/** A run all of whose texts are this one; every second step fails. */
function stepsOf(text: HostileText, count: number, output: number): Step[] {
  const said = text.of(output);
  return Array.from({ length: count }, (_, i) => ({
    ...stepOf(
      i + 1,
      `tool_${i % 18}`,
      i % 2 === 0 ? { type: "success", output: said } : { type: "error", message: said },
    ),
    action: text.of(300),
    parameters: { query: text.of(output), i },
  }));
}

/** Makes the digest of a run of such texts. */
function digestOf(text: HostileText): () => unknown {
  const steps = stepsOf(text, STEPS, 10_000);
  // A word that nothing answers, so that every answer is read to its end.
  const task = `unanswered ${text.of(9_000)}`;
  return () => digestOfSteps("e", task, success, steps);
}

function* asked(knowledge: Knowledge, task: string, recent_steps: AdviseInput["recent_steps"]) {
  const about = { task, context: {}, recent_steps };
  const include = [
    "episodes" as const,
    "patterns" as const,
    "heuristics" as const,
    "playbook" as const,
  ];
  yield [
    "recall",
    () => knowledge.questions.recall("n", { ...about, limit: 50, include, max_tokens: null }, NOW),
  ] as const;
  yield [
    "advise",
    () =>
      knowledge.questions.advise(
        "n",
        { ...about, next_tool: task.slice(0, 200), error: task },
        NOW,
      ),
  ] as const;
  yield ["playbook", () => knowledge.questions.playbook("n", about, NOW)] as const;
  yield [
    "search",
    () => knowledge.questions.search("n", { q: task, limit: 200, cursor: null }, NOW),
  ] as const;
}

describe("a text made to take long", () => {
  let knowledge: Knowledge;

  beforeAll(async () => {
    const opened = openKnowledge();
    ({ knowledge } = opened);
    for (const [i, text] of HOSTILE_TEXTS.entries()) {
      const outcome = i % 4 === 0 ? failure : success;
      opened.learn(digestOfSteps(`e${i}`, text.of(10_000), outcome, stepsOf(text, 40, 2_000)));
    }
  });

  it("is one of more than a hundred, each with its own name", () => {
    expect(new Set(HOSTILE_TEXTS.map(({ name }) => name)).size).toBeGreaterThan(100);
  });

  it.each(HOSTILE_TEXTS)("asked for, takes little CPU: $name", async (text) => {
    const recent = stepsOf(text, 50, 9_000).map(({ tool, parameters }) => ({
      tool,
      result: "error" as const,
      message: text.of(10_000),
      parameters,
    }));
    for (const [name, ask] of asked(knowledge, text.of(10_000), recent)) {
      expect(await leastMs(ask, CPU_MS_MAX, cpu), name).toBeLessThanOrEqual(CPU_MS_MAX);
    }
  });

  it.each(HOSTILE_TEXTS)("learned from, takes little CPU: $name", async (text) => {
    const ms = await leastMs(digestOf(text), DIGEST_MS_MAX, cpu);
    expect(ms).toBeLessThanOrEqual(DIGEST_MS_MAX);
  });
});

describe("a namespace made to take long", () => {
  /** Words that differ in a letter or two, so that each is a near miss of what is asked for. */
  const near = (i: number): string =>
    `abcdefghijklmnopqrstuvwxyzabcdefgh${(i * 7_919).toString(36).slice(-3)}`;

  it("answers soon although every stored word is nearly the one that is asked for", async () => {
    const { knowledge, learn } = openKnowledge();
    for (let e = 0; e < 60; e++) {
      const task = Array.from({ length: 250 }, (_, i) => near(e * 250 + i)).join(" ");
      learn(digestOfSteps(`e${e}`, task, success, [stepOf(1, "tool")]));
    }
    const q = Array.from({ length: 200 }, (_, i) => `${near(i)}q`).join(" ");
    const ask = () => knowledge.questions.search("n", { q, limit: 50, cursor: null }, NOW);
    expect(await leastMs(ask, CPU_MS_MAX, cpu)).toBeLessThanOrEqual(CPU_MS_MAX);
  });

  it("answers soon although its tools have long names that differ in their end only", async () => {
    const { knowledge, learn } = openKnowledge();
    const tool = (i: number): string => `${"a".repeat(196)}${i % 200}`;
    for (let e = 0; e < 25; e++) {
      const steps = Array.from({ length: 300 }, (_, i) =>
        stepOf(
          i + 1,
          tool(i + e),
          i % 3 === 0 ? { type: "error", message: `failed ${i}` } : undefined,
        ),
      );
      const outcome = e % 3 === 0 ? failure : success;
      learn(digestOfSteps(`e${e}`, "deploy the service", outcome, steps));
    }
    const recent = Array.from({ length: 50 }, (_, i) => ({
      tool: tool(i * 3),
      result: "error" as const,
    }));
    for (const [name, ask] of asked(knowledge, "deploy the service", recent)) {
      expect(await leastMs(ask, CPU_MS_MAX, cpu), name).toBeLessThanOrEqual(CPU_MS_MAX);
    }
  });

  it("says in pages of their own that none of very many patterns is what is asked for", async () => {
    const { knowledge, learn } = openKnowledge();
    for (let e = 0; e < 18; e++) {
      const steps = Array.from({ length: 200 }, (_, i) => stepOf(i + 1, `tool_${e}_${i}`));
      learn(digestOfSteps(`e${e}`, "t", success, steps));
    }
    const pages: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<PatternView> = await knowledge.questions.patterns(
        "n",
        { tool: "tool_17_199", min_support: 1, limit: 50, cursor },
        NOW,
      );
      pages.push(page.items.length);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(pages.length).toBeGreaterThan(3);
    expect(pages.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(5);
  });
});
