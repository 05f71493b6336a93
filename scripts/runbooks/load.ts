/**
 * Agents at work while a drill runs, and a ledger of what the service acknowledged to them: none of
 * it may be lost.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../test/support/processes/until.ts";
import type { Call, World } from "./world.ts";

interface Entry {
  steps: number;
  completed: boolean;
}

type Row = { value: string }[];

/** Episodes that are read of the database at once. */
const PAGE_ROWS = 10_000;
const PAUSE_MS = 50;
const SETTLE_MS = 60_000;

export class Load {
  readonly #world: World;
  readonly #call: Call;
  readonly #ledger = new Map<string, Entry>();
  readonly #stopping = new AbortController();
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(world: World, key: string) {
    this.#world = world;
    this.#call = world.caller(key);
  }

  static async begin(world: World, agents = 2): Promise<Load> {
    const load = new Load(world, await world.makeKey("drill"));
    load.#ended = Promise.all(Array.from({ length: agents }, () => load.#agent()));
    return load;
  }

  get acknowledged(): number {
    return [...this.#ledger.values()].reduce(
      (sum, { steps, completed }) => sum + 1 + steps + Number(completed),
      0,
    );
  }

  async #agent(): Promise<void> {
    for (let i = 0; !this.#stopping.signal.aborted; i++) {
      await this.#episode(`drill ${i}`).catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  }

  /** What is written is read again, and a list asks the database. */
  async #episode(task: string): Promise<void> {
    const id = await this.start(this.#call, task);
    if (id === null) return;
    const entry = this.#ledger.get(id);
    if (!entry) return;
    const logged = await this.#call("POST", `/v1/episodes/${id}/steps`, { tool: "work" });
    if (logged?.status === 201) entry.steps += 1;
    const outcome = { outcome: { type: "success" } };
    const ended = await this.#call("POST", `/v1/episodes/${id}/complete`, outcome);
    if (ended?.status === 200) entry.completed = true;
    await this.#call("GET", `/v1/episodes/${id}`);
    await this.#call("GET", "/v1/episodes?limit=1");
  }

  /** Starts an episode with any key, and writes it down when it was acknowledged. */
  async start(call: Call, task: string): Promise<string | null> {
    const started = await call("POST", "/v1/episodes", { task });
    if (started?.status !== 201) return null;
    const { id } = started.body as { id: string };
    this.#ledger.set(id, { steps: 0, completed: false });
    return id;
  }

  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  /**
   * Everything that was acknowledged is in the database when nothing waits any more.
   * @returns what is missing, a line each; throws when the outboxes do not drain
   */
  async lost(): Promise<string[]> {
    const admin = this.#world.caller();
    await until(
      "nothing waits for the database",
      async () => {
        await admin("POST", "/admin/storage/flush", {});
        const fleet = await admin("GET", "/admin/instances");
        if (fleet?.status !== 200) return false;
        const { instances } = fleet.body as { instances: { outbox?: { rows: number } }[] };
        return instances.every(({ outbox }) => outbox?.rows === 0);
      },
      SETTLE_MS,
    );
    const stored = await this.#stored();
    return [...this.#ledger].flatMap(([id, { steps, completed }]) => {
      const row = stored.get(id);
      if (!row) return [`episode ${id}`];
      if (row.steps < steps) return [`${steps - row.steps} steps of ${id}`];
      return completed && row.status !== "completed" ? [`the end of ${id}`] : [];
    });
  }

  async #stored(): Promise<Map<string, { status: string; steps: number }>> {
    const stored = new Map<string, { status: string; steps: number }>();
    for (let after: string | null = ""; after !== null;) {
      const rows = await this.#page(after);
      for (const [id, status, steps] of rows)
        stored.set(String(id?.value), {
          status: String(status?.value),
          steps: Number(steps?.value),
        });
      const last = rows.at(-1)?.[0]?.value;
      after = rows.length < PAGE_ROWS || last === undefined ? null : last;
    }
    return stored;
  }

  /** Episodes whose id is behind another, in the order of ids: what one answer may hold. */
  async #page(after: string): Promise<Row[]> {
    const sql = `SELECT e.id, e.status,
        (SELECT count(*) FROM steps s WHERE s.namespace = e.namespace AND s.episode_id = e.id)
      FROM episodes e WHERE e.id > ? ORDER BY e.id LIMIT ${PAGE_ROWS}`;
    const stmt = { sql, args: [{ type: "text", value: after }] };
    const answer = await fetch(`${this.#world.databaseUrl}/v3/pipeline`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Encoding": "identity" },
      body: JSON.stringify({ requests: [{ type: "execute", stmt }, { type: "close" }] }),
    });
    const { results } = (await answer.json()) as {
      results: [{ response: { result: { rows: Row[] } } }];
    };
    return results[0].response.result.rows;
  }
}
