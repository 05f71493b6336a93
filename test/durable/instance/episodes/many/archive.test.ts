import { beforeEach, describe, expect, it } from "vitest";
import type { EpisodeWithSteps } from "../../../../../src/contract/episodes/record.ts";
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

/** An ended episode. */
async function ended(task = "refund the order"): Promise<string> {
  cluster.now += 1_000;
  const id = await cluster.start(task);
  for (const tool of ["find", "send"]) await cluster.step(id, tool);
  await cluster.complete(id);
  return id;
}

const archive = (id: string, if_match: number[] | null = null) =>
  cluster.do("episode.archive", { id, archived: true, if_match });
const unarchive = (id: string) =>
  cluster.do("episode.archive", { id, archived: false, if_match: null });

async function got(id: string): Promise<EpisodeWithSteps> {
  return JSON.parse((await cluster.do("episode.get", { id })).json) as EpisodeWithSteps;
}

async function listed(filter: Input<"episodes.list">["filter"] = {}): Promise<string[]> {
  const page = await cluster.do("episodes.list", { filter, limit: 200, cursor: null });
  return page.items.map(({ id }) => id);
}

async function recalled(task = "refund the order"): Promise<string[]> {
  const asked = { task, context: {}, include: ["episodes" as const], recent_steps: [] };
  const { episodes } = await cluster.do("recall", { ...asked, limit: 50, max_tokens: null });
  return episodes.map(({ id }) => id).sort();
}

/** All slices. */
async function many(
  input: Pick<Input<"episodes.archive">, "filter" | "archived"> & { dry_run?: boolean },
): Promise<Omit<Output<"episodes.archive">, "next_cursor"> & { slices: number }> {
  const sum = { changed: 0, running: 0, refused: [] as never[], slices: 0 };
  let cursor: string | null = null;
  do {
    const part: Output<"episodes.archive"> = await cluster.do("episodes.archive", {
      dry_run: false,
      ...input,
      cursor,
    });
    sum.changed += part.changed;
    sum.running += part.running;
    sum.refused.push(...(part.refused as never[]));
    sum.slices += 1;
    cursor = part.next_cursor;
  } while (cursor !== null);
  return sum;
}

