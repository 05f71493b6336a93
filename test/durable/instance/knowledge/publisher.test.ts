import { describe, expect, it } from "vitest";
import { DatabaseError } from "../../../../src/storage/index.ts";
import type { PatternRow } from "../../../../src/memory/learning/types.ts";
import { stepOf } from "../../../support/episodes.ts";
import {
  DATABASE_SCHEMA,
  digestOfSteps,
  everythingLearned,
  NOW,
  openKnowledge,
  success,
  type KnowledgeOptions,
} from "../../../support/knowledge.ts";
import { openLocal } from "../../../support/node-sql.ts";

const SECONDS = 60;

/** It has loaded the namespace, of which there was nothing. */
async function open(more: KnowledgeOptions = {}) {
  const database = more.database ?? openLocal(DATABASE_SCHEMA);
  const clock = { now: NOW };
  let writes = 0;
  let isBroken = false;
  const opened = openKnowledge({
    now: () => clock.now,
    publishSeconds: SECONDS,
    ...more,
    database,
    beforeDatabase: (sql) => {
      if (isBroken) throw new DatabaseError("unreachable", "ECONNREFUSED", null);
      if (!sql.startsWith("SELECT")) writes += 1;
    },
  });
  const learn = (id: string, tools: readonly string[], version = 1): void => {
    const steps = tools.map((tool, i) => stepOf(i + 1, tool));
    opened.learn({ ...digestOfSteps(id, "refund an order", success, steps), version });
  };
  const checkpoint = (): void => {
    const { sql, learned } = opened;
    const here = learned.of("n");
    if (here) sql.transaction(() => learned.checkpoint(here));
  };
  const { publisher, learning } = opened.knowledge;
  learning.baseline("n", "d", NOW);
  await opened.settle();
  return {
    ...opened,
    database,
    clock,
    learn,
    checkpoint,
    /** Rings when something is due. */
    async publish() {
      clock.now = Math.max(clock.now, publisher.nextAt() ?? 0);
      await publisher.onAlarm(clock.now);
    },
    setBroken: (value: boolean) => void (isBroken = value),
    writes: () => writes,
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

const shown = ({ database }: Pick<Opened, "database">): string[] =>
  database
    .all<{ id: string }>("SELECT id FROM patterns WHERE namespace = 'n' ORDER BY id")
    .map(({ id }) => id);

/** The patterns that more than one episode shows. */
function common(opened: Opened): PatternRow[] {
  const episodes = (row: PatternRow): number =>
    row.buckets.reduce((sum, bucket) => sum + bucket.episodes, 0);
  const rows = everythingLearned(opened, "n")?.patterns ?? [];
  return rows.filter((row) => episodes(row) > 1).sort((a, b) => (a.id < b.id ? -1 : 1));
}

describe("the patterns that people see in the database", () => {
  it("are those that more than one episode shows, as they are", async () => {
    const opened = await open();
    opened.learn("a", ["find", "send"]);
    opened.learn("b", ["find", "send", "burn"]);
    opened.checkpoint();
    await opened.publish();
    const rows = opened.database.all<{ body: string; episodes: number }>(
      "SELECT body, episodes FROM patterns ORDER BY id",
    );
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toEqual(common(opened));
    expect(rows.every(({ episodes }) => episodes === 2)).toBe(true);
  });

  it("go once for many episodes, when the first of the changes has waited long enough", async () => {
    const opened = await open();
    const { publisher } = opened.knowledge;
    expect(publisher.nextAt()).toBeNull();
    for (let n = 0; n < 20; n++) {
      opened.learn(`e${n}`, ["find", "send"]);
      opened.checkpoint();
      opened.clock.now += 1_000;
    }
    expect(publisher.nextAt()).toBe(NOW + SECONDS * 1_000);
    await publisher.onAlarm(opened.clock.now);
    expect(opened.writes()).toBe(0);
    await opened.publish();
    expect(opened.writes()).toBe(1);
    expect(shown(opened)).toEqual(common(opened).map(({ id }) => id));
    expect(publisher.nextAt()).toBeNull();
  });

  it("go although the object was evicted while they waited", async () => {
    const before = await open();
    for (const id of ["a", "b"]) before.learn(id, ["find", "send"]);
    before.checkpoint();
    const after = await open({ sql: before.sql, database: before.database });
    expect(after.knowledge.publisher.nextAt()).toBe(NOW + SECONDS * 1_000);
    await after.publish();
    expect(shown(after).length).toBeGreaterThan(0);
  });

  it("are gone when too few episodes show them, and there again when more do", async () => {
    const opened = await open();
    for (const id of ["a", "b"]) opened.learn(id, ["find", "send"]);
    opened.checkpoint();
    await opened.publish();
    const all = shown(opened);
    expect(all.length).toBeGreaterThan(0);

    opened.forget("n", "a");
    opened.checkpoint();
    await opened.publish();
    expect(shown(opened)).toEqual([]);
    opened.forget("n", "b");
    opened.checkpoint();
    for (const id of ["a", "b"]) opened.learn(id, ["find", "send"], 2);
    opened.checkpoint();
    await opened.publish();
    expect(shown(opened)).toEqual(all);
  });

  it("are brought later where the database failed, and nothing is lost", async () => {
    const opened = await open();
    const { publisher } = opened.knowledge;
    for (const id of ["a", "b"]) opened.learn(id, ["find", "send"]);
    opened.checkpoint();
    opened.setBroken(true);
    await opened.publish();
    expect(publisher.nextAt()).toBe(opened.clock.now + SECONDS * 1_000);
    await opened.publish();
    expect(publisher.view()).toEqual({
      changes: 1,
      last_error: expect.stringContaining("unreachable") as string,
    });
    opened.setBroken(false);
    await opened.publish();
    expect(shown(opened)).toEqual(common(opened).map(({ id }) => id));
    expect(publisher.nextAt()).toBeNull();
    expect(publisher.view()).toEqual({ changes: 0, last_error: null });
  });

  it("that another time left there go when the namespace is learned anew", async () => {
    const opened = await open();
    for (const id of ["a", "b"]) opened.learn(id, ["find", "send"]);
    opened.checkpoint();
    await opened.publish();
    opened.database.run("UPDATE patterns SET id = 'stale' WHERE id = ?", shown(opened)[0] ?? "");
    opened.database.run(
      "INSERT INTO patterns SELECT 'm', id, kind, prefix, suffix, length, success, failure, episodes, promoted, last_seen_at, body FROM patterns",
    );

    opened.knowledge.resync("n");
    await opened.settle();
    await opened.publish();
    expect(shown(opened)).toEqual([]);
    for (const id of ["a", "b"]) opened.learn(id, ["open", "send"]);
    opened.checkpoint();
    await opened.publish();
    expect(shown(opened)).toEqual(common(opened).map(({ id }) => id));
    const others = opened.database.all("SELECT id FROM patterns WHERE namespace = 'm'");
    expect(others.length).toBeGreaterThan(1);
  });

  it("that an instance wrote whose storage was lost go with the first that are learned again", async () => {
    const before = await open();
    for (const id of ["a", "b"]) before.learn(id, ["find", "send"]);
    before.checkpoint();
    await before.publish();
    const after = await open({ database: before.database });
    for (const id of ["a", "b"]) after.learn(id, ["open", "close"]);
    after.checkpoint();
    await after.publish();
    expect(shown(after)).toEqual(common(after).map(({ id }) => id));
  });

  it("stay as they were until the namespace is learned anew, and none goes that stays", async () => {
    const opened = await open();
    const learn = (): void => ["a", "b"].forEach((id) => opened.learn(id, ["find", "send"]));
    learn();
    opened.checkpoint();
    await opened.publish();
    const before = shown(opened);
    opened.database.run("UPDATE patterns SET id = 'stale' WHERE id = ?", before[0] ?? "");
    opened.database.run("CREATE TABLE gone (id TEXT)");
    opened.database.run(
      "CREATE TRIGGER going BEFORE DELETE ON patterns BEGIN INSERT INTO gone VALUES (old.id); END",
    );

    opened.knowledge.resync("n");
    learn();
    opened.checkpoint();
    expect(opened.knowledge.publisher.nextAt()).toBeNull();
    await opened.knowledge.publisher.flush(opened.clock.now);
    expect(shown(opened)).toEqual([...before.slice(1), "stale"]);
    await opened.settle();
    await opened.publish();
    expect(shown(opened)).toEqual(before);
    expect(opened.database.all("SELECT id FROM gone")).toEqual([{ id: "stale" }]);
  });

  it("are not brought from where the namespace no longer is, or was erased", async () => {
    let isHome = true;
    const moved = await open({ isHome: () => isHome });
    const erased = await open();
    for (const opened of [moved, erased]) {
      for (const id of ["a", "b"]) opened.learn(id, ["find", "send"]);
      opened.checkpoint();
    }
    isHome = false;
    erased.sql.transaction(() => erased.knowledge.erase("n"));
    for (const opened of [moved, erased]) {
      await opened.publish();
      expect([shown(opened), opened.writes()]).toEqual([[], 0]);
      expect(opened.sql.all("SELECT * FROM learned_unpublished")).toEqual([]);
    }
  });
});
