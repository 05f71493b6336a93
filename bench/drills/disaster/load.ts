/**
 * What the disaster drill loses: episodes that are imported, and agents that write until they are
 * stopped. Keeps what was acknowledged, and when.
 *
 * @module
 */

import type { Service } from "../../../test/support/service/service.ts";

/** Lines of one import. */
const LINES = 200;
/** Steps of an imported episode. */
const STEPS = 5;
/**
 * Agents that write one episode after the other, and how long each thinks before the next, ms: at
 * most 40 episodes a second. Without a pause they would write as fast as the machine can, which on
 * one machine takes from the backup what it measures.
 */
const AGENTS = 4;
const THINKING_MS = 100;

interface Acknowledged {
  id: string;
  /** ms since the epoch. */
  at: number;
}

/** An episode as `POST /v1/import` takes it. */
function lineOf(n: number): { id: string } & Record<string, unknown> {
  const steps = Array.from({ length: STEPS }, (_, i) => ({
    number: i + 1,
    tool: `tool_${(n + i) % 7}`,
    result: { type: "success", output: "done" },
  }));
  return {
    type: "episode",
    id: `base-${n}`,
    task: `task ${n % 97} of customer ${n}`,
    steps,
    outcome: { type: "success", verdict: "done" },
  };
}

export class DrillLoad {
  readonly acknowledged: Acknowledged[] = [];
  readonly #service: Service;
  readonly #key: string;
  readonly #agents: Promise<void>[] = [];
  #isStopped = false;

  constructor(service: Service, key: string) {
    this.#service = service;
    this.#key = key;
  }

  /** Imports so many episodes. Throws unless each of them is new. */
  async import(episodes: number): Promise<void> {
    for (let from = 0; from < episodes; from += LINES) {
      const count = Math.min(LINES, episodes - from);
      const lines = Array.from({ length: count }, (_, i) => lineOf(from + i));
      const answers = await this.#service.import(this.#key, lines);
      const bad = answers.find(({ status }) => status !== "created");
      if (bad) throw new Error(JSON.stringify(bad));
      this.acknowledged.push(...lines.map(({ id }) => ({ id, at: Date.now() })));
    }
  }

  /** Agents begin to write. */
  start(): void {
    for (let number = 0; number < AGENTS; number++) this.#agents.push(this.#write(number));
  }

  /** Agents begin nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when what they had begun has ended, one way or another. */
  async ended(): Promise<void> {
    await Promise.all(this.#agents);
  }

  async #write(number: number): Promise<void> {
    const post = (path: string, body: unknown): Promise<{ status: number; body: unknown } | null> =>
      this.#service.call("POST", path, { key: this.#key, body }).catch(() => null);
    for (let n = 0; !this.#isStopped; n++) {
      await new Promise((resolve) => setTimeout(resolve, THINKING_MS));
      const started = await post("/v1/episodes", { task: `load ${number} ${n}` });
      if (started?.status !== 201) continue;
      const { id } = started.body as { id: string };
      const step = { tool: "t", result: { type: "success", output: `${n}` } };
      const logged = await post(`/v1/episodes/${id}/steps`, step);
      if (logged?.status === 201) this.acknowledged.push({ id, at: Date.now() });
    }
  }
}
