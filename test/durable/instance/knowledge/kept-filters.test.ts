import { beforeEach, expect, it } from "vitest";
import { LIMITS } from "../../../../src/contract/limits.ts";
import { NodeInstances } from "../../../support/instances.ts";

let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(2);
});

const namesOf = async (namespace = "n"): Promise<string[]> =>
  (await cluster.do("filters.list", {}, { namespace })).filters.map(({ name }) => name);
const list = (kept: string, more: object = {}) =>
  cluster.do("episodes.list", { filter: {}, limit: 50, cursor: null, kept, ...more });

it("a filter is used by its name, and what the list says itself goes before it", async () => {
  const [done, open] = [await cluster.start("one"), await cluster.start("two")];
  await cluster.complete(done);
  const filter = { status: "completed", sort: "steps" } as const;
  const kept = await cluster.do("filters.save", { name: "done", filter });
  expect(kept).toEqual({ name: "done", filter, updated_at: new Date(cluster.now).toISOString() });
  expect((await list("done")).items.map(({ id }) => id)).toEqual([done]);
  const others = await list("done", { filter: { status: "in_progress" } });
  expect(others.items.map(({ id }) => id)).toEqual([open]);
  await expect(list("none")).rejects.toThrow("not_found: The namespace keeps no filter none.");
});

it("its order is the list's, and cursors are of that order", async () => {
  for (let number = 0; number < 5; number++) {
    cluster.now += 1_000;
    await cluster.start(`task ${number}`);
  }
  await cluster.do("filters.save", { name: "old", filter: { sort: "started_at" } });
  const tasks: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await list("old", { limit: 2, cursor });
    tasks.push(...page.items.map(({ task }) => task));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(tasks).toEqual([0, 1, 2, 3, 4].map((number) => `task ${number}`));
});

it("filters outlive their instance, are each namespace's own, and change no setting", async () => {
  await cluster.do("namespace.set", { changes: { recall_holdout: 0.25 } });
  await cluster.do("filters.save", { name: "b", filter: { domain: "d" } });
  await cluster.do("filters.save", { name: "a", filter: { tags: ["vip"] } });
  await cluster.do("filters.save", { name: "other", filter: { tag: "x" } }, { namespace: "m" });
  await cluster.flush();
  for (const index of [0, 1]) cluster.lose(index);
  expect(await namesOf()).toEqual(["a", "b"]);
  expect(await namesOf("m")).toEqual(["other"]);
  expect((await cluster.do("namespace.settings", {})).settings.recall_holdout).toBe(0.25);

  await cluster.do("filters.remove", { name: "a" });
  await expect(cluster.do("filters.remove", { name: "a" })).rejects.toThrow("not_found");
  await cluster.flush();
  for (const index of [0, 1]) cluster.lose(index);
  expect(await namesOf()).toEqual(["b"]);
  await cluster.do("namespace.erase", { name: "n" });
  expect(await namesOf()).toEqual([]);
});

it("there are at most so many; one that is there may be replaced", async () => {
  for (let number = 0; number < LIMITS.filters_max; number++)
    await cluster.do("filters.save", { name: `f${number}`, filter: { tag: `${number}` } });
  await expect(cluster.do("filters.save", { name: "more", filter: { tag: "x" } })).rejects.toThrow(
    "limit_exceeded: A namespace keeps at most 30 filters.",
  );
  await cluster.do("filters.save", { name: "f7", filter: { tag: "new" } });
  const { filters } = await cluster.do("filters.list", {});
  expect(filters).toHaveLength(LIMITS.filters_max);
  expect(filters.find(({ name }) => name === "f7")?.filter).toEqual({ tag: "new" });
});

it("go to the namespace's new home", async () => {
  for (const namespace of ["n", "m", "o", "p"])
    await cluster.do("filters.save", { name: namespace, filter: { tag: "x" } }, { namespace });
  await cluster.resize(5);
  await cluster.settle();
  for (const namespace of ["n", "m", "o", "p"])
    expect(await namesOf(namespace)).toEqual([namespace]);
});
