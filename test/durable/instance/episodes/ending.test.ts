import { beforeEach, describe, expect, it } from "vitest";
import type { Input } from "../../../../src/contract/operations.ts";
import { NodeInstances } from "../../../support/instances.ts";

const HOUR = 3_600_000;
let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(1);
});

const failure = (reason: string) => ({ type: "failure" as const, reason, details: null });
const complete = (id: string, outcome: Input<"episode.complete">["outcome"]) =>
  cluster.do("episode.complete", { id, outcome, recall_id: null });
const digests = (): unknown[] =>
  cluster
    .local(cluster.homeOf("ns:n"))
    .all("SELECT episode FROM learned_digests")
    .map((row) => row["episode"]);
const tasks = (index = 0): unknown[] =>
  cluster.local(index).all("SELECT kind, id FROM pending_tasks ORDER BY kind, id");
/** Rings every alarm, some seconds apart. */
async function fireAlarms(times: number, seconds = 5, count = 1): Promise<void> {
  for (let n = 0; n < times; n++) {
    cluster.now += seconds * 1_000;
    for (let index = 0; index < count; index++) await cluster.instance(index).alarm();
  }
}

describe("an episode that ends", () => {
  it("is learned before it is answered, counted once, and answers the same again", async () => {
    const id = await cluster.start();
    await cluster.step(id, "a");
    const first = await cluster.complete(id);
    expect(first).toMatchObject({ status: "completed", learning: "done" });
    expect(first.reward?.total).toBeGreaterThan(0);
    expect(await cluster.complete(id)).toEqual(first);
    expect([digests(), tasks()]).toEqual([[id], []]);
    expect(await cluster.counted(0, "memory_episode_completed_total")).toBe(1);
  });

  it("keeps its first outcome: another one is refused", async () => {
    const id = await cluster.start();
    await complete(id, failure("no"));
    await expect(complete(id, failure("otherwise"))).rejects.toThrow("episode_ended");
    await expect(cluster.do("episode.fail", { id, reason: "no", details: null })).rejects.toThrow(
      "episode_ended",
    );
    expect(await complete(id, failure("no"))).toMatchObject({ status: "completed" });
  });

  it("is learned by the alarm where the namespace's home was out of reach, and judged by itself", async () => {
    cluster = new NodeInstances(2);
    let id = await cluster.start();
    while (cluster.homeOf(id) === cluster.homeOf("ns:n")) id = await cluster.start();
    const home = cluster.homeOf(id);
    cluster.beforeCall = () => {
      throw Object.assign(new Error("Network connection lost."), { retryable: true });
    };
    expect(await cluster.complete(id)).toMatchObject({ status: "completed", learning: "queued" });
    expect(tasks(home)).toEqual([{ kind: "learn", id }]);
    await fireAlarms(20, 60, 2);
    expect((await cluster.ask(home, "view", null)).background?.tasks).toMatchObject({
      pending: 1,
      dead: 0,
    });

    cluster.beforeCall = () => undefined;
    await fireAlarms(2, 60, 2);
    expect([digests(), tasks(home)]).toEqual([[id], []]);
    expect(await cluster.complete(id)).toMatchObject({ learning: "done" });
  });

  it("is given up after eight tries that no waiting mends, named, and learned when an operator says so", async () => {
    cluster = new NodeInstances(2);
    let id = await cluster.start();
    while (cluster.homeOf(id) === cluster.homeOf("ns:n")) id = await cluster.start();
    const home = cluster.homeOf(id);
    cluster.beforeCall = (_to, name) => {
      if (name === "learn") throw new Error("string or blob too big");
    };
    await cluster.complete(id);
    await fireAlarms(10, 60, 2);
    expect((await cluster.ask(home, "view", null)).background?.tasks).toEqual({
      pending: 1,
      dead: 1,
      last_error: "Error: string or blob too big",
    });
    expect(await cluster.ask(home, "dead", { limit: 10 })).toMatchObject([
      { instance: home, table: "task:learn", key: ["n", id], tries: 8 },
    ]);
    cluster.beforeCall = () => undefined;
    expect(await cluster.ask(home, "retry_dead", null)).toEqual({ retried: 1 });
    await fireAlarms(1, 5, 2);
    expect(digests()).toEqual([id]);
  });

  it("whose task fails holds back no other", async () => {
    cluster = new NodeInstances(2);
    const ids: string[] = [];
    while (ids.length < 3) {
      const id = await cluster.start();
      if (cluster.homeOf(id) !== cluster.homeOf("ns:n")) ids.push(id);
    }
    const [bad = "", ...others] = ids;
    cluster.beforeCall = (_to, name, input) => {
      if (name === "learn" && JSON.stringify(input).includes(bad)) throw new Error("no");
    };
    for (const id of ids) await cluster.complete(id);
    await fireAlarms(2, 5, 2);
    expect(digests()).toEqual(expect.arrayContaining(others));
    expect(digests()).not.toContain(bad);
  });

  it("is learned anew when it is amended, and forgotten when it is deleted", async () => {
    const id = await cluster.start();
    await cluster.complete(id);
    await cluster.do("episode.patch", { id, if_match: null, changes: { task: "amended" } });
    const { items } = await cluster.do("search", { q: "amended", limit: 5, cursor: null });
    expect(items).toMatchObject([{ kind: "episode", id }]);
    await cluster.do("episode.delete", { id, if_match: null });
    expect([digests(), tasks()]).toEqual([[], [{ kind: "forget_again", id }]]);
    await fireAlarms(2, 61);
    expect(tasks()).toEqual([]);
  });

  it("is refused a change that names another version", async () => {
    const id = await cluster.start();
    const patch = { id, if_match: [7], changes: { task: "amended" } };
    await expect(cluster.do("episode.patch", patch)).rejects.toThrow("precondition_failed");
    await expect(cluster.do("episode.delete", { id, if_match: [7] })).rejects.toThrow(
      "precondition_failed",
    );
  });
});

