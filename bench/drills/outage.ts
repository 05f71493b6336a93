/**
 * What clients feel of a bad database: an outage under load, a read that only the database could
 * answer, a slow database, and eight instances that flush at once. Prints each figure beside its
 * target; ends with 1 when one is missed.
 *
 *   node bench/drills/outage.ts [seconds of the outage, 60] [which part: outage, misses or together; all]
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@libsql/client/web";
import { rowsOf, storedSteps } from "../../test/support/service/database.ts";
import { FaultProxy } from "../../test/support/processes/fault-proxy.ts";
import { ADMIN_TOKEN, Service } from "../../test/support/service/service.ts";
import { Sqld } from "../../test/support/processes/sqld.ts";
import { until } from "../../test/support/processes/until.ts";

// A signal without a handler would leave the database and the runtime, which has a process group of
// its own, behind.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

const OUTAGE_S = Number(process.argv[2] ?? 60);
const PART = process.argv[3];
const BEFORE_S = Math.max(10, OUTAGE_S / 3);
const WRITES_PER_S = 50;
const EPISODES = 10;
/** Rows that wait before instances flush at once. */
const GATHERED = 40_000;
/**
 * How often that is tried with one instance and with eight, in turn; the middle figure counts, and
 * the longest wait.
 */
const ROUNDS = 3;

let missed = 0;
function show(what: string, figure: string, target: string, good: boolean): void {
  if (!good) missed += 1;
  console.log(
    `${what.padEnd(58)} ${figure.padStart(14)}   ${target.padEnd(24)} ${good ? "ok" : "MISSED"}`,
  );
}
const at = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? 0;
const ms = (value: number): string => `${value.toFixed(1)} ms`;

interface Logged {
  event: string;
  from?: string;
  to?: string;
  cause?: string;
  backend?: string;
}
function logged(service: Service, event: string): Logged[] {
  return service
    .log()
    .split("\n")
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"), line.lastIndexOf("}") + 1)) as Logged);
}

interface InstanceState {
  outbox: { rows: number; dead: number };
  breakers: { turso: { state: string } };
}
async function instances(service: Service): Promise<InstanceState[]> {
  return (await service.call("GET", "/admin/instances", { key: ADMIN_TOKEN })).body
    .instances as InstanceState[];
}
async function unsent(service: Service): Promise<number> {
  return (await instances(service)).reduce((sum, { outbox }) => sum + outbox.rows + outbox.dead, 0);
}
async function start(service: Service, key: string, task: string): Promise<string> {
  return String((await service.call("POST", "/v1/episodes", { key, body: { task } })).body.id);
}

/** Writes at a steady rate, whether the answers come or not. */
async function steadily(seconds: number, write: (n: number) => Promise<void>): Promise<void> {
  const writes: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 0; n < seconds * WRITES_PER_S; n++) {
    const due = begun + (n * 1_000) / WRITES_PER_S;
    if (due > performance.now()) await sleep(due - performance.now());
    writes.push(write(n));
  }
  await Promise.all(writes);
}

