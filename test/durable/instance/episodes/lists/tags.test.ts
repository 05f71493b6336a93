import { beforeEach, expect, it } from "vitest";
import type { Input, Output } from "../../../../../src/contract/operations.ts";
import { DatabaseError } from "../../../../../src/storage/index.ts";
import { NodeInstances } from "../../../../support/instances.ts";

let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(3);
});

const outage = (): never => {
  throw new DatabaseError("unreachable", "ECONNREFUSED", null);
};

/** Starts an episode with tags of its own and of its context. */
async function tagged(tags: string[], inContext: string[] = [], namespace = "n"): Promise<string> {
  cluster.now += 1_000;
  const id = await cluster.start(`a task of ${tags.join(" ")}`, { namespace });
  await cluster.do("episode.tags.add", { id, tags }, { namespace });
  const changes = { context: { tags: inContext } };
  await cluster.do("episode.patch", { id, if_match: null, changes }, { namespace });
  return id;
}

async function countsOf(limit = 50): Promise<[string, number][]> {
  const found: [string, number][] = [];
  let cursor: string | null = null;
  do {
    const page: Output<"tags.count"> = await cluster.do("tags.count", { limit, cursor });
    found.push(...page.items.map(({ tag, episodes }): [string, number] => [tag, episodes]));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

async function listed(filter: Input<"episodes.list">["filter"]): Promise<string[]> {
  const page = await cluster.do("episodes.list", { filter, limit: 200, cursor: null });
  return page.items.map(({ id }) => id);
}

async function rename(from: string, to: string): Promise<Output<"tags.rename">> {
  const sum: Output<"tags.rename"> = { renamed: 0, refused: [], next_cursor: null };
  do {
    const { next_cursor } = sum;
    const part = await cluster.do("tags.rename", { from, to, cursor: next_cursor });
    sum.renamed += part.renamed;
    sum.refused.push(...part.refused);
    sum.next_cursor = part.next_cursor;
  } while (sum.next_cursor !== null);
  return sum;
}

// SQLite's order is that of code points: U+FF21 before U+1F600, whose first UTF-16 unit is lower.
const [WIDE, BEYOND] = ["Ａ", "😀"];

it("counts each tag once an episode, sent or not, in one order over all pages", async () => {
  await tagged(["vip", BEYOND], ["vip", "support"]);
  await tagged(["vip", "it's"]);
  await cluster.flush();
  await tagged(["vip", WIDE], ["a,b"]);
  await tagged(["vip"], [], "another");
  const all = [
    ["a,b", 1],
    ["it's", 1],
    ["support", 1],
    ["vip", 3],
    [WIDE, 1],
    [BEYOND, 1],
  ];
  for (const limit of [1, 2, 3, 50]) expect(await countsOf(limit)).toEqual(all);
});

it("counts what instances hold while the database is away, and says so", async () => {
  const id = await tagged(["vip"]);
  await cluster.flush();
  cluster.beforeDatabase = outage;
  const page = await cluster.do("tags.count", { limit: 5, cursor: null });
  const started_at = (await cluster.do("episodes.list", { filter: {}, limit: 1, cursor: null }))
    .items[0]?.started_at;
  expect(page).toEqual({
    items: [{ tag: "vip", episodes: 1, started_at }],
    next_cursor: null,
    degraded: true,
  });
  await cluster.do("episode.tags.remove", { id, tag: "vip" });
  expect(await countsOf()).toEqual([]);
});

it("lists what has any, or all, of several tags", async () => {
  const both = await tagged(["vip"], ["ci"]);
  const one = await tagged(["vip"]);
  await cluster.flush();
  const late = await tagged(["ci", "late"]);
  const tags = ["vip", "ci", "vip"];
  expect(await listed({ tags })).toEqual([late, one, both]);
  expect(await listed({ tags, tags_match: "any" })).toEqual([late, one, both]);
  expect(await listed({ tags, tags_match: "all" })).toEqual([both]);
  expect(await listed({ tags, tag: "late" })).toEqual([late]);
  expect(await listed({ tags: ["vi"] })).toEqual([]);
});

it("a rename reaches every episode, its context and what was learned, and nothing else", async () => {
  const ids = [];
  for (let number = 0; number < 60; number++)
    ids.unshift(await tagged(number % 2 ? ["suport", "x"] : [], number % 2 ? [] : ["suport"]));
  const both = await tagged(["support", "suport"]);
  const other = await tagged(["suport"], [], "another");
  await cluster.complete(both);
  await cluster.flush();
  for (const index of [0, 1, 2]) cluster.lose(index);

  expect(await rename("suport", "support")).toEqual({
    renamed: 61,
    refused: [],
    next_cursor: null,
  });
  expect(await countsOf()).toEqual([
    ["support", 61],
    ["x", 30],
  ]);
  expect(await listed({ tag: "support" })).toEqual([both, ...ids]);
  const search = (q: string) => cluster.do("search", { q, limit: 5, cursor: null });
  expect((await search("support")).items.map(({ id }) => id)).toContain(both);
  const { json } = await cluster.do("episode.get", { id: both });
  expect(JSON.parse(json).tags).toEqual(["support"]);
  const kept = await cluster.do("episode.get", { id: other }, { namespace: "another" });
  expect(JSON.parse(kept.json).tags).toEqual(["suport"]);
  // The database hears of it as of any other change.
  await cluster.flush();
  for (const index of [0, 1, 2]) cluster.lose(index);
  expect(await countsOf()).toEqual([
    ["support", 61],
    ["x", 30],
  ]);
  expect(await rename("suport", "support")).toMatchObject({ renamed: 0 });
});

it("is refused while the database is away, because some would be missed", async () => {
  await tagged(["old"]);
  await cluster.flush();
  cluster.beforeDatabase = outage;
  await expect(rename("old", "new")).rejects.toThrow(
    "database_unavailable: To rename a tag needs the database, which is out of reach.",
  );
  await cluster.heal();
  expect(await rename("old", "new")).toMatchObject({ renamed: 1 });
});

it("names an episode that cannot be changed now, counts it, and goes on with the others", async () => {
  const here = cluster.homeOf("ns:n");
  const first = await taggedWhere((home) => home !== here);
  const second = await taggedWhere((home) => home === here);
  await cluster.flush();
  const home = cluster.homeOf(first);
  await cluster.ask(home, "erase_begin", { namespace: "n" });

  expect(await rename("old", "new")).toEqual({
    renamed: 1,
    refused: [{ id: first, code: "not_ready", detail: "The namespace is being erased." }],
    next_cursor: null,
  });
  expect(await listed({ tag: "new" })).toEqual([second]);
  const refused = await cluster.counted(here, "memory_refused_total", { code: "not_ready" });
  expect(refused).toBe(1);

  await cluster.ask(home, "erase_end", { namespace: "n" });
  expect(await rename("old", "new")).toMatchObject({ renamed: 1, refused: [] });
  expect(await listed({ tag: "new" })).toEqual([second, first]);
});

/** An episode with the tag "old" whose home is such an instance. */
async function taggedWhere(isWanted: (home: number) => boolean): Promise<string> {
  for (;;) {
    cluster.now += 1_000;
    const id = await cluster.start();
    if (!isWanted(cluster.homeOf(id))) continue;
    await cluster.do("episode.tags.add", { id, tags: ["old"] });
    return id;
  }
}
