import { describe, expect, it } from "vitest";
import { KNOWLEDGE_SCHEMA } from "../../../../src/durable/instance/knowledge/index.ts";
import { DatabaseError, SCHEMA } from "../../../../src/storage/index.ts";
import { stepOf } from "../../../support/episodes.ts";
import { digestOfSteps, NOW, openKnowledge, success } from "../../../support/knowledge.ts";
import { openLocal } from "../../../support/node-sql.ts";

/** A database in which these namespaces have learned from so many episodes each. */
async function taught(episodes: number, ...namespaces: string[]) {
  const database = openLocal([...SCHEMA, ...KNOWLEDGE_SCHEMA]);
  const { knowledge } = openKnowledge({ sql: database });
  for (const namespace of namespaces) {
    for (let i = 0; i < episodes; i++) {
      const steps = ["find", `tool_${i % 7}`, "send"].map((tool, n) => stepOf(n + 1, tool));
      const digest = digestOfSteps(`e${i}`, `refund order ${i}`, success, steps);
      learn({ ...digest, namespace });
    }
  }
  return database;
}

const recalls = {
  context: {},
  limit: 3,
  max_tokens: null,
  recent_steps: [],
  include: ["episodes" as const],
};

describe("loading namespaces", () => {
  it("one that cannot be loaded keeps no other waiting, and is tried again less and less often", async () => {
    const database = await taught(3, "aa-broken", "bb-well", "cc-well");
    const asked: string[] = [];
    const breaking = {
      ...database,
      all: <T extends Record<string, string | number | null>>(
        text: string,
        ...args: (string | number | null)[]
      ): T[] => {
        if (text.includes("FROM digests r") && args[0] === "aa-broken") {
          asked.push("aa-broken");
          throw new DatabaseError("too_large", "RESPONSE_TOO_LARGE", null);
        }
        return database.all<T>(text, ...args);
      },
    };
    const { knowledge } = openKnowledge({ database: breaking });
    for (const namespace of ["aa-broken", "bb-well", "cc-well"]) {
      expect(
        (await knowledge.questions.recall(namespace, { task: "refund order 1", ...recalls }, NOW))
          .served_by,
      ).toBe("database");
    }
    await knowledge.loading.onAlarm(NOW);
    for (const namespace of ["bb-well", "cc-well"]) {
      const { served_by, episodes } = await knowledge.questions.recall(
        namespace,
        { task: "refund order 1", ...recalls },
        NOW,
      );
      expect([served_by, episodes.length]).toEqual(["instance", 3]);
    }
    expect(asked).toHaveLength(1);
    expect(knowledge.loading.view()).toMatchObject({ namespaces: 1, since: NOW });
    expect(knowledge.loading.view().last_error).toContain("RESPONSE_TOO_LARGE");
    expect(knowledge.loading.nextAt()).toBeGreaterThan(NOW);
  });

  it("drops its copies and reads them again, what is unsent aside", async () => {
    const database = await taught(40, "n");
    const { knowledge, sql } = openKnowledge({ database });
    await knowledge.questions.recall("n", { task: "refund", ...recalls }, NOW);
    for (let rounds = 0; knowledge.loading.nextAt() !== null && rounds < 50; rounds++)
      await knowledge.loading.onAlarm(NOW);
    sql.run("UPDATE digests SET body = 'damaged'");
    expect(knowledge.resync("n")).toEqual(["n"]);
    for (let rounds = 0; knowledge.loading.nextAt() !== null && rounds < 50; rounds++)
      await knowledge.loading.onAlarm(NOW);
    expect(sql.all("SELECT 1 FROM digests WHERE body = 'damaged'")).toEqual([]);
    expect(sql.all("SELECT 1 FROM digests")).toHaveLength(40);
    expect(
      (await knowledge.questions.recall("n", { task: "refund", ...recalls }, NOW)).served_by,
    ).toBe("instance");
  });

  it("an episode that cannot be learned does not keep the others, nor the namespace, waiting", async () => {
    const database = await taught(2, "n");
    const { knowledge, sql } = openKnowledge({ database });
    const digest = digestOfSteps("late", "refund order 9", success, [stepOf(1, "find")]);
    expect(learn(digest, NOW).learning).toBe("queued");
    sql.run(
      "INSERT INTO knowledge_pending (namespace, episode_id, body) VALUES ('n', 'broken', ?)",
      JSON.stringify({ ...digest, episode_id: "broken", contributions: null }),
    );
    for (let rounds = 0; rounds < 5; rounds++) await knowledge.loading.onAlarm(NOW);
    expect(sql.all("SELECT episode_id FROM knowledge_pending")).toEqual([{ episode_id: "broken" }]);
    expect(sql.all("SELECT kind, id, tries FROM task_failures")).toEqual([
      { kind: "absorb", id: "broken", tries: 1 },
    ]);
    const { served_by } = await knowledge.questions.recall("n", {
      task: "refund order 9",
      ...recalls,
    });
    expect(served_by).toBe("instance");
  });
});
