import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tauEpisodeLine, type TauEpisode } from "../../../../bench/quality/tau.ts";
import type { Digest } from "../../../../src/memory/learning/types.ts";
import {
  computeReward,
  makeDigest,
  NEUTRAL_BASELINE,
} from "../../../../src/memory/learning/index.ts";
import type { Outcome, Step } from "../../../../src/contract/episodes/record.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";
import { NOW, openKnowledge } from "../../../support/knowledge.ts";

const SAMPLE = join(import.meta.dirname, "../../../fixtures/tau_retail_sample.jsonl");
const runs = readFileSync(SAMPLE, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as TauEpisode)
  .filter((run) => run.steps.length > 0);

/** Some tasks are learned from, the others asked about. */
const border = [...new Set(runs.map((run) => run.task_id))].sort((a, b) => a - b)[10] ?? 0;
const asked = runs.filter((run) => run.task_id >= border).slice(0, 4);

/** What an import makes of a run. */
async function digestOf(run: TauEpisode): Promise<Digest> {
  const line = tauEpisodeLine(run) as {
    outcome: Outcome;
    steps: Step[];
    context: { domain: string; tags: string[] };
  };
  const steps = line.steps.map((step): Step => ({ ...stepOf(step.number, step.tool), ...step }));
  const outcome: Outcome =
    line.outcome.type === "success"
      ? { ...line.outcome, artifacts: [] }
      : ({ ...line.outcome, details: null } as Outcome);
  const context = {
    language: null,
    framework: null,
    complexity: "moderate" as const,
    ...line.context,
  };
  const reward = computeReward(steps, outcome, NEUTRAL_BASELINE, false);
  return makeDigest(
    episodeOf(run.id, outcome, { task: run.task, context, reward, step_count: steps.length }),
    steps,
  );
}
const digests = await Promise.all(runs.filter((run) => run.task_id < border).map(digestOf));

/** Everything that a namespace says after these episodes came in this order. */
async function said(order: readonly Digest[]): Promise<unknown[]> {
  const { knowledge, learn } = openKnowledge();
  for (const digest of order) learn(digest);
  const answers: unknown[] = [
    await knowledge.questions.patterns("n", { min_support: 0, limit: 100, cursor: null }, NOW),
  ];
  for (const { task, domain, agent_variant, steps } of asked) {
    const context = { domain, tags: [agent_variant] };
    for (const done of [0, 2, steps.length]) {
      const recent_steps = steps.slice(0, done).map((step) => ({
        tool: step.tool,
        parameters: step.args as Record<string, unknown>,
        result: step.ok === false ? ("error" as const) : ("success" as const),
        message: step.result ?? "",
      }));
      const about = { task, context, recent_steps };
      const more = { next_tool: null, error: null };
      answers.push(
        await knowledge.questions.advise("n", { ...about, ...more }, NOW),
        await knowledge.questions.recall(
          "n",
          { ...about, limit: 20, include: ["episodes", "patterns", "playbook"], max_tokens: null },
          NOW,
        ),
      );
    }
    answers.push(await knowledge.questions.search("n", { q: task, limit: 50, cursor: null }, NOW));
  }
  return answers;
}

describe("the order in which episodes come", () => {
  // Whether a pattern is a heuristic is left out: it remembers what it was (hysteresis), and so
  // when its evidence came.
  it("changes no digit of patterns, advice, recall and search", async () => {
    const plain = await said(digests);
    const orders = fc.shuffledSubarray(digests, {
      minLength: digests.length,
      maxLength: digests.length,
    });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        expect(await said(order)).toEqual(plain);
      }),
      { numRuns: 5 },
    );
  });
});
