import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Embedder } from "../../../../src/durable/instance/knowledge/vectors/embedder.ts";
import type { RecallInput } from "../../../../src/contract/recall/requests.ts";
import type { ArchivedChoice } from "../../../../src/contract/vocabulary.ts";
import { makeDigest } from "../../../../src/memory/learning/index.ts";
import type { Digest } from "../../../../src/memory/learning/types.ts";
import { episodeOf, outcomes, stepLists, stepOf } from "../../../support/episodes.ts";
import {
  DATABASE_SCHEMA,
  everythingLearned,
  NOW,
  openKnowledge,
  storeEpisode,
  success,
  type KnowledgeOptions,
  type OpenKnowledge,
} from "../../../support/knowledge.ts";
import { openLocal } from "../../../support/node-sql.ts";

const asking = (task: string): RecallInput => ({
  task,
  context: {},
  limit: 50,
  include: ["episodes", "patterns", "heuristics", "playbook"],
  recent_steps: [],
  max_tokens: null,
});

/** Another version of a digest, archived or not. */
function versionOf(
  { archived: _archived, ...digest }: Digest,
  version: number,
  to: boolean,
): Digest {
  return { ...digest, version, ...(to ? { archived: true } : {}) };
}

function digestOf(id: string, task = `refund order ${id}`, tools = ["find", "send"]): Digest {
  const steps = tools.map((tool, i) => stepOf(i + 1, tool));
  return makeDigest(episodeOf(id, success, { task, step_count: steps.length }), steps);
}

function open(options: KnowledgeOptions = {}) {
  const opened = openKnowledge(options);
  const { questions } = opened.knowledge;
  return {
    ...opened,
    recalled: async (task: string): Promise<string[]> =>
      (await questions.recall("n", asking(task), NOW)).episodes.map(({ id }) => id),
    searched: async (q: string, archived?: ArchivedChoice): Promise<string[]> => {
      const more = archived ? { archived } : {};
      const { items } = await questions.search("n", { q, limit: 50, cursor: null, ...more }, NOW);
      return items.flatMap(({ kind, id }) => (kind === "episode" ? id : [])).sort();
    },
  };
}

/** What was learned, without what an archived episode's own digest says of itself. */
function taught(opened: Pick<OpenKnowledge, "learned" | "sql">): unknown {
  const everything = everythingLearned(opened, "n");
  if (!everything) return null;
  const { digests: _digests, relevances: _relevances, ...learned } = everything;
  return learned;
}

const FAMILIES = ["refund the order", "move the flight", "mend the crane"];
const runs = fc.array(fc.tuple(fc.nat(FAMILIES.length - 1), outcomes, stepLists), {
  minLength: 2,
  maxLength: 12,
});
/** Episodes, by their places, and whether each is archived or brought back. */
const changes = fc.array(fc.tuple(fc.nat(11), fc.boolean()), { minLength: 1, maxLength: 20 });

