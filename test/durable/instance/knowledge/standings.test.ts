import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { KnowledgeDeps } from "../../../../src/durable/instance/knowledge/deps.ts";
import { makeDigest } from "../../../../src/memory/learning/index.ts";
import { isoTime } from "../../../../src/util/time.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";
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
} from "../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../support/node-sql.ts";

/** A way that a run took, and whether it went well. */
type Run = readonly [way: string, isSuccess: boolean];

const times = (count: number, run: Run): Run[] => Array.from({ length: count }, () => run);
/**
 * While most runs go well `mend`, of which six of eight do, is nothing special; when most have
 * failed it would be a heuristic, but nobody has taken that way since. `guess` became one when most
 * had failed, and has failed too often since to become one now.
 */
const TURNING: readonly Run[] = [
  ...times(8, ["fail", false]),
  ...times(40, ["other", true]),
  ...times(6, ["mend", true]),
  ...times(2, ["mend", false]),
  ...times(60, ["fail", false]),
  ...times(6, ["guess", true]),
  ...times(3, ["guess", false]),
];

let database: NodeSql;
beforeEach(() => {
  database = openLocal(DATABASE_SCHEMA);
});

const open = (more: KnowledgeOptions = {}): OpenKnowledge => openKnowledge({ database, ...more });

const nameOf = (n: number): string => `e${String(n).padStart(4, "0")}`;

/** An ended episode, which the database has. The higher its number, the later it began. */
function stored(n: number, [way, isSuccess]: Run) {
  const steps = ["find", way, "send"].map((tool, i) => stepOf(i + 1, tool));
  const at = NOW - 100_000_000 + n * 1_000;
  const outcome = isSuccess ? success : failure;
  const more = { task: `order ${n}`, step_count: steps.length, started_at: isoTime(at) };
  const record = episodeOf(nameOf(n), outcome, { ...more, ended_at: isoTime(at + 500) });
  storeEpisode(database, record, steps);
  return makeDigest(record, steps);
}

function learnAll(home: OpenKnowledge, runs: readonly Run[], from = 0): void {
  for (const [i, run] of runs.entries()) home.learn(stored(from + i, run));
}

/** What it has learned, and which patterns of it are heuristics. */
function learnedOf(home: OpenKnowledge) {
  const { patterns = [], domains, counts } = everythingLearned(home, "n") ?? {};
  return { patterns, domains, counts };
}

const promotedOf = (home: OpenKnowledge): string[] =>
  learnedOf(home)
    .patterns.filter(({ promoted }) => promoted)
    .map(({ id }) => id)
    .toSorted();

const isEmpty = ({ sql }: OpenKnowledge): boolean =>
  sql.all("SELECT * FROM learned_standings").length === 0;

async function loaded(home: OpenKnowledge): Promise<OpenKnowledge> {
  home.knowledge.learning.baseline("n", "d", NOW);
  await home.settle();
  return home;
}

const asking =
  (former: OpenKnowledge): KnowledgeDeps["askDigests"] =>
  async (_instance, input) =>
    former.knowledge.digests(input);

/** A home of the namespace, and what takes it away from there. */
function former(options: KnowledgeOptions = {}): { home: OpenKnowledge; leave: () => void } {
  let isHome = true;
  const home = open({ isHome: () => isHome, ...options });
  return {
    home,
    leave: () => {
      isHome = false;
    },
  };
}

function adopting(from: OpenKnowledge, options: KnowledgeOptions = {}): OpenKnowledge {
  const home = open({ askDigests: asking(from), ...options });
  home.sql.transaction(() => home.knowledge.adopted("n", 1));
  return home;
}

