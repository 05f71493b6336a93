/**
 * The Coordinator's parts, each made with what it depends on. They live as long as the object does;
 * command handlers are given all of them.
 *
 * @module
 */

import { parseEnv, type Deployment, type Env } from "../../env.ts";
import { logger, type Log } from "../../observability/index.ts";
import type { Transition } from "../../resilience/index.ts";
import {
  DatabaseError,
  migrated,
  MIGRATIONS,
  openDatabase,
  SCHEMA,
  type Database,
  type LocalSql,
} from "../../storage/index.ts";
import { Outbox, OUTBOX_SCHEMA } from "../outbox/outbox.ts";
import { WriteLeaseHolder, WriteLeases } from "../outbox/write-lease.ts";
import { guardedBucket } from "../shared/r2.ts";
import { MetricsStore } from "../shared/metrics-store.ts";
import { COORDINATOR_NAME, instanceOf } from "../shared/objects.ts";
import type { KeyRecord } from "../shared/control.ts";
import { Refused } from "../shared/refusals.ts";
import type { Part } from "../shared/alarm.ts";
import { localSql, Transactions } from "../shared/context.ts";
import { ApiKeys } from "./api-keys.ts";
import { ControlStore } from "./control-store.ts";
import { ASK_MS, Instances, PUSH_AGAIN_MS } from "./instances.ts";
import { openJobTables } from "./jobs/carry-over.ts";
import { JobService } from "./jobs/job-service.ts";
import { JobLedger } from "./jobs/ledger.ts";
import { LastRuns } from "./jobs/last-runs.ts";
import { Migrator } from "./migrator.ts";
import { IncidentCopier, IncidentLog } from "./monitoring/incidents.ts";
import { Monitor } from "./monitoring/monitor.ts";
import { SampleStore } from "./monitoring/samples.ts";
import { R2Breaker } from "./r2-breaker.ts";
import { RestoreHold } from "./restore-hold.ts";

/**
 * Deadline of one statement of a migration: a table may be large. In maintenance nobody else wants
 * the lock, ms.
 */
const MIGRATION_MS = 60_000;
/** Rows of the Coordinator's own batches to the database. */
const BATCH_ROWS = 500;
/** The alarm flushes the outbox no sooner than this after it was set, ms. */
const FLUSH_DELAY_MS = 1_000;

export class CoordinatorParts {
  readonly #env: Env;
  readonly #deployment: Deployment;
  readonly #transactions: Transactions;
  readonly #metrics: MetricsStore;
  readonly #database: Database;
  readonly #wake: () => void;
  /** Behind the circuit breaker. */
  readonly #bucket: R2Bucket;
  readonly sql: LocalSql;
  readonly log: Log;
  readonly writeLeases: WriteLeases;
  readonly controlStore: ControlStore;
  readonly r2: R2Breaker;
  readonly instances: Instances;
  readonly outbox: Outbox;
  readonly keys: ApiKeys;
  readonly incidentCopier: IncidentCopier;
  readonly ledger: JobLedger;
  readonly jobs: JobService;
  readonly monitor: Monitor;
  readonly migrator: Migrator;
  readonly restoreHold: RestoreHold;

  /** @param wake sets the alarm anew: something may be due sooner than it was */
  constructor(storage: DurableObjectStorage, env: Env, wake: () => void) {
    this.#env = env;
    this.#wake = wake;
    this.#deployment = parseEnv(env);
    this.sql = localSql(storage);
    for (const statement of [...SCHEMA, ...OUTBOX_SCHEMA]) this.sql.run(statement);
    this.#transactions = new Transactions(storage);
    this.log = logger(
      () => this.controlStore.settings.log_level,
      () => ({}),
    );
    this.writeLeases = new WriteLeases({
      now: Date.now,
      onLapse: () => this.log({ event: "write_lease_lapsed", level: "warn" }),
    });
    this.controlStore = this.#makeControlStore();
    this.#metrics = new MetricsStore(this.sql, this.#transactions.run);
    this.#database = this.#unlessRestoring(migrated(this.#open(this.#timeoutMs), Date.now));
    this.r2 = this.#makeR2Breaker();
    this.#bucket = guardedBucket(env.BACKUPS, this.r2.guard);
    this.instances = this.#makeInstances();
    this.outbox = this.#makeOutbox();
    this.keys = this.#makeKeys();
    const incidents = new IncidentLog(this.sql, Date.now);
    this.incidentCopier = this.#makeIncidentCopier(incidents);
    openJobTables(this.sql, this.#transactions.run);
    this.ledger = new JobLedger(this.sql, Date.now);
    const lastRuns = new LastRuns(this.sql);
    this.jobs = this.#makeJobs(lastRuns);
    this.monitor = this.#makeMonitor(incidents, lastRuns);
    this.migrator = this.#makeMigrator();
    this.restoreHold = this.#makeRestoreHold();
  }

  /** The parts that the alarm wakes, by name. */
  get alarmParts(): Readonly<Record<string, Part>> {
    const { outbox, instances, incidentCopier: incidents, jobs, r2 } = this;
    const outboxPart: Part = {
      // A flush that is under way may take a moment: no alarm follows the other at once.
      nextAt: (now) => {
        const at = outbox.nextAt();
        return at === null ? null : Math.max(at, now + FLUSH_DELAY_MS);
      },
      onAlarm: () => outbox.flush(),
    };
    return { outbox: outboxPart, instances, incidents, jobs, r2 };
  }

  #makeControlStore(): ControlStore {
    return new ControlStore({
      sql: this.sql,
      transaction: this.#transactions.run,
      defaults: this.#deployment.defaults,
      envCount: this.#deployment.instanceCount,
      now: Date.now,
      changed: (by, what, from, to) => this.monitor.changed(by, what, from, to),
    });
  }