/** All patterns with what is counted of them; what decays with time is left out. */
async function patterns(): Promise<unknown> {
  const asked = { min_support: 0, limit: 200, cursor: null };
  const { items } = await cluster.do("patterns.list", asked);
  return items
    .map(({ id, occurrences, support, episodes }) => [id, occurrences, support.episodes, episodes])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

describe("an archived episode", () => {
  it("is read by its id, and in lists and recalls only where it is asked for", async () => {
    const [kept, gone] = [await ended(), await ended()];
    const before = await patterns();
    const answer = await archive(gone);
    expect(answer).toMatchObject({ id: gone, archived_at: "2026-01-02T00:00:02.000Z" });
    const check = async (): Promise<void> => {
      expect(await got(gone)).toMatchObject({ archived_at: answer.archived_at, step_count: 2 });
      expect(await listed()).toEqual([kept]);
      expect(await listed({ archived: "only" })).toEqual([gone]);
      expect(await listed({ archived: "any" })).toEqual([gone, kept]);
      expect(await recalled()).toEqual([kept]);
      expect(await patterns()).toEqual(before);
    };
    await check();
    await cluster.flush();
    await check();
    for (const index of [0, 1, 2]) cluster.restart(index);
    await check();
    // Everything comes back from the database.
    for (const index of [0, 1, 2]) cluster.lose(index);
    await recalled();
    await cluster.heal();
    await check();
    await cluster.resize(5);
    await cluster.settle();
    await check();
    // The database was restored, and is what counts.
    const all = { namespace: null, episode: null, outbox: "replay", after: null } as const;
    for (const index of [0, 1, 2, 3, 4]) {
      await cluster.ask(index, "restore_done", all);
      await cluster.ask(index, "sync", { namespace: "*" });
    }
    await cluster.heal();
    await check();

    await unarchive(gone);
    expect(await got(gone)).not.toHaveProperty("archived_at");
    expect(await listed()).toEqual([gone, kept]);
    expect(await listed({ archived: "only" })).toEqual([]);
    expect(await recalled()).toEqual([kept, gone].sort());
    expect(await patterns()).toEqual(before);
  });

  it("is one once: the same again changes nothing, and another version is refused", async () => {
    const id = await ended();
    const { version } = await got(id);
    await expect(archive(id, [version - 1])).rejects.toThrow(
      `precondition_failed: The episode is at version ${version}, If-Match names ${version - 1}.`,
    );
    const first = await archive(id, [version]);
    cluster.now += 60_000;
    expect(await archive(id)).toEqual(first);
    const back = await unarchive(id);
    expect(back.version).toBeGreaterThan(first.version);
    expect(await unarchive(id)).toEqual(back);
    expect(await got(id)).toMatchObject({ version: back.version });
  });

  it("has ended: one that runs is refused, and says how", async () => {
    const id = await cluster.start();
    await expect(archive(id)).rejects.toThrow(
      `conflict: Episode ${id} still runs. Only an ended one can be archived: complete it, or close it with fail.`,
    );
    await expect(archive("none")).rejects.toThrow("not_found: There is no episode none");
    expect(await got(id)).not.toHaveProperty("archived_at");
    // It is not archived, as it should be.
    expect(await unarchive(id)).toMatchObject({ version: 1 });
  });

  it("is amended, tagged, related and deleted as any other", async () => {
    const [one, id] = [await ended(), await ended()];
    const { archived_at } = await archive(id);
    await cluster.do("episode.tags.add", { id, tags: ["old"] });
    const changes = { task: "refund the whole order" };
    await cluster.do("episode.patch", { id, if_match: null, changes });
    const tie = { type: "follows", to: one, reason: null } as const;
    await cluster.do("relationships.add", { episode_id: id, ...tie });
    await cluster.do("tags.rename", { from: "old", to: "older", cursor: null });
    expect(await got(id)).toMatchObject({ ...changes, tags: ["older"], archived_at });
    expect(await recalled()).toEqual([one]);
    expect((await cluster.do("tags.count", { limit: 5, cursor: null })).items).toMatchObject([
      { tag: "older", episodes: 1 },
    ]);
    await cluster.do("episode.delete", { id, if_match: null });
    expect(await listed({ archived: "any" })).toEqual([one]);
    const { items } = await cluster.do("search", {
      q: "refund",
      limit: 5,
      cursor: null,
      archived: "only",
    });
    expect(items).toEqual([]);
  });

  it("goes out and comes in again archived; as what is there it stays", async () => {
    const [kept, gone] = [await ended(), await ended()];
    const { archived_at } = await archive(gone);
    const { items } = await cluster.do("episodes.export", { cursor: null });
    expect(items.map(({ id, archived_at: at }) => [id, at])).toEqual([
      [gone, archived_at],
      [kept, undefined],
    ]);
    const call = { namespace: "m" };
    for (const episode of items)
      await cluster.do("episode.import", { id: episode.id, episode }, call);
    const inOther = async (filter: Input<"episodes.list">["filter"]) =>
      (await cluster.do("episodes.list", { filter, limit: 5, cursor: null }, call)).items;
    expect(await inOther({})).toMatchObject([{ id: kept }]);
    expect(await inOther({ archived: "only" })).toMatchObject([{ id: gone, archived_at }]);

    await unarchive(gone);
    await archive(kept);
    for (const episode of items)
      for (const on_conflict of ["refuse", "update"] as const)
        await cluster.do("episode.import", { id: episode.id, episode, on_conflict });
    expect(await listed({ archived: "only" })).toEqual([kept]);

    const [line] = items;
    if (!line) throw new Error("nothing was exported");
    const running = { ...line, id: "r", outcome: null, status: null, ended_at: null };
    await expect(
      cluster.do("episode.import", {
        id: "r",
        episode: { ...running, archived_at: archived_at ?? "" },
      }),
    ).rejects.toThrow("validation_failed: Only an episode that has ended can be archived.");
  });

  it("is archived where its home cannot reach the namespace's, and out of recall later", async () => {
    const home = cluster.homeOf("ns:n");
    let id = await ended();
    while (cluster.homeOf(id) === home) id = await ended();
    cluster.beforeCall = (_to, name) => {
      if (name === "learn") throw new Error("connection lost");
    };
    const { archived_at } = await archive(id);
    expect(archived_at).toBeDefined();
    expect(await listed({ archived: "only" })).toEqual([id]);
    cluster.beforeCall = () => undefined;
    await cluster.heal();
    expect(await recalled()).not.toContain(id);
  });
});

describe("archiving by a filter", () => {
  it("reaches all that it lets through in slices, leaves what runs, and is undone alike", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 60; n++)
      ids.unshift(await ended(n % 2 ? "refund the order" : "other work"));
    cluster.now += 1_000;
    const running = await cluster.start("other work");
    await cluster.flush();
    const before = await patterns();
    const filter = { text: "other" };
    const [others, rest] = [ids.filter((_, i) => i % 2), ids.filter((_, i) => !(i % 2))];

    const dry = { changed: 30, running: 1, refused: [], slices: 1 };
    expect(await many({ filter, archived: true, dry_run: true })).toEqual(dry);
    expect(await listed({ archived: "only" })).toEqual([]);
    expect(await many({ filter, archived: true })).toEqual(dry);
    expect(await listed()).toEqual([running, ...rest]);
    expect(await listed({ archived: "only" })).toEqual(others);
    expect(await recalled("other work")).toEqual([]);
    expect(await patterns()).toEqual(before);
    expect(await many({ filter, archived: true })).toEqual({ ...dry, changed: 0 });

    expect(await many({ filter: { domain: "d" }, archived: true })).toMatchObject({ changed: 30 });
    const all = { filter: { domain: "d" }, archived: false };
    expect(await many({ ...all, dry_run: true })).toMatchObject({ changed: 60, slices: 2 });
    expect(await many(all)).toEqual({ changed: 60, running: 0, refused: [], slices: 2 });
    expect(await listed()).toEqual([running, ...ids]);
    expect(await patterns()).toEqual(before);
  });

  it("is refused while the database is away, because some would be missed", async () => {
    const id = await ended();
    await cluster.flush();
    cluster.beforeDatabase = outage;
    await expect(many({ filter: { domain: "d" }, archived: true })).rejects.toThrow(
      "database_unavailable: To archive episodes needs the database, which is out of reach.",
    );
    // One that is here is archived meanwhile, and lists of what instances hold know it.
    await archive(id);
    expect(await listed()).toEqual([]);
    expect(await listed({ archived: "only" })).toEqual([id]);
    await cluster.heal();
    expect(await many({ filter: { domain: "d" }, archived: false })).toMatchObject({ changed: 1 });
  });

  it("names what cannot be changed now, counts it, and goes on with the others", async () => {
    const here = cluster.homeOf("ns:n");
    let first = await ended();
    while (cluster.homeOf(first) === here) first = await ended();
    let second = await ended();
    while (cluster.homeOf(second) !== here) second = await ended();
    const home = cluster.homeOf(first);
    const filter = { text: "refund" };
    const count = (await listed()).length;
    const atHome = (await listed()).filter((id) => cluster.homeOf(id) === home);
    await cluster.flush();
    await cluster.ask(home, "erase_begin", { namespace: "n" });
    const detail = "The namespace is being erased.";
    const refused = atHome.map((id) => ({ id, code: "not_ready", detail }));
    const done = await many({ filter, archived: true });
    expect(done).toMatchObject({ changed: count - atHome.length, refused });
    expect(await cluster.counted(here, "memory_refused_total", { code: "not_ready" })).toBe(
      atHome.length,
    );
    await cluster.ask(home, "erase_end", { namespace: "n" });
    expect(await many({ filter, archived: true })).toMatchObject({ changed: atHome.length });
    expect(await listed()).toEqual([]);
  });

  it("knows the field from a text that looks like it", async () => {
    const id = await ended('"archived_at":"2026-01-01T00:00:00.000Z"');
    const changes = { metadata: { archived_at: "never" } };
    await cluster.do("episode.patch", { id, if_match: null, changes });
    await cluster.flush();
    expect(await listed()).toEqual([id]);
    expect(await listed({ archived: "only" })).toEqual([]);
    await archive(id);
    expect(await listed()).toEqual([]);
    expect(await listed({ archived: "only" })).toEqual([id]);
  });
});
