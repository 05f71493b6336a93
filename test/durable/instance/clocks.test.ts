/**
 * Clocks that are set, and alarms that are lost or come twice: nothing waits longer for it than a
 * wait takes, and nothing is done twice.
 */
import { describe, expect, it } from "vitest";
import { NodeInstances } from "../../support/instances.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Fires the alarm some times, half a minute apart. */
async function ring(nodes: NodeInstances, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    nodes.now += 30_000;
    for (let index = 0; index < nodes.control.topology.count; index++) await nodes.fireAlarm(index);
  }
}

const unsent = (nodes: NodeInstances): number =>
  nodes.local(0).all("SELECT 1 AS n FROM outbox").length;

/** An instance that could not reach the database for long, with an episode that it has not sent. */
async function cutOff(): Promise<NodeInstances> {
  const nodes = new NodeInstances(1);
  nodes.beforeDatabase = () => {
    throw new Error("fetch failed");
  };
  await nodes.step(await nodes.start(), "find");
  await ring(nodes, 20);
  expect(unsent(nodes)).toBeGreaterThan(0);
  return nodes;
}

describe("an instance whose clock is set while it waits for the database", () => {
  it.each([
    ["back by an hour", [-HOUR]],
    ["ahead by a day", [DAY]],
    ["ahead by a day, and right again", [DAY, -DAY]],
  ])("%s sends what waits within two minutes of the database's return", async (_how, jumps) => {
    const nodes = await cutOff();
    for (const jump of jumps) {
      nodes.now += jump;
      await ring(nodes, 1);
    }
    nodes.beforeDatabase = () => undefined;
    await ring(nodes, 4);
    expect(unsent(nodes)).toBe(0);
    expect(nodes.stored.all("SELECT 1 AS n FROM steps")).toHaveLength(1);
  });
});

describe("an instance whose clock is an hour behind another's", () => {
  it("learns of its episodes, and forgets them", async () => {
    const nodes = new NodeInstances(2);
    const home = nodes.homeOf("ns:n");
    nodes.skews.set(home, -HOUR);
    const ids = await Promise.all(Array.from({ length: 6 }, () => nodes.start("mend the lamp")));
    for (const id of ids) await nodes.complete(id);
    const found = async (): Promise<number> =>
      (await nodes.do("search", { q: "lamp", limit: 20, cursor: null })).items.filter(
        ({ kind }) => kind === "episode",
      ).length;
    expect(await found()).toBe(ids.length);
    nodes.skews.set(home, DAY);
    for (const id of ids) await nodes.do("episode.delete", { id, if_match: null });
    await ring(nodes, 4);
    expect(await found()).toBe(0);
  });
});

describe("alarms of an instance", () => {
  it("that are lost are made up for by the next call", async () => {
    const nodes = new NodeInstances(1);
    await nodes.start();
    // The object ends, and its alarm with it.
    nodes.restart(0);
    nodes.now += HOUR;
    await nodes.start();
    expect(nodes.alarmAt(0)).toBeLessThan(nodes.now + 60_000);
    await ring(nodes, 1);
    expect(unsent(nodes)).toBe(0);
    expect(nodes.stored.all("SELECT 1 AS n FROM episodes")).toHaveLength(2);
  });

  it("that come twice at once do everything once", async () => {
    const nodes = new NodeInstances(1);
    const id = await nodes.start();
    for (const tool of ["find", "read", "send"]) await nodes.step(id, tool);
    nodes.now += 60_000;
    await Promise.all([nodes.instance(0).alarm(), nodes.instance(0).alarm()]);
    expect(unsent(nodes)).toBe(0);
    expect(await nodes.counted(0, "memory_step_logged_total")).toBe(3);
    const numbers = nodes.stored.all("SELECT number FROM steps ORDER BY number");
    expect(numbers).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
  });
});
