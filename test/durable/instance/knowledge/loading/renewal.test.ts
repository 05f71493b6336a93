import { beforeEach, describe, expect, it } from "vitest";
import { withGroup } from "../../../../../src/memory/holdout/index.ts";
import { DIGEST_FORMAT, type Digest } from "../../../../../src/memory/learning/types.ts";
import { makeDigest } from "../../../../../src/memory/learning/index.ts";
import { DatabaseError } from "../../../../../src/storage/index.ts";
import { episodeOf, stepOf } from "../../../../support/episodes.ts";
import {
  DATABASE_SCHEMA,
  everythingLearned,
  NOW,
  openKnowledge,
  storeEpisode,
  success,
  type KnowledgeOptions,
  type OpenKnowledge,
} from "../../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../../support/node-sql.ts";

let database: NodeSql;
beforeEach(() => {
  database = openLocal(DATABASE_SCHEMA);
});

function episode(n: number) {
  const steps = ["npm ci", "npm test", `git push origin part-${n % 3}`].map((command, i) => ({
    ...stepOf(i + 1, "Bash"),
    parameters: { command },
  }));
  const record = episodeOf(`e${n}`, success, { task: `mend part ${n}`, step_count: steps.length });
  return { record, steps, digest: makeDigest(record, steps) };
}

/** As a release made it that kept nothing of what steps were called with. */
function formerly({ format: _format, ...digest }: Digest): Digest {
  const path = digest.path.map(
    ({ key: _key, parameters: _parameters, shown: _shown, told: _told, ...step }) => step,
  );
  return { ...digest, path };
}

/** An instance that has learned so many episodes as a former release did, and starts anew. */
async function former(count: number, options: KnowledgeOptions = {}): Promise<OpenKnowledge> {
  const before = openKnowledge({ database });
  await ask(before);
  await before.settle();
  for (let n = 0; n < count; n++) {
    const { record, steps, digest } = episode(n);
    storeEpisode(database, record, steps);
    before.learn(formerly(digest));
  }
  before.sql.transaction(() => {
    const learned = before.learned.of("n");
    if (learned) before.learned.checkpoint(learned);
  });
  return openKnowledge({ database, sql: before.sql, ...options });
}

const ask = ({ knowledge }: OpenKnowledge) =>
  knowledge.questions.search("n", { q: "npm ci", limit: 50, cursor: null }, NOW);

async function renew({ knowledge: { renewal } }: OpenKnowledge, now = NOW): Promise<void> {
  for (let rounds = 0; renewal.nextAt(now) === now; rounds++) {
    expect(rounds).toBeLessThan(50);
    await renewal.onAlarm(now);
  }
}