async function outage(): Promise<void> {
  const database = await Sqld.start();
  const service = await Service.start(
    database.url,
    { INSTANCE_COUNT: "1" },
    { variant: "deployed" },
  );
  const key = await service.key("outage");
  const ids = await Promise.all(
    Array.from({ length: EPISODES }, (_, i) => start(service, key, `task ${i}`)),
  );
  const acknowledged: string[] = [];
  let refused = 0;
  let number = 0;
  const times = {
    before: [] as number[],
    during: [] as number[],
    "until it is back": [] as number[],
  };
  let phase: keyof typeof times = "before";
  const write = async (n: number): Promise<void> => {
    const id = ids[n % ids.length] ?? "";
    const body = {
      number: Math.floor(number++ / ids.length) + 1,
      tool: "work",
      result: { type: "success" },
    };
    const sent = performance.now();
    const mine = phase;
    const { status } = await service.call("POST", `/v1/episodes/${id}/steps`, { key, body });
    times[mine].push(performance.now() - sent);
    if (status === 201) acknowledged.push(`${id} ${body.number}`);
    else refused += 1;
  };
  await steadily(3, write);
  times.before.length = 0;
  await steadily(BEFORE_S, write);
  phase = "during";
  await database.kill();
  await steadily(OUTAGE_S, write);
  phase = "until it is back";
  await database.start();
  const back = performance.now();
  await until("the outbox is empty", async () => (await unsent(service)) === 0, 120_000);
  const drainedS = (performance.now() - back) / 1_000;
  await until("the breaker is closed", async () =>
    (await instances(service)).every(({ breakers }) => breakers.turso.state === "closed"),
  );
  const stored = await storedSteps(database.url);
  const transitions = logged(service, "breaker_transition").filter(
    ({ backend }) => backend === "turso",
  );
  const opened = transitions.filter(({ from, to }) => from === "closed" && to === "open").length;
  const probed = transitions.filter(({ to }) => to === "half_open").length;
  const closed = transitions.filter(({ to }) => to === "closed").length;
  const lost = acknowledged.filter((step) => !stored.includes(step)).length;
  console.log(`\nDatabase stopped for ${OUTAGE_S} s under ${WRITES_PER_S} writes a second\n`);
  show("writes acknowledged", String(acknowledged.length), "", true);
  show("writes refused", String(refused), "0", refused === 0);
  show("acknowledged and not in the database", String(lost), "0", lost === 0);
  show(
    "in the database twice",
    String(stored.length - new Set(stored).size),
    "0",
    stored.length === new Set(stored).size,
  );
  show("outbox empty after its return", `${drainedS.toFixed(1)} s`, "at most 10 s", drainedS <= 10);
  show("breaker opened", `${opened} ×`, "1", opened === 1);
  show("breaker probed", `${probed} ×`, "at least 1", probed >= 1);
  show("breaker closed", `${closed} ×`, "1", closed === 1);
  const ratio = at(times.during, 0.99) / at(times.before, 0.99);
  show("p99 of writes before", ms(at(times.before, 0.99)), "", true);
  show("p99 of writes during the outage", ms(at(times.during, 0.99)), "", true);
  show("p99 during by p99 before", ratio.toFixed(2), "at most 2", ratio <= 2);
  await service.remove();
  await database.remove();
}

async function misses(): Promise<void> {
  const database = await Sqld.start();
  const proxy = await FaultProxy.start(database.port);
  const service = await Service.start(proxy.url, { INSTANCE_COUNT: "1" }, { variant: "deployed" });
  const key = await service.key("misses");
  const id = await start(service, key, "here");
  await until("it is stored", async () => (await unsent(service)) === 0);
  console.log("\nA slow database, and reads with the breaker open\n");

  proxy.delayMs = 2_000;
  const slow = performance.now();
  await until(
    "slow calls open the breaker",
    async () => {
      await service.call("GET", `/v1/episodes/${crypto.randomUUID()}`, { key });
      return (await instances(service)).every(({ breakers }) => breakers.turso.state !== "closed");
    },
    120_000,
  );
  const opening = (): Logged | undefined =>
    logged(service, "breaker_transition").find(({ to }) => to === "open");
  await until("it is logged", () => opening() !== undefined);
  const cause = String(opening()?.cause);
  show(
    "a database that answers in 2 s opens it by",
    cause,
    "slow_call_rate",
    cause === "slow_call_rate",
  );
  show("after", `${((performance.now() - slow) / 1_000).toFixed(1)} s`, "", true);
  proxy.delayMs = 0;

  const body = { backend: "turso", ttl_seconds: 600, reason: "bench" };
  await service.call("POST", "/admin/circuit-breaker/open", { key: ADMIN_TOKEN, body });
  const timed = async (path: string, status: number): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < 300; i++) {
      const sent = performance.now();
      const answer = await service.call("GET", path.replace("{}", crypto.randomUUID()), { key });
      times.push(performance.now() - sent);
      if (answer.status !== status)
        throw new Error(`${path} answered ${answer.status}, not ${status}`);
    }
    return times;
  };
  const hit = await timed(`/v1/episodes/${id}`, 200);
  const miss = await timed("/v1/episodes/{}", 503);
  const more = at(miss, 0.5) - at(hit, 0.5);
  show("p50 of a hit, breaker open", ms(at(hit, 0.5)), "", true);
  show("p50 of a miss (503), breaker open", ms(at(miss, 0.5)), "", true);
  show("a miss takes longer by", ms(more), "at most 20 ms", more <= 20);
  await service.remove();
  await proxy.remove();
  await database.remove();
}

