import {
  abortAllDurableObjects,
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { InstanceRpc } from "../../src/durable/shared/instance/protocol.ts";
import type { Env } from "../../src/env.ts";
import { uuidv7 } from "../../src/memory/id.ts";
import type { Call } from "../../src/contract/call.ts";
import type { EpisodeWithSteps } from "../../src/contract/episodes/record.ts";
import type { Input, OperationName, Output } from "../../src/contract/operations.ts";
import { openDatabase } from "../../src/storage/index.ts";
import { FIRST_SCHEMA } from "../../src/storage/migrations/first-schema.ts";
import { disown } from "./disown.ts";

const bindings = env as unknown as Env;
const database = openDatabase({
  url: bindings.TURSO_DATABASE_URL,
  authToken: null,
  timeoutMs: () => 4_000,
});
const place = { index: 0, count: 1, version: 0 };
const stub = () => bindings.MEMORY_INSTANCE.getByName("instance-0");

beforeEach(disown);
afterEach(reset);

const ENDED = { type: "success" as const, verdict: "done", artifacts: [] };
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
  for (let fired = 0; fired < 50; fired++) {
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

describe("an instance in the runtime", () => {
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

  it("reads the storage that release 0.1 left, whose tables the platform lets it change", async () => {
    const id = await start("earlier");
    await log("earlier", id, "before");
    // Nothing is to be sent while the tables are changed under it.
    expect(await storedSteps("earlier", 1)).toEqual(["before"]);
    await scheduler.wait(100);
    await runInDurableObject(stub(), (_instance, { storage: { sql } }) => {
      sql.exec("ALTER TABLE steps RENAME TO former_steps");
      sql.exec(
        "CREATE TABLE steps (namespace TEXT NOT NULL, episode_id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (namespace, episode_id, number)) STRICT",
      );
      sql.exec("INSERT INTO steps SELECT * FROM former_steps");
      sql.exec("DROP TABLE former_steps");
      sql.exec("DROP TABLE outbox");
      sql.exec(
        "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, table_name TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL, due_at INTEGER NOT NULL, marked_at INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE (table_name, key)) STRICT",
      );
      sql.exec(
        "INSERT INTO outbox VALUES (1, 'episodes', json_array('earlier', ?1), 1, 0, 1, 9), (2, 'steps', json_array('earlier', ?1, 1), 1, 0, 1, 9)",
        id,
      );
      sql.exec("DROP TABLE claims");
      sql.exec(
        "CREATE TABLE claims (unit TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL) STRICT",
      );
      sql.exec("INSERT INTO claims VALUES ('{}', 3, 'adopted')");
      sql.exec(
        "CREATE TABLE errands (kind TEXT NOT NULL, namespace TEXT NOT NULL, id TEXT NOT NULL, recall_id TEXT, PRIMARY KEY (kind, namespace, id)) STRICT",
      );
      sql.exec("INSERT INTO errands VALUES ('forget', 'earlier', 'gone', NULL)");
      sql.exec(
        "UPDATE meta SET value = json_set(json_remove(value, '$.cluster', '$.restore'), '$.fleet', json('{\"turso\":null,\"r2\":null}')) WHERE name = 'control'",
      );
    });
    await evictDurableObject(stub());
    await log("earlier", id, "a");
    expect((await get("earlier", id)).steps).toHaveLength(2);
    expect(await storedSteps("earlier", 2)).toEqual(["before", "a"]);
    const held = await runInDurableObject(stub(), (_instance, { storage: { sql } }) => [
      sql.exec("SELECT shard, version, stage FROM claims").toArray(),
      sql.exec("SELECT count(*) AS n FROM sqlite_master WHERE name = 'errands'").toArray(),
      sql
        .exec("SELECT name FROM sqlite_master WHERE sql GLOB '*WITHOUT ROWID*' ORDER BY name")
        .toArray(),
    ]);
    expect(held).toEqual([
      [{ shard: "{}", version: 3, stage: "adopted" }],
      [{ n: 0 }],
      expect.arrayContaining([{ name: "cached" }, { name: "steps" }]),
    ]);
  });

  it("drops the tables in which release 0.1 kept what was learned, in its alarm, and learns what they had alone", async () => {
    const id = await start("upgraded");
    await run("episode.complete", { id, outcome: ENDED, recall_id: null }, "upgraded");
    await runInDurableObject(stub(), (_instance, { storage: { sql } }) => {
      for (const table of FIRST_SCHEMA) sql.exec(table);
      sql.exec(
        "CREATE TABLE knowledge_pending (seq INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, episode_id TEXT NOT NULL, body TEXT, UNIQUE (namespace, episode_id)) STRICT",
      );
      for (let n = 0; n < 3_000; n++)
        sql.exec(
          `INSERT INTO search_docs (namespace, kind, id, task_terms, tag_terms, outcome_terms, tool_terms,
            error_terms, trigrams, lengths) VALUES ('upgraded', 'episode', ?, 'word', '', '', '', '', '', '[]')`,
          `e${n}`,
        );
      sql.exec(
        "INSERT INTO knowledge_pending (namespace, episode_id, body) VALUES ('upgraded', ?, NULL)",
        id,
      );
    });
    await evictDurableObject(stub());
    const former = (): Promise<unknown[]> =>
      runInDurableObject(stub(), (_instance, { storage: { sql } }) =>
        sql
          .exec(
            "SELECT name FROM sqlite_master WHERE name GLOB 'search_*' OR name IN ('digests', 'patterns', 'domains', 'knowledge_pending')",
          )
          .toArray(),
      );
    await expect
      .poll(
        async () => {
          await runDurableObjectAlarm(stub());
          return former();
        },
        { timeout: 10_000 },
      )
      .toEqual([]);
    const learned = await runInDurableObject(stub(), (_instance, { storage: { sql } }) =>
      sql.exec("SELECT episode FROM learned_digests").toArray(),
    );
    expect(learned).toEqual([]);
  });

  it("has learned, after it was evicted and aborted, what it had learned before", async () => {
    const id = await start("learned");
    await log("learned", id, "a");
    await run("episode.complete", { id, outcome: ENDED, recall_id: null }, "learned");
    const found = async (): Promise<unknown> =>
      (await run("search", { q: "keep this", limit: 5, cursor: null }, "learned")).items;
    const before = await found();
    expect(before).toMatchObject([{ kind: "episode", id }]);
    await evictDurableObject(stub());
    expect(await found()).toEqual(before);
    await abortAllDurableObjects();
    expect(await found()).toEqual(before);
    const tables = await runInDurableObject(stub(), (_instance, { storage: { sql } }) =>
      sql.exec("SELECT episode FROM learned_digests").toArray(),
    );
    expect(tables).toEqual([{ episode: id }]);
  });
});