describe("an episode that nobody writes to", () => {
  it("is closed as abandoned after the idle timeout, learned, and can still be completed", async () => {
    cluster = new NodeInstances(1, { episode_idle_timeout_seconds: 3_600 });
    const idle = await cluster.start();
    await fireAlarms(1);
    expect(cluster.alarmAt(0)).toBeGreaterThan(cluster.now);
    cluster.now += HOUR - 60_000;
    const busy = await cluster.start();
    await fireAlarms(1, 120);
    const statusOf = async (id: string): Promise<unknown> =>
      (JSON.parse((await cluster.do("episode.get", { id })).json) as { status: string }).status;
    expect([await statusOf(idle), await statusOf(busy)]).toEqual(["abandoned", "in_progress"]);
    await fireAlarms(2);
    expect(digests()).toEqual([idle]);
    await expect(cluster.step(idle, "late")).rejects.toThrow("episode_ended");
    expect((await cluster.complete(idle)).status).toBe("completed");
  });

  it("and cannot be closed is left alone for a while, and holds back no other", async () => {
    cluster = new NodeInstances(1, { episode_idle_timeout_seconds: 3_600 });
    const bad = await cluster.start();
    const good = await cluster.start();
    await fireAlarms(1);
    // Not what an episode is: it cannot be read.
    cluster.local(0).run("UPDATE episodes SET body = 'null' WHERE id = ?", bad);
    await fireAlarms(1, 2 * 3_600);
    const statuses = cluster.local(0).all("SELECT id, status FROM episodes");
    expect(statuses).toContainEqual({ id: good, status: "abandoned" });
    expect(statuses).toContainEqual({ id: bad, status: "in_progress" });
    const failed = (): Promise<number> =>
      cluster.counted(0, "memory_alarm_failures_total", { part: "abandon" });
    expect(await failed()).toBe(1);
    await fireAlarms(3);
    expect(await failed()).toBe(1);
    await fireAlarms(1, 60);
    expect(await failed()).toBe(2);
  });
});

describe("an episode that ran elsewhere", () => {
  const line = (more: object = {}): Input<"episode.import">["episode"] => ({
    id: "e",
    task: "imported",
    task_type: "other",
    context: { domain: "d", language: null, framework: null, complexity: "simple", tags: [] },
    metadata: {},
    tags: [],
    started_at: "2025-01-01T00:00:00.000Z",
    ended_at: null,
    steps: [
      {
        tool: "a",
        action: "",
        parameters: {},
        result: null,
        latency_ms: null,
        tokens: null,
        metadata: {},
      },
    ],
    outcome: { type: "success", verdict: "", artifacts: [] },
    status: null,
    ...more,
  });
  const take = (more: object = {}) =>
    cluster.do("episode.import", { id: "e", episode: line(more) });

  it("is taken in and learned once; the same again is a duplicate, another one a conflict", async () => {
    expect(await take()).toEqual({ id: "e", status: "created" });
    expect(await take()).toEqual({ id: "e", status: "duplicate" });
    expect(digests()).toEqual(["e"]);
    await expect(take({ task: "another" })).rejects.toThrow("conflict");
    await expect(take({ steps: [] })).rejects.toThrow("conflict");
  });

  it("brings its relationships, whose other end may come later", async () => {
    const relationships = [
      {
        to: "later",
        type: "depends_on" as const,
        created_at: "2025-01-01T00:00:00.000Z",
        reason: null,
      },
    ];
    await take({ relationships });
    expect(await cluster.do("relationships.list", { episode_id: "e" })).toMatchObject({
      relationships: [{ from: "e", to: "later", type: "depends_on" }],
    });
  });

  it("that still runs goes on here", async () => {
    await take({ outcome: null });
    expect((await cluster.step("e", "b")).last_number).toBe(2);
    expect((await cluster.complete("e")).status).toBe("completed");
  });
});
