import { beforeEach, describe, expect, it } from "vitest";
import { countJudgement } from "../../../../../src/durable/instance/knowledge/feedback/judgements.ts";
import type { Outcome } from "../../../../../src/contract/episodes/record.ts";
import { makeDigest } from "../../../../../src/memory/learning/index.ts";
import { DatabaseError, upsertRow } from "../../../../../src/storage/index.ts";
import { isoTime } from "../../../../../src/util/time.ts";
import { episodeOf, stepOf } from "../../../../support/episodes.ts";
import {
  DATABASE_SCHEMA,
  everythingLearned,
  failure,
  NOW,
  openKnowledge,
  storeEpisode,
  success,
  type KnowledgeOptions,
  type OpenKnowledge,
} from "../../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../../support/node-sql.ts";
import { episode, ids, nameOf, recall, storeMany } from "./many-episodes.ts";

let database: NodeSql;
beforeEach(() => {
  database = openLocal(DATABASE_SCHEMA);
});

const open = (more: KnowledgeOptions = {}): OpenKnowledge => openKnowledge({ database, ...more });
const store = (namespace: string, from: number, count: number): void =>
  storeMany(database, namespace, from, count);

/** Reads what people wrote, which is no part of loading. */
const isCurated = (sql: string): boolean => /FROM (?:lessons|lesson_evidence|curation) /.test(sql);

