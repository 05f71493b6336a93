/**
 * What a benchmark runs in: a database, the proxy that makes it far away, the runtime, and a key.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { FaultProxy } from "../../test/support/processes/fault-proxy.ts";
import { Sqld } from "../../test/support/processes/sqld.ts";
import { rowsOf } from "../../test/support/service/database.ts";
import { until } from "../../test/support/processes/until.ts";
import { ask, reach, send } from "./client.ts";
import type { Meters } from "./measure.ts";
import { ADMIN_TOKEN, Runtime, type RuntimeOptions } from "./runtime.ts";

/** How far away the database is unless said otherwise, ms. */
export const DELAY_MS = 30;
/** After the last batch, for what follows it, ms. */
const QUIET_MS = 100;
/** Within this, counters that are in memory are stored, ms. */
const COUNTERS_MS = 1_000;
/** How long everything that waits for the database may take. */
const DRAIN_MS = 240_000;

const STORED_SQL = `SELECT page_count * page_size AS bytes,
  (SELECT count(*) FROM episodes WHERE status <> 'in_progress') AS episodes
  FROM pragma_page_count(), pragma_page_size()`;

interface ClusterView {
  instances: { outbox: { rows: number } }[];
}

export class World implements Meters {
  readonly database: Sqld;
  readonly proxy: FaultProxy;
  readonly runtime: Runtime;
  readonly key: string;

  private constructor(database: Sqld, proxy: FaultProxy, runtime: Runtime, key: string) {
    this.database = database;
    this.proxy = proxy;
    this.runtime = runtime;
    this.key = key;
  }

  /** @param vars of the service */
  static async start(
    vars: Record<string, string> = {},
    options: RuntimeOptions = {},
  ): Promise<World> {
    const database = await Sqld.start();
    const proxy = await FaultProxy.start(database.port);
    const runtime = await Runtime.start(proxy.url, vars, options);
    const body = {
      name: "bench",
      scopes: ["read", "write", "admin"],
      namespaces: ["*"],
      default_namespace: "bench",
    };
    const { key } = await ask<{ key: string }>("POST", `${runtime.urls.service}/admin/keys`, {
      key: ADMIN_TOKEN,
      body,
    });
    await ask("GET", runtime.urls.service.concat("/v1/stats"), { key });
    await send("GET", runtime.urls.direct);
    return new World(database, proxy, runtime, key);
  }

  cpuMs(): number {
    return this.runtime.cpuMs();
  }

  requests(): number {
    return this.proxy.requests;
  }

  /** A successful request to the service, with its answer. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return ask<T>(method, this.runtime.urls.service + path, {
      key: this.key,
      ...(body === undefined ? {} : { body }),
    });
  }

  /**
   * A request that is timed: its answer is read, and what a client makes of it is its own affair.
   */
  timed(method: string, path: string, body?: unknown): Promise<string> {
    return reach(method, this.runtime.urls.service + path, {
      key: this.key,
      ...(body === undefined ? {} : { body }),
    });
  }

  /** What the database has: its bytes, and its episodes that have ended. */
  async stored(): Promise<{ bytes: number; episodes: number }> {
    const [row] = await rowsOf(this.database.url, STORED_SQL);
    return { bytes: Number(row?.["bytes"]), episodes: Number(row?.["episodes"]) };
  }

  /** Waits until the database has everything. */
  async drained(): Promise<void> {
    await until(
      "the outbox is empty",
      async () => {
        const { instances } = await ask<ClusterView>(
          "GET",
          `${this.runtime.urls.service}/admin/instances`,
          {
            key: ADMIN_TOKEN,
          },
        );
        return instances.every(({ outbox }) => outbox.rows === 0);
      },
      DRAIN_MS,
    );
    await sleep(QUIET_MS);
  }

  /**
   * Waits until nothing is put off: what was learned is stored and shown in the database, and the
   * database has everything.
   */
  async flushed(): Promise<void> {
    await this.drained();
    await ask("POST", `${this.runtime.urls.service}/admin/storage/flush`, { key: ADMIN_TOKEN });
    await this.drained();
    await sleep(COUNTERS_MS);
  }

  async remove(): Promise<void> {
    await this.runtime.remove();
    await this.proxy.remove();
    await this.database.remove();
  }
}
