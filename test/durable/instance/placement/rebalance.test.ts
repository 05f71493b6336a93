import { describe, expect, it } from "vitest";
import { NodeInstances } from "../../../support/instances.ts";

const NAMESPACE = "n";

/** Everything that a namespace's episodes are, by id. */
async function everything(cluster: NodeInstances, ids: readonly string[]): Promise<unknown[]> {
  const found = await Promise.all(ids.map((id) => cluster.do("episode.get", { id })));
  return found.map(({ json }) => JSON.parse(json) as unknown);
}

/** Some episodes, running, ended, tagged; with steps. */
async function fill(cluster: NodeInstances, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const id = await cluster.start(`task ${n}`);
    for (let step = 0; step <= n % 3; step++) await cluster.step(id, `tool ${step}`);
    if (n % 2 === 0) await cluster.complete(id);
    if (n % 4 === 0) await cluster.do("episode.tags.add", { id, tags: [`tag ${n}`] });
    ids.push(id);
  }
  return ids;
}

/** Who holds which episodes. */
const holders = (cluster: NodeInstances, count: number): Map<string, number[]> => {
  const rows = Array.from({ length: count }, (_, index) =>
    cluster
      .local(index)
      .all<{ id: string }>("SELECT id FROM episodes")
      .map(({ id }) => ({ id, index })),
  ).flat();
  return new Map(
    [...Map.groupBy(rows, ({ id }) => id)].map(([id, held]) => [
      id,
      held.map(({ index }) => index),
    ]),
  );
};

