import {
  abortAllDurableObjects,
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Coordinator } from "../../src/durable/index.ts";
import type { InstanceRpc } from "../../src/durable/shared/instance/protocol.ts";
import type { Env } from "../../src/env.ts";
import { uuidv7 } from "../../src/memory/id.ts";
import type { Call } from "../../src/contract/call.ts";
import type { EpisodeWithSteps } from "../../src/contract/episodes/record.ts";
import type { Input, OperationName, Output } from "../../src/contract/operations.ts";
import { openDatabase } from "../../src/storage/index.ts";

const bindings = env as unknown as Env;
const database = openDatabase({
  url: bindings.TURSO_DATABASE_URL,
  authToken: null,
  timeoutMs: () => 4_000,
});
const place = { index: 0, count: 1, version: 0 };
const stub = () => bindings.MEMORY_INSTANCE.getByName("instance-0");

afterEach(reset);

const ROOT: Call = {
  key_hash: null,
  root: true,
  namespace: null,
  request_id: "test",
  traceparent: null,
  idempotency: null,
  wait_stored: false,
  timeout_ms: null,
  forwarded: false,
};

async function run<N extends OperationName>(
  name: N,
  input: Input<N>,
  namespace: string,
): Promise<Output<N>> {
  const call = { ...ROOT, namespace };
  const { result } = await (stub() as unknown as InstanceRpc).execute(place, name, input, call);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value;
}

async function start(namespace: string): Promise<string> {
  const id = uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
  const context = {
    domain: "",
    language: null,
    framework: null,
    complexity: "simple" as const,
    tags: [],
  };
  await run(
    "episode.start",
    { id, task: "keep this", task_type: "other", context, metadata: {}, tags: [] },
    namespace,
  );
  return id;
}

async function get(namespace: string, id: string): Promise<EpisodeWithSteps> {
  return JSON.parse((await run("episode.get", { id }, namespace)).json) as EpisodeWithSteps;
}

async function log(namespace: string, id: string, tool: string): Promise<void> {
  const step = {
    tool,
    action: "",
    parameters: {},
    result: null,
    latency_ms: null,
    tokens: null,
    metadata: {},
  };
  await run("episode.steps", { id, steps: [step] }, namespace);
}

/** Rings the alarm until the database has what is expected. */
async function storedSteps(namespace: string, expected: number): Promise<string[]> {
  for (let rings = 0; rings < 50; rings++) {
    await runDurableObjectAlarm(stub());
    const rows = await database
      .all<{ tool: string }>(
        "SELECT json_extract(body, '$.tool') AS tool FROM steps WHERE namespace = ? ORDER BY number",
        namespace,
      )
      .catch(() => []);
    if (rows.length >= expected) return rows.map((row) => row.tool);
    await scheduler.wait(50);
  }
  return [];
}

