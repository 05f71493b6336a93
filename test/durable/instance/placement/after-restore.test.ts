import { beforeEach, describe, expect, it } from "vitest";
import type { InternalInput } from "../../../../src/durable/shared/instance/protocol.ts";
import { NodeInstances } from "../../../support/instances.ts";

const ALL: InternalInput<"restore_done"> = {
  namespace: null,
  episode: null,
  outbox: "replay",
  after: null,
};
const RESTORE = {
  job: "j",
  backup: "b",
  since: "2026-01-01T00:00:00.000Z",
  phase: "running",
} as const;
let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(1);
});

/** Episodes that ended, and that the database has. */
async function stored(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const id = await cluster.start();
    await cluster.step(id, `t${n}`);
    await cluster.complete(id);
    ids.push(id);
  }
  await cluster.flush();
  return ids;
}

const here = (): unknown[] =>
  cluster
    .local(0)
    .all("SELECT id FROM episodes ORDER BY id")
    .map((row) => row["id"]);
const inOrder = (ids: readonly string[]): string[] => ids.toSorted((a, b) => (a < b ? -1 : 1));
const inDatabase = (id: string): boolean =>
  cluster.stored.all("SELECT 1 AS n FROM episodes WHERE id = ?", id).length > 0;
const waiting = (): number =>
  Number(cluster.local(0).all("SELECT count(*) AS n FROM outbox")[0]?.["n"]);

/** All slices of the end of a restore. */
async function done(
  input: InternalInput<"restore_done">,
): Promise<{ replayed: number; slices: number }> {
  let replayed = 0;
  for (let slices = 1, { after } = input; ; slices++) {
    const answer = await cluster.ask(0, "restore_done", { ...input, after });
    replayed += answer.replayed;
    if (answer.next === null) return { replayed, slices };
    after = answer.next;
  }
}

describe("the end of a restore at an instance", () => {
  it("drops copies slice by slice, but nothing that is unsent or to be learned, and reads them anew", async () => {
    const ids = await stored(3);
    const unsent = await cluster.start();
    const [first = "", second = "", third = ""] = ids;
    cluster
      .local(0)
      .run("INSERT INTO pending_tasks (kind, namespace, id) VALUES ('learn', 'n', ?)", second);
    cluster.stored.run("UPDATE episodes SET body = json_set(body, '$.task', 'as restored')");

    await done(ALL);
    expect(here()).toEqual(inOrder([second, unsent]));
    expect(cluster.local(0).all("SELECT DISTINCT episode_id FROM steps")).toEqual([
      { episode_id: second },
    ]);
    for (const id of [first, third]) {
      const { json } = await cluster.do("episode.get", { id });
      expect(JSON.parse(json)).toMatchObject({ id, task: "as restored" });
    }
  });

  it("goes through copies in slices of five hundred", async () => {
    await stored(1);
    const [row] = cluster.local(0).all<{ body: string }>("SELECT body FROM episodes");
    const many = JSON.stringify(Array.from({ length: 1_200 }, (_, n) => `e${n}`));
    cluster.local(0).run(
      `INSERT INTO episodes SELECT 'n', value, 'completed', 'success', 'd', NULL, NULL, 'other', 't', '[]', 1, 2, 3, 4, 0, ?
        FROM json_each(?)`,
      row?.body ?? "",
      many,
    );
    const { slices } = await done(ALL);
    expect([slices, here()]).toEqual([3, []]);
  });

  it("sends again whole what is unsent of an episode, for the database may have an older one", async () => {
    const [id = ""] = await stored(1);
    await cluster.do("episode.tags.add", { id, tags: ["later"] });
    cluster.stored.run("DELETE FROM episodes");
    cluster.stored.run("DELETE FROM steps");

    expect((await done(ALL)).replayed).toBeGreaterThan(0);
    await cluster.flush();
    expect(cluster.stored.all("SELECT id FROM episodes")).toEqual([{ id }]);
    expect(cluster.stored.all("SELECT number FROM steps")).toEqual([{ number: 1 }]);
  });

  it("sets what is unsent aside where that was chosen, and an operator can send it", async () => {
    await stored(1);
    const id = await cluster.start();
    const before = waiting();
    const answer = await cluster.ask(0, "restore_done", { ...ALL, outbox: "keep" });
    expect([answer.kept, waiting()]).toEqual([before, 0]);
    await cluster.flush();
    expect(inDatabase(id)).toBe(false);
    const dead = await cluster.ask(0, "dead", { limit: 10 });
    expect(dead.map(({ reason, key }) => [reason, key])).toContainEqual(["restore", ["n", id]]);

    await cluster.ask(0, "retry_dead", null);
    await cluster.flush();
    expect(inDatabase(id)).toBe(true);
  });

  it("touches nothing outside of its scope", async () => {
    const [id = ""] = await stored(2);
    const other = await cluster.start("another", { namespace: "m" });
    await cluster.complete(other, { namespace: "m" });
    await cluster.flush();
    await done({ ...ALL, namespace: "n", episode: id });
    expect(here()).not.toContain(id);
    expect(here()).toHaveLength(2);
  });

  it("drops nothing where the database is given back half restored", async () => {
    const ids = await stored(2);
    await done({ ...ALL, copies: "keep" });
    expect(here()).toEqual(inOrder(ids));
  });
});

describe("an instance while a restore has the database", () => {
  it("sends nothing, names its last batch, and goes on with what it has", async () => {
    const [id = ""] = await stored(1);
    cluster.control = { ...cluster.control, version: 2, restore: RESTORE };
    const held = await cluster.ask(0, "restore_hold", cluster.control);
    expect(held.writer).toBe("instance-0");
    expect(held.batch).toBeGreaterThan(0);

    const unsent = await cluster.start();
    await cluster.flush();
    expect(cluster.stored.all("SELECT id FROM episodes")).toEqual([{ id }]);
    expect(JSON.parse((await cluster.do("episode.get", { id })).json)).toMatchObject({ id });

    await cluster.change({ restore: null });
    await cluster.flush();
    expect(cluster.stored.all("SELECT id FROM episodes ORDER BY id")).toEqual(
      inOrder([id, unsent]).map((each) => ({ id: each })),
    );
  });
});

describe("rows that a snapshot gives back", () => {
  it.each([
    ["a foreign table", "api_keys", { id: "a", hash: "b", body: "{}" }],
    ["a property that every object has", "constructor", {}],
    ["SQL for a column", "pending_tasks", { "kind) VALUES (1); --": 1 }],
    ["a foreign column", "pending_tasks", { kind: "learn", namespace: "n", id: "i", rowid: 1 }],
    ["an object for a value", "idempotency", { scope: { a: 1 } }],
  ])("are refused at the instance too: %s", async (_name, table, row) => {
    const sent = { table, rows: [row] } as unknown as InternalInput<"restore_local">;
    await expect(cluster.ask(0, "restore_local", sent)).rejects.toThrow(/not put back|cannot have/);
  });

  it("come where nothing is in their place", async () => {
    const task = (recall_id: string | null) => ({
      kind: "learn",
      namespace: "n",
      id: "i",
      recall_id,
    });
    await cluster.ask(0, "restore_local", { table: "pending_tasks", rows: [task("first")] });
    await cluster.ask(0, "restore_local", { table: "pending_tasks", rows: [task("second")] });
    expect(cluster.local(0).all("SELECT * FROM pending_tasks")).toEqual([task("first")]);
  });
});
