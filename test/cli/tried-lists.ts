/**
 * Each command about several episodes, about tags and kept filters, and the report of quality, tried
 * on the running service.
 *
 * @module
 */

import { expect } from "vitest";
import type { CliBench, Tried } from "./bench.ts";

const idsOf = (json: { episodes: { id: string }[] }): string[] => json.episodes.map(({ id }) => id);

/** An episode with these tags. */
async function tagged(bench: CliBench, ...tags: string[]): Promise<string> {
  const id = await bench.started(`a task of ${tags.join(" ")}`);
  await bench.ok("tag", "add", id, ...tags);
  return id;
}

async function countOf(bench: CliBench, tag: string): Promise<number> {
  const { tags } = (await bench.ok("tag", "count")).json;
  return tags.find((one: { tag: string }) => one.tag === tag)?.episodes ?? 0;
}

export const LISTS_TRIED: Tried = {
  "episode get": async (bench) => {
    const [first, second] = [await bench.completed(), await bench.started()];
    const found = (await bench.ok("episode", "get", second, first, second)).json;
    expect([idsOf(found), found.missing]).toEqual([[second, first], []]);
    expect(found.episodes[1].steps).toHaveLength(2);
    const missing = await bench.cli.run(["episode", "get", "nobody", first]);
    expect([missing.exit, missing.out]).toEqual([4, expect.stringContaining("no nobody")]);
  },
  "tag count": async (bench) => {
    await tagged(bench, "counted", "a, b");
    await tagged(bench, "counted");
    expect([await countOf(bench, "counted"), await countOf(bench, "a, b")]).toEqual([2, 1]);
    expect((await bench.cli.run(["tag", "count"])).out).toMatch(/^TAG +EPISODES/);
  },
  "tag rename": async (bench) => {
    const both = await tagged(bench, "wrongly", "rightly");
    const one = await tagged(bench, "wrongly");
    const done = (await bench.ok("tag", "rename", "wrongly", "rightly", "--yes")).json;
    expect(done).toEqual({ renamed: 2, refused: [] });
    const listed = await bench.ok("episode", "list", "--tag", "rightly");
    expect(idsOf(listed.json)).toEqual([one, both]);
    expect(await countOf(bench, "wrongly")).toBe(0);
    const same = await bench.cli.run(["tag", "rename", "rightly", "rightly", "--yes"]);
    expect([same.exit, same.err]).toEqual([2, expect.stringContaining("must be another tag")]);
  },
  "episode archive": async (bench) => {
    const [one, other] = [await bench.completed(), await bench.completed()];
    for (const id of [one, other]) await bench.ok("tag", "add", id, "old");
    const running = await tagged(bench, "old");
    expect(idsOf((await bench.ok("episode", "archive", one)).json)).toEqual([one]);
    const list = ["episode", "list", "--tag", "old"];
    expect(idsOf((await bench.ok(...list)).json)).toEqual([running, other]);
    expect(idsOf((await bench.ok(...list, "--archived", "only")).json)).toEqual([one]);
    expect((await bench.ok("episode", "view", one)).json.archived_at).toMatch(/^20/);

    const recall = (await bench.ok("recall", "cancel the flight of Ms Kim")).json;
    expect([idsOf(recall).includes(other), idsOf(recall).includes(one)]).toEqual([true, false]);

    const dry = await bench.cli.run(["episode", "archive", "--tag", "old", "--dry-run"]);
    expect([dry.exit, dry.out]).toEqual([0, "1 episodes would be archived, 1 still run\n"]);
    const unsure = await bench.cli.run(["episode", "archive", "--tag", "old"]);
    expect([unsure.exit, unsure.err]).toEqual([2, expect.stringContaining("Archive 1 episodes?")]);
    expect(idsOf((await bench.ok(...list)).json)).toEqual([running, other]);
    const done = (await bench.ok("episode", "archive", "--tag", "old", "--yes")).json;
    expect(done).toEqual({ changed: 1, running: 1, refused: [] });
    expect(idsOf((await bench.ok(...list)).json)).toEqual([running]);

    for (const args of [[], [one, "--tag", "old"], [one, "--dry-run"]])
      expect((await bench.cli.run(["episode", "archive", ...args])).exit).toBe(2);
    const early = await bench.cli.run(["episode", "archive", running]);
    expect([early.exit, early.err]).toEqual([5, expect.stringContaining("still runs")]);
    await bench.ok("episode", "unarchive", "--tag", "old", "--yes");
  },
  "episode unarchive": async (bench) => {
    const [one, other] = [await bench.completed(), await bench.completed()];
    for (const id of [one, other]) await bench.ok("tag", "add", id, "back");
    await bench.ok("episode", "archive", "--tag", "back", "--before", "1d", "--yes");
    const list = ["episode", "list", "--tag", "back"];
    expect(idsOf((await bench.ok(...list)).json)).toEqual([other, one]);
    await bench.ok("episode", "archive", "--tag", "back", "--yes");
    expect(idsOf((await bench.ok(...list)).json)).toEqual([]);
    const search = (await bench.ok("episode", "search", "cancel", "--archived", "only")).json;
    expect(search.results.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining([one, other]),
    );
    expect(idsOf((await bench.ok("episode", "unarchive", one)).json)).toEqual([one]);
    expect(idsOf((await bench.ok(...list)).json)).toEqual([one]);
    const done = (await bench.ok("episode", "unarchive", "--tag", "back", "--yes")).json;
    expect(done).toEqual({ changed: 1, running: 0, refused: [] });
    expect(idsOf((await bench.ok(...list)).json)).toEqual([other, one]);
  },
  "filter save": async (bench) => {
    const both = await tagged(bench, "kept-a", "kept-b");
    const one = await tagged(bench, "kept-a");
    const options = ["--tag", "kept-a", "--tag", "kept-b", "--sort", "started_at"];
    const saved = (await bench.ok("filter", "save", "kept", ...options)).json;
    expect(saved.filter).toEqual({ tags: ["kept-a", "kept-b"], sort: "started_at" });
    expect(idsOf((await bench.ok("episode", "list", "--filter", "kept")).json)).toEqual([
      both,
      one,
    ]);
    const asked = ["--filter", "kept", "--tag", "kept-a", "--tag", "kept-b", "--all-tags"];
    expect(idsOf((await bench.ok("episode", "list", ...asked)).json)).toEqual([both]);
    const newest = await bench.ok("episode", "list", "--filter", "kept", "--sort=-started_at");
    expect(idsOf(newest.json)).toEqual([one, both]);
    expect((await bench.cli.run(["episode", "list", "--filter", "none"])).exit).toBe(4);
    expect((await bench.cli.run(["filter", "save", "nothing"])).exit).toBe(2);
  },
  "filter list": async (bench) => {
    await bench.ok("filter", "save", "listed", "--domain", "rail");
    const { filters } = (await bench.ok("filter", "list")).json;
    expect(filters).toContainEqual({
      name: "listed",
      filter: { domain: "rail" },
      updated_at: expect.any(String),
    });
  },
  "filter remove": async (bench) => {
    await bench.ok("filter", "save", "short-lived", "--domain", "rail");
    await bench.ok("filter", "remove", "short-lived");
    expect((await bench.cli.run(["filter", "remove", "short-lived"])).exit).toBe(4);
  },
  quality: async (bench) => {
    await bench.completed();
    const report = (await bench.ok("quality", "--weeks", "1")).json;
    expect(report.weeks[0].success).toBeGreaterThan(0);
    const people = await bench.cli.run(["quality"]);
    expect(people.out).toMatch(/^# Quality of cli since \d{4}-\d\d-\d\d\n\n\| week of/);
  },
};
