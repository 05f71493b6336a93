/**
 * The Coordinator's parts, each made with what it depends on. They live as long as the object does;
 * command handlers are given all of them.
 *
 * @module
 */

import type { CoordinatorContext } from "./context.ts";
import { migrateOutbox } from "../outbox/outbox-rows.ts";
import type { OutboxDeps } from "../outbox/outbox-table.ts";
import { parseEnv, type Deployment, type Env } from "../../env.ts";
import { logger, LogRing, type Log } from "../../observability/index.ts";
import type { Transition } from "../../resilience/index.ts";
import {
  DatabaseError,
  migrated,
  MIGRATIONS,
  openDatabase,
  OwnedDatabase,
  SCHEMA,
  type Database,
  type LocalSql,
} from "../../storage/index.ts";
import { Outbox, OUTBOX_SCHEMA } from "../outbox/outbox.ts";
import { WriteLeaseHolder, WriteLeases } from "../outbox/write-lease.ts";
import { ownedBucket } from "../shared/deployment/owned-bucket.ts";
import { guardedBucket } from "../shared/r2.ts";
import { MetricsStore } from "../shared/metrics-store.ts";
import { COORDINATOR_NAME, instanceOf } from "../shared/objects.ts";
import { bookmarkOf, localSql, Transactions, type Part } from "../shared/context.ts";
import { Webhooks, type NewEvent, type WebhooksDeps } from "../webhooks/webhooks.ts";
import { uuidv7 } from "../../memory/id.ts";
import { ApiKeys } from "./api-keys.ts";
import { ControlStore, type ControlStorePorts } from "./control-store.ts";
import { DeploymentIdentity } from "./deployment/identity.ts";
import { Ownership } from "./deployment/ownership.ts";
import { Instances, PUSH_AGAIN_MS } from "./instances.ts";
import { openJobTables } from "./jobs/carry-over.ts";
import { JobService } from "./jobs/job-service.ts";
import { JobLedger } from "./jobs/ledger.ts";
import { LastRuns } from "./jobs/last-runs.ts";
import { Migrator } from "./migrator.ts";
import { Modes } from "./modes.ts";
import { BookmarkNotes } from "./monitoring/bookmarks.ts";
import { IncidentCopier, IncidentLog } from "./monitoring/incidents.ts";
import { Monitor } from "./monitoring/monitor.ts";
import { SampleStore } from "./monitoring/samples.ts";
import { R2Breaker } from "./r2-breaker.ts";
import { OAuthDesk } from "./oauth/oauth-desk.ts";
import { WebhookBook } from "./webhooks/webhook-book.ts";
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
/** Random bytes of an event's id. */
const ID_RANDOM_BYTES = 10;
export class CoordinatorParts {
  readonly #deployment: Deployment;
  /** Is away while it is another deployment's. */
  readonly #owned: OwnedDatabase;
  /** Is not asked while a restore has it, either. */
  readonly database: Database;
  readonly sql: LocalSql;
  readonly log: Log;
  readonly writeLeases: WriteLeases;
  readonly logs = new LogRing(Date.now);
  readonly controlStore: ControlStore;
  readonly r2: R2Breaker;
  readonly instances: Instances;
  readonly modes: Modes;
  readonly outbox: Outbox;
  readonly keys: ApiKeys;
  readonly incidentCopier: IncidentCopier;
  readonly ledger: JobLedger;
  readonly jobs: JobService;
  readonly monitor: Monitor;
  readonly bookmarks: BookmarkNotes;
  readonly migrator: Migrator;
  readonly restoreHold: RestoreHold;
  readonly identity: DeploymentIdentity;
  readonly ownership: Ownership;
  readonly webhooks: Webhooks;
  readonly webhookBook: WebhookBook;
  readonly oauth: OAuthDesk;

