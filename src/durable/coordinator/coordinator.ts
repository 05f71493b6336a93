/**
 * What is global: the control document, the keys, and whose turn it is to write to the database.
 * One Durable Object; no request of a client waits for it.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";
import { parseEnv, type Env } from "../../env.ts";
import type {
  ConfigView,
  DeadLetterView,
  DrainView,
  FleetView,
  KeyView,
  MigrationsView,
  Result,
} from "../../contract/operations.ts";
import { settingsOf } from "../../contract/settings.ts";
import { logger } from "../../observability/index.ts";
import {
  DatabaseError,
  migrated,
  MIGRATIONS,
  openDatabase,
  SCHEMA,
  type Database,
} from "../../storage/index.ts";
import type { BreakerOrder, Control, Topology } from "../shared/control.ts";
import { Governor } from "./control-store.ts";
import { ASK_MS, Instances, PUSH_AGAIN_MS } from "./instances.ts";
import { LAUNCH_AGAIN_MS } from "./jobs/job-queue.ts";
import { runsOf } from "./jobs/job-runs.ts";
import { KeyRing } from "./api-keys.ts";
import { Alarm, localSql, Transactions } from "../shared/sqlite.ts";
import { Migrator } from "./migrator.ts";
import { Overseer } from "./jobs/job-service.ts";
import { createOutbox, OUTBOX_SCHEMA, type Outbox } from "../outbox/outbox.ts";
import type {
  InstanceReport,
  KeyRecord,
  NewKey,
  WatchCalls,
  WatchName,
  CoordinatorRpc,
  Work,
  WorkName,
} from "../shared/protocol.ts";
import { failureOf, Refused } from "../shared/refusals.ts";
import { TurnHolder, Turns } from "../outbox/write-lease.ts";
import { Watch } from "./monitoring/monitor.ts";
import { instanceOf, COORDINATOR_NAME } from "../shared/objects.ts";

/** Incidents that R2 did not take are sent again after this, ms. */
const KEEP_AGAIN_MS = 30_000;

/**
 * Deadline of one statement of a migration: a table may be large. In maintenance nobody else wants
 * the lock, ms.
 */
const MIGRATION_MS = 60_000;

