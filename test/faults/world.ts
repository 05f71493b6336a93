/**
 * The service as the fault suite sees it: a client that repeats what it got no answer to, faults,
 * and the model of what was acknowledged.
 *
 * @module
 */

import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import { openDatabase, type Row } from "../../src/storage/index.ts";

/** What the service acknowledged of an episode. */
export interface Acknowledged {
  id: string;
  task: string;
  tools: string[];
  tags: string[];
  status: "in_progress" | "completed";
  /** The service said that it deleted it. */
  deleted: boolean;
}

export interface Bindings extends Env {
  FAULT_DOOR: string;
}

const bindings = env as unknown as Bindings;
const worker = (exports as unknown as { default: { fetch(request: Request): Promise<Response> } })
  .default;
/** Tries of one request until it must have an answer. */
const TRIES = 60;

interface Answer {
  status: number;
  // The commands look into answers of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
  cache: string | null;
}

/** What an instance may hold of a world, as one text a row. */
const HELD = {
  meta: "CASE name WHEN 'control' THEN json_extract(value, '$.topology') ELSE name || ' ' || substr(value, 1, 20) END",
  episodes: "namespace || ' ' || id || ' ' || status || ' ' || step_count",
  outbox: "table_name || ' ' || key",
  dead_letters: "table_name || ' ' || key",
  claims: "shard || ' ' || version || ' ' || stage",
  pending_tasks: "kind || ' ' || namespace || ' ' || id",
  learned_homes: "namespace",
  learned_namespaces: "number || ' ' || namespace || ' ' || state || ' ' || cursor",
  learned_digests:
    "(SELECT n.namespace FROM learned_namespaces n WHERE n.number = learned_digests.namespace) || ' ' || episode",
};

/** What is learned of a namespace where it lives, and whether that is all of it. */
const LEARNED = `SELECT n.state, d.episode FROM learned_namespaces n
  JOIN learned_homes h ON h.namespace = n.namespace
  LEFT JOIN learned_digests d ON d.namespace = n.number
  WHERE n.namespace = ?`;

/** What the service says when it did nothing, because it could not know. */
const NOTHING_DONE = new Set(["database_unavailable", "outbox_full", "maintenance"]);

export class World {
  readonly namespace: string;
  readonly acknowledged: Acknowledged[] = [];
  readonly log: string[] = [];

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /**
   * One request, repeated with the same key until it is answered. null: refused, and nothing was
   * done.
   */
  async ask(method: string, path: string, body?: unknown): Promise<Answer | null> {
    const key = crypto.randomUUID();
    for (let tries = 1; ; tries++) {
      const answer = await this.#once(method, path, body, key);
      if (answer && answer.status < 500 && answer.status !== 409 && answer.status !== 429)
        return answer;
      if (answer?.status === 409 && answer.body?.code !== "idempotency_in_flight") return answer;
      if (answer && NOTHING_DONE.has(String(answer.body?.code))) return null;
      if (tries >= TRIES)
        throw new Error(`${method} ${path} has no answer: ${JSON.stringify(answer)}`);
      await scheduler.wait(20);
    }
  }

  async #once(method: string, path: string, body: unknown, key: string): Promise<Answer | null> {
    const headers: Record<string, string> = {
      Authorization: `Bearer ${bindings.ADMIN_TOKEN}`,
      "X-Memory-Namespace": this.namespace,
      "Idempotency-Key": key,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    };
    try {
      const init = {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      const response = await worker.fetch(new Request(`http://memory${path}`, init));
      const text = await response.text();
      return {
        status: response.status,
        body: text === "" ? null : (JSON.parse(text) as unknown),
        cache: response.headers.get("Memory-Cache"),
      };
    } catch {
      return null;
    }
  }

  async door(path: string): Promise<{ url: string; faults: number }> {
    const response = await fetch(`${bindings.FAULT_DOOR}${path}`);
    return (await response.json()) as { url: string; faults: number };
  }

  /** Rows of the database itself, past the proxy. */
  async stored<T extends Row>(sql: string, ...args: (string | number)[]): Promise<T[]> {
    const { url } = await this.door("/state");
    return openDatabase({ url, authToken: null, timeoutMs: () => 4_000 }).all<T>(sql, ...args);
  }

  instance(index: number): DurableObjectStub {
    return bindings.MEMORY_INSTANCE.getByName(`instance-${index}`);
  }