  /** @param wake sets the alarm anew: something may be due sooner than it was */
  constructor(storage: DurableObjectStorage, env: Env, wake: () => void) {
    this.#deployment = parseEnv(env);
    this.#owned = this.#openOwned();
    this.sql = localSql(storage);
    for (const statement of [...SCHEMA, ...OUTBOX_SCHEMA]) this.sql.run(statement);
    const { run: transaction, onRollback } = new Transactions(storage);
    transaction(() => migrateOutbox(this.sql));
    const metrics = new MetricsStore(this.sql, transaction);
    const clock = { now: Date.now, random: Math.random, uuid, wait };
    const kept = { sql: this.sql, transaction, wake, meter: metrics.meter };
    this.log = this.#makeLog();
    const context: CoordinatorContext = { ...clock, ...kept, log: this.log };

    const onLapse = () => this.log({ event: "write_lease_lapsed" });
    this.writeLeases = new WriteLeases({ now: Date.now, onLapse });
    this.database = this.#unlessRestoring(this.#owned);
    this.outbox = this.#makeOutbox(context, onRollback);

    const changed: ControlStorePorts["changed"] = (...change) => this.monitor.changed(...change);
    this.controlStore = new ControlStore({ ...context, deployment: this.#deployment, changed });
    const { database, outbox, controlStore } = this;
    const moved = (transition: Transition) => this.#r2Moved(transition);
    this.r2 = new R2Breaker({ ...context, bucket: env.BACKUPS, controlStore, moved });
    const instance = (index: number) => instanceOf(env, index);
    this.instances = new Instances({ ...context, controlStore, r2: this.r2, instance });
    const { instances, r2 } = this;
    this.identity = new DeploymentIdentity({ ...context, instances, env: this.#deployment });
    this.webhooks = this.#makeWebhooks({ ...context, onRollback }, env);
    const { webhooks } = this;
    this.webhookBook = new WebhookBook({ ...context, controlStore, instances, webhooks });
    this.oauth = new OAuthDesk({ ...context, controlStore });
    this.modes = new Modes({ ...context, controlStore, instances });
    this.keys = new ApiKeys({ ...context, database, outbox, controlStore, instances });

    const incidents = new IncidentLog(this.sql, Date.now);
    const bucket = guardedBucket(env.BACKUPS, r2.guard);
    const owned = this.#owning(bucket);
    this.incidentCopier = new IncidentCopier({ ...context, incidents, bucket: owned });
    openJobTables(this.sql, transaction);
    this.ledger = new JobLedger(this.sql, Date.now);
    const lastRuns = new LastRuns(this.sql, Date.now());
    const records = { incidents, copier: this.incidentCopier, samples: new SampleStore(this.sql) };
    const emit = (event: NewEvent) => webhooks.emit(event);
    const watched = { metrics, bucket, database, controlStore, lastRuns, r2, emit };
    this.monitor = new Monitor({ ...context, ...records, ...watched });
    const { keys, ledger, monitor } = this;
    this.bookmarks = this.#makeBookmarkNotes(storage);
    const launch = (job: string) => env.JOBS.create({ id: job, params: { job } });
    this.jobs = new JobService({ ...context, ledger, lastRuns, monitor, r2, launch });
    this.migrator = this.#makeMigrator(context);
    this.restoreHold = new RestoreHold({ now: Date.now, controlStore, instances, keys, outbox });
    this.ownership = this.#makeOwnership(bucket);
  }

  /** The parts that the alarm wakes, by name. */
  get alarmParts(): Readonly<Record<string, Part>> {
    const { outbox, instances, modes, incidentCopier: incidents, jobs, r2, webhooks } = this;
    const outboxPart: Part = {
      // A flush that is under way may take a moment: no alarm follows the other at once.
      nextAt: (now) => {
        const at = outbox.nextAt();
        return at === null ? null : Math.max(at, now + FLUSH_DELAY_MS);
      },
      onAlarm: () => outbox.flush(),
    };
    return { outbox: outboxPart, instances, modes, incidents, jobs, r2, webhooks };
  }

  #r2Moved(transition: Transition): void {
    this.monitor.r2Moved(transition);
    if (transition.to === "closed" || transition.to === "disabled") void this.jobs.isBack("r2");
  }

  #makeLog(): Log {
    return logger(
      () => this.controlStore.settings.log_level,
      () => ({}),
      (line) => this.logs.add(line),
    );
  }

  #makeOwnership(bucket: R2Bucket): Ownership {
    const { identity, controlStore, instances, restoreHold, keys, outbox } = this;
    const database = this.#open(this.#timeoutMs);
    const kept = { restoreHold, keys, outbox, owned: this.#owned };
    const ports = { identity, controlStore, instances, database, bucket };
    return new Ownership({ ...ports, ...kept, now: Date.now });
  }

  #owning(bucket: R2Bucket): R2Bucket {
    return ownedBucket(bucket, { deployment: () => this.identity.id(), now: Date.now });
  }

  /** Migrates itself, and is not used while it is another deployment's. */
  #openOwned(): OwnedDatabase {
    const bare = this.#open(this.#timeoutMs);
    const mode = this.#deployment.migrations;
    return new OwnedDatabase({
      bare,
      migrated: migrated(bare, Date.now, { mode }),
      deployment: () => this.identity.id(),
      now: Date.now,
    });
  }

  #makeWebhooks(
    context: Omit<WebhooksDeps, "webhooks" | "isPrivateAllowed" | "uuid">,
    { PUBLIC_NETWORK: publicNetwork }: Env,
  ): Webhooks {
    const { controlStore } = this;
    const webhooks = new Webhooks({
      ...context,
      publicNetwork,
      uuid: (at) => uuidv7(at, crypto.getRandomValues(new Uint8Array(ID_RANDOM_BYTES))),
      webhooks: () => controlStore.control.webhooks,
      isPrivateAllowed: () => controlStore.settings.webhooks_private,
    });
    for (const statement of webhooks.schema) this.sql.run(statement);
    return webhooks;
  }

  #makeOutbox(context: CoordinatorContext, onRollback: OutboxDeps["onRollback"]): Outbox {
    return new Outbox({
      ...context,
      onRollback,
      database: this.database,
      writer: () => COORDINATOR_NAME,
      batch: () => ({ together: true, rows: BATCH_ROWS }),
      writeLease: this.#makeWriteLeaseHolder(),
      onBatchTaken: () => undefined,
    });
  }

  #makeBookmarkNotes(storage: DurableObjectStorage): BookmarkNotes {
    const { instances, monitor } = this;
    const own = () => bookmarkOf(storage, Date.now());
    return new BookmarkNotes({ instances, own, record: (incident) => monitor.record(incident) });
  }

  #makeWriteLeaseHolder(): WriteLeaseHolder {
    return new WriteLeaseHolder({ source: () => this.writeLeases, now: Date.now, log: this.log });
  }

  #makeMigrator(context: CoordinatorContext): Migrator {
    return new Migrator({
      ...context,
      database: this.#open(() => MIGRATION_MS),
      migrations: MIGRATIONS,
      isManual: this.#deployment.migrations === "manual",
      incident: (incident) => this.monitor.record(incident),
      bookmarks: (by) => this.bookmarks.note("migration", "a migration", by),
      backupFirst: () => this.jobs.backUp(),
      writeLease: (work) => this.#withWriteLease(work),
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
