import { beforeEach, afterEach, describe, expect, it, vi } from "vitest";
import { MortalInstances } from "../../../support/mortal-instances.ts";

/** A gate that calls of this name wait at, each until it is opened. */
function gateAt(
  nodes: MortalInstances,
  held: string,
): { open: () => void; reached: Promise<void> } {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  nodes.beforeCall = async (_to, name) => {
    if (name !== held) return;
    reached.resolve();
    await opened.promise;
  };
  return { open: () => opened.resolve(), reached: reached.promise };
}

/** Two instances, and an episode whose home is not that of its namespace. */
async function apart(): Promise<{ nodes: MortalInstances; id: string }> {
  const nodes = new MortalInstances(2, { cache_max_size: 2 });
  for (;;) {
    const id = await nodes.start("mend the zanzibar lamp");
    if (nodes.homeOf(id) !== nodes.homeOf("ns:n")) return { nodes, id };
    await nodes.do("episode.delete", { id, if_match: null });
  }
}

const found = async (nodes: MortalInstances): Promise<string[]> => {
  const { items } = await nodes.do("search", { q: "zanzibar", limit: 20, cursor: null });
  return items.filter(({ kind }) => kind === "episode").map(({ id }) => id);
};

// What an object that died had set a timer for, the platform does not do.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe("an episode that is deleted while it is on its way to be learned", () => {
  it("is not found, though it arrives after it was forgotten", async () => {
    const { nodes, id } = await apart();
    const learn = gateAt(nodes, "learn");
    const completing = nodes.complete(id);
    await learn.reached;
    await nodes.do("episode.delete", { id, if_match: null });
    learn.open();
    await completing.catch(() => undefined);
    expect(await found(nodes)).toEqual([]);
  });

  it("is not found while the database, which has what else is to be forgotten, is away", async () => {
    const nodes = new MortalInstances(2, {});
    nodes.beforeDatabase = () => {
      throw new Error("fetch failed");
    };
    const id = await nodes.start("mend the zanzibar lamp");
    await nodes.complete(id);
    expect(await found(nodes)).toEqual([id]);
    await nodes.do("episode.delete", { id, if_match: null });
    expect(await found(nodes)).toEqual([]);
  });

  it("is not found, though its instance died in between", async () => {
    const { nodes, id } = await apart();
    const learn = gateAt(nodes, "learn");
    void nodes.complete(id).catch(() => undefined);
    await learn.reached;
    await nodes.do("episode.delete", { id, if_match: null });
    nodes.kill(nodes.homeOf(id));
    nodes.instance(nodes.homeOf(id));
    learn.open();
    await nodes.heal();
    expect(await found(nodes)).toEqual([]);
  });
});

describe("an episode that moves, and is deleted, while it is on its way to be learned", () => {
  it("is not found in the end, and that it was forgotten twice is counted", async () => {
    const nodes = new MortalInstances(2);
    const home = nodes.homeOf("ns:n", 3);
    expect(home).toBe(nodes.homeOf("ns:n"));
    const begun = async (): Promise<string> => {
      const id = await nodes.start("mend the zanzibar lamp");
      const isMoving = nodes.homeOf(id) !== home && nodes.homeOf(id, 3) === 2;
      return isMoving ? id : begun();
    };
    const id = await begun();
    const learn = gateAt(nodes, "learn");
    const completing = nodes.complete(id).catch(() => undefined);
    await learn.reached;
    await nodes.resize(3);
    await nodes.do("episode.delete", { id, if_match: null });
    learn.open();
    await completing;
    expect(await found(nodes)).toEqual([id]);

    await nodes.settle();
    for (let minute = 0; minute < 2; minute++) {
      nodes.now += 61_000;
      for (let index = 0; index < 3; index++) await nodes.fireAlarm(index);
    }
    expect(await found(nodes)).toEqual([]);
    expect(await nodes.counted(2, "memory_episodes_forgotten_again_total")).toBe(1);
    expect(nodes.local(2).all("SELECT kind FROM pending_tasks")).toEqual([]);
  });
});

describe("an episode whose copy is dropped while it ends", () => {
  it("is there all the same", async () => {
    const { nodes, id } = await apart();
    const others = await Promise.all(Array.from({ length: 20 }, () => nodes.start()));
    for (const ended of [id, ...others]) await nodes.complete(ended);
    await nodes.flush();
    const baseline = gateAt(nodes, "baseline");
    const again = nodes.complete(id);
    await baseline.reached;
    for (const other of others) await nodes.do("episode.get", { id: other });
    nodes.now += 60_000;
    await nodes.fireAlarm(nodes.homeOf(id));
    baseline.open();
    expect((await again).status).toBe("completed");
  });
});

describe("an ended episode that two amend at once", () => {
  it("answers each with what it wrote", async () => {
    const { nodes, id } = await apart();
    await nodes.complete(id);
    const learn = gateAt(nodes, "learn");
    const note = (text: string) =>
      nodes.do("episode.patch", { id, if_match: null, changes: { metadata: { note: text } } });
    const first = note("one");
    await learn.reached;
    const second = note("two");
    learn.open();
    expect((await first).metadata).toEqual({ note: "one" });
    expect((await second).metadata).toEqual({ note: "two" });
  });
});
