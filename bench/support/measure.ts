/**
 * Times what clients do: percentiles, throughput, and what it cost the runtime and the database.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

export interface Figures {
  operations: number;
  clients: number;
  /** ms. */
  p50: number;
  p95: number;
  p99: number;
  perSecond: number;
  /** CPU time of the runtime for each, ms. */
  cpuMs: number;
  /** Requests to the database for each. */
  roundTrips: number;
}

/** What is read before and after. */
export interface Meters {
  cpuMs(): number;
  requests(): number;
}

export interface Load {
  clients: number;
  /** Stops after this many, or this time. */
  operations: number;
  seconds: number;
  warmUp: number;
}

/** Operations to warm up with, and how long what was put off may take before the next measurement, ms. */
const WARM_UP = 30;
const SETTLE_MS = 300;

export const alone = (operations: number, seconds = 6): Load => ({ clients: 1, operations, seconds, warmUp: WARM_UP });
export const together = (clients: number, operations: number, seconds: number): Load => ({
  clients,
  operations,
  seconds,
  warmUp: clients,
});

/**
 * Every client does one operation after the other. What the service puts off (batches to the database) is waited for
 * before CPU and round trips are counted, so that it is counted with what caused it.
 *
 * @param operation given the number of the operation and of the client
 * @param settled resolves when nothing is left to do
 */
export async function measure(
  meters: Meters,
  load: Load,
  operation: (n: number, client: number) => Promise<void>,
  settled: () => Promise<void> = () => sleep(SETTLE_MS),
): Promise<Figures> {
  let next = 0;
  const run = async (most: number, seconds: number, times: number[]): Promise<number> => {
    const until = performance.now() + seconds * 1_000;
    const begun = performance.now();
    let left = most;
    await Promise.all(
      Array.from({ length: load.clients }, async (_, client) => {
        while (left > 0 && performance.now() < until) {
          left -= 1;
          const n = next++;
          const sent = performance.now();
          await operation(n, client);
          times.push(performance.now() - sent);
        }
      }),
    );
    return (performance.now() - begun) / 1_000;
  };
  await run(load.warmUp, load.seconds, []);
  await settled();
  const before = { cpu: meters.cpuMs(), requests: meters.requests() };
  const times: number[] = [];
  const seconds = await run(load.operations, load.seconds, times);
  await settled();
  const count = times.length;
  return {
    operations: count,
    clients: load.clients,
    p50: at(times, 0.5),
    p95: at(times, 0.95),
    p99: at(times, 0.99),
    perSecond: count / seconds,
    cpuMs: (meters.cpuMs() - before.cpu) / count,
    roundTrips: (meters.requests() - before.requests) / count,
  };
}

/** The value below which this share of the values lies. */
export function at(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;
}