  #makeR2Breaker(): R2Breaker {
    return new R2Breaker({
      sql: this.sql,
      bucket: this.#env.BACKUPS,
      settings: () => this.controlStore.settings,
      now: Date.now,
      random: Math.random,
      meter: this.#metrics.meter,
      log: this.log,
      moved: (transition) => this.#r2Moved(transition),
    });
  }

  #r2Moved(transition: Transition): void {
    this.monitor.r2Moved(transition);
    if (transition.to === "closed" || transition.to === "disabled") void this.jobs.r2IsBack();
  }

  #makeInstances(): Instances {
    return new Instances({
      controlStore: this.controlStore,
      instance: (index) => instanceOf(this.#env, index),
      r2: () => this.r2.view(),
      wake: this.#wake,
      now: Date.now,
      wait,
      log: this.log,
    });
  }

  #makeOutbox(): Outbox {
    return new Outbox({
      sql: this.sql,
      transaction: this.#transactions.run,
      onRollback: this.#transactions.onRollback,
      database: this.#database,
      writer: () => COORDINATOR_NAME,
      batch: () => ({ together: true, rows: BATCH_ROWS }),
      now: Date.now,
      random: Math.random,
      writeLease: this.#makeWriteLeaseHolder(),
      onBatchTaken: () => undefined,
      wait,
      log: this.log,
    });
  }

  #makeWriteLeaseHolder(): WriteLeaseHolder {
    return new WriteLeaseHolder({
      source: () => this.writeLeases,
      now: Date.now,
      log: this.log,
    });
  }

  #makeKeys(): ApiKeys {
    return new ApiKeys({
      sql: this.sql,
      transaction: this.#transactions.run,
      database: this.#database,
      now: Date.now,
      markDirty: (id) => this.outbox.markDirty("api_keys", [id]),
      announce: (records) => this.#announceKeys(records),
      audit: (by, from, to) => this.controlStore.audit(by, "api_key", from, to),
    });
  }

  /** Throws `Refused` when an instance has not heard of the keys. */
  async #announceKeys(keys: KeyRecord[]): Promise<void> {
    void this.outbox.flush().finally(this.#wake);
    this.#wake();
    const input = { keys, isComplete: false };
    const { maxInstanceCount } = this.controlStore;
    const answers = await this.instances.everywhere("keys", input, ASK_MS, maxInstanceCount);
    if (answers.every((answer) => "value" in answer)) return;
    const detail = "Not every instance has heard of the change yet. Repeat the request.";
    throw new Refused("not_ready", detail, { retry_after_s: 1 });
  }

  #makeIncidentCopier(incidents: IncidentLog): IncidentCopier {
    const bucket = this.#bucket;
    return new IncidentCopier({ incidents, bucket, now: Date.now, log: this.log });
  }

  #makeJobs(lastRuns: LastRuns): JobService {
    return new JobService({
      ledger: this.ledger,
      lastRuns,
      now: Date.now,
      uuid,
      wait,
      launch: async (job) => {
        await this.#env.JOBS.create({ id: job, params: { job } });
      },
      wake: this.#wake,
      isR2Open: () => !["closed", "disabled"].includes(this.r2.view().state),
      requested: (kind, result) => this.monitor.jobRequested(kind, result),
      skipped: (kind) => this.monitor.jobSkipped(kind),
      ended: (run) => this.monitor.jobEnded(run),
      log: this.log,
    });
  }

  #makeMonitor(incidents: IncidentLog, lastRuns: LastRuns): Monitor {
    return new Monitor({
      incidents,
      copier: this.incidentCopier,
      samples: new SampleStore(this.sql),
      metrics: this.#metrics,
      bucket: this.#bucket,
      database: this.#database,
      control: () => this.controlStore.control,
      settings: () => this.controlStore.settings,
      runs: () => lastRuns.last(),
      r2: () => this.r2.view(),
      now: Date.now,
      log: this.log,
    });
  }

  #makeMigrator(): Migrator {
    return new Migrator({
      database: this.#open(() => MIGRATION_MS),
      migrations: MIGRATIONS,
      backupFirst: () => this.jobs.backUp(),
      now: Date.now,
      uuid,
      writeLease: (work) => this.#withWriteLease(work),
      log: this.log,
    });
  }

  #makeRestoreHold(): RestoreHold {
    return new RestoreHold({
      controlStore: this.controlStore,
      instances: this.instances,
      keys: this.keys,
      settleOwn: async () => {
        await this.outbox.whenIdle();
        return { writer: COORDINATOR_NAME, batch: this.outbox.lastBatch() };
      },
      now: Date.now,
    });
  }

  readonly #timeoutMs = (): number => this.#deployment.defaults.database_timeout_ms ?? 4_000;

  #open(timeoutMs: () => number): Database {
    const { databaseUrl: url, databaseToken: authToken } = this.#deployment;
    return openDatabase({ url, authToken, timeoutMs });
  }

  async #withWriteLease<T>(work: () => Promise<T>): Promise<T> {
    const holder = this.#makeWriteLeaseHolder();
    try {
      return await holder.run(work);
    } finally {
      await holder.release();
    }
  }

  /** The database, which is not asked while a restore has it. */
  #unlessRestoring(database: Database): Database {
    const requireFree = (): void => {
      if (this.controlStore.control.restore)
        throw new DatabaseError("not_asked", "restoring", null, PUSH_AGAIN_MS);
    };
    return {
      all: async (sql, ...args) => {
        requireFree();
        return database.all(sql, ...args);
      },
      write: async (statements) => {
        requireFree();
        await database.write(statements);
      },
    };
  }
}

const uuid = (): string => crypto.randomUUID();
const wait = (ms: number): Promise<unknown> => scheduler.wait(ms);