describe("an archived episode", () => {
  it("teaches what it taught, whatever is archived and brought back, checkpoint or not", async () => {
    await fc.assert(
      fc.asyncProperty(runs, changes, fc.nat(20), async (made, done, sealedAt) => {
        const digests = made.map(([family, outcome, steps], i) =>
          makeDigest(
            episodeOf(`e${i}`, outcome, {
              task: `${FAMILIES[family]} ${i}`,
              step_count: steps.length,
            }),
            steps,
          ),
        );
        const opened = open();
        for (const digest of digests) opened.learn(digest);
        await opened.settle();
        const before = taught(opened);

        const archived = new Set<string>();
        for (const [n, [place, to]] of done.entries()) {
          const digest = digests[place % digests.length];
          if (!digest) continue;
          opened.learn(versionOf(digest, n + 2, to));
          if (to) archived.add(digest.episode_id);
          else archived.delete(digest.episode_id);
          const namespace = opened.learned.of("n");
          if (n === sealedAt && namespace)
            opened.sql.transaction(() => opened.learned.checkpoint(namespace));
        }
        // As after a restart; what was not stored by a checkpoint is done again.
        const again = open({ sql: opened.sql });
        for (const task of FAMILIES) {
          expect((await opened.recalled(task)).filter((id) => archived.has(id))).toEqual([]);
          for (const { searched } of [opened, again]) {
            expect((await searched(task)).filter((id) => archived.has(id))).toEqual([]);
            expect((await searched(task, "only")).filter((id) => !archived.has(id))).toEqual([]);
          }
        }
        expect(taught(again)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it("leaves, as it is deleted, what there would be if it had never been", () => {
    const [kept, gone] = [open(), open()];
    for (const opened of [kept, gone]) opened.learn(digestOf("a"));
    gone.learn(digestOf("b"));
    gone.learn(versionOf(digestOf("b"), 2, true));
    gone.forget("n", "b");
    expect(everythingLearned(gone, "n")).toEqual(everythingLearned(kept, "n"));
    gone.learn(versionOf(digestOf("c"), 1, true));
    gone.forget("n", "c");
    expect(everythingLearned(gone, "n")).toEqual(everythingLearned(kept, "n"));
  });

  it("is found by a search that asks for it, and by no other", async () => {
    const { learn, searched, recalled } = open();
    for (const id of ["a", "b", "c"]) learn(digestOf(id));
    learn(versionOf(digestOf("b"), 2, true));
    expect(await searched("refund")).toEqual(["a", "c"]);
    expect(await searched("refund", "only")).toEqual(["b"]);
    expect(await searched("refund", "any")).toEqual(["a", "b", "c"]);
    expect(await recalled("refund order b")).not.toContain("b");
    learn(versionOf(digestOf("b"), 3, false));
    expect(await searched("refund")).toEqual(["a", "b", "c"]);
    expect(await searched("refund", "only")).toEqual([]);
    expect(await recalled("refund order b")).toContain("b");
  });

  it("takes no place of another one, however much better it fits", async () => {
    const { learn, recalled, searched } = open({ capacity: 10_000 });
    for (let n = 0; n < 700; n++) learn(versionOf(digestOf(`old-${n}`, "refund order"), 1, true));
    learn(digestOf("new", "refund something that is much longer than the order of the others"));
    expect(await recalled("refund order")).toEqual(["new"]);
    expect(await searched("refund order")).toEqual(["new"]);
  });

  it("is in no advice, no playbook and no skill", async () => {
    const { knowledge, learn, settle } = open();
    const { questions } = knowledge;
    const runsOf = [...Array(8).keys()].map((n) =>
      digestOf(`e${n}`, `refund order ${n}`, ["find", "read", "send"]),
    );
    for (const digest of runsOf) learn(digest);
    await settle();
    const asked = asking("refund order 3");
    const said = async () => {
      const { playbook } = await questions.playbook("n", asked, NOW);
      const { outlook, expected_tools } = await questions.advise(
        "n",
        { task: asked.task, context: {}, recent_steps: [], next_tool: null, error: null },
        NOW,
      );
      const { skills } = await questions.skills("n", NOW);
      return { playbook, outlook, expected: expected_tools.length, skills: skills.length };
    };
    expect(await said()).toMatchObject({
      playbook: { confidence: expect.any(Number) },
      outlook: { runs: 8 },
      expected: 3,
      skills: 1,
    });
    for (const digest of runsOf) learn(versionOf(digest, 2, true));
    expect(await said()).toEqual({ playbook: null, outlook: null, expected: 0, skills: 0 });
    // What was learned of them is still said.
    const { items } = await questions.patterns(
      "n",
      { min_support: 1, limit: 50, cursor: null },
      NOW,
    );
    expect(items.map(({ support }) => support.episodes)).toContain(8);
  });

  it("is the first that a full namespace forgets", async () => {
    const { learn, settle, sql } = open({ capacity: 3 });
    for (const id of ["a", "b", "c"]) learn(digestOf(id));
    learn(versionOf({ ...digestOf("b"), reward: 1_000 }, 2, true));
    learn({ ...digestOf("d"), ended_at: 0, reward: 0 });
    await settle();
    const left = sql.all<{ episode: string }>("SELECT episode FROM learned_digests ORDER BY 1");
    expect(left.map(({ episode }) => episode)).toEqual(["a", "c", "d"]);
  });

  it("is not learned anew where a full namespace had forgotten it", () => {
    const opened = open({ capacity: 2 });
    for (const id of ["a", "b"]) opened.learn(digestOf(id));
    const before = everythingLearned(opened, "n");
    expect(opened.learn(versionOf(digestOf("old"), 2, true))).toEqual([]);
    expect(everythingLearned(opened, "n")).toEqual(before);
    // One that it has is archived all the same.
    opened.learn(versionOf(digestOf("a"), 2, true));
    expect(everythingLearned(opened, "n")?.digests).toMatchObject([{ archived: true }, {}]);
  });

  it("is archived still when a recall that showed it is judged", async () => {
    const { knowledge, learn, sql, searched } = open();
    for (const id of ["a", "b"]) learn(digestOf(id));
    const { recall_id, episodes } = await knowledge.questions.recall(
      "n",
      asking("refund order b"),
      NOW,
    );
    expect(episodes.map(({ id }) => id).sort()).toEqual(["a", "b"]);
    learn(versionOf(digestOf("b"), 2, true));
    const judged = { recall_id, used: ["b"], helpful: true, rating: null };
    const relevances = () => sql.all("SELECT relevance FROM learned_digests ORDER BY episode");
    const before = relevances();
    await knowledge.feedback.give("n", judged, NOW);
    expect(relevances()).not.toEqual(before);
    expect(await searched("refund")).toEqual(["a"]);
    expect(await open({ sql }).searched("refund")).toEqual(["a"]);
  });

  it("is archived still where the namespace is learned anew from the database", async () => {
    const database = openLocal(DATABASE_SCHEMA);
    const steps = [stepOf(1, "find"), stepOf(2, "send")];
    for (const id of ["a", "b"]) {
      const archived_at = "2026-01-02T00:00:00.000Z";
      const more = { task: `refund order ${id}`, step_count: 2 };
      const record = episodeOf(id, success, id === "b" ? { ...more, archived_at } : more);
      storeEpisode(database, record, steps);
    }
    const { knowledge, settle, recalled, searched } = open({ database });
    expect(await recalled("refund order b")).toEqual(["a"]);
    await settle();
    expect(await recalled("refund order b")).toEqual(["a"]);
    expect(await searched("refund", "only")).toEqual(["b"]);
    knowledge.resync("n");
    await settle();
    expect(await recalled("refund order b")).toEqual(["a"]);
  });

  it("is not among those that mean the same", async () => {
    const embedder: Embedder = {
      model: "m",
      batch: 50,
      embed: (texts) =>
        Promise.resolve(texts.map((text) => (text.includes("car") ? [1, 0] : [0, 1]))),
    };
    const { learn, knowledge, recalled } = open({ embedder });
    // As far as it is loaded: there is nothing to load.
    await recalled("car");
    const others = ["dog", "hound", "wolf", "fox", "cat", "owl"];
    for (const id of others) learn(digestOf(id, `feed the ${id}`));
    learn(digestOf("kept", "sell a car"));
    learn(digestOf("gone", "buy one car"));
    while (knowledge.embedding.nextAt(NOW) !== null) await knowledge.embedding.onAlarm(NOW);
    expect((await recalled("car")).sort()).toEqual(["gone", "kept"]);
    learn(versionOf(digestOf("gone", "buy one car"), 2, true));
    expect(await recalled("car")).toEqual(["kept"]);
  });
});