  async evict(index: number): Promise<void> {
    await evictDurableObject(this.instance(index)).catch(() => undefined);
  }

  async abort(): Promise<void> {
    await abortAllDurableObjects();
  }

  async fireAlarm(index: number): Promise<void> {
    await runDurableObjectAlarm(this.instance(index)).catch(() => undefined);
  }

  /** Everything works again; waits until the database has everything. */
  async heal(): Promise<void> {
    await this.door("/fault?fault=pass");
    await this.door("/start");
    await this.#admin("POST", "/admin/circuit-breaker/reset", { backend: "turso" });
    let last: unknown = null;
    for (let tries = 0; tries < 400; tries++) {
      const view = await this.#admin("POST", "/admin/storage/flush");
      last = view?.body;
      const instances = (view?.body?.instances ?? []) as {
        outbox?: { rows: number; dead: number };
        moving?: boolean;
      }[];
      const quiet = instances.every(
        ({ outbox, moving }) => outbox?.rows === 0 && outbox.dead === 0 && !moving,
      );
      const settled = view?.body?.topology?.previous === null;
      if (
        instances.length > 0 &&
        quiet &&
        settled &&
        (await this.#ready()) &&
        (await this.#learned())
      )
        return;
      for (let index = 0; index < 4; index++) await this.fireAlarm(index);
      await scheduler.wait(10);
    }
    throw new Error(`the service does not become quiet: ${JSON.stringify(last)}`);
  }

  async #ready(): Promise<boolean> {
    return (
      (await this.#once("GET", "/health/ready", undefined, crypto.randomUUID()))?.status === 200
    );
  }

  /** What each instance holds of this world, for the report of a failure. */
  async autopsy(): Promise<string> {
    const lines: string[] = [];
    for (let index = 0; index < 4; index++) {
      const rows = await runInDurableObject(this.instance(index), (_instance, state) =>
        Object.entries(HELD).flatMap(([table, columns]) =>
          state.storage.sql
            .exec<{ what: string }>(`SELECT ${columns} AS what FROM ${table}`)
            .toArray()
            .map(({ what }) => what)
            .filter((what) => table === "meta" || what.includes(this.namespace))
            .map((what) => `instance ${index} ${table}: ${what}`),
        ),
      ).catch((error: unknown) => [`instance ${index}: ${String(error)}`]);
      lines.push(...rows);
    }
    return lines.join("\n");
  }

  async resize(count: number): Promise<void> {
    await this.#admin("PUT", "/admin/instances", { count });
  }

  /**
   * Whether what was completed is learned, and what was deleted forgotten: their pending tasks may still
   * be on their way.
   */
  async #learned(): Promise<boolean> {
    const completed = this.acknowledged.filter(
      (episode) => episode.status === "completed" && !episode.deleted,
    );
    const learned = await this.learned();
    return (
      learned !== null &&
      learned.length === completed.length &&
      completed.every(({ id }) => learned.includes(id))
    );
  }

  /** As `learned`, where what is on its way is waited for. Throws when it does not arrive. */
  async allLearned(): Promise<string[]> {
    for (let tries = 0; tries < 400; tries++) {
      const ids = await this.learned();
      if (ids) return ids;
      for (let index = 0; index < 4; index++) await this.fireAlarm(index);
      await scheduler.wait(10);
    }
    throw new Error("the namespace is not loaded");
  }

  /** Ids of the learned episodes, of all instances that are the namespace's home; null: not all are here. */
  async learned(): Promise<string[] | null> {
    const ids: string[] = [];
    for (let index = 0; index < 4; index++) {
      const rows = await runInDurableObject(this.instance(index), (_instance, state) =>
        state.storage.sql
          .exec<{ state: string; episode: string | null }>(LEARNED, this.namespace)
          .toArray(),
      ).catch(() => null);
      if (!rows || rows.some((row) => row.state !== "ready")) return null;
      ids.push(...rows.flatMap(({ episode }) => episode ?? []));
    }
    return ids.sort();
  }

  async #admin(method: string, path: string, body?: unknown): Promise<Answer | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const answer = await this.#once(method, path, body, crypto.randomUUID());
      if (answer && answer.status < 500) return answer;
      await scheduler.wait(20);
    }
    return null;
  }
}