describe("a change of the number of instances", () => {
  it.each([
    ["more", 2, 5],
    ["fewer", 5, 2],
    ["as many as another", 3, 4],
  ])("to %s keeps everything, at one home each, sent or not", async (_how, from, to) => {
    const cluster = new NodeInstances(from);
    const ids = await fill(cluster, 12);
    await cluster.flush();
    for (const id of ids.slice(0, 6))
      await cluster.do("episode.tags.add", { id, tags: ["unsent"] });
    const before = await everything(cluster, ids);

    await cluster.resize(to);
    await cluster.settle();
    const most = Math.max(from, to);
    for (const [id, held] of holders(cluster, most))
      expect([id, held]).toEqual([id, [cluster.homeOf(id)]]);
    expect(await everything(cluster, ids)).toEqual(before);

    await cluster.flush();
    const rows = cluster.stored.all<{ id: string; tags: string }>("SELECT id, tags FROM episodes");
    expect(rows).toHaveLength(12);
    expect(rows.filter(({ tags }) => tags.includes("unsent"))).toHaveLength(6);
  });

  it("is not noticed by who calls meanwhile: each call is answered at the new home", async () => {
    const cluster = new NodeInstances(2);
    const ids = await fill(cluster, 8);
    const before = await everything(cluster, ids);
    await cluster.resize(4);
    // Nothing was handed over yet: the new homes ask for what they are asked for.
    expect(await everything(cluster, ids)).toEqual(before);
    for (const [n, id] of ids.entries())
      if (n % 2 === 1) expect((await cluster.step(id, "later")).accepted).toBe(1);
    await cluster.settle();
    await cluster.flush();
    const steps = cluster.stored.all(
      "SELECT * FROM steps WHERE json_extract(body, '$.tool') = 'later'",
    );
    expect(steps).toHaveLength(4);
  });

  it("takes along which steps the database lacks, and it has all of them in the end", async () => {
    const cluster = new NodeInstances(2);
    const ids = await fill(cluster, 8);
    await cluster.flush();
    // The database has the first steps of each, and the next ones wait when the change begins.
    const running = ids.filter((_, n) => n % 2 === 1);
    for (const id of running) {
      await cluster.step(id, "unsent");
      await cluster.step(id, "unsent");
    }
    const before = await everything(cluster, running);
    cluster.beforeDatabase = () => {
      throw new Error("away");
    };
    await cluster.resize(5);
    await cluster.settle();
    expect(await everything(cluster, running)).toEqual(before);
    for (const id of running) await cluster.step(id, "at the new home");
    const marked = Array.from({ length: 5 }, (_, index) =>
      cluster.local(index).all("SELECT 1 AS n FROM outbox"),
    );
    expect(marked.flat().length).toBeGreaterThanOrEqual(running.length);
    await cluster.heal();
    const stored = cluster.stored.all<{ id: string; tools: string }>(
      `SELECT episode_id AS id, group_concat(json_extract(body, '$.tool'), ',' ORDER BY number) AS tools
        FROM steps GROUP BY episode_id`,
    );
    for (const { id, tools } of stored) {
      const isRunning = running.includes(id);
      expect(tools.endsWith("unsent,unsent,at the new home")).toBe(isRunning);
    }
    expect(stored).toHaveLength(8);
    for (let index = 0; index < 5; index++)
      expect(cluster.local(index).all("SELECT key FROM outbox")).toEqual([]);
  });

  it("takes deletions, kept answers and pending tasks along", async () => {
    const cluster = new NodeInstances(2);
    const ids = await fill(cluster, 8);
    await cluster.flush();
    const [deleted = "", ...others] = ids;
    await cluster.do("episode.delete", { id: deleted, if_match: null });
    const repeated = { idempotency: { key: "k", fingerprint: "f" } };
    const tagged = others.at(-1) ?? "";
    await cluster.do("episode.tags.add", { id: tagged, tags: ["once"] }, repeated);

    await cluster.resize(5);
    await cluster.settle();
    const reply = await cluster.call("episode.tags.add", { id: tagged, tags: ["once"] }, repeated);
    expect(reply.result).toMatchObject({ ok: true, replayed: true });
    await expect(cluster.do("episode.get", { id: deleted })).rejects.toThrow("not_found");
    await cluster.flush();
    expect(cluster.stored.all("SELECT id FROM episodes WHERE id = ?", deleted)).toEqual([]);
    expect(cluster.stored.all("SELECT episode_id FROM tombstones")).toEqual([
      { episode_id: deleted },
    ]);
    const home = cluster.local(cluster.homeOf(`ns:${NAMESPACE}`));
    expect(home.all("SELECT 1 FROM learned_digests WHERE episode = ?", deleted)).toEqual([]);
  });

  it("lets what a namespace knows go with it: recall finds the same afterwards", async () => {
    const cluster = new NodeInstances(2);
    await fill(cluster, 10);
    const recall = {
      task: "task 4",
      context: {},
      limit: 5,
      include: ["episodes" as const],
      recent_steps: [],
      max_tokens: null,
    };
    const found = async (): Promise<string[]> =>
      (await cluster.do("recall", recall)).episodes.map(({ id }) => id);
    const before = await found();
    expect(before.length).toBeGreaterThan(0);
    let count = 3;
    while (cluster.homeOf(`ns:${NAMESPACE}`, count) < 2) count += 1;
    await cluster.resize(count);
    await cluster.settle();
    await cluster.flush();
    for (let fired = 0; fired < 5; fired++) {
      cluster.now += 1_000;
      await cluster.instance(cluster.homeOf(`ns:${NAMESPACE}`)).alarm();
    }
    expect(await found()).toEqual(before);
  });

  it("goes on after answers that were lost: nothing is taken twice, nothing dropped too early", async () => {
    const cluster = new NodeInstances(2);
    const ids = await fill(cluster, 30);
    const before = await everything(cluster, ids);
    let [answers, lost] = [0, 0];
    const lose = (_to: number, name: string): void => {
      if (!["shard_read", "shard_drop"].includes(name) || ++answers % 4 > 0) return;
      lost += 1;
      throw new Error("connection lost");
    };
    cluster.afterCall = lose;
    await cluster.resize(5);
    await cluster.settle();
    expect(lost).toBeGreaterThan(3);
    cluster.afterCall = () => undefined;
    expect(await everything(cluster, ids)).toEqual(before);
    for (const held of holders(cluster, 5).values()) expect(held).toHaveLength(1);
  });

  it("shuts out a batch that the old home sent and gave up", async () => {
    const cluster = new NodeInstances(1);
    const id = await cluster.start();
    await cluster.flush();
    let count = 2;
    while (cluster.homeOf(id, count) === 0) count += 1;
    const last =
      cluster.local(0).all<{ seq: number }>("SELECT seq FROM outbox_batches")[0]?.seq ?? 0;
    await cluster.resize(count);
    await cluster.step(id, "at the new home");
    await cluster.flush();
    const [fence] = cluster.stored.all("SELECT fenced FROM _writers WHERE writer = 'instance-0'");
    expect(fence).toEqual({ fenced: last });
    await cluster.settle();
  });

  it("only drops what the database has in full: its new home reads it there", async () => {
    const cluster = new NodeInstances(1);
    const id = await cluster.start();
    await cluster.complete(id);
    await cluster.flush();
    for (let fired = 0; fired < 5; fired++) {
      cluster.now += 3_000;
      await cluster.instance(0).alarm();
    }
    const moved: string[] = [];
    cluster.beforeCall = (_to, name) => void moved.push(name);
    let count = 2;
    while (cluster.homeOf(id, count) === 0) count += 1;
    await cluster.resize(count);
    moved.length = 0;
    await cluster.settle();
    const episode = JSON.stringify({ kind: "episode", namespace: NAMESPACE, id });
    expect(
      cluster.local(cluster.homeOf(id, count)).all("SELECT shard FROM claims"),
    ).not.toContainEqual({ shard: episode });
    expect(cluster.local(0).all("SELECT id FROM episodes")).toEqual([]);
    expect(JSON.parse((await cluster.do("episode.get", { id })).json)).toMatchObject({ id });
  });

  describe("whose old home drops an episode while it is taken over, because the database has it", () => {
    /** An ended episode with steps of which the database has nothing, at 0, and a home elsewhere. */
    async function begun(): Promise<{ cluster: NodeInstances; id: string; count: number }> {
      const cluster = new NodeInstances(1);
      const id = await cluster.start();
      for (const tool of ["find", "read", "send"]) await cluster.step(id, tool);
      await cluster.complete(id);
      let count = 2;
      while (cluster.homeOf(id, count) === 0) count += 1;
      return { cluster, id, count };
    }

    /** The old home sends what it has, learns from it, and drops it. */
    async function drop(cluster: NodeInstances, id: string): Promise<void> {
      const isThere = () =>
        cluster.local(0).all("SELECT 1 AS n FROM episodes WHERE id = ?", id).length > 0;
      await cluster.ask(0, "flush", null);
      for (let fired = 0; isThere() && fired < 10; fired++) {
        cluster.now += 3_000;
        await cluster.instance(0).alarm();
      }
      expect(isThere()).toBe(false);
    }

    async function toolsOf(cluster: NodeInstances, id: string): Promise<string[]> {
      const { json } = await cluster.do("episode.get", { id });
      const { steps } = JSON.parse(json) as { steps: { tool: string }[] };
      return steps.map(({ tool }) => tool);
    }

    it("between two slices: it is read in the database", async () => {
      const { cluster, id, count } = await begun();
      let reads = 0;
      cluster.afterCall = async (_to, name, answer) => {
        const isFirst = name === "shard_read" && JSON.stringify(answer).includes(id);
        if (isFirst && ++reads === 1) await drop(cluster, id);
      };
      await cluster.resize(count);
      expect(await toolsOf(cluster, id)).toEqual(["find", "read", "send"]);
      expect(reads).toBe(1);
      await cluster.settle();
      expect(await toolsOf(cluster, id)).toEqual(["find", "read", "send"]);
    });

    it("after the rest of it did not arrive: what is here of it is forgotten with the change", async () => {
      const { cluster, id, count } = await begun();
      let reads = 0;
      cluster.beforeCall = (_to, name, input) => {
        const isNext = name === "shard_read" && JSON.stringify(input).includes(id);
        if (isNext && ++reads === 2) throw new Error("connection lost");
      };
      await cluster.resize(count);
      await expect(cluster.do("episode.get", { id })).rejects.toThrow();
      expect(reads).toBe(2);
      const home = cluster.homeOf(id);
      const here = () =>
        cluster.local(home).all("SELECT step_count FROM episodes WHERE id = ?", id);
      expect(here()).toEqual([{ step_count: 3 }]);
      await drop(cluster, id);
      await cluster.settle();
      expect(here()).toEqual([]);
      expect(await toolsOf(cluster, id)).toEqual(["find", "read", "send"]);
      await cluster.flush();
      expect(cluster.stored.all("SELECT number FROM steps")).toHaveLength(3);
    });
  });

  it("waits for a shard that cannot be handed over, longer each time, names it, and goes on with the others", async () => {
    const cluster = new NodeInstances(1);
    const ids = await fill(cluster, 6);
    // Ids are drawn: six of them may all stay.
    while (!ids.some((id) => cluster.homeOf(id, 2) === 1)) ids.push(...(await fill(cluster, 1)));
    await cluster.resize(2);
    const stuck = ids.find((id) => cluster.homeOf(id) === 1) ?? "";
    expect(stuck).not.toBe("");
    const movers = ids.filter((id) => cluster.homeOf(id) === 1 && id !== stuck);
    cluster
      .local(0)
      .run(
        "INSERT OR REPLACE INTO pending_tasks (kind, namespace, id) VALUES ('learn', 'n', ?)",
        stuck,
      );
    cluster.beforeCall = (_to, name, input) => {
      if (name === "shard_ensure" && JSON.stringify(input).includes(stuck)) throw new Error("no");
    };
    for (let fired = 0; fired < 6; fired++) {
      cluster.now += 60_000;
      await cluster.instance(0).alarm();
    }
    const { moving, background } = await cluster.ask(0, "view", null);
    expect([moving, background?.handover]).toMatchObject([
      true,
      { failing: 1, last_error: "Error: no" },
    ]);
    for (const id of movers) expect(holders(cluster, 2).get(id) ?? [1]).toEqual([1]);
    cluster.beforeCall = () => undefined;
    await cluster.settle();
    expect((await cluster.ask(0, "view", null)).background?.handover.failing).toBe(0);
  });

  it("may come while another one runs", async () => {
    const cluster = new NodeInstances(2);
    const ids = await fill(cluster, 10);
    const before = await everything(cluster, ids);
    await cluster.resize(4);
    await everything(cluster, ids.slice(0, 4));
    await cluster.settle();
    await cluster.resize(3);
    expect(await everything(cluster, ids)).toEqual(before);
    await cluster.settle();
    for (const [id, held] of holders(cluster, 4)) expect(held).toEqual([cluster.homeOf(id)]);
  });
});
