/**
 * Logging steps: beside one row in a Durable Object, and beside the Worker that writes each step to
 * the database.
 *
 * @module
 */

import { ask, send } from "../support/client.ts";
import { stepOf } from "../support/episodes.ts";
import { alone, inTurns, medianRateRatio, together } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import { DELAY_MS, World } from "../support/world.ts";

/** Clients of a measurement under load, and of one request's steps. */
const CLIENTS = 32;
const BATCH = 50;
/** Steps of one episode before the next one is begun, unless another number is asked for. */
const EPISODE_STEPS = 900;
/** How long a client of the direct Worker waits, ms. */
const PATIENCE_MS = 5_000;
/** How often what is compared under load is measured, and how long all of it takes, s. */
const RUNS = 5;
const LOAD_S = 7.5;

/** Gives each client an episode, and another one when it is full. */
export class Writers {
  readonly #world: World;
  readonly #most: number;
  readonly #episodes = new Map<number, { id: string; last: number }>();

  /** @param most steps of one episode */
  constructor(world: World, most = EPISODE_STEPS) {
    this.#world = world;
    this.#most = most;
  }

  /** Logs so many steps in one request. */
  async log(client: number, count: number): Promise<void> {
    let episode = this.#episodes.get(client);
    if (!episode || episode.last + count > this.#most) {
      const { id } = await this.#world.ask<{ id: string }>("POST", "/v1/episodes", {
        task: `client ${client}`,
      });
      episode = { id, last: 0 };
      this.#episodes.set(client, episode);
    }
    const first = episode.last + 1;
    episode.last += count;
    const steps = Array.from({ length: count }, (_, i) => stepOf(first + i));
    await this.#world.ask(
      "POST",
      `/v1/episodes/${episode.id}/steps`,
      count === 1 ? steps[0] : { steps },
    );
  }
}

/**
 * A step of the direct Worker under load. What the database is too busy for, or does not answer in
 * time, counts as answered: the direct Worker is not made worse than it is.
 */
async function patiently(world: World, path: string, n: number, client: number): Promise<void> {
  const body = { episode_id: `direct-${client}`, ...stepOf(n) };
  await send("POST", `${world.runtime.urls.direct}/${path}`, {
    body,
    timeoutMs: PATIENCE_MS,
  }).catch(() => undefined);
}

/** Logging steps with the far database, the floors in turns with it. */
export async function writing(world: World, report: Report): Promise<void> {
  const writers = new Writers(world);
  report.heading(`Logging steps, ${DELAY_MS} ms in front of the database`);
  const one = await oneClient(world, writers);
  report.row("floor: empty Durable Object call", one.empty);
  report.row("floor: one row", one.row);
  report.row("floor: one request to the database", one.database);
  report.row("step", one.step);
  report.row("direct Worker: step, as it comes", one.blind);
  report.row("direct Worker: step, checked first", one.checked);

  const many = await manyClients(world, writers);
  report.row(`floor: one row, ${CLIENTS} clients`, many.row);
  report.row(`step, ${CLIENTS} clients`, many.step);
  report.row(`${BATCH} steps a request, ${CLIENTS} clients`, many.batch);
  report.row(`direct Worker: step, as it comes, ${CLIENTS} clients`, many.blind);
  report.row(`direct Worker: step, checked first, ${CLIENTS} clients`, many.checked);
  console.log();
  oneAtATime(report, one);
  underLoad(report, many);
}

type OneClient = Awaited<ReturnType<typeof oneClient>>;
type ManyClients = Awaited<ReturnType<typeof manyClients>>;

function oneAtATime(report: Report, { step, row, blind }: OneClient): void {
  report.target("step p50 by one row's", step.p50 / row.p50, "at most", 2, "×");
  report.target("step p50 by the direct Worker's", step.p50 / blind.p50, "at most", 0.1, "×");
}

function underLoad(report: Report, { step, row, blind, checked, batch }: ManyClients): void {
  const least = (what: string, ratio: number, bound: number): void =>
    report.target(what, ratio, "at least", bound, "×");
  const runs = `${CLIENTS} clients, median of ${RUNS} runs`;
  least(`steps/s by rows/s, ${runs}`, medianRateRatio(step, row), 0.6);
  const asTheyCome = medianRateRatio(step, blind);
  least(`steps/s by the direct Worker's, as they come, ${runs}`, asTheyCome, 20);
  const byChecked = step.perSecond / checked.perSecond;
  least(`steps/s by the direct Worker's, checked, ${CLIENTS} clients`, byChecked, 20);
  const batched = (batch.perSecond * BATCH) / step.perSecond;
  least(`steps/s with ${BATCH} a request by one a request`, batched, 5);
  const trips = step.roundTrips * 1_000;
  report.target("round trips per 1,000 steps under load", trips, "at most", 25, "");
}

const insertRow = (world: World): Promise<unknown> =>
  ask("POST", `${world.runtime.urls.floor}/insert`, { body: JSON.stringify(stepOf(1)) });

async function oneClient(world: World, writers: Writers) {
  const { direct, floor } = world.runtime.urls;
  await ask("POST", `${direct}/episodes`, { body: { episode_id: "direct-0", task: "direct" } });
  const post = (path: string, episode_id: string, n: number): Promise<unknown> =>
    send("POST", `${direct}/${path}`, { body: { episode_id, ...stepOf(n) } });
  return inTurns(world, {
    empty: { load: alone(1_000), operation: () => ask("GET", `${floor}/nothing`) },
    row: { load: alone(1_000), operation: () => insertRow(world) },
    database: { load: alone(60), operation: () => ask("GET", `${floor}/database`) },
    step: {
      load: alone(800),
      operation: () => writers.log(0, 1),
      settled: () => world.drained(),
    },
    blind: { load: alone(60), operation: (n) => post("steps", "direct", n) },
    checked: {
      load: alone(30),
      operation: (n, client) => post("checked-steps", `direct-${client}`, n),
    },
  });
}

const MANY = together(CLIENTS, 40_000, LOAD_S);

/**
 * Many writers at once may bring the database to a stand: the direct Worker has one of its own. What
 * both do in one run is what is compared.
 */
async function manyClients(world: World, writers: Writers) {
  const other = await directWorld();
  const settled = (): Promise<void> => world.drained();
  try {
    const runs = await inTurns(
      world,
      {
        row: { load: MANY, operation: () => insertRow(world) },
        step: { load: MANY, operation: (_, client) => writers.log(client, 1), settled },
        blind: {
          load: MANY,
          operation: (n) => patiently(other, "steps", n, 0),
          meters: other,
        },
      },
      RUNS,
    );
    const others = await inTurns(world, {
      batch: {
        load: together(CLIENTS, 400, LOAD_S),
        operation: (_, client) => writers.log(client, BATCH),
        settled,
      },
      checked: {
        load: together(CLIENTS, 20_000, LOAD_S / 2),
        operation: (n, client) => patiently(other, "checked-steps", n, client),
        meters: other,
      },
    });
    return { ...runs, ...others };
  } finally {
    await other.remove();
  }
}

/** A database, as far away, with an episode for each client of the direct Worker. */
async function directWorld(): Promise<World> {
  const world = await World.start();
  for (let client = 0; client < CLIENTS; client++) {
    const body = { episode_id: `direct-${client}`, task: "direct" };
    await ask("POST", `${world.runtime.urls.direct}/episodes`, { body });
  }
  world.proxy.delayMs = DELAY_MS;
  return world;
}
