/**
 * What instances have gathered goes to the database all at once, while another writes there and a
 * client goes on: one instance beside eight.
 *
 * @module
 */

import { createClient, type Client } from "@libsql/client/web";
import { Sqld } from "../../../test/support/processes/sqld.ts";
import { until } from "../../../test/support/processes/until.ts";
import { rowsOf } from "../../../test/support/service/database.ts";
import { ADMIN_TOKEN, Service } from "../../../test/support/service/service.ts";
import { ms, quantile, start, type Report } from "./report.ts";

/** Rows that wait before instances flush. */
const GATHERED = 40_000;
const STEPS_OF_EPISODE = 1_000;
const STEPS_OF_REQUEST = 100;
const FLUSH_MS = 240_000;
const WAIT_MAX_MS = 1_000;
/**
 * How often it is tried with one instance and with eight, in turn; the middle figure counts, and
 * the longest wait.
 */
const ROUNDS = 3;

interface Flush {
  /** Rows. */
  perSecond: number;
  /** The longest wait of another writer at the database, ms. */
  other: number;
  /** The longest wait of a client of the service, ms. */
  client: number;
}

export async function together(report: Report): Promise<void> {
  const rounds = { 1: [] as Flush[], 8: [] as Flush[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const count of [1, 8] as const) rounds[count].push(await flushOf(count));
  const [one, eight] = [middle(rounds[1]), middle(rounds[8])];

  console.log(
    `\n${GATHERED} rows that instances send at once, beside a client and another writer\n`,
  );
  reportFlush(report, "1 instance", one);
  reportFlush(report, "8 instances", eight);
  const ratio = eight.perSecond / one.perSecond;
  report.target("rows per second, 8 instances by 1", ratio.toFixed(2), "at least 1", ratio >= 1);
}

function middle(rounds: readonly Flush[]): Flush {
  const by = (figure: keyof Flush, share: number): number =>
    quantile(
      rounds.map((one) => one[figure]),
      share,
    );
  return { perSecond: by("perSecond", 0.5), other: by("other", 1), client: by("client", 1) };
}

function reportFlush(report: Report, who: string, { perSecond, other, client }: Flush): void {
  const target = "at most 1,000 ms";
  report.note(`rows in the database per second, ${who}`, perSecond.toFixed(0));
  report.target("  longest wait of a client's write", ms(client), target, client <= WAIT_MAX_MS);
  report.target("  longest wait of the other writer", ms(other), target, other <= WAIT_MAX_MS);
}

async function flushOf(count: number): Promise<Flush> {
  const database = await Sqld.start();
  const vars = { INSTANCE_COUNT: String(count) };
  const service = await Service.start(database.url, vars, { variant: "deployed" });
  const other = createClient({ url: database.url });
  try {
    const key = await service.key("together");
    await gather(service, key);
    return await flush(database, service, key, other);
  } finally {
    other.close();
    await service.remove();
    await database.remove();
  }
}

/** Writes steps while the breaker is held open, so that they wait. */
async function gather(service: Service, key: string): Promise<void> {
  const body = { backend: "turso", ttl_seconds: 600, reason: "bench" };
  await service.call("POST", "/admin/circuit-breaker/open", { key: ADMIN_TOKEN, body });
  const tasks = Array.from({ length: GATHERED / STEPS_OF_EPISODE }, (_, i) => `task ${i}`);
  const ids = await Promise.all(tasks.map((task) => start(service, key, task)));
  for (const id of ids)
    for (let n = 1; n <= STEPS_OF_EPISODE; n += STEPS_OF_REQUEST)
      await write(service, key, { id, from: n, count: STEPS_OF_REQUEST });
}

/** @returns how long it took, ms */
async function write(
  service: Service,
  key: string,
  { id, from, count }: { id: string; from: number; count: number },
): Promise<number> {
  const result = { type: "success", output: "x".repeat(500) };
  const steps = Array.from({ length: count }, (_, i) => ({
    number: from + i,
    tool: "work",
    result,
  }));
  const sent = performance.now();
  const path = `/v1/episodes/${id}/steps`;
  const { status } = await service.call("POST", path, { key, body: { steps } });
  if (status !== 201) throw new Error(`a write was answered with ${status}`);
  return performance.now() - sent;
}

async function flush(database: Sqld, service: Service, key: string, other: Client): Promise<Flush> {
  const id = await start(service, key, "goes on");
  await other.execute("CREATE TABLE other (at INTEGER)");
  const longest = { other: 0, client: 0 };
  let isFlushing = true;
  const watching = (async () => {
    for (let n = 1; isFlushing && n <= STEPS_OF_EPISODE; n++) {
      const sent = performance.now();
      await other
        .execute("INSERT INTO other (at) VALUES (1)")
        .catch(() => (longest.other = Number.POSITIVE_INFINITY));
      longest.other = Math.max(longest.other, performance.now() - sent);
      longest.client = Math.max(
        longest.client,
        await write(service, key, { id, from: n, count: 1 }),
      );
    }
  })();
  const begun = performance.now();
  const body = { backend: "turso" };
  await service.call("POST", "/admin/circuit-breaker/reset", { key: ADMIN_TOKEN, body });
  const sql = `SELECT count(*) AS n FROM steps WHERE episode_id <> '${id}'`;
  await until(
    "every step is stored",
    async () => (await rowsOf(database.url, sql))[0]?.["n"] === GATHERED,
    FLUSH_MS,
  );
  const perSecond = (GATHERED / (performance.now() - begun)) * 1_000;
  isFlushing = false;
  await watching;
  return { perSecond, ...longest };
}
