import { describe, expect, it } from "vitest";
import { DatabaseError } from "../../../src/storage/index.ts";
import { NodeInstances } from "../../support/instances.ts";

const outage = (): never => {
  throw new DatabaseError("unreachable", "ECONNREFUSED", null);
};

describe("an instance", () => {
  it("learns its number from its calls, and keeps it", async () => {
    const cluster = new NodeInstances(3);
    expect((await cluster.ask(2, "view", null)).instance).toBe(2);
    cluster.restart(2);
    cluster.beforeCoordinator = () => {
      throw new Error("out of reach");
    };
    await cluster.instance(2).alarm();
    expect(cluster.local(2).all("SELECT value FROM meta WHERE name = 'index'")).toEqual([
      { value: "2" },
    ]);
  });

  it("asks what is in force when it wakes and when a caller has heard of more, once for many", async () => {
    const cluster = new NodeInstances(1);
    await cluster.start();
    let asked = 0;
    cluster.beforeCoordinator = (name) => void (asked += name === "control" ? 1 : 0);
    cluster.control = {
      ...cluster.control,
      version: 7,
      settings: { batch_size: 9 },
      topology: { version: 2, count: 1, previous: null },
    };
    await Promise.all([1, 2, 3].map(() => cluster.call("stats", {})));
    expect(asked).toBe(1);
    expect((await cluster.ask(0, "view", null)).control_version).toBe(7);
    cluster.restart(0);
    cluster.control = { ...cluster.control, version: 8 };
    await cluster.call("stats", {});
    expect((await cluster.ask(0, "view", null)).control_version).toBe(8);
  });

  it("takes no control document that is older than its own", async () => {
    const cluster = new NodeInstances(1);
    await cluster.change({ settings: { batch_size: 9 } });
    const older = { ...cluster.control, version: cluster.control.version - 1, settings: {} };
    expect(await cluster.ask(0, "control", older)).toEqual({ version: cluster.control.version });
  });

  it("sends what a call wrote a moment later, and has the alarm set in case that is cut short", async () => {
    const cluster = new NodeInstances(1);
    await cluster.ask(0, "view", null);
    await cluster.instance(0).alarm();
    const id = await cluster.start();
    expect(cluster.alarmAt(0)).toBe(cluster.now + 1_000);
    await expect.poll(() => storedIds(cluster)).toEqual([id]);
  });

  it("that is evicted before it sent anything has its alarm, and sends then", async () => {
    const cluster = new NodeInstances(1);
    cluster.beforeDatabase = outage;
    const id = await cluster.start();
    cluster.restart(0);
    expect(cluster.alarmAt(0)).not.toBeNull();
    cluster.beforeDatabase = () => undefined;
    cluster.now += 60_000;
    await cluster.instance(0).alarm();
    expect(storedIds(cluster)).toEqual([id]);
  });

  it("asks for no alarm when there is nothing to do", async () => {
    const cluster = new NodeInstances(1);
    await cluster.ask(0, "view", null);
    await cluster.instance(0).alarm();
    const last = cluster.alarmAt(0);
    await cluster.call("episodes.list", { filter: {}, limit: 1, cursor: null });
    expect(cluster.alarmAt(0)).toBe(last);
  });

  it("reports to the Coordinator while it serves, once a second", async () => {
    const cluster = new NodeInstances(1);
    for (let n = 0; n < 5; n++) await cluster.call("stats", {});
    expect(cluster.reports).toHaveLength(1);
    cluster.now += 1_000;
    await cluster.call("stats", {});
    expect(cluster.reports).toHaveLength(2);
    expect(cluster.reports[1]).toMatchObject({
      instance: 0,
      control_version: 1,
      dead: 0,
      overloaded: 0,
    });
  });

  it("takes over a change that the Coordinator's answer to a report speaks of", async () => {
    const cluster = new NodeInstances(1);
    await cluster.start();
    cluster.control = { ...cluster.control, version: 9 };
    cluster.now += 1_000;
    await cluster.call("stats", {});
    await expect.poll(async () => (await cluster.ask(0, "view", null)).control_version).toBe(9);
  });

  it("erases a namespace everywhere, of every instance and the database, and nothing else", async () => {
    const cluster = new NodeInstances(3);
    const gone = [await cluster.start(), await cluster.start(), await cluster.start()];
    for (const id of gone) await cluster.complete(id);
    const kept = await cluster.start("kept", { namespace: "m" });
    await cluster.complete(kept, { namespace: "m" });
    await cluster.flush();
    await cluster.start();
    await cluster.do("namespace.erase", { name: "n" });
    expect(cluster.notes).toMatchObject([{ kind: "erasure", namespace: "n" }]);
    await cluster.flush();
    expect(storedIds(cluster)).toEqual([kept]);
    for (let index = 0; index < 3; index++) {
      for (const table of TABLES_OF_NAMESPACES)
        expect([
          table,
          cluster.local(index).all(`SELECT 1 AS n FROM ${table} WHERE namespace = 'n'`),
        ]).toEqual([table, []]);
    }
    const learned = [0, 1, 2].flatMap((index) =>
      cluster.local(index).all("SELECT episode FROM learned_digests"),
    );
    expect(learned).toEqual([{ episode: kept }]);
    await cluster.start();
  });

  it("that lost its storage recalls what the database has, the same as before", async () => {
    const cluster = new NodeInstances(1);
    const id = await cluster.start("search the shelf");
    await cluster.step(id, "search_shelf");
    await cluster.complete(id);
    await cluster.flush();
    const recall = () =>
      cluster.do("recall", {
        task: "search the shelf",
        context: {},
        limit: 5,
        include: ["episodes"],
        recent_steps: [],
        max_tokens: null,
      });
    const scores = ({ episodes }: Awaited<ReturnType<typeof recall>>) =>
      episodes.map((episode) => [episode.id, episode.score]);
    const before = await recall();
    cluster.lose(0);
    const after = await recall();
    expect(after).toMatchObject({ served_by: "instance", completeness: 1, degraded: false });
    expect(after.episodes.map((episode) => episode.id)).toEqual([id]);
    expect(scores(after)).toEqual(scores(before));
  });

  it("says of an answer that is not from all episodes how many of them are there", async () => {
    const cluster = new NodeInstances(1);
    const id = await cluster.start("search the shelf");
    await cluster.complete(id);
    await cluster.flush();
    cluster.lose(0);
    cluster.beforeDatabase = outage;
    const asked = {
      task: "search the shelf",
      context: {},
      limit: 5,
      include: ["episodes" as const],
      recent_steps: [],
      max_tokens: null,
    };
    expect(await cluster.do("recall", asked)).toMatchObject({
      completeness: 0,
      degraded: true,
      episodes: [],
    });
    await cluster.heal();
    expect(await cluster.do("recall", asked)).toMatchObject({
      completeness: 1,
      degraded: false,
      episodes: [{ id }],
    });
  });

  it("goes on loading as soon as the database is back, however long it was away", async () => {
    const cluster = new NodeInstances(1);
    await cluster.complete(await cluster.start());
    await cluster.flush();
    cluster.lose(0);
    await cluster.ask(0, "view", null);
    cluster.beforeDatabase = outage;
    await cluster.call("stats", {});
    for (let fired = 0; fired < 20; fired++) {
      cluster.now += 30_000;
      await cluster.instance(0).alarm();
    }
    const loading = async () => (await cluster.ask(0, "view", null)).background?.loading;
    expect(await loading()).toMatchObject({ namespaces: 1 });
    cluster.beforeDatabase = () => undefined;
    const isClosed = async () =>
      (await cluster.ask(0, "view", null)).breakers.turso.state === "closed";
    for (let fired = 0; !(await isClosed()) && fired < 300; fired++) {
      cluster.now += 200;
      await cluster.instance(0).alarm();
    }
    cluster.now += 100;
    await cluster.instance(0).alarm();
    expect(await loading()).toMatchObject({ namespaces: 0, last_error: null });
  });

  it("says how it is", async () => {
    const cluster = new NodeInstances(1);
    const running = await cluster.start();
    const ended = await cluster.start();
    await cluster.complete(ended);
    const view = await cluster.ask(0, "view", null);
    expect(view).toMatchObject({
      instance: 0,
      active_episodes: 1,
      cached_episodes: 2,
      in_flight: 0,
      moving: false,
      breakers: { turso: { state: "closed" } },
      background: { tasks: { pending: 0, dead: 0 }, failing: [] },
    });
    expect(view.oldest_active_at).toBe(new Date(cluster.now).toISOString());
    expect(view.outbox.rows).toBe(2);
    const health = await cluster.ask(0, "health", { wait_ms: 1_000 });
    expect(health).toMatchObject({ probe_write: { failed: null }, schema_problems: [] });
    expect(health.schema_version).toBeGreaterThan(1);
    expect(running).not.toBe(ended);
  });
});

