import { describe, expect, it, vi } from "vitest";
import type { NamespaceSettingChanges } from "../../../../src/contract/namespaces/settings.ts";
import type { SettingOverrides } from "../../../../src/contract/settings.ts";
import type { Output } from "../../../../src/contract/operations.ts";
import { startBody } from "../../../../src/contract/episodes/requests.ts";
import { episodeLine, type EpisodeLine } from "../../../../src/contract/transfer/requests.ts";
import { NodeInstances } from "../../../support/instances.ts";

const applies_to = { tools: [], domain: null, tags: [], task: null };

/** Instances that have heard of each other, on a database that is there. */
async function open(count: number, settings: SettingOverrides = {}): Promise<NodeInstances> {
  const cluster = new NodeInstances(count, settings);
  for (let index = 0; index < count; index++) await cluster.ask(index, "flush", null);
  return cluster;
}

/** What became of so many starts at once: how many were taken, and the errors of the others. */
async function startMany(cluster: NodeInstances, count: number) {
  const all = await Promise.allSettled(Array.from({ length: count }, () => cluster.start()));
  const ids = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const errors = all.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  return { ids, errors };
}

const set = (cluster: NodeInstances, changes: NamespaceSettingChanges) =>
  cluster.do("namespace.set", { changes });

const quotas = async (cluster: NodeInstances): Promise<Output<"stats">["quotas"]> =>
  (await cluster.do("stats", {})).quotas;

async function refusedEverywhere(cluster: NodeInstances, count: number, quota: string) {
  let sum = 0;
  for (let index = 0; index < count; index++)
    sum += await cluster.counted(index, "memory_quota_refused_total", { quota });
  return sum;
}

function lineOf(n: number): EpisodeLine & { id: string } {
  const parsed = episodeLine.parse({
    type: "episode",
    task: `task ${n}`,
    context: { domain: "d" },
    steps: [{ tool: "look", result: { type: "success", output: "x".repeat(100) } }],
    outcome: { type: "success", verdict: "done" },
  });
  return { ...parsed, id: `line-${n}` };
}

