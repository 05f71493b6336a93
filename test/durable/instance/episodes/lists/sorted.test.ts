import { beforeEach, describe, expect, it } from "vitest";
import type { Episode } from "../../../../../src/contract/episodes/record.ts";
import type { Output } from "../../../../../src/contract/operations.ts";
import { EPISODE_SORTS, type EpisodeSort } from "../../../../../src/contract/vocabulary.ts";
import { NodeInstances } from "../../../../support/instances.ts";

let cluster: NodeInstances;

beforeEach(async () => {
  cluster = new NodeInstances(3);
  for (let number = 0; number < 24; number++) {
    // Some begin at once: the id decides.
    if (number % 3 === 0) cluster.now += 1_000;
    const id = await cluster.start(`task ${number}`);
    for (let step = 0; step < number % 4; step++) await cluster.step(id, `tool_${step}`);
    if (number % 2 === 0) await cluster.complete(id);
    if (number === 12) await cluster.flush();
  }
});

async function listed(sort: EpisodeSort, limit: number): Promise<Episode[]> {
  const found: Episode[] = [];
  let cursor: string | null = null;
  do {
    const page: Output<"episodes.list"> = await cluster.do("episodes.list", {
      filter: {},
      limit,
      cursor,
      sort,
    });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

const valueOf: Readonly<Record<string, (episode: Episode) => string | number>> = {
  started_at: ({ started_at }) => started_at,
  updated_at: ({ updated_at }) => updated_at,
  ended_at: ({ ended_at }) => ended_at ?? "",
  reward: ({ reward }) => reward?.total ?? 0,
  steps: ({ step_count }) => step_count,
};

describe.each(EPISODE_SORTS)("by %s", (sort) => {
  it("pages of any size are one list in order, sent or not, and without the database", async () => {
    const key = valueOf[sort.replace("-", "")];
    const all = await listed(sort, 200);
    const values = all.map((episode) => key?.(episode) ?? "");
    const ascending = sort.startsWith("-") ? values.toReversed() : values;
    expect(ascending).toEqual(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(24);

    const ids = (episodes: Episode[]) => episodes.map(({ id }) => id);
    for (const limit of [1, 5]) expect(ids(await listed(sort, limit))).toEqual(ids(all));
    cluster.beforeDatabase = () => {
      throw new Error("connect ECONNREFUSED");
    };
    expect(ids(await listed(sort, 7))).toEqual(ids(all));
  });
});

it("a cursor of another order is none", async () => {
  const asked = { filter: {}, limit: 5 };
  const { next_cursor } = await cluster.do("episodes.list", {
    ...asked,
    cursor: null,
    sort: "-reward",
  });
  for (const sort of ["reward", "-started_at"] as const)
    await expect(
      cluster.do("episodes.list", { ...asked, cursor: next_cursor, sort }),
    ).rejects.toThrow("cursor");
  const usual = await cluster.do("episodes.list", { ...asked, cursor: null });
  await expect(
    cluster.do("episodes.list", { ...asked, cursor: usual.next_cursor, sort: "-reward" }),
  ).rejects.toThrow("cursor");
});