const TABLES_OF_NAMESPACES = [
  "episodes",
  "steps",
  "cached",
  "pending_tasks",
  "task_failures",
  "recalls",
  "knowledge_usage",
  "learned_homes",
  "learned_namespaces",
  "learned_forgotten",
];

function storedIds(cluster: NodeInstances): unknown[] {
  try {
    return cluster.stored.all("SELECT id FROM episodes ORDER BY id").map((row) => row["id"]);
  } catch {
    // Nothing was written yet, and so the tables are not made.
    return [];
  }
}

describe("the storage of release 0.1", () => {
  it("is read: tasks, claims and the control document are under other names there", async () => {
    const cluster = new NodeInstances(1);
    const id = await cluster.start();
    await cluster.complete(id);
    const sql = cluster.local(0);
    sql.run(`CREATE TABLE errands (kind TEXT NOT NULL, namespace TEXT NOT NULL, id TEXT NOT NULL,
      recall_id TEXT, PRIMARY KEY (kind, namespace, id)) STRICT`);
    sql.run("INSERT INTO errands VALUES ('learn', 'n', ?, 'r')", id);
    sql.run("DROP TABLE pending_tasks");
    sql.run("DROP TABLE claims");
    sql.run(
      "CREATE TABLE claims (unit TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL) STRICT",
    );
    const shard = JSON.stringify({ kind: "namespace", namespace: "n" });
    sql.run("INSERT INTO claims VALUES (?, 3, 'adopted')", shard);
    const { cluster: _cluster, restore: _restore, ...control } = cluster.control;
    const document = { ...control, version: 4, fleet: { turso: null, r2: null } };
    sql.run("UPDATE meta SET value = ? WHERE name = 'control'", JSON.stringify(document));

    cluster.restart(0);
    cluster.beforeCoordinator = () => {
      throw new Error("out of reach");
    };
    expect((await cluster.ask(0, "view", null)).control_version).toBe(4);
    expect(sql.all("SELECT * FROM pending_tasks")).toEqual([
      { kind: "learn", namespace: "n", id, recall_id: "r" },
    ]);
    expect(sql.all("SELECT * FROM claims")).toEqual([{ shard, version: 3, stage: "adopted" }]);
    expect(sql.all("SELECT name FROM sqlite_master WHERE name = 'errands'")).toEqual([]);
    expect((await cluster.step(await cluster.start(), "a")).accepted).toBe(1);
  });
});
