import { describe, expect, it } from "vitest";
import { LearnedNamespaces } from "../../../../src/durable/instance/knowledge/learned/namespaces.ts";
import { DatabaseError } from "../../../../src/storage/index.ts";
import { NodeInstances } from "../../../support/instances.ts";
import { everythingLearned } from "../../../support/knowledge.ts";

const NAMESPACE = "n";
const HOME = `ns:${NAMESPACE}`;
const outage = (): never => {
  throw new DatabaseError("unreachable", "ECONNREFUSED", null);
};

/** Ended episodes, as many as are asked for. */
async function fill(cluster: NodeInstances, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const id = await cluster.start(`refund order ${n}`);
    for (const tool of ["find", `tool_${n % 5}`, "send"]) await cluster.step(id, tool);
    await cluster.complete(id);
    ids.push(id);
    cluster.now += 10;
  }
  return ids;
}

/** A number of instances at which the namespace has another home than now. */
function elsewhere(cluster: NodeInstances, more = 1): number {
  const home = cluster.homeOf(HOME);
  let count = cluster.control.topology.count + more;
  while (cluster.homeOf(HOME, count) === home) count += 1;
  return count;
}

const homeOf = (cluster: NodeInstances): number => cluster.homeOf(HOME);
const digests = (cluster: NodeInstances, index: number): string[] =>
  cluster
    .local(index)
    .all<{ episode: string }>("SELECT episode FROM learned_digests ORDER BY episode")
    .map(({ episode }) => episode);
const recall = (cluster: NodeInstances) =>
  cluster.do("recall", {
    task: "refund order 4",
    context: {},
    limit: 5,
    include: ["episodes"],
    recent_steps: [],
    max_tokens: null,
  });
const inOrder = (ids: readonly string[]): string[] => ids.toSorted((a, b) => (a < b ? -1 : 1));

/** Rings every alarm some times, with time between. */
async function fireAlarms(cluster: NodeInstances, count = 12): Promise<void> {
  for (let n = 0; n < count; n++) {
    cluster.now += 5_000;
    for (let index = 0; index < cluster.control.topology.count; index++)
      await cluster.instance(index).alarm();
  }
}

/** Everything that an instance has learned. */
function everything(cluster: NodeInstances, index: number) {
  cluster.restart(index);
  const sql = { ...cluster.local(index), transaction: <T>(work: () => T): T => work() };
  const learned = new LearnedNamespaces({
    sql,
    onRollback: () => undefined,
    cacheBytes: () => 1_000_000,
    now: () => cluster.now,
  });
  const all = everythingLearned({ learned, sql: sql as never }, NAMESPACE);
  cluster.restart(index);
  return all;
}

