import { describe, expect, it } from "vitest";
import { makeDigest } from "../../../../src/memory/learning/index.ts";
import type { Outcome } from "../../../../src/contract/episodes/record.ts";
import type { RecallInput } from "../../../../src/contract/recall/requests.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";
import {
  everythingLearned,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../support/knowledge.ts";

function open(capacity = 1_000) {
  const opened = openKnowledge({ capacity });
  const everything = (): unknown => everythingLearned(opened, "n");
  const ids = (): string[] =>
    opened.sql
      .all<{ episode: string }>("SELECT episode FROM learned_digests ORDER BY 1")
      .map(({ episode }) => episode);
  return { ...opened, everything, ids };
}

function digestOf(
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
    const { learn, forget, everything } = open();
    learn(digestOf("kept", success, ["find", "read", "send"]));
    const before = everything();
    learn(digestOf("gone", failure, ["find", "read", "delete"]));
    expect(everything()).not.toEqual(before);
    forget("n", "gone");
    expect(everything()).toEqual(before);
  });

  it("counts an episode once, however often it is learned, and an amended one as it is now", async () => {
    const { learn, everything } = open();
    const digest = digestOf("e", success, ["find", "send"]);
    learn(digest);
    const once = everything();
    learn(digest);
    expect(everything()).toEqual(once);
    const other = open();
    const amended = { ...digestOf("e", failure, ["find", "read"]), version: 2 };
    learn(amended);
    other.learn(amended);
    expect(everything()).toEqual(other.everything());
  });

  it("forgets the least relevant beyond its capacity, evidence and all, and keeps the rest", async () => {
    const { knowledge, learn, settle, ids } = open(3);
    for (const id of ["a", "b", "c"]) learn(digestOf(id, success, ["find", "send"]));
    learn(digestOf("idle", null, []));
    await settle();
    expect(ids()).toEqual(["a", "b", "c"]);
    learn(digestOf("d", success, ["find", "send"]));
    await settle();
    expect(ids()).toHaveLength(3);
    const { items } = await knowledge.questions.patterns(
      "n",
      { min_support: 0, limit: 50, cursor: null },
      NOW,
    );
    for (const pattern of items) expect(pattern.support.episodes).toBe(3);
  });

  it("keeps what proved useful longer than what did not", async () => {
    const { knowledge, learn, settle, ids } = open(2);
    learn(digestOf("a", success, ["find", "send"]));
    learn(digestOf("b", success, ["find", "send"]));
    await settle();
    const recall = await knowledge.questions.recall("n", asking("refund order"), NOW);
    await knowledge.feedback.give(
      "n",
      { recall_id: recall.recall_id, used: ["a"], helpful: true, rating: null },
      NOW,
    );
    learn(digestOf("c", success, ["find", "send"]));
    await settle();
    expect(ids()).toContain("a");
  });

  it("answers honestly empty when nothing is relevant", async () => {
    const { knowledge, learn } = open();
    learn(digestOf("a", success, ["find", "send"], "refund an order of shoes"));
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
    const { knowledge, learn } = open();
    for (let i = 0; i < 12; i++) {
      learn(digestOf(`good-${i}`, success, ["find", "check", "send"]));
      learn(digestOf(`bad-${i}`, failure, ["find", "delete", "send"]));
    }
    const recent_steps = [{ tool: "find", result: "success" as const }];
    const view = await knowledge.questions.recall(
      "n",
      asking("refund order", { recent_steps, limit: 20 }),
      NOW,
    );
    // As a heuristic, and then not once more as the pattern that it is made from.
    const polarity = (tool: string): string[] =>
      view.heuristics
        .filter(({ condition, action }) => condition.includes("find") && action.includes(tool))
        .map((heuristic) => heuristic.polarity);
    const promoted = new Set(view.heuristics.map(({ pattern_id }) => pattern_id));
    expect(view.patterns.filter(({ id }) => promoted.has(id))).toEqual([]);
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

  it("takes a judgement of a recall back when another one replaces it", async () => {
    const { knowledge, learn, everything } = open();
    for (const id of ["a", "b"]) learn(digestOf(id, success, ["find", "send"]));
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
