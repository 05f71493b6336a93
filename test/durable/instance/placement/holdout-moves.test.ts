import { describe, expect, it } from "vitest";
import { DatabaseError } from "../../../../src/storage/index.ts";
import { NodeInstances } from "../../../support/instances.ts";

const HOME = "ns:n";

/** A number of instances at which the namespace has another home than now. */
function elsewhere(cluster: NodeInstances): number {
  let count = cluster.control.topology.count + 1;
  while (cluster.homeOf(HOME, count) === cluster.homeOf(HOME)) count += 1;
  return count;
}

const recall = (cluster: NodeInstances, episode_id: string) =>
  cluster.do("recall", {
    task: "refund an order",
    context: {},
    limit: 5,
    include: ["episodes"],
    recent_steps: [],
    max_tokens: null,
    episode_id,
  });

/** Episodes that have asked, and which of them were answered nothing. */
async function ask(cluster: NodeInstances, count: number): Promise<Map<string, boolean>> {
  const asked = new Map<string, boolean>();
  for (let n = 0; n < count; n++) {
    const id = await cluster.start(`refund order ${n}`);
    asked.set(id, (await recall(cluster, id)).held_out ?? false);
    cluster.now += 10;
  }
  return asked;
}

async function end(cluster: NodeInstances, ids: Iterable<string>): Promise<void> {
  for (const id of ids) {
    await cluster.step(id, "find");
    await cluster.complete(id);
    cluster.now += 10;
  }
}

async function groups(cluster: NodeInstances): Promise<unknown> {
  const { holdout } = await cluster.do("stats", {});
  const sizes = holdout?.comparisons.map(({ share, shown, held_out }) => [
    share,
    shown.episodes,
    held_out.episodes,
  ]);
  return { share: holdout?.share, sizes };
}

const sizesOf = (asked: ReadonlyMap<string, boolean>): [number, number] => {
  const held = [...asked.values()].filter(Boolean).length;
  return [asked.size - held, held];
};

describe("a hold-out of a namespace that gets another home", () => {
  it("goes there: its share, who is in which group, and what they came to", async () => {
    const cluster = new NodeInstances(1);
    await cluster.do("namespace.set", { changes: { recall_holdout: 0.5 } });
    const ended = await ask(cluster, 12);
    await end(cluster, ended.keys());
    const running = await ask(cluster, 12);
    const before = { share: 0.5, sizes: [[0.5, ...sizesOf(ended)]] };
    expect(await groups(cluster)).toEqual(before);

    await cluster.resize(elsewhere(cluster));
    await cluster.settle();
    expect(await groups(cluster)).toEqual(before);
    for (const [id, isHeld] of running)
      expect((await recall(cluster, id)).held_out ?? false).toBe(isHeld);
    await cluster.do("namespace.set", { changes: { recall_holdout: 0 } });
    await end(cluster, running.keys());
    const all = sizesOf(new Map([...ended, ...running]));
    expect(await groups(cluster)).toEqual({ share: 0, sizes: [[0.5, ...all]] });
  });

  it("goes there although the database has none of it, and outlives the loss of its home", async () => {
    const cluster = new NodeInstances(1);
    await cluster.do("namespace.settings", {});
    cluster.beforeDatabase = () => {
      throw new DatabaseError("unreachable", "ECONNREFUSED", null);
    };
    await cluster.do("namespace.set", { changes: { recall_holdout: 0.5 } });
    const asked = await ask(cluster, 8);
    await end(cluster, asked.keys());
    await cluster.resize(elsewhere(cluster));
    await cluster.heal();
    await cluster.settle();
    const expected = { share: 0.5, sizes: [[0.5, ...sizesOf(asked)]] };
    expect(await groups(cluster)).toEqual(expected);

    await cluster.flush();
    cluster.lose(cluster.homeOf(HOME));
    expect(await groups(cluster)).toEqual(expected);
  });

  it("is gone with the namespace, and comes back with no episode that was deleted", async () => {
    const cluster = new NodeInstances(2);
    await cluster.do("namespace.set", { changes: { recall_holdout: 0.5 } });
    const asked = await ask(cluster, 6);
    await end(cluster, asked.keys());
    const [first = ""] = asked.keys();
    await cluster.do("episode.delete", { id: first, if_match: null });
    asked.delete(first);
    expect(await groups(cluster)).toEqual({ share: 0.5, sizes: [[0.5, ...sizesOf(asked)]] });
    await cluster.flush();
    await cluster.do("namespace.erase", { name: "n" });
    expect(await groups(cluster)).toEqual({ share: 0, sizes: [] });
  });
});
