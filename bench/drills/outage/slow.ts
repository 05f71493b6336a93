/**
 * A slow database, which opens the breaker, and what reads cost while it is open.
 *
 * @module
 */

import { FaultProxy } from "../../../test/support/processes/fault-proxy.ts";
import { Sqld } from "../../../test/support/processes/sqld.ts";
import { until } from "../../../test/support/processes/until.ts";
import { ADMIN_TOKEN, Service } from "../../../test/support/service/service.ts";
import { instances, ms, quantile, start, transitions, unsent, type Report } from "./report.ts";

const SLOW_MS = 2_000;
const OPEN_MS = 120_000;
const READS = 300;

export async function slow(report: Report): Promise<void> {
  const database = await Sqld.start();
  const proxy = await FaultProxy.start(database.port);
  const service = await Service.start(proxy.url, { INSTANCE_COUNT: "1" }, { variant: "deployed" });
  const key = await service.key("misses");
  const id = await start(service, key, "here");
  await until("it is stored", async () => (await unsent(service)) === 0);

  console.log("\nA slow database, and reads with the breaker open\n");
  proxy.delayMs = SLOW_MS;
  await opens(report, service, key);
  proxy.delayMs = 0;
  await reads(report, service, key, id);
  await service.remove();
  await proxy.remove();
  await database.remove();
}

async function opens(report: Report, service: Service, key: string): Promise<void> {
  const begun = performance.now();
  await until(
    "slow calls open the breaker",
    async () => {
      await service.call("GET", `/v1/episodes/${crypto.randomUUID()}`, { key });
      return (await instances(service)).every(({ breakers }) => breakers.turso.state !== "closed");
    },
    OPEN_MS,
  );
  const opening = () => transitions(service).find(({ to }) => to === "open");
  await until("it is logged", () => opening() !== undefined);
  const cause = String(opening()?.cause);
  report.target(
    "a database that answers in 2 s opens it by",
    cause,
    "slow_call_rate",
    cause === "slow_call_rate",
  );
  report.note("after", `${((performance.now() - begun) / 1_000).toFixed(1)} s`);
}

async function reads(report: Report, service: Service, key: string, id: string): Promise<void> {
  const body = { backend: "turso", ttl_seconds: 600, reason: "bench" };
  await service.call("POST", "/admin/circuit-breaker/open", { key: ADMIN_TOKEN, body });
  const timed = async (path: () => string, status: number): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < READS; i++) {
      const sent = performance.now();
      const answer = await service.call("GET", path(), { key });
      times.push(performance.now() - sent);
      if (answer.status !== status)
        throw new Error(`${path()} answered ${answer.status}, not ${status}`);
    }
    return quantile(times, 0.5);
  };
  const hit = await timed(() => `/v1/episodes/${id}`, 200);
  const miss = await timed(() => `/v1/episodes/${crypto.randomUUID()}`, 503);
  report.note("p50 of a hit, breaker open", ms(hit));
  report.note("p50 of a miss (503), breaker open", ms(miss));
  report.target("a miss takes longer by", ms(miss - hit), "at most 20 ms", miss - hit <= 20);
}