describe("a quota of episodes", () => {
  it("lets exactly as many begin, of hundreds at once at eight instances", async () => {
    const cluster = await open(8, { quota_episodes: 50 });
    const { ids, errors } = await startMany(cluster, 300);
    expect(ids).toHaveLength(50);
    expect(new Set(errors)).toEqual(
      new Set([
        "Error: quota_exceeded: The namespace holds 50 episodes, and its quota is 50 (quota_episodes). Running episodes go on. Delete episodes that are not needed, or ask the operator for a larger quota.",
      ]),
    );
    expect(await refusedEverywhere(cluster, 8, "episodes")).toBe(250);
    expect((await quotas(cluster)).episodes).toEqual({ used: 50, limit: 50 });
    await cluster.flush();
    expect((await startMany(cluster, 20)).ids).toHaveLength(0);
    expect(cluster.stored.all("SELECT count(*) AS n FROM episodes")).toEqual([{ n: 50 }]);
  });

  it("lets what runs be finished, and room that was made be used at once", async () => {
    const cluster = await open(4, { quota_episodes: 3 });
    const { ids } = await startMany(cluster, 3);
    for (const id of ids) {
      await cluster.step(id, "look");
      await cluster.complete(id);
    }
    await expect(cluster.start()).rejects.toThrow("quota_exceeded");
    for (const id of ids) {
      await cluster.do("episode.delete", { id, if_match: null });
      await cluster.start();
      await expect(cluster.start()).rejects.toThrow("quota_exceeded");
    }
  });

  it("is each namespace's own, and the namespace's before the deployment's", async () => {
    const cluster = await open(3, { quota_episodes: 1 });
    await set(cluster, { quota_episodes: 2 });
    expect((await startMany(cluster, 5)).ids).toHaveLength(2);
    const other = { namespace: "other" };
    await cluster.start("a task", other);
    await expect(cluster.start("a task", other)).rejects.toThrow("its quota is 1 ");
    await set(cluster, { quota_episodes: 0 });
    expect((await startMany(cluster, 5)).ids).toHaveLength(5);
    await set(cluster, { quota_episodes: null });
    await expect(cluster.start()).rejects.toThrow("holds 7 episodes, and its quota is 1 ");
  });

  it("that is set while episodes begin is exact after twelve seconds", async () => {
    const cluster = await open(6);
    await startMany(cluster, 12);
    await set(cluster, { quota_episodes: 20 });
    // Instances that asked before have heard of none.
    const { ids } = await startMany(cluster, 30);
    expect(ids.length).toBeGreaterThan(8);
    cluster.now += 12_000;
    expect((await startMany(cluster, 30)).ids).toHaveLength(0);
    await set(cluster, { quota_episodes: 12 + ids.length + 5 });
    expect((await startMany(cluster, 30)).ids).toHaveLength(5);
  });

  it("counts a repetition of a start once, and a start that fails not at all", async () => {
    const cluster = await open(3, { quota_episodes: 2 });
    const idempotency = { key: "k", fingerprint: "f" };
    const call = { idempotency, key_hash: null };
    const start = { ...startBody.parse({ task: "t", context: { domain: "d" } }), id: "first" };
    const first = await cluster.do("episode.start", start, call);
    const again = await cluster.do("episode.start", start, call);
    expect(again.id).toBe(first.id);
    await expect(
      cluster.do("episode.start", { ...start, task: "x".repeat(2_000_000) }),
    ).rejects.toThrow("limit_exceeded");
    expect((await startMany(cluster, 3)).ids).toHaveLength(1);
  });

  it("holds for imports, line by line, and updates go on", async () => {
    const cluster = await open(1, { quota_episodes: 3 });
    const episodes = [1, 2, 3, 4, 5].map((n) => ({ id: `line-${n}`, episode: lineOf(n) }));
    const slice = { episodes, on_conflict: "update" as const };
    const { answers } = await cluster.do("episodes.import", slice);
    expect(answers.map(({ status }) => status)).toEqual([
      "created",
      "created",
      "created",
      "refused",
      "refused",
    ]);
    expect(answers[3]).toMatchObject({ error: { code: "quota_exceeded" } });
    const again = await cluster.do("episodes.import", slice);
    expect(again.answers.map(({ status }) => status).slice(0, 3)).toEqual(
      Array.from({ length: 3 }, () => "duplicate"),
    );
    const one = { id: "line-6", episode: lineOf(6) };
    await expect(cluster.do("episode.import", one)).rejects.toThrow("quota_exceeded");
    const grown = lineOf(1);
    grown.steps.push({ ...lineOf(1).steps[0]!, tool: "another" });
    const update = { id: "line-1", episode: grown, on_conflict: "update" as const };
    expect(await cluster.do("episode.import", update)).toMatchObject({ status: "updated" });
    expect(await refusedEverywhere(cluster, 1, "episodes")).toBe(5);
  });

  it("refuses spans of a new trace with the reason", async () => {
    const cluster = await open(2, { quota_episodes: 1 });
    await cluster.start();
    const spans = { id: "0af76519-16cd-843d-8448-eb211c80319c", trace: "t", spans: [], meant: {} };
    await expect(cluster.do("spans.take", spans)).rejects.toThrow("quota_exceeded");
  });

  it("is exact after a restart, a loss of an instance, a resize, an erasure", async () => {
    const cluster = await open(5, { quota_episodes: 10 });
    await startMany(cluster, 10);
    const refused = async (): Promise<void> => {
      const { ids, errors } = await startMany(cluster, 8);
      expect(ids).toHaveLength(0);
      expect(errors.every((text) => text.includes("quota_exceeded"))).toBe(true);
    };
    for (let index = 0; index < 5; index++) cluster.restart(index);
    await refused();
    await cluster.flush();
    cluster.lose(cluster.homeOf("ns:n"));
    await refused();
    await cluster.resize(9);
    await cluster.settle();
    await refused();
    await cluster.resize(2);
    await cluster.settle();
    await refused();
    await cluster.do("namespace.erase", { name: "n" });
    expect((await startMany(cluster, 30)).ids).toHaveLength(10);
  });

  it("is exact after a restore of a smaller and of a larger past", async () => {
    const cluster = await open(3, { quota_episodes: 6 });
    const { ids } = await startMany(cluster, 6);
    await cluster.flush();
    await expect(cluster.start()).rejects.toThrow("quota_exceeded");
    cluster.stored.run("DELETE FROM episodes WHERE id = ?", ids[0] ?? "");
    const done = { namespace: null, episode: null, outbox: "replay", after: null } as const;
    for (let index = 0; index < 3; index++) await cluster.ask(index, "restore_done", done);
    expect((await startMany(cluster, 4)).ids).toHaveLength(1);
  });

  it("refuses nothing that it cannot count, says so, and counts when it can", async () => {
    const cluster = await open(2, { quota_episodes: 2 });
    for (let index = 0; index < 2; index++) cluster.restart(index);
    cluster.beforeDatabase = () => {
      throw new Error("ECONNREFUSED");
    };
    expect((await startMany(cluster, 5)).ids).toHaveLength(5);
    const uncounted = "memory_quota_uncounted_total";
    expect((await cluster.counted(0, uncounted)) + (await cluster.counted(1, uncounted))).toBe(5);
    await cluster.heal();
    await expect(cluster.start()).rejects.toThrow("holds 5 episodes, and its quota is 2 ");
  });

  it.each([
    ["there is none that is known", {}, 1_000],
    ["there is one", { quota_episodes: 1_000 }, 5_000],
  ])("is not waited for long where its home hangs and %s", async (_, settings, longest_ms) => {
    const cluster = await open(2, settings);
    const home = cluster.homeOf("ns:n");
    await startMany(cluster, 10);
    cluster.now += 10_000;
    const asked: string[] = [];
    const hang = Promise.withResolvers<void>();
    cluster.beforeCall = (to, name, _input, from) => {
      if (from === "outside" || to !== home || name !== "quota_take") return;
      asked.push(name);
      return hang.promise;
    };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const first = startMany(cluster, 20);
      await vi.advanceTimersByTimeAsync(longest_ms);
      expect((await first).ids).toHaveLength(20);
      const { length } = asked;
      expect(length).toBeGreaterThan(0);
      // No timer moves: nobody waits any more, and nobody asks.
      expect((await startMany(cluster, 20)).ids).toHaveLength(20);
      expect(asked).toHaveLength(length);
      const uncounted = await cluster.counted(1 - home, "memory_quota_uncounted_total");
      expect(uncounted).toBeGreaterThan(length);
      cluster.now += 10_000;
      hang.resolve();
      await startMany(cluster, 20);
      expect(asked.length).toBeGreaterThan(length);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is not escaped by a deadline that is too short to count", async () => {
    const cluster = await open(2, { quota_episodes: 1 });
    await cluster.start();
    await cluster.flush();
    for (let index = 0; index < 2; index++) cluster.restart(index);
    cluster.beforeDatabase = () => {
      cluster.now += 50;
    };
    await expect(cluster.start("a task", { timeout_ms: 10 })).rejects.toThrow("quota_exceeded");
  });
});

