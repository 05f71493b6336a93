import { describe, expect, it } from "vitest";
import { withGroup } from "../../../../src/memory/holdout/index.ts";
import type { Digest } from "../../../../src/memory/learning/types.ts";
import type { StatsView } from "../../../../src/contract/knowledge/answers.ts";
import { latestForecasts } from "../../../../src/durable/instance/knowledge/questions/recalls.ts";
import { DatabaseError } from "../../../../src/storage/index.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";
import {
  DATABASE_SCHEMA,
  digestOfSteps,
  failure,
  NOW,
  openKnowledge,
  storeEpisode,
  success,
  type KnowledgeOptions,
  type OpenKnowledge,
} from "../../../support/knowledge.ts";
import { openLocal } from "../../../support/node-sql.ts";

const STEPS = [stepOf(1, "look"), stepOf(2, "refund")];
const TASK = "refund the order of a customer";
const ASKED = { task: TASK, context: {}, recent_steps: [] };

async function open(share: number, options: KnowledgeOptions = {}): Promise<OpenKnowledge> {
  const opened = openKnowledge(options);
  await set(opened, share);
  opened.learn(digestOfSteps("before", TASK, success, STEPS));
  await opened.settle();
  return opened;
}

async function set({ knowledge, sql }: OpenKnowledge, share: number | null): Promise<void> {
  await knowledge.settings.of("n");
  sql.transaction(() => knowledge.settings.change("n", { recall_holdout: share }, NOW));
}

function recall({ knowledge }: OpenKnowledge, episode_id?: string) {
  return knowledge.questions.recall(
    "n",
    {
      task: TASK,
      context: {},
      limit: 5,
      include: ["episodes", "patterns", "heuristics", "playbook", "lessons"],
      recent_steps: [],
      max_tokens: null,
      ...(episode_id === undefined ? {} : { episode_id }),
    },
    NOW,
  );
}

function advise({ knowledge }: OpenKnowledge, episode_id: string) {
  return knowledge.questions.advise(
    "n",
    { task: TASK, context: {}, recent_steps: [], next_tool: "look", error: null, episode_id },
    NOW,
  );
}

function end(
  { knowledge, sql }: OpenKnowledge,
  digest: Digest,
  recalls: { recall_id: string | null; start_recall_id?: string } = { recall_id: null },
) {
  return sql.transaction(() => knowledge.learn({ digest, ...recalls }, NOW));
}

const ended = (id: string, outcome = success): Digest => digestOfSteps(id, TASK, outcome, STEPS);

async function holdout({ knowledge }: OpenKnowledge): Promise<NonNullable<StatsView["holdout"]>> {
  const { holdout: view } = await knowledge.questions.stats("n", NOW);
  if (!view) throw new Error("the stats have no hold-out");
  return view;
}

/** Episodes of each group, by share. */
async function counts(
  opened: OpenKnowledge,
): Promise<[share: number, shown: number, held: number][]> {
  const { comparisons } = await holdout(opened);
  return comparisons.map(({ share, shown, held_out }) => [
    share,
    shown.episodes + shown.unjudged,
    held_out.episodes + held_out.unjudged,
  ]);
}

/** The first of these ids that is held out, and the first that is not. */
async function oneOfEach(opened: OpenKnowledge): Promise<{ held: string; shown: string }> {
  const found: { held?: string; shown?: string } = {};
  for (let i = 0; found.held === undefined || found.shown === undefined; i++) {
    const { held_out } = await recall(opened, `e${i}`);
    if (held_out) found.held ??= `e${i}`;
    else found.shown ??= `e${i}`;
  }
  return found as { held: string; shown: string };
}