interface Together {
  /** Rows. */
  perSecond: number;
  /** The longest wait of another writer, and of a client, ms. */
  beside: number;
  client: number;
}

/**
 * What instances have gathered goes to the database all at once, while others write there and
 * clients go on.
 */
async function together(count: number): Promise<Together> {
  const database = await Sqld.start();
  const service = await Service.start(
    database.url,
    { INSTANCE_COUNT: String(count) },
    { variant: "deployed" },
  );
  try {
    return await flushed(database, service);
  } finally {
    await service.remove();
    await database.remove();
  }
}

async function flushed(database: Sqld, service: Service): Promise<Together> {
  const key = await service.key("together");
  const write = async (id: string, from: number, count: number): Promise<number> => {
    const result = { type: "success", output: "x".repeat(500) };
    const steps = Array.from({ length: count }, (_, i) => ({
      number: from + i,
      tool: "work",
      result,
    }));
    const sent = performance.now();
    const { status } = await service.call("POST", `/v1/episodes/${id}/steps`, {
      key,
      body: { steps },
    });
    if (status !== 201) throw new Error(`a write was answered with ${status}`);
    return performance.now() - sent;
  };
  const held = { backend: "turso", ttl_seconds: 600, reason: "bench" };
  await service.call("POST", "/admin/circuit-breaker/open", { key: ADMIN_TOKEN, body: held });
  const ids = await Promise.all(
    Array.from({ length: GATHERED / 1_000 }, (_, i) => start(service, key, `task ${i}`)),
  );
  const other = await start(service, key, "goes on");
  for (const id of ids) for (let n = 1; n <= 1_000; n += 100) await write(id, n, 100);
  const canary = createClient({ url: database.url });
  await canary.execute("CREATE TABLE canary (at INTEGER)");
  const longest = { beside: 0, client: 0 };
  let busy = true;
  const watching = (async () => {
    for (let n = 1; busy && n <= 1_000; n++) {
      const sent = performance.now();
      await canary
        .execute("INSERT INTO canary (at) VALUES (1)")
        .catch(() => (longest.beside = Number.POSITIVE_INFINITY));
      longest.beside = Math.max(longest.beside, performance.now() - sent);
      longest.client = Math.max(longest.client, await write(other, n, 1));
    }
  })();
  const begun = performance.now();
  await service.call("POST", "/admin/circuit-breaker/reset", {
    key: ADMIN_TOKEN,
    body: { backend: "turso" },
  });
  const text = `SELECT count(*) AS n FROM steps WHERE episode_id <> '${other}'`;
  await until(
    "every step is stored",
    async () => (await rowsOf(database.url, text))[0]?.["n"] === GATHERED,
    240_000,
  );
  const perSecond = (GATHERED / (performance.now() - begun)) * 1_000;
  busy = false;
  await watching;
  canary.close();
  return { perSecond, ...longest };
}

async function turns(): Promise<void> {
  const rounds = { 1: [] as Together[], 8: [] as Together[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const count of [1, 8] as const) rounds[count].push(await together(count));
  const middle = (of: readonly Together[]): Together => {
    const by = (figure: keyof Together, share: number): number =>
      at(
        of.map((one) => one[figure]),
        share,
      );
    return { perSecond: by("perSecond", 0.5), beside: by("beside", 1), client: by("client", 1) };
  };
  const [one, eight] = [middle(rounds[1]), middle(rounds[8])];
  console.log(
    `\n${GATHERED} rows that instances send at once, beside a client and another writer\n`,
  );
  for (const [count, { perSecond, beside, client }] of [
    [1, one],
    [8, eight],
  ] as const) {
    show(
      `rows in the database per second, ${count} instance${count > 1 ? "s" : ""}`,
      perSecond.toFixed(0),
      "",
      true,
    );
    show("  longest wait of a client's write", ms(client), "at most 1,000 ms", client <= 1_000);
    show("  longest wait of the other writer", ms(beside), "at most 1,000 ms", beside <= 1_000);
  }
  const ratio = eight.perSecond / one.perSecond;
  show("rows per second, 8 instances by 1", ratio.toFixed(2), "at least 1", ratio >= 1);
}

const parts = { outage, misses, together: turns };
for (const [name, part] of Object.entries(parts))
  if (PART === undefined || PART === name) await part();
process.exitCode = missed > 0 ? 1 : 0;