export class Coordinator extends DurableObject<Env> implements CoordinatorRpc {
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;
  readonly #turns = new Turns(() => this.#log({ event: "turn_lapsed", level: "warn" }));
  readonly #governor: Governor;
  readonly #instances: Instances;
  readonly #keys: KeyRing;
  readonly #watch: Watch;
  readonly #log: (event: Record<string, unknown>) => void;
  readonly #migrator: Migrator;
  readonly #overseer: Overseer;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const deployment = parseEnv(env);
    const sql = localSql(ctx.storage);
    this.#alarm = new Alarm(ctx.storage);
    for (const statement of [...SCHEMA, ...OUTBOX_SCHEMA]) sql.run(statement);
    const { run: transaction, onRollback } = new Transactions(ctx.storage);
    const timeoutMs = (): number => deployment.defaults.database_timeout_ms ?? 4_000;
    const { databaseUrl: url, databaseToken: authToken } = deployment;
    const database = this.#unlessRestoring(
      migrated(openDatabase({ url, authToken, timeoutMs }), Date.now),
    );
    const level = (): string =>
      settingsOf(deployment.defaults, this.#governor.control.settings).log_level;
    this.#log = logger(level, () => ({}));
    this.#governor = new Governor(
      sql,
      transaction,
      deployment.defaults,
      deployment.instanceCount,
      Date.now,
      (by, what, from, to) => this.#watch.governed(by, what, from, to),
    );
    this.#instances = new Instances({
      governor: this.#governor,
      instance: (index) => instanceOf(env, index),
      wake: (at) => this.#alarm.wake(at),
      log: this.#log,
    });
    this.#watch = new Watch({
      sql,
      transaction,
      bucket: env.BACKUPS,
      database,
      defaults: deployment.defaults,
      control: () => this.#governor.control,
      now: Date.now,
      wake: (at) => this.#alarm.wake(at),
      log: this.#log,
    });
    this.#outbox = createOutbox({
      sql,
      transaction,
      onRollback,
      database,
      writer: () => COORDINATOR_NAME,
      batch: () => ({ together: true, rows: 500 }),
      now: Date.now,
      random: Math.random,
      turn: new TurnHolder(() => this, Date.now, this.#log),
      sent: () => undefined,
      log: this.#log,
    });
    this.#migrator = new Migrator({
      database: openDatabase({ url, authToken, timeoutMs: () => MIGRATION_MS }),
      migrations: MIGRATIONS,
      backupFirst: () => this.#overseer.backUp(),
      now: Date.now,
      uuid: () => crypto.randomUUID(),
      turn: (work) => this.#inTurn(work),
      log: this.#log,
    });
    this.#keys = new KeyRing({
      sql,
      transaction,
      database,
      mark: (id) => this.#outbox.mark("api_keys", [id]),
      tell: (records) => this.#tellKeys(records),
      audit: (by, from, to) => this.#governor.audit(by, "api_key", from, to),
    });
    this.#overseer = new Overseer({
      sql,
      governor: this.#governor,
      instances: this.#instances,
      now: Date.now,
      uuid: () => crypto.randomUUID(),
      launch: (job) => this.#launch(job),
      settled: async () => {
        await this.#outbox.settled();
        return { writer: COORDINATOR_NAME, batch: this.#outbox.lastBatch() };
      },
      keys: this.#keys,
      requested: (kind, result) => this.#watch.requested(kind, result),
      ended: (job) => {
        for (const run of runsOf(job)) this.#watch.ran(run);
      },
      log: this.#log,
    });
    this.#schedule();
  }

  takeTurn(): Promise<number> {
    return this.#turns.take();
  }
  async giveTurnBack(token: number): Promise<void> {
    this.#turns.giveBack(token);
  }

  async control(): Promise<Control> {
    return this.#governor.control;
  }
  async report(report: InstanceReport): Promise<number> {
    this.#instances.reported(report);
    this.#watch.seen(report);
    if (this.#governor.report(report)) {
      this.#log({ event: "fleet_down", level: "warn", ...this.#governor.control.fleet });
      void this.#instances.push();
    }
    return this.#governor.control.version;
  }
  async settled(instance: number, topologyVersion: number): Promise<void> {
    if (!this.#governor.settle(instance, topologyVersion)) return;
    this.#log({ event: "topology_settled", level: "info", ...this.#governor.control.topology });
    void this.#instances.push();
  }
  async topology(envCount: number, deployedAt: string): Promise<Topology> {
    const before = this.#governor.control.version;
    const topology = this.#governor.adopt(envCount, deployedAt);
    if (this.#governor.control.version !== before) void this.#instances.push();
    return topology;
  }

  config(): Promise<Result<ConfigView>> {
    return answer(async () => this.#governor.config());
  }
  configure(changes: Readonly<Record<string, unknown>>, by: string): Promise<Result<ConfigView>> {
    return answer(async () => {
      this.#governor.configure(changes, by);
      await this.#instances.push();
      return this.#governor.config();
    });
  }
  setMode(
    name: "maintenance" | "degraded",
    enabled: boolean,
    message: string,
    by: string,
  ): Promise<Result<FleetView>> {
    return answer(async () => {
      this.#governor.mode(name, enabled, message, by);
      this.#log({ event: `${name}_mode`, level: "warn", enabled, by });
      await this.#instances.push();
      return this.#instances.view("view");
    });
  }
  order(order: Omit<BreakerOrder, "id">, by: string): Promise<Result<FleetView>> {
    return answer(async () => {
      const { id, ...what } = this.#governor.order(order, by);
      this.#log({ event: "breaker_order", level: "warn", id, by, ...what });
      await this.#instances.push();
      return this.#instances.view("view");
    });
  }
  fleet(): Promise<Result<FleetView>> {
    return answer(() => this.#instances.view("view"));
  }
  resize(count: number, by: string): Promise<Result<FleetView>> {
    return answer(async () => {
      this.#governor.resize(count, by);
      await this.#instances.push();
      return this.#instances.view("view");
    });
  }
  flush(): Promise<Result<FleetView>> {
    return answer(() => this.#instances.view("flush"));
  }
  sync(namespace: string): Promise<Result<{ namespaces: string[] }>> {
    return answer(async () => {
      const parts = await this.#instances.everywhere("sync", { namespace }, ASK_MS);
      return {
        namespaces: [
          ...new Set(parts.flatMap((part) => ("value" in part ? part.value.namespaces : []))),
        ],
      };
    });
  }
  dead(limit: number): Promise<Result<DeadLetterView[]>> {
    return answer(async () => {
      const parts = await this.#instances.everywhere("dead", { limit }, ASK_MS);
      const letters = parts.flatMap((part) => ("value" in part ? part.value : []));
      return letters.sort((a, b) => (a.parked_at < b.parked_at ? -1 : 1)).slice(0, limit);
    });
  }
  retryDead(): Promise<Result<{ retried: number }>> {
    return answer(async () => {
      const parts = await this.#instances.everywhere("retry_dead", null, ASK_MS);
      return {
        retried: parts.reduce((sum, part) => sum + ("value" in part ? part.value.retried : 0), 0),
      };
    });
  }
  drain(timeoutMs: number): Promise<Result<DrainView>> {
    return answer(() => this.#instances.drain(timeoutMs));
  }

  work<N extends WorkName>(name: N, input: Work[N]["input"]): Promise<Result<Work[N]["output"]>> {
    return answer(async () => {
      const value = await this.#overseer.workers[name](input);
      this.#schedule();
      return value;
    });
  }
  migrations(): Promise<Result<MigrationsView>> {
    return answer(() => this.#migrator.plan());
  }
  migrate(withoutBackup: boolean, by: string): Promise<Result<MigrationsView>> {
    return answer(() => this.#migrator.execute(withoutBackup, by));
  }
  async watch<N extends WatchName>(
    name: N,
    input: WatchCalls[N]["input"],
  ): Promise<WatchCalls[N]["output"]> {
    return this.#watch.handlers[name](input);
  }

  allKeys(): Promise<KeyRecord[]> {
    return this.#keys.all();
  }
  createKey(input: NewKey, by = "root"): Promise<Result<KeyView & { key: string }>> {
    return answer(() => this.#keys.create(input, by));
  }
  listKeys(): Promise<Result<KeyView[]>> {
    return answer(() => this.#keys.list());
  }
  revokeKey(id: string, by = "root"): Promise<Result<KeyView>> {
    return answer(() => this.#keys.revoke(id, by));
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    await this.#outbox.flush();
    await this.#instances.push();
    try {
      await this.#watch.keep();
    } catch (error) {
      this.#log({ event: "incidents_keep_failed", level: "warn", reason: String(error) });
      this.#alarm.wake(Date.now() + KEEP_AGAIN_MS);
    }
    await this.#overseer.relaunch();
    this.#schedule();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = new TurnHolder(() => this, Date.now, this.#log);
    try {
      return await turn.run(work);
    } finally {
      await turn.done();
    }
  }

  async #tellKeys(keys: KeyRecord[]): Promise<void> {
    void this.#outbox.flush().finally(() => this.#schedule());
    this.#schedule();
    const parts = await this.#instances.everywhere(
      "keys",
      { keys, complete: false },
      ASK_MS,
      this.#governor.widest,
    );
    if (parts.every((part) => "value" in part)) return;
    const detail = "Not every instance has heard of the change yet. Repeat the request.";
    throw new Refused("not_ready", detail, { retry_after_s: 1 });
  }

  /** The database, which is not asked while a restore has it. */
  #unlessRestoring(database: Database): Database {
    const free = (): void => {
      if (this.#governor.control.restore)
        throw new DatabaseError("not_asked", "restoring", null, PUSH_AGAIN_MS);
    };
    return {
      all: async (sql, ...args) => {
        free();
        return database.all(sql, ...args);
      },
      write: async (statements) => {
        free();
        await database.write(statements);
      },
    };
  }

  /** An alarm starts it again if this is cut short. */
  async #launch(job: string): Promise<void> {
    this.#alarm.wake(Date.now() + LAUNCH_AGAIN_MS);
    try {
      await this.env.JOBS.create({ id: job, params: { job } });
    } catch (error) {
      // It is there already, or the platform is busy: then the alarm tries again.
      this.#log({ event: "job_launch_failed", level: "warn", job, reason: String(error) });
    }
  }

  #schedule(): void {
    const at = this.#outbox.nextAt();
    if (at !== null) this.#alarm.wake(Math.max(at, Date.now() + 1_000));
  }
}

async function answer<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work(), namespace: "", durability: "queued", replayed: false };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return { ok: false, error: failure };
  }
}
