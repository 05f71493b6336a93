import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Call } from "../../src/contract/call.ts";
import type { Input, OperationName, Output } from "../../src/contract/operations.ts";
import type { InstanceRpc } from "../../src/durable/shared/instance/protocol.ts";
import type { Env } from "../../src/env.ts";
import { uuidv7 } from "../../src/memory/id.ts";
import { disown } from "./disown.ts";

const bindings = env as unknown as Env;
const NAMESPACE = "rows";
const place = { index: 0, count: 1, version: 0 };
const stub = () => bindings.MEMORY_INSTANCE.getByName("instance-0");
const CALL: Call = {
  key_hash: null,
  root: true,
  namespace: NAMESPACE,
  request_id: "test",
  traceparent: null,
  idempotency: null,
  wait_stored: false,
  timeout_ms: null,
  forwarded: false,
};

/** What is billed: rows that statements wrote, and alarms that were set. */
let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
let alarms = 0;
let unwatch: () => void = () => undefined;

/** Counts what any object of this isolate writes. */
function watch(storage: DurableObjectStorage): () => void {
  const sqls = Object.getPrototypeOf(storage.sql) as SqlStorage;
  const storages = Object.getPrototypeOf(storage) as DurableObjectStorage;
  // Each is called with its object below.
  // oxlint-disable-next-line typescript/unbound-method
  const [exec, setAlarm] = [sqls.exec, storages.setAlarm];
  sqls.exec = function counted(this: SqlStorage, ...args: Parameters<SqlStorage["exec"]>) {
    const cursor = exec.apply(this, args);
    cursors.push(cursor);
    return cursor;
  } as SqlStorage["exec"];
  storages.setAlarm = function counted(this: DurableObjectStorage, ...args) {
    alarms += 1;
    return setAlarm.apply(this, args);
  };
  return () => Object.assign(sqls, { exec }) && Object.assign(storages, { setAlarm });
}

beforeEach(async () => {
  await disown();
  await start("the first of all makes the tables and begins to load the namespace");
  unwatch = await runInDurableObject(stub(), (_instance, { storage }) => watch(storage));
  await drained();
});
afterEach(async () => {
  unwatch();
  await reset();
});

async function run<N extends OperationName>(name: N, input: Input<N>): Promise<Output<N>> {
  const { result } = await (stub() as unknown as InstanceRpc).execute(place, name, input, CALL);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value;
}

async function start(task: string): Promise<string> {
  const id = uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
  const context = {
    domain: "",
    language: null,
    framework: null,
    complexity: "simple" as const,
    tags: [],
  };
  await run("episode.start", { id, task, task_type: "other", context, metadata: {}, tags: [] });
  return id;
}

function stepOf(n: number) {
  const tool = ["find_order", "get_details", "check_stock", "cancel", "answer"][n % 5] ?? "";
  const rest = { action: "", parameters: { n }, latency_ms: null, tokens: null, metadata: {} };
  return { tool, result: null, ...rest };
}

/** Until the database has all of it, and what is done afterwards is done. */
async function drained(): Promise<void> {
  const waiting = (): Promise<number> =>
    runInDurableObject(stub(), (_instance, { storage: { sql } }) =>
      Number(sql.exec("SELECT count(*) AS n FROM outbox").one()["n"]),
    );
  await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
  await runDurableObjectAlarm(stub());
  await scheduler.wait(500);
}

/** Rows that this writes, for each of so many. */
async function written(many: number, work: (n: number) => Promise<void>): Promise<number> {
  cursors = [];
  alarms = 0;
  for (let n = 0; n < many; n++) await work(n);
  await drained();
  const rows = cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
  return (rows + alarms) / many;
}

const STEPS = 100;
const EPISODES = 30;

it("a step is at most 4.5 rows, among many: itself, its episode, the outbox, its counter", async () => {
  const id = await start("many steps");
  const rows = await written(STEPS, async (n) => {
    await run("episode.steps", { id, steps: [stepOf(n)] });
  });
  expect(rows).toBeGreaterThan(2);
  expect(rows).toBeLessThanOrEqual(4.5);
});

it("an episode of seven steps is at most 60 rows from its start to what was learned of it", async () => {
  const rows = await written(EPISODES, async (n) => {
    const id = await start(`change order ${n} of customer ${n * 7}`);
    const steps = Array.from({ length: 7 }, (_, i) => stepOf(i + n));
    await run("episode.steps", { id, steps });
    const outcome = { type: "success" as const, verdict: `order ${n} is changed`, artifacts: [] };
    await run("episode.complete", { id, outcome, recall_id: null });
  });
  expect(rows).toBeGreaterThan(15);
  expect(rows).toBeLessThanOrEqual(60);
});