describe("a quota of bytes", () => {
  it("counts episodes with their steps, wherever they are, and lets what runs go on", async () => {
    const cluster = await open(3, { quota_bytes: 6_000 });
    const id = await cluster.start();
    for (let n = 0; n < 30; n++) await cluster.step(id, `a tool ${"x".repeat(150)}`);
    // What a running episode adds is known with the next count.
    cluster.now += 30_000;
    await expect(cluster.start()).rejects.toThrow(
      /holds \d+ bytes of episodes, .* 6000 \(quota_bytes/,
    );
    await cluster.flush();
    cluster.now += 30_000;
    const { bytes } = await quotas(cluster);
    const [stored] = cluster.stored.all<{ n: number }>(
      `SELECT (SELECT sum(octet_length(body)) FROM episodes) +
        (SELECT sum(octet_length(body)) FROM steps) AS n`,
    );
    expect(bytes.limit).toBe(6_000);
    await expect(cluster.start()).rejects.toThrow(`holds ${stored?.n} bytes`);
    await cluster.step(id, "look");
    await cluster.complete(id);
  });

  it("is not counted where there is none", async () => {
    const cluster = await open(2);
    await cluster.start();
    expect(await quotas(cluster)).toEqual({
      episodes: { used: 1, limit: null },
      bytes: { used: null, limit: null },
      lessons: { used: 0, limit: 1_000 },
    });
  });
});

describe("a quota of lessons", () => {
  const say = (cluster: NodeInstances, text: string) =>
    cluster.do("lessons.add", { kind: "do", applies_to, supersedes: null, source: "", text });

  it("refuses one more, counts what is said again, and ends episodes all the same", async () => {
    const cluster = await open(2);
    await set(cluster, { quota_lessons: 2 });
    await say(cluster, "Water the garden at dusk.");
    await say(cluster, "Never open the gate of the northern lock.");
    await say(cluster, "Water the garden at dusk.");
    await expect(say(cluster, "Fill the tank before a flight.")).rejects.toThrow(
      "quota_exceeded: The namespace holds 2 lessons, and its quota is 2 (quota_lessons). Delete lessons",
    );
    const id = await cluster.start();
    const outcome = { type: "success" as const, verdict: "done", artifacts: [] };
    const lesson = { text: "Fill the tank before a flight.", kind: "do" as const, applies_to };
    const lessons = [{ ...lesson, supersedes: null }];
    const ended = await cluster.do("episode.complete", { id, outcome, recall_id: null, lessons });
    expect(ended.lessons ?? []).toEqual([]);
    expect(await refusedEverywhere(cluster, 2, "lessons")).toBe(2);
    expect((await quotas(cluster)).lessons).toEqual({ used: 2, limit: 2 });
  });
});

describe("who may set a quota", () => {
  it("is the operator, and no key of the namespace", async () => {
    const cluster = await open(1);
    const hash = "a".repeat(64);
    cluster.keys = [
      {
        id: "k",
        hash,
        name: "k",
        scopes: ["read", "write", "admin"],
        namespaces: ["n"],
        default_namespace: "n",
        created_at: "2026-01-01T00:00:00.000Z",
        expires_at: null,
        revoked_at: null,
      },
    ];
    const call = { root: false, key_hash: hash, namespace: "n" };
    await expect(
      cluster.do("namespace.set", { changes: { quota_episodes: 9, recall_holdout: 0.1 } }, call),
    ).rejects.toThrow("forbidden: quota_episodes is set with the ADMIN_TOKEN alone.");
    expect((await cluster.do("namespace.settings", {}, call)).settings).toMatchObject({
      quota_episodes: null,
      recall_holdout: 0,
    });
    await cluster.do("namespace.set", { changes: { recall_holdout: 0.1 } }, call);
  });

  it("sees which namespaces are near theirs", async () => {
    const cluster = await open(2, { quota_episodes: 3 });
    await startMany(cluster, 2);
    const home = cluster.homeOf("ns:n");
    const { quotas: known } = await cluster.ask(home, "usage", { over: "hour", by: "requests" });
    expect(known).toMatchObject([
      { namespace: "n", used: { episodes: 2 }, limits: { episodes: 3 } },
    ]);
  });
});
