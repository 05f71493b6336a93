/**
 * What a drill breaks, by the name that a runbook's block calls it. Each is real: a process killed,
 * a quota reached, a network that loses answers, a client that misbehaves.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Load } from "./load.ts";
import type { World } from "./world.ts";

/**
 * Ends what was injected, as the provider or the client's owner would; the runbook's own commands
 * come before it.
 */
type Heal = () => Promise<void>;
type Fault = (world: World, load: Load) => Promise<Heal>;

const LEAKING_CLIENT = "leaking-client";
/** The pause of each of its ten threads between two episodes, ms: at most 50 a second. */
const LEAK_MS = 200;
const OLD_EPISODES = 200;
/** Of them, how many are made or read at once, and the pause after a reading, ms. */
const AT_ONCE = 50;
const READ_MS = 250;
const DROP_SWITCH_MS = 20;

async function set(world: World, settings: Record<string, number | null>): Promise<void> {
  const answer = await world.caller()("PUT", "/admin/config", { settings });
  if (answer?.status !== 200)
    throw new Error(`the settings were refused: ${JSON.stringify(answer)}`);
}

/** Runs over and over until it is ended. */
function repeat(work: () => Promise<unknown>): () => Promise<void> {
  let on = true;
  const running = (async () => {
    while (on) await work();
  })();
  return async () => {
    on = false;
    await running;
  };
}

const nothing: Heal = async () => undefined;

export const FAULTS: Readonly<Record<string, Fault>> = {
  /** The Worker and every instance end in the middle of their work. */
  async "service-killed"(world) {
    world.killService();
    return nothing;
  },

  /**
   * Half of the database's answers are lost; the breaker is set to bear it, or it would end the
   * errors by itself.
   */
  async "database-drops-replies"(world) {
    await set(world, {
      breaker_failure_rate: 1,
      breaker_window_size: 100,
      breaker_minimum_calls: 100,
    });
    const end = repeat(async () => {
      world.proxy.fault = Math.random() < 0.5 ? "drop_reply" : "pass";
      await sleep(DROP_SWITCH_MS);
    });
    return async () => {
      await end();
      world.proxy.fault = "pass";
      await set(world, {
        breaker_failure_rate: null,
        breaker_window_size: null,
        breaker_minimum_calls: null,
      });
    };
  },

  async "database-refuses-writes"(world) {
    await world.configureDatabase({ block_writes: true, block_reason: "quota exceeded" });
    return nothing;
  },

  /**
   * The cache holds one episode, and a client reads two hundred, a few at a time, so that none is
   * still there.
   */
  async "cache-too-small"(world) {
    const call = world.caller(await world.makeKey("reader"));
    const ids: string[] = [];
    const begin = async (i: number): Promise<void> => {
      const started = await call("POST", "/v1/episodes", { task: `old ${i}` });
      if (started?.status !== 201)
        throw new Error(`no episode was started: ${JSON.stringify(started)}`);
      const { id } = started.body as { id: string };
      await call("POST", `/v1/episodes/${id}/complete`, { outcome: { type: "success" } });
      ids.push(id);
    };
    for (let i = 0; i < OLD_EPISODES; i += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => begin(i + n)));
    await set(world, { cache_max_size: 1 });
    let next = 0;
    return repeat(async () => {
      const some = ids.slice(next, next + AT_ONCE);
      next = (next + AT_ONCE) % ids.length;
      await Promise.all(some.map((id) => call("GET", `/v1/episodes/${id}`)));
      await sleep(READ_MS);
    });
  },

  async "database-slow"(world) {
    world.proxy.delayMs = 500;
    return async () => {
      world.proxy.delayMs = 0;
    };
  },

  async "database-stopped"(world) {
    world.killDatabase();
    return nothing;
  },

  /** A client that starts episodes and never completes one. */
  async "episodes-never-completed"(world, load) {
    const call = world.caller(await world.makeKey(LEAKING_CLIENT));
    const ends = Array.from({ length: 10 }, (_, i) =>
      repeat(async () => {
        await load.start(call, `never completed ${i}`);
        // Refused or not: it goes on, as such clients do.
        await sleep(LEAK_MS);
      }),
    );
    return async () => {
      await Promise.all(ends.map((end) => end()));
    };
  },
};
