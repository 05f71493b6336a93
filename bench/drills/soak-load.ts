/**
 * The load of the soak: agents of several namespaces that start, log, recall, complete, read, search,
 * teach and delete, one request after the other, at a constant rate together. What was
 * acknowledged is remembered, to be asked for at the end.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { send } from "../support/client.ts";

/** Answers that a fault of the database explains; what else is not 2xx is none of its effects. */
const EXPLAINED: ReadonlySet<string> = new Set([
  "database_unavailable",
  "outbox_full",
  "overloaded",
  "not_ready",
]);
const STEPS = 5;
/** Every so many runs of an agent it deletes its episode, and asks for the counts. */
const DELETED_EVERY = 10;
const COUNTED_EVERY = 7;
/** Episodes of which it is remembered what they must hold: the newest. */
const REMEMBERED_MAX = 2_000;

/** An episode that the service said that it has. */
interface Remembered {
  key: string;
  id: string;
  steps: number;
}

export interface LoadCounts {
  requests: number;
  /** Requests by the code of their error. */
  refused: Map<string, number>;
  /** Answers that no fault explains, and exceptions; the first ones. */
  unexplained: string[];
}

interface LoadOptions {
  url: string;
  /** A key of each namespace. */
  keys: readonly string[];
  agents: number;
  /** Requests a second of all agents together. */
  rate: number;
}

export class SoakLoad {
  readonly counts: LoadCounts = { requests: 0, refused: new Map(), unexplained: [] };
  readonly #options: LoadOptions;
  #remembered: Remembered[] = [];
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    const { agents, keys } = this.#options;
    this.#running = Promise.all(
      Array.from({ length: agents }, (_, agent) =>
        this.#agent(agent, keys[agent % keys.length] ?? ""),
      ),
    );
  }

  /** Lets every agent end its run. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  /** Acknowledged episodes that are not there, or lack a step. @param most that are asked for */
  async lost(most: number): Promise<string[]> {
    const lost: string[] = [];
    for (const { key, id, steps } of this.#remembered.slice(-most)) {
      const { status, text } = await send("GET", `${this.#options.url}/v1/episodes/${id}`, { key });
      const found = status === 200 ? (JSON.parse(text) as { step_count: number }).step_count : null;
      if (found !== steps) lost.push(`${id}: ${found} of ${steps} steps (${status})`);
    }
    return lost;
  }

  async #agent(agent: number, key: string): Promise<void> {
    for (let n = 0; !this.#isOver; n++) await this.#run(agent, key, n);
  }

  async #run(agent: number, key: string, n: number): Promise<void> {
    const task = `Refund order ${n % 500} of a customer whose parcel was lost in depot ${agent}`;
    const ask = <T>(method: string, path: string, body?: unknown) =>
      this.#ask<T>(key, method, path, body);
    const domain = `shop-${n % 5}`;
    const begun = await ask<{ id: string }>("POST", "/v1/episodes", { task, context: { domain } });
    if (begun) {
      await ask("POST", "/v1/recall", { task, context: { domain }, episode_id: begun.id });
      let steps = 0;
      for (let step = 0; step < STEPS; step++) {
        const output = `order ${n}, line ${step}: ${"paid and shipped; ".repeat(20)}`;
        const logged = await ask("POST", `/v1/episodes/${begun.id}/steps`, {
          tool: `tool_${(n + step) % 12}`,
          result: { type: "success", output },
        });
        if (logged) steps += 1;
      }
      const outcome =
        n % 4 === 0
          ? { type: "failure", reason: "the depot does not answer" }
          : { type: "success", verdict: "refunded" };
      const text = `In depot ${agent} ask for the parcel's number ${n % 50} first.`;
      const lessons = n % 20 === 0 ? [{ kind: "do", text }] : [];
      await ask("POST", `/v1/episodes/${begun.id}/complete`, { outcome, lessons });
      if (n % DELETED_EVERY === 0) await ask("DELETE", `/v1/episodes/${begun.id}`);
      else this.#remember({ key, id: begun.id, steps });
    }
    await this.#read(ask, task, n);
  }

  async #read(
    ask: <T>(method: string, path: string, body?: unknown) => Promise<T | null>,
    task: string,
    n: number,
  ): Promise<void> {
    const newest = this.#remembered.at(-1);
    await ask("POST", "/v1/advise", { task, next_tool: `tool_${n % 12}` });
    await ask("GET", `/v1/search?q=${encodeURIComponent(task)}`);
    await ask("GET", "/v1/episodes?limit=20");
    if (newest) await this.#ask(newest.key, "GET", `/v1/episodes/${newest.id}`);
    if (n % COUNTED_EVERY === 0) await ask("GET", "/v1/stats");
  }

  #remember(episode: Remembered): void {
    this.#remembered.push(episode);
    if (this.#remembered.length > 2 * REMEMBERED_MAX)
      this.#remembered = this.#remembered.slice(-REMEMBERED_MAX);
  }

  /** The answer; null: it was refused, which is counted. */
  async #ask<T>(key: string, method: string, path: string, body?: unknown): Promise<T | null> {
    const { url, agents, rate } = this.#options;
    const begun = performance.now();
    const answer = await send(method, url + path, {
      key,
      ...(body === undefined ? {} : { body }),
    }).catch((error: unknown) => ({ status: 0, text: String(error) }));
    this.counts.requests += 1;
    await sleep(Math.max(0, (agents / rate) * 1_000 - (performance.now() - begun)));
    if (answer.status >= 200 && answer.status < 300)
      return (answer.text === "" ? {} : JSON.parse(answer.text)) as T;
    this.#refused(`${method} ${path}`, answer);
    return null;
  }

  #refused(what: string, { status, text }: { status: number; text: string }): void {
    const { refused, unexplained } = this.counts;
    const code = /"code":"(\w+)"/.exec(text)?.[1] ?? String(status);
    refused.set(code, (refused.get(code) ?? 0) + 1);
    if (!EXPLAINED.has(code)) unexplained.push(`${what}: ${status} ${text.slice(0, 200)}`);
  }
}