describe("which patterns are heuristics", () => {
  it("depends on when their evidence came: what would be one now is none, and the other way", async () => {
    const home = open();
    learnAll(home, TURNING);
    const anew = promotedOf(await loaded(open()));
    const here = promotedOf(home);
    expect(anew.filter((id) => !here.includes(id))).not.toEqual([]);
    expect(here.filter((id) => !anew.includes(id))).not.toEqual([]);
  });

  it("is the same at the namespace's next home, and at the one after that", async () => {
    const first = former();
    learnAll(first.home, TURNING);
    await first.home.settle();
    const before = learnedOf(first.home);
    first.leave();

    const second = former({ askDigests: asking(first.home) });
    second.home.sql.transaction(() => second.home.knowledge.adopted("n", 1));
    await second.home.settle();
    expect(learnedOf(second.home)).toEqual(before);
    expect(isEmpty(second.home)).toBe(true);
    second.leave();

    const third = adopting(second.home);
    await third.settle();
    expect(learnedOf(third)).toEqual(before);
    expect(learnedOf(first.home).patterns).toEqual([]);
  });

  it("is the same when it goes on to another home before the first has it all", async () => {
    const runs = Array.from({ length: 3 }, () => TURNING).flat();
    const first = former();
    learnAll(first.home, runs);
    await first.home.settle();
    await first.home.knowledge.publisher.flush(NOW);
    const before = learnedOf(first.home);
    first.leave();

    const second = former({ askDigests: asking(first.home) });
    second.home.sql.transaction(() => second.home.knowledge.adopted("n", 1));
    await second.home.knowledge.loading.forQuestion("n");
    expect(second.home.learned.stateOf("n")).toBe("loading");
    second.leave();
    const third = adopting(second.home);
    await third.settle();
    expect(learnedOf(third)).toEqual(before);
  });

  it("is the same after a sync, even one that is begun again on its way", async () => {
    const home = open();
    learnAll(home, TURNING);
    await home.settle();
    const before = learnedOf(home);
    for (let slices = 0; slices <= 6; slices++) {
      home.knowledge.resync("n");
      for (let n = 0; n < slices; n++) await home.knowledge.loading.forQuestion("n");
      home.knowledge.resync("n");
      await home.settle();
      expect(learnedOf(home)).toEqual(before);
      expect(isEmpty(home)).toBe(true);
    }
  });

  it("is the same at an instance that lost all, once the database shows it", async () => {
    const home = open();
    learnAll(home, TURNING);
    await home.settle();
    await home.knowledge.publisher.flush(NOW);
    const lost = await loaded(open());
    expect(learnedOf(lost)).toEqual(learnedOf(home));
    expect(isEmpty(lost)).toBe(true);
  });

  it("is the same however many patterns the database shows", async () => {
    // Their ids come before any other.
    database.run(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
        INSERT INTO patterns SELECT 'n', printf('%032x', i), 'decision_point', '', '', 1, 0, 0, 9,
          i % 2, 0, '{}' FROM n`,
    );
    const home = open();
    const runs = Array.from({ length: 3 }, () => TURNING).flat();
    learnAll(home, runs);
    await home.settle();
    for (const row of learnedOf(home).patterns)
      database.run(
        "INSERT INTO patterns VALUES ('n', ?, ?, '', '', 1, 0, 0, ?, ?, 0, '{}')",
        row.id,
        row.content.kind,
        row.buckets.reduce((sum, { episodes }) => sum + episodes, 0),
        Number(row.promoted),
      );
    const before = learnedOf(home);
    for (const count of [runs.length, 100]) {
      database.run("DELETE FROM episodes WHERE id >= ?", nameOf(count));
      const lost = await loaded(open());
      expect(lost.learned.of("n")?.episodes).toBe(count);
      if (count === runs.length) expect(learnedOf(lost)).toEqual(before);
      expect(isEmpty(lost)).toBe(true);
    }
  });

  it("is decided by what is known where the evidence is not what it was", async () => {
    const home = open();
    learnAll(home, TURNING);
    await home.settle();
    const before = promotedOf(home);
    // A restore brought runs that the instance never saw.
    const more = [...times(3, ["mend", true] as const), ...times(9, ["new", true] as const)];
    for (const [i, run] of more.entries()) stored(500 + i, run);
    home.knowledge.resync("n");
    await home.settle();
    const after = promotedOf(home);
    const seen = learnedOf(home).patterns.filter(({ id }) => !before.includes(id));
    const waysOf = (ids: readonly string[]): string =>
      JSON.stringify(seen.filter(({ id }) => ids.includes(id)).map(({ content }) => content));
    expect(before.filter((id) => !after.includes(id))).toEqual([]);
    expect(waysOf(after)).toContain('"mend"');
    expect(waysOf(after)).toContain('"new"');
  });

  it("is decided anew of what was learned while it came, and of nothing else", async () => {
    const first = former();
    learnAll(first.home, TURNING);
    await first.home.settle();
    const before = learnedOf(first.home).patterns;
    first.leave();
    const second = adopting(first.home);
    learnAll(second, times(3, ["mend", true]), 500);
    await second.settle();
    const after = learnedOf(second).patterns;
    const changed = after.filter(
      ({ id, promoted }) => before.find((row) => row.id === id)?.promoted !== promoted,
    );
    expect(changed.filter(({ promoted }) => promoted)).not.toEqual([]);
    for (const { content, episodes } of changed) {
      expect(JSON.stringify(content)).toContain('"mend"');
      expect(episodes[0]?.id).toBe(nameOf(502));
    }
  });

  it("is the same for any runs in any order, by any way", async () => {
    const way = fc.constantFrom("a", "b", "c", "d");
    const some = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.tuple(way, fc.boolean()));
    await fc.assert(
      fc.asyncProperty(fc.array(some, { minLength: 4, maxLength: 7 }), async (parts) => {
        const runs = parts.flatMap(([count, run]) => times(count, run));
        database = openLocal(DATABASE_SCHEMA);
        const first = former();
        learnAll(first.home, runs);
        await first.home.settle();
        await first.home.knowledge.publisher.flush(NOW);
        const before = learnedOf(first.home);
        expect(learnedOf(await loaded(open()))).toEqual(before);
        first.home.knowledge.resync("n");
        await first.home.settle();
        expect(learnedOf(first.home)).toEqual(before);
        first.leave();
        const second = adopting(first.home);
        await second.settle();
        expect(learnedOf(second)).toEqual(before);
      }),
      { numRuns: 10 },
    );
  });
});
