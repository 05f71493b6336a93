/**
 * Makes a history from a seed: clients at once against instances, a database and a network in which
 * things go wrong. The same seed makes the same history.
 *
 * @module
 */

import { generator } from "../../bench/quality/random.ts";
import { lessonBody } from "../../src/contract/lessons/requests.ts";
import type { LessonAdded } from "../../src/contract/lessons/answers.ts";
import { goBySeed } from "./world/machine.ts";
import { Client } from "./world/clients.ts";
import { Things } from "./world/requests.ts";
import type { List } from "./checks/reads.ts";
import type { FoundEpisodes, History, Operation } from "./history.ts";
import { World, type Faults } from "./world/world.ts";

export interface HistoryOptions {
  clients: number;
  /** Operations of each client. */
  operations: number;
  instances: number;
  faults: Faults;
}

/** Nothing goes wrong. */
export const CALM: Faults = {
  databaseLost: 0,
  databaseUnheard: 0,
  callLost: 0,
  callUnheard: 0,
  death: 0,
  outage: 0,
  resize: 0,
  jump: 0,
};

/** Much goes wrong: in a history of a few thousand turns each of these a few times. */
export const ROUGH: Faults = {
  databaseLost: 0.02,
  databaseUnheard: 0.02,
  callLost: 0.01,
  callUnheard: 0.01,
  death: 0.002,
  outage: 0.002,
  resize: 0.001,
  jump: 0,
};

export const DEFAULTS: HistoryOptions = {
  clients: 8,
  operations: 60,
  instances: 2,
  faults: ROUGH,
};

/** A history, and the database that it left. */
export interface Made {
  history: History;
  things: Things;
  world: World;
}

export async function makeHistory(seed: number, options: HistoryOptions): Promise<Made> {
  // Beside the order of things, so that one more random byte changes nothing else.
  goBySeed(generator(seed + 1));
  const world = new World(generator(seed), options.instances, options.faults);
  const things = new Things();
  const operations: Operation[] = [];
  await settle(world, addLessons(world, things));

  const clients = Array.from(
    { length: options.clients },
    (_, number) => new Client(world, things, number, operations),
  );
  await settle(world, Promise.all(clients.map((client) => client.work(options.operations))));
  await world.heal();
  const reader = new Client(world, things, options.clients, operations);
  await settle(world, readAll(reader, things));

  nameEpisodes(operations, things);
  const history: History = {
    seed,
    clients: options.clients,
    instances: options.instances,
    operations,
    faults: world.faults,
  };
  return { history, things, world };
}

/** What reads found has the ids of episodes: by their names from now on, where they have one. */
function nameEpisodes(operations: readonly Operation[], things: Things): void {
  const names = new Map([...things.episodes].map(([name, { id }]) => [id, name]));
  for (const { outcome, object } of operations) {
    if (object !== "namespace" || outcome.type !== "ok") continue;
    const value = outcome.value as FoundEpisodes | List;
    outcome.value = {
      ...value,
      items: value.items.map((item) =>
        typeof item === "string"
          ? (names.get(item) ?? item)
          : { ...item, of: names.get(item.of) ?? item.of },
      ),
    };
  }
}

/** Turns until this has ended. */
async function settle(world: World, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const ended = work.finally(() => {
    isDone = true;
  });
  await Promise.all([world.runUntil(() => isDone), ended]);
}

/** Lessons that are there before the history begins: what says the same twice would be one. */
async function addLessons(world: World, things: Things): Promise<void> {
  const texts = ["Ask for the address before an exchange", "Run docker compose up first"];
  for (const [number, text] of texts.entries()) {
    const said = lessonBody.parse({ text, kind: "do" });
    const key = `lesson-${number}`;
    const call = { idempotency: { key, fingerprint: key } };
    for (let added: LessonAdded | null = null; added === null;) {
      await world.scheduler.pause();
      added = await world.nodes.do("lessons.add", said, call).catch(() => null);
      if (added) things.lessons.set(`lesson ${number}`, { id: added.id, text: added.text });
    }
  }
}

async function readAll(client: Client, things: Things): Promise<void> {
  for (const [episode, { word }] of things.episodes) {
    await client.do("namespace", { name: "search", word });
    await client.do("namespace", { name: "recall", task: `make ${word} work` });
    await client.do(episode, { name: "get" });
  }
  for (const lesson of things.lessons.keys()) await client.do(lesson, { name: "read" });
  await client.do("settings", { name: "view" });
  await client.do("namespace", { name: "list" });
  await client.do("counters", { name: "count" });
}
