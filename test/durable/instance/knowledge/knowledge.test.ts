import { describe, expect, it } from "vitest";
import { makeDigest } from "../../../../src/memory/learning/index.ts";
import type { Outcome } from "../../../../src/contract/episodes/record.ts";
import type { RecallInput } from "../../../../src/contract/recall/requests.ts";
import { TABLES, type TableName } from "../../../../src/storage/index.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";
import { failure, NOW, openKnowledge, success } from "../../../support/knowledge.ts";

function open(capacity = 1_000) {
  const { knowledge, sql } = openKnowledge({ capacity });
  const everything = (): Record<string, unknown> =>
    Object.fromEntries(
      (Object.keys(TABLES) as TableName[]).map((name) => {
        const { columns } = TABLES[name];
        return [name, sql.all(`SELECT ${columns.join(", ")} FROM ${name} ORDER BY 1, 2, 3`)];
      }),
    );
  return { knowledge, sql, everything };
}

async function digestOf(
  id: string,
  outcome: Outcome | null,
  tools: readonly string[],
  task = `refund order ${id}`,
) {
  const steps = tools.map((tool, i) => stepOf(i + 1, tool));
  return makeDigest(episodeOf(id, outcome, { task, step_count: steps.length }), steps);
}

const asking = (task: string, more: Partial<RecallInput> = {}): RecallInput => ({
  task,
  context: {},
  limit: 5,
  include: ["episodes", "patterns", "heuristics", "playbook"],
  recent_steps: [],
  max_tokens: null,
  ...more,
});

describe("the knowledge of a namespace", () => {
  it("is, after learning and forgetting an episode, as if it had never been", async () => {
    const { knowledge, everything } = open();
    await knowledge.learning.learn(await digestOf("kept", success, ["find", "read", "send"]), NOW);
    const before = everything();
    await knowledge.learning.learn(
      await digestOf("gone", failure, ["find", "read", "delete"]),
      NOW,
    );
    expect(everything()).not.toEqual(before);
    await knowledge.learning.forget("n", "gone", NOW);
    expect(everything()).toEqual(before);
  });

  it("counts an episode once, however often it is learned, and an amended one as it is now", async () => {
    const { knowledge, everything } = open();
    const digest = await digestOf("e", success, ["find", "send"]);
    await knowledge.learning.learn(digest, NOW);
    const once = everything();
    await knowledge.learning.learn(digest, NOW);
    expect(everything()).toEqual(once);
    const other = open();
    const amended = { ...(await digestOf("e", failure, ["find", "read"])), version: 2 };
    await knowledge.learning.learn(amended, NOW);
    await other.knowledge.learning.learn(amended, NOW);
    expect(everything()).toEqual(other.everything());
  });

  it("forgets the least relevant beyond its capacity, evidence and all, and keeps the rest", async () => {
    const { knowledge, sql } = open(3);
    for (const id of ["a", "b", "c"])
      await knowledge.learning.learn(await digestOf(id, success, ["find", "send"]), NOW);
    await knowledge.learning.learn(await digestOf("idle", null, []), NOW);
    const ids = (): unknown[] =>
      sql.all("SELECT episode_id FROM digests ORDER BY 1").map((row) => row["episode_id"]);
    expect(ids()).toEqual(["a", "b", "c"]);
    await knowledge.learning.learn(await digestOf("d", success, ["find", "send"]), NOW);
    expect(ids()).toHaveLength(3);
    const { items } = await knowledge.questions.patterns(
      "n",
      { min_support: 0, limit: 50, cursor: null },
      NOW,
    );
    for (const pattern of items) expect(pattern.support.episodes).toBe(3);
  });

  it("keeps what proved useful longer than what did not", async () => {
    const { knowledge, sql } = open(2);
    await knowledge.learning.learn(await digestOf("a", success, ["find", "send"]), NOW);
    await knowledge.learning.learn(await digestOf("b", success, ["find", "send"]), NOW);
    const recall = await knowledge.questions.recall("n", asking("refund order"), NOW);
    await knowledge.feedback.give(
      "n",
      { recall_id: recall.recall_id, used: ["a"], helpful: true, rating: null },
      NOW,
    );
    await knowledge.learning.learn(await digestOf("c", success, ["find", "send"]), NOW);
    expect(sql.all("SELECT 1 FROM digests WHERE episode_id = 'a'")).toHaveLength(1);
  });

  it("answers honestly empty when nothing is relevant", async () => {
    const { knowledge } = open();
    await knowledge.learning.learn(
      await digestOf("a", success, ["find", "send"], "refund an order of shoes"),
      NOW,
    );
    const view = await knowledge.questions.recall("n", asking("compile kernel modules"), NOW);
    expect(view).toMatchObject({
      episodes: [],
      patterns: [],
      heuristics: [],
      playbook: null,
      next_tools: [],
    });
  });

  it("recommends what beats the base rate, warns of what falls below it, and continues from recent steps", async () => {
    const { knowledge } = open();
    for (let i = 0; i < 12; i++) {
      await knowledge.learning.learn(
        await digestOf(`good-${i}`, success, ["find", "check", "send"]),
        NOW,
      );
      await knowledge.learning.learn(
        await digestOf(`bad-${i}`, failure, ["find", "delete", "send"]),
        NOW,
      );
    }
    const recent_steps = [{ tool: "find", result: "success" as const }];
    const view = await knowledge.questions.recall(
      "n",
      asking("refund order", { recent_steps, limit: 20 }),
      NOW,
    );
    const polarity = (tool: string): string[] =>
      view.patterns
        .filter((pattern) => pattern.kind === "decision_point" && pattern.tools[0] === "find")
        .filter((pattern) => pattern.tools[1] === tool)
        .map((pattern) => pattern.polarity);
    expect(polarity("check")).toEqual(["do"]);
    expect(polarity("delete")).toEqual(["avoid"]);
    expect(view.next_tools[0]?.tool).toBe("check");
    expect(view.playbook?.steps.map((step) => step.tool)).toEqual(["check", "send"]);
    expect(view.episodes.some((episode) => episode.warning)).toBe(true);
    for (const item of [...view.patterns, ...view.heuristics]) {
      const parts: number[] = Object.values(item.why);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(item.score, 9);
    }
    for (const next of view.next_tools) expect(next.why).not.toBe("");
  });

  it("takes a word on a recall back when another one replaces it", async () => {
    const { knowledge, everything } = open();
    for (const id of ["a", "b"])
      await knowledge.learning.learn(await digestOf(id, success, ["find", "send"]), NOW);
    const { recall_id, patterns } = await knowledge.questions.recall(
      "n",
      asking("refund order"),
      NOW,
    );
    const word = { recall_id, used: ["a", ...patterns.map(({ id }) => id)], rating: null };
    await knowledge.feedback.give("n", { ...word, helpful: true }, NOW);
    const first = everything();
    await knowledge.feedback.give("n", { ...word, helpful: false }, NOW);
    expect(everything()).not.toEqual(first);
    await knowledge.feedback.give("n", { ...word, helpful: true }, NOW);
    expect(everything()).toEqual(first);
  });
});
