import { beforeEach, describe, expect, it } from "vitest";
import { DatabaseError } from "../../../../src/storage/index.ts";
import { NodeInstances } from "../../../support/instances.ts";

const outage = (): never => {
  throw new DatabaseError("unreachable", "ECONNREFUSED", null);
};
let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(1);
});

/** An ended episode that the database has in full. */
async function stored(): Promise<string> {
  const id = await cluster.start();
  await cluster.step(id, "a");
  await cluster.complete(id);
  await cluster.flush();
  return id;
}

/** It is here no more; the database has it. */
function evict(id: string): void {
  for (const [table, column] of [
    ["episodes", "id"],
    ["steps", "episode_id"],
    ["cached", "id"],
  ])
    cluster.local(0).run(`DELETE FROM ${table} WHERE ${column} = ?`, id);
}

/** Holds requests to the database until they are let go. `asked`: when the first one waits. */
function holdDatabase(): { letGo: () => void; asked: Promise<void> } {
  let [letGo, onAsked] = [(): void => undefined, (): void => undefined];
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  cluster.beforeDatabase = () => {
    onAsked();
    return held;
  };
  return { letGo, asked };
}

const read = async (
  id: string,
): Promise<{ task: string; version: number; steps: { tool: string }[] }> =>
  JSON.parse((await cluster.do("episode.get", { id })).json) as never;
const cacheOf = async (id: string): Promise<string | null> =>
  (await cluster.call("episode.get", { id })).cache;