describe("loading a namespace", () => {
  it("begins with its first question, which waits for the newest episodes and says how many", async () => {
    store("n", 0, 1_000);
    const opened = open();
    const first = await recall(opened);
    expect(first).toMatchObject({ completeness: 0.25, served_by: "instance", degraded: false });
    expect(ids(opened)).toEqual(Array.from({ length: 250 }, (_, i) => nameOf(750 + i)));
    expect(opened.knowledge.loading.view()).toMatchObject({
      namespaces: 1,
      since: NOW,
      share: 0.25,
      last_error: null,
    });
    await opened.settle();
    expect((await recall(opened)).completeness).toBe(1);
    expect(ids(opened)).toHaveLength(1_000);
    expect(opened.knowledge.loading.view()).toEqual({
      namespaces: 0,
      since: null,
      share: null,
      last_error: null,
    });
  });

  it("learns what learning the same episodes one by one does", async () => {
    store("n", 0, 300);
    const opened = open();
    await recall(opened);
    await opened.settle();
    const other = openKnowledge();
    for (let n = 0; n < 300; n++) other.learn({ ...episode(n).digest, namespace: "n" });
    const [loaded, learned] = [opened, other].map((one) => everythingLearned(one, "n"));
    // Whether a pattern is promoted depends on when its evidence came.
    const evidence = (all: typeof loaded) => ({
      ...all,
      patterns: all?.patterns.map(({ promoted: _promoted, ...row }) => row),
    });
    expect(evidence(loaded)).toEqual(evidence(learned));
  });

  it("of which there is nothing is done with the first question, and answers in full", async () => {
    const opened = open();
    expect(await recall(opened)).toMatchObject({ completeness: 1, episodes: [], degraded: false });
    expect(opened.knowledge.loading.nextAt()).toBeNull();
  });

  it("goes on in another life of the object where it was, and reads nothing twice but what was read ahead", async () => {
    store("n", 0, 600);
    const read: unknown[] = [];
    const beforeDatabase = (sql: string, args: readonly unknown[]): void => {
      if (sql.includes("started_at, id) <")) read.push(args[1]);
    };
    const before = open({ beforeDatabase });
    await recall(before);
    const after = open({ sql: before.sql, beforeDatabase });
    await after.settle();
    expect(ids(after)).toHaveLength(600);
    expect(read.length).toBeLessThanOrEqual(4);
    expect(new Set(read).size).toBe(3);
  });

  it("asks the database in one turn for one namespace, for the next in the next", async () => {
    for (const namespace of ["a", "b", "c"]) store(namespace, 0, 300);
    const turns: unknown[] = [];
    const opened = open({
      beforeDatabase: (sql, args) => {
        if (sql.includes("started_at, id) <")) turns.push(args[0]);
      },
    });
    const { knowledge } = opened;
    for (const namespace of ["a", "b", "c"]) knowledge.learning.baseline(namespace, "d", NOW);
    await opened.settle();
    expect(turns).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  it("that fails keeps no other waiting, says so, and is tried again less and less often", async () => {
    for (const namespace of ["aa-broken", "bb-well", "cc-well"]) store(namespace, 0, 3);
    let [now, asked, isBroken] = [NOW, 0, true];
    const opened = open({
      now: () => now,
      beforeDatabase: (sql, args) => {
        if (args[0] !== "aa-broken" || !isBroken) return;
        // Both are read by the question itself.
        const isOfQuestion = isCurated(sql) || sql.includes("namespace_settings");
        if (!isOfQuestion) asked += 1;
        throw new DatabaseError("too_large", "RESPONSE_TOO_LARGE", null);
      },
    });
    const { loading } = opened.knowledge;
    expect(await recall(opened, "aa-broken")).toMatchObject({ degraded: true, completeness: 0 });
    for (const namespace of ["bb-well", "cc-well"])
      expect((await recall(opened, namespace)).episodes).toHaveLength(3);
    expect(asked).toBe(1);
    expect(loading.view()).toMatchObject({ namespaces: 1, since: NOW, share: 0 });
    expect(loading.view().last_error).toContain("RESPONSE_TOO_LARGE");

    const waits: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      const at = loading.nextAt() ?? 0;
      waits.push(at - now);
      now = at;
      await loading.onAlarm(now);
    }
    expect(asked).toBe(9);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(-1)).toBe(60_000);

    isBroken = false;
    now = loading.nextAt() ?? 0;
    await loading.onAlarm(now);
    const healed = await recall(opened, "aa-broken");
    expect([healed.degraded, healed.completeness]).toEqual([false, 1]);
    expect(loading.view().last_error).toBeNull();
  });

  it("answers meanwhile from what is here when the database fails in the middle", async () => {
    store("n", 0, 600);
    let reads = 0;
    const opened = open({
      beforeDatabase: (sql) => {
        if (!isCurated(sql) && ++reads > 4)
          throw new DatabaseError("unreachable", "ECONNREFUSED", null);
      },
    });
    await recall(opened);
    await opened.settle().catch(() => undefined);
    const view = await recall(opened, "n", "refund order 599");
    expect(view).toMatchObject({ degraded: true });
    expect(view.completeness).toBeCloseTo(250 / 600);
    expect(view.episodes[0]?.id).toBe(nameOf(599));
  });

  it("keeps heuristics that would not become one by now: those it knew, those the database shows", async () => {
    const opened = open();
    const runs = [...Array(6).fill(success), ...Array(3).fill(failure)] as Outcome[];
    for (const [n, outcome] of runs.flatMap((one) => [one, failure]).entries()) {
      const steps = ["find", n % 2 === 0 ? "mend" : "guess"].map((tool, i) => stepOf(i + 1, tool));
      const { record } = episode(n);
      const whole = { ...episodeOf(record.id, outcome), ...record, outcome, step_count: 2 };
      storeEpisode(database, whole, steps);
      opened.learn(makeDigest(whole, steps));
    }
    await opened.settle();
    const promoted = (one: OpenKnowledge): string[] =>
      (everythingLearned(one, "n")?.patterns ?? [])
        .filter((row) => row.promoted)
        .map(({ id }) => id)
        .toSorted();
    const anew = async (): Promise<string[]> => {
      const other = open();
      await recall(other);
      await other.settle();
      return promoted(other);
    };
    const before = promoted(opened);
    expect((await anew()).length).toBeLessThan(before.length);

    opened.knowledge.resync("n");
    await opened.settle();
    expect(promoted(opened)).toEqual(before);
    await opened.knowledge.publisher.flush(NOW);
    expect(await anew()).toEqual(before);
    expect(opened.sql.all("SELECT * FROM learned_standings")).toEqual([]);
  });

  it("brings back no episode that was deleted meanwhile", async () => {
    store("n", 0, 400);
    const opened = open();
    await recall(opened);
    // One that is here, one that is not yet, and one whose slice is on its way.
    opened.forget("n", nameOf(399));
    opened.forget("n", nameOf(0));
    const loading = opened.knowledge.loading.onAlarm(NOW);
    opened.forget("n", nameOf(1));
    await loading;
    await opened.settle();
    expect(ids(opened)).toEqual(Array.from({ length: 397 }, (_, i) => nameOf(2 + i)));
    expect(opened.sql.all("SELECT * FROM learned_forgotten")).toEqual([]);
  });

  it("takes no older version than one that was learned meanwhile", async () => {
    store("n", 0, 400);
    const opened = open();
    await recall(opened);
    const loading = opened.knowledge.loading.onAlarm(NOW);
    for (const n of [0, 399]) {
      const { digest } = episode(n, { version: 90, task: "amended meanwhile" });
      opened.learn({ ...digest, namespace: "n" });
    }
    await loading;
    await opened.settle();
    expect(ids(opened)).toHaveLength(400);
    const found = await recall(opened, "n", "amended meanwhile");
    expect(found.episodes.map(({ id }) => id).toSorted()).toEqual([nameOf(0), nameOf(399)]);
  });

  it("learns nothing of a slice that was on its way while the namespace was erased", async () => {
    store("n", 0, 10);
    let erase = (): void => undefined;
    const opened = open({
      beforeDatabase: (sql) => {
        if (sql.includes("FROM episodes")) erase();
      },
    });
    erase = () => {
      database.run("DELETE FROM episodes");
      opened.sql.transaction(() => opened.knowledge.erase("n"));
      opened.knowledge.learning.baseline("n", "d", NOW);
      erase = () => undefined;
    };
    const slow = recall(opened);
    expect((await slow).episodes).toEqual([]);
    await opened.settle();
    expect(ids(opened)).toEqual([]);
  });

  it("stops where the namespace moves away meanwhile", async () => {
    store("n", 0, 10);
    let isHome = true;
    const opened = open({
      isHome: () => isHome,
      beforeDatabase: () => {
        isHome = false;
      },
    });
    opened.knowledge.learning.baseline("n", "d", NOW);
    await opened.knowledge.loading.onAlarm(NOW);
    expect(ids(opened)).toEqual([]);
    expect(opened.knowledge.loading.nextAt()).toBeNull();
  });

  it("counts each judgement once, the database's and those that it has not", async () => {
    store("n", 0, 3);
    const judgement = (recall_id: string, id: string) => ({
      recall_id,
      at: isoTime(NOW),
      used: [id],
      helpful: 1_000,
      unhelpful: 0,
      day: 20_000,
      episodes: [id],
      patterns: [],
    });
    const put = (sql: NodeSql, recallId: string, id: string): void =>
      sql.run(upsertRow("feedback"), "n", recallId, NOW, JSON.stringify(judgement(recallId, id)));
    put(database, "r1", nameOf(0));
    put(database, "r2", nameOf(1));
    const opened = open({ isDirty: (_table, key) => key[1] === "r3" });
    put(opened.sql, "r3", nameOf(0));
    // As release 0.1 left it, or another time as the namespace's home.
    countJudgement(opened, "n", judgement("r1", nameOf(0)), 1);
    const usage = (): unknown[] =>
      opened.sql.all("SELECT episode_id, helpful FROM knowledge_usage ORDER BY episode_id");
    const expected = [
      { episode_id: nameOf(0), helpful: 2_000 },
      { episode_id: nameOf(1), helpful: 1_000 },
    ];
    await recall(opened);
    await opened.settle();
    expect(usage()).toEqual(expected);
    opened.knowledge.resync("n");
    await opened.settle();
    expect(usage()).toEqual(expected);
  });

  it("counts the outcome of an episode that used a recall when what it used is here", async () => {
    store("n", 0, 600);
    const opened = open();
    const { recall_id, completeness, episodes } = await recall(opened);
    expect(completeness).toBeLessThan(1);
    const { digest } = episode(700);
    opened.sql.transaction(() => opened.knowledge.learn({ digest, recall_id }, NOW));
    const usage = (): unknown[] =>
      opened.sql.all(
        "SELECT episode_id FROM knowledge_usage WHERE helpful > 0 ORDER BY episode_id",
      );
    expect(usage()).toEqual([]);
    await opened.settle();
    const used = episodes.map(({ id }) => ({ episode_id: id }));
    expect(used.length).toBeGreaterThan(0);
    expect(usage()).toEqual(used.toSorted((a, b) => (a.episode_id < b.episode_id ? -1 : 1)));
    opened.knowledge.resync("n");
    await opened.settle();
    expect(usage()).toEqual([]);
  });

  it("begins anew when it is told to, from what the database has now, and keeps what is unsent", async () => {
    store("n", 0, 40);
    const opened = open();
    await recall(opened);
    await opened.settle();
    database.run("DELETE FROM episodes WHERE id < ?", nameOf(10));
    expect(opened.knowledge.resync("other")).toEqual([]);
    expect(opened.knowledge.resync("n")).toEqual(["n"]);
    expect(ids(opened)).toEqual([]);
    await opened.settle();
    expect(ids(opened)).toEqual(Array.from({ length: 30 }, (_, i) => nameOf(10 + i)));
    expect((await recall(opened)).completeness).toBe(1);
  });

  it("ends when it has read twice what a namespace may hold, and forgets what is beyond", async () => {
    store("n", 0, 900);
    let slices = 0;
    const opened = open({
      capacity: 100,
      beforeDatabase: (sql) => {
        if (sql.includes("started_at, id) <")) slices += 1;
      },
    });
    await recall(opened);
    await opened.settle();
    expect(slices).toBe(2);
    expect(ids(opened)).toHaveLength(100);
    expect(opened.learned.of("n")?.episodes).toBe(100);
  });
});