describe("an instance", () => {
  it("answers with an episode as it is after each change, however often it was read before", async () => {
    const namespace = "read";
    const id = await start(namespace);
    const seen = async (): Promise<[number, number]> => {
      await get(namespace, id);
      const { version, steps } = await get(namespace, id);
      return [version, steps.length];
    };
    let before = await seen();
    const changes: (() => Promise<unknown>)[] = [
      () => log(namespace, id, "a"),
      () => run("episode.tags.add", { id, tags: ["x"] }, namespace),
      () =>
        run("episode.patch", { id, if_match: null, changes: { metadata: { y: "1" } } }, namespace),
      () => log(namespace, id, "b"),
      () => run("episode.fail", { id, reason: "it did not work", details: null }, namespace),
    ];
    for (const change of changes) {
      await change();
      const after = await seen();
      expect(after[0]).toBeGreaterThan(before[0]);
      before = after;
    }
    expect(before[1]).toBe(2);
    await run("episode.delete", { id, if_match: null }, namespace);
    await expect(get(namespace, id)).rejects.toThrow("not_found");
  });

  it("that is evicted between acknowledge and flush has lost nothing", async () => {
    const id = await start("evicted");
    await log("evicted", id, "a");
    await evictDurableObject(stub());
    await log("evicted", id, "b");
    await evictDurableObject(stub());
    const { steps } = await get("evicted", id);
    expect(steps.map((step) => step.tool)).toEqual(["a", "b"]);
    expect(await storedSteps("evicted", 2)).toEqual(["a", "b"]);
  });

  it("that is aborted between acknowledge and flush has lost nothing", async () => {
    const id = await start("aborted");
    await log("aborted", id, "a");
    await abortAllDurableObjects();
    expect(await storedSteps("aborted", 1)).toEqual(["a"]);
    expect((await get("aborted", id)).steps).toHaveLength(1);
  });

  it("that cannot ask what is in force says so, as a refusal and not as a bug", async () => {
    const silent = vi
      .spyOn(Coordinator.prototype, "command")
      .mockRejectedValue(new Error("out of reach"));
    try {
      const newer = { index: 0, count: 1, version: 99 };
      const call = { ...ROOT, namespace: "unsettled" };
      const { result } = await (stub() as unknown as InstanceRpc).execute(newer, "stats", {}, call);
      expect(result).toMatchObject({ ok: false, error: { code: "not_ready", retry_after_s: 1 } });
    } finally {
      silent.mockRestore();
    }
  });

  it("closes what nobody writes to as abandoned, and still lets it be completed", async () => {
    const id = await start("idle");
    // An hour without a write, without the wait.
    await runInDurableObject(stub(), (_instance, state) => {
      state.storage.sql.exec("UPDATE episodes SET updated_at = updated_at - 3600001");
    });
    await runDurableObjectAlarm(stub());
    expect((await get("idle", id)).status).toBe("abandoned");
    await expect(log("idle", id, "late")).rejects.toThrow("episode_ended");
    const outcome = { type: "success" as const, verdict: "", artifacts: [] };
    expect((await run("episode.complete", { id, outcome, recall_id: null }, "idle")).status).toBe(
      "completed",
    );
  });

  it("keeps no more ended episodes than its bound, and reads the others from the database", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 15; i++) {
      const id = await start("bounded");
      await log("bounded", id, `t${i}`);
      await run(
        "episode.complete",
        { id, outcome: { type: "success", verdict: "", artifacts: [] }, recall_id: null },
        "bounded",
      );
      ids.push(id);
    }
    await storedSteps("bounded", 15);
    const held = (): Promise<number> =>
      runInDurableObject(stub(), (_instance, state) =>
        Number(state.storage.sql.exec("SELECT count(*) AS n FROM episodes").one()["n"]),
      );
    for (let rings = 0; rings < 50 && (await held()) > 10; rings++) {
      await runDurableObjectAlarm(stub());
      await scheduler.wait(50);
    }
    expect(await held()).toBe(10);
    for (const [i, id] of ids.entries()) {
      expect((await get("bounded", id)).steps.map((step) => step.tool)).toEqual([`t${i}`]);
    }
  });

  it("that lost its storage recalls what the database knows", async () => {
    const id = await start("lost");
    await log("lost", id, "search_shelf");
    await run(
      "episode.complete",
      { id, outcome: { type: "success", verdict: "", artifacts: [] }, recall_id: null },
      "lost",
    );
    for (let rings = 0; rings < 80; rings++) {
      await runDurableObjectAlarm(stub());
      const rows = await database.all(
        "SELECT (SELECT count(*) FROM search_docs WHERE namespace = 'lost') AS n",
      );
      const marks = await runInDurableObject(stub(), (_instance, state) =>
        Number(state.storage.sql.exec("SELECT count(*) AS n FROM outbox").one()["n"]),
      );
      if (Number(rows[0]?.["n"]) > 0 && marks === 0) break;
      await scheduler.wait(100);
    }
    await reset();
    const recall = {
      task: "keep this",
      context: {},
      limit: 5,
      include: ["episodes" as const],
      recent_steps: [],
      max_tokens: null,
    };
    const cold = await run("recall", recall, "lost");
    expect(cold).toMatchObject({ served_by: "database", degraded: false });
    expect(cold.episodes.map((episode) => episode.id)).toEqual([id]);
    let warm = cold;
    for (let rings = 0; rings < 80 && warm.served_by === "database"; rings++) {
      await runDurableObjectAlarm(stub());
      warm = await run("recall", recall, "lost");
      await scheduler.wait(50);
    }
    expect(warm.served_by).toBe("instance");
    expect(warm.episodes.map(({ id: found, score }) => [found, score.toFixed(6)])).toEqual(
      cold.episodes.map(({ id: found, score }) => [found, score.toFixed(6)]),
    );
  });
});