describe("an episode", () => {
  it("is read from the database where it is not here, once however many ask, and kept", async () => {
    const id = await stored();
    evict(id);
    let reads = 0;
    cluster.beforeDatabase = () => void (reads += 1);
    const found = await Promise.all([1, 2, 3].map(() => read(id)));
    expect(found.map(({ steps }) => steps.length)).toEqual([1, 1, 1]);
    // The row, and a slice of its steps.
    expect(reads).toBe(2);
    expect(await cacheOf(id)).toBe("hit");
    expect(reads).toBe(2);
  });

  it("is read as it is after each change, however often it was read before", async () => {
    const id = await cluster.start();
    const seen = async (): Promise<[number, number]> => {
      await read(id);
      const { version, steps } = await read(id);
      return [version, steps.length];
    };
    let before = await seen();
    const changes: (() => Promise<unknown>)[] = [
      () => cluster.step(id, "a"),
      () => cluster.do("episode.tags.add", { id, tags: ["x"] }),
      () => cluster.do("episode.patch", { id, if_match: null, changes: { metadata: { y: "1" } } }),
      () => cluster.step(id, "b"),
      () => cluster.do("episode.fail", { id, reason: "it did not work", details: null }),
    ];
    for (const change of changes) {
      await change();
      const after = await seen();
      expect(after[0]).toBeGreaterThan(before[0]);
      before = after;
    }
    expect(before[1]).toBe(2);
    await cluster.do("episode.delete", { id, if_match: null });
    await expect(read(id)).rejects.toThrow("not_found");
  });

  it("that is nowhere is said to be nowhere, and nothing is kept of it", async () => {
    await expect(read("01a2199d-526f-7e58-8bf9-30bad2bdf11c")).rejects.toThrow("not_found");
    expect(cluster.local(0).all("SELECT * FROM cached")).toEqual([]);
  });

  it("that was deleted here is not read from a database that has not heard", async () => {
    const id = await stored();
    cluster.beforeDatabase = outage;
    await cluster.do("episode.delete", { id, if_match: null });
    await expect(read(id)).rejects.toThrow("not_found");
  });

  it("is read anew when its copy is past its time; while it runs or is unsent it never is", async () => {
    const ended = await stored();
    const running = await cluster.start();
    const unsent = await stored();
    await cluster.do("episode.tags.add", { id: unsent, tags: ["x"] });
    cluster.stored.run(
      "UPDATE episodes SET body = json_set(body, '$.task', 'as the database has it')",
    );
    cluster.now += 365 * 24 * 3_600_000;
    expect((await read(ended)).task).toBe("as the database has it");
    expect((await read(running)).task).toBe("a task");
    expect((await read(unsent)).task).toBe("a task");
  });

  it("past its time is served as stale while the database is out of reach", async () => {
    const id = await stored();
    cluster.now += 365 * 24 * 3_600_000;
    cluster.beforeDatabase = outage;
    expect(await cacheOf(id)).toBe("stale");
    expect((await read(id)).steps).toHaveLength(1);
  });

  it("that is written while the database answers is as it was written, not as that has it", async () => {
    const id = await stored();
    const { letGo, asked } = holdDatabase();
    cluster.now += 365 * 24 * 3_600_000;
    const slow = read(id);
    await asked;
    cluster.local(0).run("UPDATE cached SET loaded_at = ?", cluster.now);
    await cluster.do("episode.tags.add", { id, tags: ["meanwhile"] });
    letGo();
    expect(await slow).toMatchObject({ tags: ["meanwhile"] });
  });

  it("in whose way a damaged page is, is read from the database, unless something of it is unsent", async () => {
    const id = await stored();
    const unsent = await cluster.start();
    // What the platform says of a page that cannot be read.
    cluster.damage(0, /^SELECT 0 AS number, body FROM episodes/);
    expect((await read(id)).steps).toHaveLength(1);
    expect(cluster.local(0).all("SELECT id FROM episodes")).toHaveLength(2);
    await expect(read(unsent)).rejects.toThrow("SQLITE_CORRUPT");
    expect((await cluster.ask(0, "health", { wait_ms: 1 })).local_damage).toBeGreaterThan(0);
  });

  it("keeps within its size after a write that was taken back", async () => {
    const id = await cluster.start();
    const large = "x".repeat(60_000);
    const step = (tool: string, output: string) => ({
      tool,
      action: "",
      parameters: {},
      result: { type: "success" as const, output },
      latency_ms: null,
      tokens: null,
      metadata: {},
    });
    const log = (steps: ReturnType<typeof step>[]) => cluster.do("episode.steps", { id, steps });
    // Refused as a whole, for the last step of it.
    await expect(log([step("a", large), step("b", "x".repeat(10_000_000))])).rejects.toThrow(
      "limit_exceeded",
    );
    expect((await read(id)).steps).toEqual([]);
    expect(await log([step("a", large)])).toMatchObject({ accepted: 1, version: 2 });
    expect(await log([step("b", large)])).toMatchObject({ accepted: 1, version: 3 });
    const [sizes] = await cluster.ask(0, "episode_sizes", { namespace: "n", ids: [id] });
    const { json } = await cluster.do("episode.get", { id });
    expect(Math.abs((sizes?.bytes ?? 0) - json.length)).toBeLessThan(200);
  });

  it("takes steps once: what is sent again is a duplicate, with other content a conflict", async () => {
    const id = await cluster.start();
    const step = { number: 1, at: "2026-01-01T00:00:00.000Z", tool: "a", action: "" };
    const rest = { parameters: {}, result: null, latency_ms: null, tokens: null, metadata: {} };
    const send = (more: object) =>
      cluster.do("episode.steps", { id, steps: [{ ...step, ...rest, ...more }] });
    expect(await send({})).toMatchObject({ accepted: 1, duplicates: 0, version: 2 });
    expect(await send({})).toMatchObject({ accepted: 0, duplicates: 1, version: 2 });
    await expect(send({ tool: "b" })).rejects.toThrow("conflict");
    await cluster.complete(id);
    await expect(send({ number: 2 })).rejects.toThrow("episode_ended");
    expect(await send({})).toMatchObject({ accepted: 0, duplicates: 1 });
  });
});

describe("the cache", () => {
  it("drops ended episodes beyond its size, the longest unused first, when the alarm fires", async () => {
    cluster = new NodeInstances(1, { cache_max_size: 2 });
    const running = await cluster.start();
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      ids.push(await stored());
      cluster.now += 120_000;
    }
    await read(ids[0] ?? "");
    for (let fired = 0; fired < 3; fired++) {
      cluster.now += 3_000;
      await cluster.instance(0).alarm();
    }
    const held = cluster
      .local(0)
      .all("SELECT id FROM episodes")
      .map((row) => row["id"]);
    expect(held).toHaveLength(2);
    expect(held).toContain(running);
    expect(held).not.toContain(ids[1]);
    expect(held).not.toContain(ids[2]);
    for (const id of ids) expect((await read(id)).steps).toHaveLength(1);
  });

  it("keeps what is unsent or to be learned, however much that is", async () => {
    cluster = new NodeInstances(1, { cache_max_size: 1 });
    cluster.beforeDatabase = outage;
    for (let n = 0; n < 3; n++) {
      const id = await cluster.start();
      await cluster.complete(id);
    }
    for (let fired = 0; fired < 3; fired++) {
      cluster.now += 3_000;
      await cluster.instance(0).alarm();
    }
    expect(cluster.local(0).all("SELECT id FROM episodes")).toHaveLength(3);
  });
});
