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
  /** Operations a second, turn by turn. */
  rates: number[];
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

/**
 * Operations to warm up with, and how long what was put off may take before the next measurement,
 * ms.
 */
const WARM_UP = 30;
const SETTLE_MS = 300;

/** An operation, how it is asked for, and how to wait for what it leaves to be done. */
export interface Measured {
  load: Load;
  /** Given the number of the operation and of the client. */
  operation: (n: number, client: number) => Promise<unknown>;
  /** Resolves when nothing is left to do. */
  settled?: () => Promise<void>;
  /** Its own ones where it runs in another world than what it is compared with. */
  meters?: Meters;
}

interface Part {
  times: number[];
  seconds: number;
  cpu: number;
  requests: number;
  next: number;
}

/** How often what is compared is measured, one after the other, unless said otherwise. */
const TURNS = 3;

export const alone = (operations: number, seconds = 9): Load => ({
  clients: 1,
  operations,
  seconds,
  warmUp: WARM_UP,
});
export const together = (clients: number, operations: number, seconds: number): Load => ({
  clients,
  operations,
  seconds,
  warmUp: clients,
});

/**
 * Every client does one operation after the other. What the service puts off (batches to the
 * database) is waited for before CPU and round trips are counted, so that it is counted with what
 * caused it.
 */
async function once(
  meters: Meters,
  { load, operation, settled = () => sleep(SETTLE_MS) }: Measured,
  first: number,
): Promise<Part> {
  let next = first;
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
  return {
    times,
    seconds,
    cpu: meters.cpuMs() - before.cpu,
    requests: meters.requests() - before.requests,
    next,
  };
}

/**
 * What is to be compared is measured in turns, so that what else the machine does falls on all of
 * it. Each operation's numbers go on from turn to turn.
 *
 * @param turns into which the load of each is divided
 */
export async function inTurns<N extends string>(
  meters: Meters,
  what: Readonly<Record<N, Measured>>,
  turns = TURNS,
): Promise<Record<N, Figures>> {
  const parts = new Map<N, Part[]>();
  const names = Object.keys(what) as N[];
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) {
      const before = parts.get(name) ?? [];
      const { load, meters: own = meters } = what[name];
      const share = {
        ...load,
        operations: Math.ceil(load.operations / turns),
        seconds: load.seconds / turns,
      };
      const part = await once(own, { ...what[name], load: share }, before.at(-1)?.next ?? 0);
      parts.set(name, [...before, part]);
    }
  }
  const figures = names.map(
    (name) => [name, figuresOf(parts.get(name) ?? [], what[name].load.clients)] as const,
  );
  return Object.fromEntries(figures) as Record<N, Figures>;
}

export async function measure(meters: Meters, measured: Measured): Promise<Figures> {
  return (await inTurns(meters, { it: measured })).it;
}

function figuresOf(parts: readonly Part[], clients: number): Figures {
  const times = parts.flatMap((part) => part.times);
  const sum = (of: (part: Part) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return {
    operations: times.length,
    clients,
    p50: at(times, 0.5),
    p95: at(times, 0.95),
    p99: at(times, 0.99),
    perSecond: times.length / sum(({ seconds }) => seconds),
    cpuMs: sum(({ cpu }) => cpu) / times.length,
    roundTrips: sum(({ requests }) => requests) / times.length,
    rates: parts.map((part) => part.times.length / part.seconds),
  };
}

/** The median, over the turns of one measurement, of one rate by another. */
export function medianRateRatio(of: Figures, by: Figures): number {
  return at(
    of.rates.map((rate, turn) => rate / (by.rates[turn] ?? 0)),
    0.5,
  );
}

/** The value below which this share of the values lies. */
export function at(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;
}
