/** Lists and statistics of more instances than one object asks: the tree has a second level. */

import { beforeEach, describe, expect, it } from "vitest";
import type { Episode } from "../../../../../src/contract/episodes/record.ts";
import {
  mergeCounts,
  mergeOverlays,
  pageOf,
} from "../../../../../src/durable/instance/episodes/lists/merge.ts";
import type { EpisodeCounts, Overlay } from "../../../../../src/durable/shared/instance/lists.ts";
import { NodeInstances } from "../../../../support/instances.ts";

const COUNT = 20;
const EPISODES = 30;

describe("of twenty instances", () => {
  let cluster: NodeInstances;
  let ids: string[];

  beforeEach(async () => {
    cluster = new NodeInstances(COUNT);
    ids = [];
    for (let number = 0; number < EPISODES; number++) {
      cluster.now += 1_000;
      ids.unshift(await cluster.start(`task ${number}`));
    }
  });

  /** All pages of the list. */
  async function listed(limit: number): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Episode[]; next_cursor: string | null } = await cluster.do(
        "episodes.list",
        { filter: {}, limit, cursor },
      );
      found.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    return found;
  }

  it("a list has each episode once, in order, before the database has any", async () => {
    expect(await listed(7)).toEqual(ids);
    expect(await listed(200)).toEqual(ids);
  });

  it("a list and the statistics are whole while the database is gone", async () => {
    cluster.beforeDatabase = () => {
      throw new Error("connect ECONNREFUSED");
    };
    expect(await listed(7)).toEqual(ids);
    expect(await cluster.do("stats", {})).toMatchObject({ episodes: { total: EPISODES } });
  });

  it("an instance that cannot be asked is not left out silently", async () => {
    cluster.beforeCall = (to) => {
      if (to === 18) throw new Error("the connection cannot be made");
    };
    await expect(listed(7)).rejects.toThrow("instance 18: the instance is out of reach");
  });

  it("a namespace is erased at every instance", async () => {
    await cluster.do("namespace.erase", { name: "n" });
    expect(await listed(7)).toEqual([]);
  });
});

const episode = (number: number): Episode =>
  ({ id: `e${String(number).padStart(3, "0")}`, started_at: isoOf(number) }) as Episode;
const isoOf = (number: number): string => new Date(1_000_000 + number * 10).toISOString();

describe("merged on the way", () => {
  it("a list is the same however the instances are grouped", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const limit = 1 + (seed % 6);
      const rules = { limit, sort: "-started_at", degraded: false } as const;
      const parts = Array.from({ length: 5 }, (_, part): Overlay => {
        const own = Array.from({ length: 12 }, (_unused, n) => n * 5 + part).filter(
          (number) => (number * 7_919 + seed * 31) % 3 > 0,
        );
        const episodes = own.toReversed().map(episode);
        return {
          stale: episodes.map(({ id }) => id),
          episodes: episodes.slice(0, limit),
          hasMore: episodes.length > limit,
        };
      });
      const [head, tail] = [parts.slice(0, seed % 5), parts.slice(seed % 5)];
      const grouped = [mergeOverlays(head, rules), mergeOverlays(tail, rules)];
      const [flat, tree] = [pageOf(parts, rules), pageOf(grouped, rules)];
      expect(tree).toEqual(flat);
      const stale = (of: Overlay[]) => of.flatMap((part) => part.stale).sort();
      expect(stale(grouped)).toEqual(stale(parts));
    }
  });

  it("counts of one kind are one row, and a reward that nobody has stays none", () => {
    const row = (domain: string, reward: number | null): EpisodeCounts["rows"][number] => ({
      status: "completed",
      outcome: "success",
      domain,
      episodes: 2,
      steps: 3,
      reward,
      rewarded: reward === null ? 0 : 1,
    });
    const merged = mergeCounts([
      { stale: ["a"], rows: [row("x", null), row("y", 0.5)] },
      { stale: ["b"], rows: [row("x", null), row("y", null)] },
    ]);
    expect(merged.stale).toEqual(["a", "b"]);
    expect(merged.rows).toEqual([
      { ...row("x", null), episodes: 4, steps: 6 },
      { ...row("y", 0.5), episodes: 4, steps: 6 },
    ]);
  });

  it("more ids than one answer carries are refused, with what to do", () => {
    const stale = Array.from({ length: 220_000 }, (_, number) => `${number}`.padStart(128, "e"));
    const part = { stale, episodes: [], hasMore: false };
    expect(() => mergeOverlays([part], { limit: 5, sort: "-started_at" })).toThrow(
      /wait for the database. Try again/,
    );
  });
});
