/**
 * Logging steps: beside one row in a Durable Object, and beside the Worker that writes each step to the database.
 *
 * @module
 */

import { ask } from "../support/client.ts";
import { stepOf } from "../support/episodes.ts";
import { alone, measure, together } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import { DELAY_MS, type World } from "../support/world.ts";

/** Clients of a measurement under load, and of one request's steps. */
const CLIENTS = 32;
const BATCH = 50;
/** Steps of one episode before the next one is begun. */
const EPISODE_STEPS = 900;
/** How long each measurement under load takes, s. */
const LOAD_S = 4;

/** Gives each client an episode, and another one when it is full. */
export class Writers {
  readonly #world: World;
  readonly #episodes = new Map<number, { id: string; last: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Logs so many steps in one request. */
  async log(client: number, count: number): Promise<void> {
    let episode = this.#episodes.get(client);
    if (!episode || episode.last + count > EPISODE_STEPS) {
      const { id } = await this.#world.ask<{ id: string }>("POST", "/v1/episodes", { task: `client ${client}` });
      episode = { id, last: 0 };
      this.#episodes.set(client, episode);
    }
    const first = episode.last + 1;
    episode.last += count;
    const steps = Array.from({ length: count }, (_, i) => stepOf(first + i));
    await this.#world.ask("POST", `/v1/episodes/${episode.id}/steps`, count === 1 ? steps[0] : { steps });
  }
}

/** The floors, alone and together, with the far database. */
export async function floors(world: World, report: Report): Promise<void> {
  const { floor } = world.runtime.urls;
  const body = JSON.stringify(stepOf(1));
  report.heading("The floor");
  report.row("empty Durable Object call", await measure(world, alone(1_000), () => ask("GET", `${floor}/nothing`)));
  report.row("one row", await measure(world, alone(1_000), () => ask("POST", `${floor}/insert`, { body })));
  report.row(
    `one row, ${CLIENTS} clients`,
    await measure(world, together(CLIENTS, 20_000, LOAD_S), () => ask("POST", `${floor}/insert`, { body })),
  );
  report.row("one request to the database", await measure(world, alone(60), () => ask("GET", `${floor}/database`)));
}

export async function writing(world: World, report: Report): Promise<void> {
  const { direct } = world.runtime.urls;
  const drained = (): Promise<void> => world.drained();
  const straight = (n: number): Promise<void> =>
    ask("POST", direct, { body: { episode_id: "direct", ...stepOf(n), number: n } });
  report.heading(`Logging steps, ${DELAY_MS} ms in front of the database`);
  const writers = new Writers(world);
  const one = report.row("step", await measure(world, alone(800), () => writers.log(0, 1), drained));
  const many = report.row(
    `step, ${CLIENTS} clients`,
    await measure(world, together(CLIENTS, 20_000, LOAD_S), (_, client) => writers.log(client, 1), drained),
  );
  const batches = report.row(
    `${BATCH} steps a request, ${CLIENTS} clients`,
    await measure(world, together(CLIENTS, 400, LOAD_S), (_, client) => writers.log(client, BATCH), drained),
  );
  const directOne = report.row("direct Worker: step", await measure(world, alone(80), straight));
  const directMany = report.row(
    `direct Worker: step, ${CLIENTS} clients`,
    await measure(world, together(CLIENTS, 200, LOAD_S), (n) => straight(100_000 + n)),
  );
  const { figures } = report.results;
  const [row, rows] = [figures["one row"], figures[`one row, ${CLIENTS} clients`]];
  if (!row || !rows) throw new Error("the floors are measured first");
  console.log();
  report.target("step p50 by one row's", one.p50 / row.p50, "at most", 2, "×");
  report.target("step p50 by the direct Worker's", one.p50 / directOne.p50, "at most", 0.1, "×");
  report.target(`steps/s by rows/s, ${CLIENTS} clients`, many.perSecond / rows.perSecond, "at least", 0.5, "×");
  report.target(
    `steps/s by the direct Worker's, ${CLIENTS} clients`,
    many.perSecond / directMany.perSecond,
    "at least",
    20,
    "×",
  );
  report.target(
    `steps/s with ${BATCH} a request by one a request`,
    (batches.perSecond * BATCH) / many.perSecond,
    "at least",
    5,
    "×",
  );
  report.target("round trips per 1,000 steps under load", many.roundTrips * 1_000, "at most", 25, "");
}