describe("a hold-out", () => {
  it("is off at first: everybody is answered, nobody is counted", async () => {
    const opened = await open(0);
    const view = await recall(opened, "e1");
    expect(view.episodes).toHaveLength(1);
    expect(view.held_out).toBeUndefined();
    end(opened, ended("e1"), { recall_id: view.recall_id });
    expect(await holdout(opened)).toEqual({ share: 0, comparisons: [] });
  });

  it("answers an episode nothing, says so, and does the same each time it asks", async () => {
    const opened = await open(0.5);
    const { held, shown } = await oneOfEach(opened);
    for (let again = 0; again < 2; again++) {
      expect(await recall(opened, held)).toMatchObject({
        episodes: [],
        patterns: [],
        heuristics: [],
        playbook: null,
        next_tools: [],
        lessons: [],
        held_out: true,
      });
      const advice = await advise(opened, held);
      expect(advice).toMatchObject({ next_tools: [], avoid: [], proposed: null, held_out: true });
      expect(advice).toMatchObject({ next_actions: [], line: null, lessons: [] });
      expect((await recall(opened, shown)).episodes).toHaveLength(1);
      expect((await advise(opened, shown)).held_out).toBeUndefined();
    }
  });

  it("tells it no lessons, shows it no playbook, and counts nothing as shown or foretold", async () => {
    const opened = await open(0.5);
    const { knowledge, sql } = opened;
    await knowledge.curated.rows.load("n");
    const lesson = {
      text: "look at the order of the customer before a refund",
      kind: "do" as const,
      applies_to: { tools: [], domain: null, tags: [], task: null },
      supersedes: null,
    };
    sql.transaction(() => knowledge.teach(ended("before"), { by: "key", lessons: [lesson] }));
    const { held, shown } = await oneOfEach(opened);
    expect((await recall(opened, shown)).lessons).toHaveLength(1);
    expect((await recall(opened, held)).lessons).toEqual([]);
    const playbook = (episode_id: string) =>
      knowledge.questions.playbook("n", { ...ASKED, episode_id }, NOW);
    expect((await playbook(shown)).playbook).not.toBeNull();
    expect(await playbook(held)).toEqual({ playbook: null, held_out: true });
    expect((await knowledge.questions.playbook("n", ASKED, NOW)).playbook).not.toBeNull();
    expect((await advise(opened, held)).lessons).toEqual([]);
    expect(latestForecasts(sql, "n").map(({ episode }) => episode)).not.toContain(held);
  });

  it("puts an episode into its group by a playbook as well", async () => {
    const opened = await open(0.5);
    for (let i = 0; i < 20; i++) {
      const asked = { ...ASKED, episode_id: `p${i}` };
      await opened.knowledge.questions.playbook("n", asked, NOW);
      end(opened, ended(`p${i}`));
    }
    const [[, shown, held] = [0, 0, 0]] = await counts(opened);
    expect(shown + held).toBe(20);
    expect(Math.min(shown, held)).toBeGreaterThan(2);
  });

  it("keeps an episode in its group when the share changes, and counts shares apart", async () => {
    const opened = await open(0.5);
    const { held, shown } = await oneOfEach(opened);
    await set(opened, 0);
    expect((await recall(opened, held)).held_out).toBe(true);
    end(opened, ended(held));
    await set(opened, 0.01);
    const later = await recall(opened, "later");
    expect(later.held_out).toBeUndefined();
    end(opened, ended(shown));
    end(opened, ended("later"));
    expect(await counts(opened)).toEqual([
      [0.01, 1, 0],
      [0.5, 1, 1],
    ]);
  });

  it("ties an episode by the recall that it names at its end or its beginning", async () => {
    const opened = await open(0.5);
    const recalls = await Promise.all(Array.from({ length: 40 }, () => recall(opened)));
    recalls.forEach(({ recall_id }, i) => {
      const named = i % 2 === 0 ? { recall_id } : { recall_id: null, start_recall_id: recall_id };
      end(opened, ended(`by-recall-${i}`), named);
    });
    const held = recalls.filter(({ held_out }) => held_out).length;
    expect(held).toBeGreaterThan(5);
    expect(await counts(opened)).toEqual([[0.5, 40 - held, held]]);
  });

  it("counts no episode that asked nothing", async () => {
    const opened = await open(0.5);
    end(opened, ended("silent"));
    expect(await counts(opened)).toEqual([]);
  });

  it("judges no recall by an episode that was answered nothing", async () => {
    const opened = await open(0.5);
    const { held, shown } = await oneOfEach(opened);
    for (const id of [held, shown]) {
      const { recall_id } = await recall(opened, id);
      end(opened, { ...ended(id), used_recall: true }, { recall_id });
    }
    const { feedback, recall_effect } = await opened.knowledge.questions.stats("n", NOW);
    expect(feedback).toBe(1);
    expect(recall_effect.with_recall.episodes).toBe(1);
  });

  it("tells an episode's home its group, and goes by what the home says later", async () => {
    const opened = await open(0.5);
    const { held } = await oneOfEach(opened);
    const { recall_group } = end(opened, ended(held));
    expect(recall_group).toEqual({ percent: 50, held_out: true });
    opened.sql.run("DELETE FROM recall_groups");
    const amended = {
      ...withGroup(ended(held, failure), { percent: 50, held_out: true }),
      version: 9,
    };
    end(opened, amended);
    const [comparison] = (await holdout(opened)).comparisons;
    expect(comparison?.held_out).toMatchObject({ episodes: 1, success: { rate: 0 } });
  });

  it("is taken back with a deleted episode", async () => {
    const opened = await open(0.5);
    const { held, shown } = await oneOfEach(opened);
    end(opened, ended(held));
    end(opened, ended(shown));
    opened.forget("n", held);
    expect(await counts(opened)).toEqual([[0.5, 1, 0]]);
    opened.forget("n", shown);
    expect(await counts(opened)).toEqual([]);
  });

  it("counts the same after a restart, with and without a checkpoint, and learned anew", async () => {
    const database = openLocal(DATABASE_SCHEMA);
    const opened = await open(0.5, { database });
    const { held, shown } = await oneOfEach(opened);
    for (const id of [held, shown]) {
      const { recall_group } = end(opened, ended(id));
      const record = { ...episodeOf(id, success, { task: TASK, step_count: 2 }), recall_group };
      storeEpisode(database, record, STEPS);
    }
    const before = await counts(opened);
    expect(before).toEqual([[0.5, 1, 1]]);

    const { sql } = opened;
    const restarted = openKnowledge({ sql, database });
    expect(await counts(restarted)).toEqual(before);
    sql.transaction(() => {
      const open = restarted.learned.of("n");
      if (open) restarted.learned.checkpoint(open);
    });
    expect(await counts(openKnowledge({ sql, database }))).toEqual(before);

    restarted.knowledge.resync("n");
    await restarted.settle();
    expect(await counts(restarted)).toEqual(before);
    const empty = openKnowledge({ database });
    await empty.knowledge.questions.stats("n", NOW);
    await empty.settle();
    expect(await counts(empty)).toEqual(before);
  });

  it("answers everybody, and counts nobody, while its share cannot be read", async () => {
    const opened = openKnowledge({
      beforeDatabase: (sql) => {
        if (sql.includes("namespace_settings"))
          throw new DatabaseError("unreachable", "gone", null);
      },
    });
    opened.learn(ended("before"));
    await opened.settle();
    const view = await recall(opened, "e1");
    expect(view.episodes).toHaveLength(1);
    end(opened, ended("e1"));
    expect(await holdout(opened)).toEqual({ share: 0, comparisons: [] });
  });

  it("forgets groups of episodes that never ended, two with each new one", async () => {
    let now = NOW;
    const opened = await open(0.5, { now: () => now });
    const ask = (id: string) =>
      opened.knowledge.questions.advise(
        "n",
        { task: TASK, context: {}, recent_steps: [], next_tool: null, error: null, episode_id: id },
        now,
      );
    for (const id of ["a", "b", "c"]) await ask(id);
    now += 31 * 86_400_000;
    await ask("d");
    expect(opened.sql.all("SELECT count(*) AS n FROM recall_groups")).toEqual([{ n: 2 }]);
  });
});

describe("the settings of a namespace", () => {
  it("come from the database, and what changed here is newer", async () => {
    const database = openLocal(DATABASE_SCHEMA);
    const text =
      "INSERT INTO namespace_settings (namespace, name, updated_at, body) VALUES (?, ?, ?, ?)";
    database.run(text, "n", "recall_holdout", 1, "0.25");
    database.run(text, "n", "of_a_later_release", 1, '{"a":1}');
    database.run(text, "broken", "recall_holdout", 1, "7");
    const opened = openKnowledge({ database });
    const { settings } = opened.knowledge;
    expect(await settings.of("n")).toMatchObject({ recall_holdout: 0.25 });
    expect(await settings.of("broken")).toMatchObject({ recall_holdout: 0 });
    await set(opened, 0.5);
    expect(await settings.of("n")).toMatchObject({ recall_holdout: 0.5 });
    await set(opened, null);
    expect(await settings.of("n")).toMatchObject({ recall_holdout: 0 });

    const unsent = openKnowledge({ database, isDirty: () => true });
    await set(unsent, 0.4);
    unsent.sql.transaction(() => unsent.knowledge.settings.reload("n"));
    expect(await unsent.knowledge.settings.of("n")).toMatchObject({ recall_holdout: 0.4 });
  });
});