describe("what was learned of a namespace that gets another home", () => {
  it("goes there whole, although the database has none of it, and is gone where it was", async () => {
    const cluster = new NodeInstances(1);
    // Loaded in full: there was nothing to load.
    await recall(cluster);
    cluster.beforeDatabase = outage;
    const ids = await fill(cluster, 12);
    const before = everything(cluster, 0);
    const found = (await recall(cluster)).episodes.map(({ id }) => id);
    await cluster.resize(elsewhere(cluster));
    await cluster.settle();
    await fireAlarms(cluster, 3);
    expect(digests(cluster, homeOf(cluster))).toEqual(inOrder(ids));
    expect((await recall(cluster)).episodes.map(({ id }) => id)).toEqual(found);
    expect(digests(cluster, 0)).toEqual([]);

    await cluster.heal();
    await fireAlarms(cluster);
    expect(await recall(cluster)).toMatchObject({ completeness: 1, degraded: false });
    expect(everything(cluster, homeOf(cluster))).toEqual(before);
  });

  it("is there for the first question, before any alarm fired", async () => {
    const cluster = new NodeInstances(1);
    await fill(cluster, 8);
    const { episodes } = await recall(cluster);
    await cluster.resize(elsewhere(cluster));
    const view = await recall(cluster);
    expect(view).toMatchObject({ completeness: 1, degraded: false });
    expect(view.episodes.map(({ id }) => id)).toEqual(episodes.map(({ id }) => id));
  });

  it("is completed from the database where its old home had not loaded it in full", async () => {
    const cluster = new NodeInstances(1);
    const ids = await fill(cluster, 260);
    await cluster.flush();
    cluster.lose(0);
    expect((await recall(cluster)).completeness).toBeCloseTo(250 / 260);
    expect(digests(cluster, 0)).toHaveLength(250);
    await cluster.resize(elsewhere(cluster));
    await recall(cluster);
    await cluster.settle();
    await fireAlarms(cluster);
    expect(digests(cluster, homeOf(cluster))).toEqual(inOrder(ids));
    expect((await recall(cluster)).completeness).toBe(1);
    expect(digests(cluster, 0)).toEqual([]);
  });

  it("comes from the database where its old home has lost it", async () => {
    const cluster = new NodeInstances(1);
    const ids = await fill(cluster, 6);
    await cluster.flush();
    cluster.local(0).run("DELETE FROM learned_namespaces");
    cluster.restart(0);
    await cluster.resize(elsewhere(cluster));
    await cluster.settle();
    await fireAlarms(cluster);
    expect(digests(cluster, homeOf(cluster))).toEqual(inOrder(ids));
  });

  it("goes although answers of the old home are lost, the last one too", async () => {
    const cluster = new NodeInstances(1);
    const ids = await fill(cluster, 6);
    await cluster.flush();
    const lost: boolean[] = [];
    cluster.afterCall = (_to, name) => {
      if (name !== "digests" || lost.length >= 4) return;
      lost.push(lost.length % 2 === 0);
      if (lost.at(-1)) throw new Error("connection lost");
    };
    await cluster.resize(elsewhere(cluster));
    await cluster.settle();
    await fireAlarms(cluster, 20);
    expect(lost).toHaveLength(4);
    expect(digests(cluster, homeOf(cluster))).toEqual(inOrder(ids));
    expect((await recall(cluster)).completeness).toBe(1);
  });

  it("lacks what was deleted, and has what ended, on the way", async () => {
    const cluster = new NodeInstances(1);
    const [gone = "", ...ids] = await fill(cluster, 6);
    await cluster.resize(elsewhere(cluster));
    await cluster.do("episode.delete", { id: gone, if_match: null });
    const [late = ""] = await fill(cluster, 1);
    await cluster.settle();
    await fireAlarms(cluster);
    expect(digests(cluster, homeOf(cluster))).toEqual(inOrder([...ids, late]));
  });

  it("goes on to a third home while it is on its way to the second", async () => {
    const cluster = new NodeInstances(1);
    const ids = await fill(cluster, 20);
    await cluster.flush();
    const second = elsewhere(cluster);
    await cluster.resize(second);
    // Only the rows went: what was learned is still where it was.
    cluster.beforeCall = (_to, name) => {
      if (name === "digests") throw new Error("out of reach");
    };
    await cluster.settle();
    expect(digests(cluster, 0)).toHaveLength(20);
    cluster.beforeCall = () => undefined;
    await cluster.resize(elsewhere(cluster));
    await cluster.settle();
    await fireAlarms(cluster);
    expect(digests(cluster, homeOf(cluster))).toEqual(inOrder(ids));
    expect((await recall(cluster)).completeness).toBe(1);
    expect(digests(cluster, 0)).toEqual([]);
  });

  it("lacks what was deleted at its old home while it was loaded there, though the database has it yet", async () => {
    const cluster = new NodeInstances(1);
    const [gone = "", ...ids] = await fill(cluster, 260);
    await cluster.flush();
    cluster.lose(0);
    await recall(cluster);
    expect(digests(cluster, 0)).toHaveLength(250);
    await cluster.do("episode.delete", { id: gone, if_match: null });
    // As a batch that is on its way leaves it.
    const rows = cluster.stored.all<{ id: string }>("SELECT * FROM episodes WHERE id = ?", gone);
    expect(rows).toHaveLength(1);
    cluster.beforeDatabase = (operation) => {
      if (operation === "write") outage();
    };
    await cluster.resize(elsewhere(cluster));
    await recall(cluster);
    await cluster.settle();
    await fireAlarms(cluster);
    expect((await recall(cluster)).completeness).toBe(1);
    expect(digests(cluster, homeOf(cluster))).toEqual(inOrder(ids));
  });

  it("comes back to a home that it had before, and nothing is left there of that time", async () => {
    const cluster = new NodeInstances(1);
    const [gone = "", ...ids] = await fill(cluster, 6);
    await cluster.flush();
    await cluster.resize(elsewhere(cluster));
    await cluster.settle();
    await fireAlarms(cluster);
    await cluster.do("episode.delete", { id: gone, if_match: null });
    await cluster.resize(1);
    await cluster.settle();
    await fireAlarms(cluster);
    expect(digests(cluster, 0)).toEqual(inOrder(ids));
    expect((await recall(cluster)).completeness).toBe(1);
  });

  it("is given to nobody by an instance where the namespace lives", async () => {
    const cluster = new NodeInstances(1);
    const ids = await fill(cluster, 3);
    const asked = { namespace: NAMESPACE, before: null, isDone: true };
    expect(await cluster.ask(0, "digests", asked)).toMatchObject({
      digests: [],
      isComplete: false,
    });
    expect(digests(cluster, 0)).toEqual(inOrder(ids));
  });
});