describe("digests of a former format", () => {
  it("are made anew from the database, as if they had been learned so, and answer meanwhile", async () => {
    const opened = await former(120);
    expect((await ask(opened)).items).toEqual([]);
    await opened.knowledge.renewal.onAlarm(NOW);
    expect((await ask(opened)).items.length).toBeGreaterThan(0);
    expect(opened.learned.of("n")?.episodes).toBe(120);
    await renew(opened);

    const anew = openKnowledge();
    for (let n = 0; n < 120; n++) anew.learn(episode(n).digest);
    expect(everythingLearned(opened, "n")).toEqual(everythingLearned(anew, "n"));
  });

  it("lose what a former format took for a way out", async () => {
    const steps = [
      stepOf(1, "deploy", { type: "error", message: "it is locked" }),
      stepOf(2, "clear_cache"),
      stepOf(3, "deploy", { type: "error", message: "it is locked" }),
      stepOf(4, "release_lock"),
      stepOf(5, "deploy"),
    ];
    const record = episodeOf("e", success, { task: "deploy cart", step_count: steps.length });
    const before = openKnowledge({ database });
    await ask(before);
    await before.settle();
    storeEpisode(database, record, steps);
    before.learn({ ...makeDigest(record, steps), format: 1 });
    before.sql.transaction(() => {
      const learned = before.learned.of("n");
      if (learned) before.learned.checkpoint(learned);
    });
    const waysOut = ({ learned }: OpenKnowledge) => {
      const open = learned.of("n");
      const all = open?.patterns.listed({ episodes: 0, isPromoted: false, after: null }) ?? [];
      return [...all]
        .flatMap(({ content }) => (content.kind === "error_recovery" ? [content.path.join()] : []))
        .sort();
    };
    expect(waysOut(before)).toEqual(["clear_cache", "release_lock"]);
    const opened = openKnowledge({ database, sql: before.sql });
    await renew(opened);
    expect(waysOut(opened)).toEqual(["release_lock"]);
  });

  it("are read so many bytes of records at once, the large ones one by one", async () => {
    const opened = await former(6);
    const large = JSON.stringify({ note: "n".repeat(1_500_000) });
    database.run(`UPDATE episodes SET body = json_set(body, '$.metadata', json('${large}'))`);
    await opened.knowledge.renewal.onAlarm(NOW);
    const digests = [...(opened.learned.of("n")?.digests.oldest(0) ?? [])];
    expect(digests.filter(({ digest }) => digest.format === 0)).toHaveLength(4);
    await renew(opened);
    expect(opened.learned.withFormerDigests(10)).toEqual([]);
  });

  it("stay in their groups of a hold-out", async () => {
    const opened = await former(2);
    const groups = [true, false].map((held_out) => ({ percent: 50, held_out }));
    for (const [n, group] of groups.entries())
      opened.learn({ ...withGroup(formerly(episode(n).digest), group), version: 2 });
    for (const n of groups.keys())
      database.run(
        "UPDATE episodes SET body = json_set(body, '$.version', 2) WHERE id = ?",
        `e${n}`,
      );
    const before = opened.learned.of("n")?.holdout;
    await renew(opened);
    const digests = [...(opened.learned.of("n")?.digests.oldest(0) ?? [])];
    expect(digests.map(({ digest }) => digest.format)).toEqual([DIGEST_FORMAT, DIGEST_FORMAT]);
    expect(digests.map(({ digest }) => digest.recall_group)).toEqual(groups);
    expect(opened.learned.of("n")?.holdout).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it("are looked for once as the instance starts", async () => {
    const opened = await former(3);
    expect(opened.knowledge.countFormer()).toBe(1);
    await renew(opened);
    expect(opened.knowledge.countFormer()).toBe(0);
    expect(opened.knowledge.renewal.nextAt(NOW)).toBeNull();
    const again = openKnowledge({ database, sql: opened.sql });
    expect(again.learned.withFormerDigests(10)).toEqual([]);
    await renew(again);
    expect(again.knowledge.renewal.nextAt(NOW)).toBeNull();
  });

  it("wait where the database fails, and stay where it does not have the episode", async () => {
    let isDown = true;
    const opened = await former(4, {
      beforeDatabase: () => {
        if (isDown) throw new DatabaseError("unreachable", "ECONNREFUSED", null);
      },
    });
    database.run("DELETE FROM episodes WHERE id = 'e2'");
    await opened.knowledge.renewal.onAlarm(NOW);
    expect(opened.knowledge.renewal.nextAt(NOW)).toBeGreaterThan(NOW);
    isDown = false;
    await renew(opened, NOW + 60_000);
    const digests = [...(opened.learned.of("n")?.digests.oldest(0) ?? [])];
    const formats = digests.map(({ digest }) => [digest.episode_id, digest.format]);
    expect(Object.fromEntries(formats)).toEqual({
      e0: DIGEST_FORMAT,
      e1: DIGEST_FORMAT,
      e2: 0,
      e3: DIGEST_FORMAT,
    });
  });

  it("are not learned again where they were forgotten meanwhile", async () => {
    const opened: OpenKnowledge = await former(2, {
      beforeDatabase: (sql) => {
        if (sql.includes("FROM json_each(?) j CROSS JOIN episodes")) opened.forget("n", "e1");
      },
    });
    await renew(opened);
    expect(opened.learned.of("n")?.episodes).toBe(1);
  });
});
