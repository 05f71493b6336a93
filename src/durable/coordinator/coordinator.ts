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
  ClusterView,
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
import { ControlStore } from "./control-store.ts";
import { ASK_MS, Instances, PUSH_AGAIN_MS } from "./instances.ts";
import { LAUNCH_AGAIN_MS } from "./jobs/job-queue.ts";
import { runsOf } from "./jobs/job-runs.ts";
import { ApiKeys } from "./api-keys.ts";
import { Alarm, localSql, Transactions } from "../shared/sqlite.ts";
import { Migrator } from "./migrator.ts";
import { JobService } from "./jobs/job-service.ts";
import { createOutbox, OUTBOX_SCHEMA, type Outbox } from "../outbox/outbox.ts";
import type {
  InstanceReport,
  KeyRecord,
  NewKey,
  MonitorCalls,
  MonitorName,
  CoordinatorRpc,
  Work,
  WorkName,
} from "../shared/protocol.ts";
import { failureOf, Refused } from "../shared/refusals.ts";
import { WriteLeaseHolder, WriteLeases } from "../outbox/write-lease.ts";
import { Monitor } from "./monitoring/monitor.ts";
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
  readonly #writeLeases = new WriteLeases(() =>
    this.#log({ event: "write_lease_lapsed", level: "warn" }),
  );
  readonly #controlStore: ControlStore;
  readonly #instances: Instances;
  readonly #keys: ApiKeys;
  readonly #monitor: Monitor;
  readonly #log: (event: Record<string, unknown>) => void;
  readonly #migrator: Migrator;
  readonly #jobService: JobService;

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
      settingsOf(deployment.defaults, this.#controlStore.control.settings).log_level;
    this.#log = logger(level, () => ({}));
    this.#controlStore = new ControlStore(
      sql,
      transaction,
      deployment.defaults,
      deployment.instanceCount,
      Date.now,
      (by, what, from, to) => this.#monitor.governed(by, what, from, to),
    );
    this.#instances = new Instances({
      controlStore: this.#controlStore,
      instance: (index) => instanceOf(env, index),
      wake: (at) => this.#alarm.wake(at),
      log: this.#log,
    });
    this.#monitor = new Monitor({
      sql,
      transaction,
      bucket: env.BACKUPS,
      database,
      defaults: deployment.defaults,
      control: () => this.#controlStore.control,
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
      writeLease: new WriteLeaseHolder(() => this, Date.now, this.#log),
      sent: () => undefined,
      log: this.#log,
    });
    this.#migrator = new Migrator({
      database: openDatabase({ url, authToken, timeoutMs: () => MIGRATION_MS }),
      migrations: MIGRATIONS,
      backupFirst: () => this.#jobService.backUp(),
      now: Date.now,
      uuid: () => crypto.randomUUID(),
      writeLease: (work) => this.#withWriteLease(work),
      log: this.#log,
    });
    this.#keys = new ApiKeys({
      sql,
      transaction,
      database,
      mark: (id) => this.#outbox.markDirty("api_keys", [id]),
      tell: (records) => this.#tellKeys(records),
      audit: (by, from, to) => this.#controlStore.audit(by, "api_key", from, to),
    });
    this.#jobService = new JobService({
      sql,
      controlStore: this.#controlStore,
      instances: this.#instances,
      now: Date.now,
      uuid: () => crypto.randomUUID(),
      launch: (job) => this.#launch(job),
      settled: async () => {
        await this.#outbox.settled();
        return { writer: COORDINATOR_NAME, batch: this.#outbox.lastBatch() };
      },
      keys: this.#keys,
      requested: (kind, result) => this.#monitor.requested(kind, result),
      ended: (job) => {
        for (const run of runsOf(job)) this.#monitor.ran(run);
      },
      log: this.#log,
    });
    this.#schedule();
  }

  acquireWriteLease(): Promise<number> {
    return this.#writeLeases.acquire();
  }
  async releaseWriteLease(token: number): Promise<void> {
    this.#writeLeases.release(token);
  }

  async control(): Promise<Control> {
    return this.#controlStore.control;
  }
  async report(report: InstanceReport): Promise<number> {
    this.#instances.acknowledged(report);
    this.#monitor.seen(report);
    if (this.#controlStore.report(report)) {
      this.#log({ event: "cluster_down", level: "warn", ...this.#controlStore.control.cluster });
      void this.#instances.push();
    }
    return this.#controlStore.control.version;
  }
  async settled(instance: number, topologyVersion: number): Promise<void> {
    if (!this.#controlStore.settle(instance, topologyVersion)) return;
    this.#log({ event: "topology_settled", level: "info", ...this.#controlStore.control.topology });
    void this.#instances.push();
  }
  async topology(envCount: number, deployedAt: string): Promise<Topology> {
    const before = this.#controlStore.control.version;
    const topology = this.#controlStore.adopt(envCount, deployedAt);
    if (this.#controlStore.control.version !== before) void this.#instances.push();
    return topology;
  }

  config(): Promise<Result<ConfigView>> {
    return answer(async () => this.#controlStore.config());
  }
  configure(changes: Readonly<Record<string, unknown>>, by: string): Promise<Result<ConfigView>> {
    return answer(async () => {
      this.#controlStore.configure(changes, by);
      await this.#instances.push();
      return this.#controlStore.config();
    });
  }
  setMode(
    name: "maintenance" | "degraded",
    enabled: boolean,
    message: string,
    by: string,
  ): Promise<Result<ClusterView>> {
    return answer(async () => {
      this.#controlStore.mode(name, enabled, message, by);
      this.#log({ event: `${name}_mode`, level: "warn", enabled, by });
      await this.#instances.push();
      return this.#instances.view("view");
    });
  }
  order(order: Omit<BreakerOrder, "id">, by: string): Promise<Result<ClusterView>> {
    return answer(async () => {
      const { id, ...what } = this.#controlStore.order(order, by);
      this.#log({ event: "breaker_order", level: "warn", id, by, ...what });
      await this.#instances.push();
      return this.#instances.view("view");
    });
  }
  cluster(): Promise<Result<ClusterView>> {
    return answer(() => this.#instances.view("view"));
  }
  resize(count: number, by: string): Promise<Result<ClusterView>> {
    return answer(async () => {
      this.#controlStore.resize(count, by);
      await this.#instances.push();
      return this.#instances.view("view");
    });
  }
  flush(): Promise<Result<ClusterView>> {
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
      const value = await this.#jobService.workers[name](input);
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
  async monitor<N extends MonitorName>(
    name: N,
    input: MonitorCalls[N]["input"],
  ): Promise<MonitorCalls[N]["output"]> {
    return this.#monitor.handlers[name](input);
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
    this.#alarm.fired();
    await this.#outbox.flush();
    await this.#instances.push();
    try {
      await this.#monitor.keep();
    } catch (error) {
      this.#log({ event: "incidents_keep_failed", level: "warn", reason: String(error) });
      this.#alarm.wake(Date.now() + KEEP_AGAIN_MS);
    }
    await this.#jobService.relaunch();
    this.#schedule();
  }

  async #withWriteLease<T>(work: () => Promise<T>): Promise<T> {
    const writeLease = new WriteLeaseHolder(() => this, Date.now, this.#log);
    try {
      return await writeLease.run(work);
    } finally {
      await writeLease.release();
    }
  }

  async #tellKeys(keys: KeyRecord[]): Promise<void> {
    void this.#outbox.flush().finally(() => this.#schedule());
    this.#schedule();
    const parts = await this.#instances.everywhere(
      "keys",
      { keys, complete: false },
      ASK_MS,
      this.#controlStore.maxInstanceCount,
    );
    if (parts.every((part) => "value" in part)) return;
    const detail = "Not every instance has heard of the change yet. Repeat the request.";
    throw new Refused("not_ready", detail, { retry_after_s: 1 });
  }

  /** The database, which is not asked while a restore has it. */
  #unlessRestoring(database: Database): Database {
    const free = (): void => {
      if (this.#controlStore.control.restore)
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
