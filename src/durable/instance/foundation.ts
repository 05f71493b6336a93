/**
 * Builds what the parts of an instance stand on: its storage with its transactions and counters,
 * its position among the others, the circuit breaker and the guard before the database, the outbox,
 * and the context that every part is given.
 *
 * @module
 */

import { uuidv7 } from "../../memory/id.ts";
import { type Log, logger, LogRing, type Meter } from "../../observability/index.ts";
import {
  migrated,
  OwnedDatabase,
  SCHEMA,
  type Database,
  type LocalSql,
} from "../../storage/index.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { DirtyRows, Outbox } from "../outbox/outbox.ts";
import { WriteLeaseHolder } from "../outbox/write-lease.ts";
import { DeploymentId } from "../shared/deployment/deployment-id.ts";
import type { Shard } from "../shared/instance/placement.ts";
import { MetricsStore } from "../shared/metrics-store.ts";
import { Alarm } from "../shared/alarm.ts";
import { localSql, Transactions } from "../shared/context.ts";
import type { InstanceContext } from "./context.ts";
import { Breakers } from "./database/breakers.ts";
import { DamageDetector } from "./database/local-damage.ts";
import { ReadCopies } from "./episodes/store/memory-copies.ts";
import type { InternalHandlers } from "./handlers.ts";
import { Meta } from "./meta.ts";
import { Peers } from "./peers.ts";
import type { InstancePlatform } from "./platform.ts";
import { Position } from "./position.ts";
import { markWritten, traceOfCall, traceparentOfCall } from "./requests/call-scope.ts";

/** After a row became dirty the alarm fires at the latest, in case its call is cut short, ms. */
const DIRTY_ALARM_MS = 1_000;
/** A statement after which there is no more to do than before: what was recalled is only remembered. */
const LEAVES_NOTHING = /^\s*INSERT INTO recalls\b/;
/** Random bytes of an id. */
const ID_RANDOM_BYTES = 10;

/** What is there only when the instance's parts are; called when they are. */
interface LaterParts {
  handlers: () => InternalHandlers;
  /** Makes sure that the shard is here, after a change of the number of instances. */
  ensureHere: (shard: Shard) => Promise<void>;
  /** Called when the number of instances changed, or a change of it is over. */
  onTopology: () => void;
  /** Called after each transition of a circuit breaker. */
  onBreakerTransition: () => void;
}

export type Foundation = ReturnType<typeof foundationOf>;

export function foundationOf(platform: InstancePlatform, later: LaterParts) {
  const { now } = platform;
  const storage = ownStorageOf(platform);
  const { damage, metrics, meta, sql, alarm } = storage;
  const { meter, transaction } = metrics;
  const logs = new LogRing(now);
  const log = logOf(() => position, logs);
  damage.listen({ now, count: () => meter.count("memory_local_damage_total"), log });

  const position: Position = new Position({
    meta,
    platform,
    log,
    transaction,
    onChange: () => breakers.applyControl(),
    onTopology: later.onTopology,
    onNewControl: () => alarm.wake(now()),
  });
  const given = { ...platform, ...storage, transaction, meter, log, position };
  const breakers = breakersOf(given, later.onBreakerTransition);
  const database = ownedDatabaseOf(given, breakers.guard);
  const outbox = outboxOf(given, database);
  const dirtyRows = dirtyRowsOf(given, outbox);
  const webhooks = webhooksOf(given, (at) => alarm.wake(at));
  const peers = new Peers({ position, now, log, instance: platform.instance, ...later });
  const context: InstanceContext = {
    sql,
    transaction,
    now,
    meter,
    log,
    database,
    uuid,
    emit: (event) => webhooks.emit(event),
    ...whereaboutsOf(position),
    markDirty: (table, key) => dirtyRows.markDirty(table, key),
    markEpisode: (change) => dirtyRows.markEpisode(change),
    isDirty: (table, key) => outbox.isDirty(table, key),
    wake: (at) => alarm.wake(at),
    note: noteOf(platform, log),
    ...askingOf(peers),
  };
  const parts = { position, breakers, outbox, dirtyRows, webhooks, peers, logs };
  return { ...storage, platform, context, ...parts, owned: database };
}

const uuid = (at: number): string =>
  uuidv7(at, crypto.getRandomValues(new Uint8Array(ID_RANDOM_BYTES)));

function dirtyRowsOf({ position, alarm, now }: Given, outbox: Outbox): DirtyRows {
  return new DirtyRows({
    outbox,
    isHome: (home) => position.isHome(home),
    onMarked: (rows, bytes) => {
      markWritten(rows, bytes);
      alarm.wake(now() + DIRTY_ALARM_MS);
    },
  });
}

function webhooksOf(given: Given, wake: (at: number) => void): Webhooks {
  const { position } = given;
  return new Webhooks({
    ...given,
    uuid,
    wake,
    webhooks: () => position.control.webhooks,
    isPrivateAllowed: () => position.settings.webhooks_private,
  });
}

/** The database behind its guard, which is away while it is another deployment's. */
function ownedDatabaseOf(given: Given, bare: Database): OwnedDatabase {
  const { meta, coordinator, migrations: mode, now } = given;
  const deployment = new DeploymentId({
    ask: () => coordinator().deployment(),
    kept: () => meta.get("deployment"),
    keep: (id) => meta.set("deployment", id),
  });
  return new OwnedDatabase({
    bare,
    migrated: migrated(bare, now, { mode }),
    deployment: (anew) => deployment.get(anew),
    now,
  });
}

/** @param position is there by the first line */
function logOf(position: () => Position, logs: LogRing): Log {
  return logger(
    () => position().settings.log_level,
    () => ({ instance: position().index, ...traceOfCall() }),
    (line) => logs.add(line),
  );
}

function noteOf({ coordinator }: InstancePlatform, log: Log): InstanceContext["note"] {
  return async (note) => {
    try {
      await coordinator().note(note);
    } catch (error) {
      const { kind, title } = note;
      log({ event: "note_failed", kind, title, reason: String(error) });
    }
  };
}

function askingOf({ ask, askAll, work: askHome }: Peers) {
  return { ask, askAll, askHome };
}

/** What is in force, and where things are, as they are at each call. */
function whereaboutsOf(position: Position) {
  return {
    settings: () => position.settings,
    control: () => position.control,
    place: () => position.place(),
    instanceCount: () => position.instanceCount(),
    homeOf: (text: string) => position.homeOf(text),
    isHome: (home: string) => position.isHome(home),
  };
}

/** The instance's own storage, and what watches its statements. */
function ownStorageOf({ storage }: InstancePlatform) {
  const writes = { count: 0, quiet: 0 };
  const copies = new ReadCopies();
  const damage = new DamageDetector();
  const onCount = (): void => {
    writes.quiet += 1;
  };
  const onWrite = (text: string): void => {
    if (LEAVES_NOTHING.test(text)) return onCount();
    writes.count += 1;
    copies.onWrite(text);
  };
  const sql: LocalSql = localSql(storage, onWrite, damage.guard);
  for (const statement of SCHEMA) sql.run(statement);

  const meta = new Meta(sql);
  const { run, onRollback } = new Transactions(storage);
  const sqlOfCounts = localSql(storage, onCount, damage.guardOfCounts);
  const metrics = new MetricsStore(sqlOfCounts, run);
  const alarm = new Alarm(storage);
  return { sql, sqlOfCounts, writes, copies, damage, meta, onRollback, metrics, alarm };
}

type OwnStorage = ReturnType<typeof ownStorageOf>;

type Given = Pick<
  InstancePlatform,
  "coordinator" | "openDatabase" | "migrations" | "publicNetwork" | "now" | "random" | "wait"
> &
  Pick<OwnStorage, "sql" | "onRollback" | "meta" | "alarm"> &
  Pick<InstanceContext, "transaction" | "log"> & { meter: Meter; position: Position };

function breakersOf(given: Given, onTransition: () => void): Breakers {
  const { position } = given;
  return new Breakers({
    ...given,
    database: given.openDatabase({
      timeoutMs: () => position.settings.database_timeout_ms,
      traceparent: traceparentOfCall,
    }),
    onTransition,
  });
}

function outboxOf(given: Given, database: InstanceContext["database"]): Outbox {
  const { position, meter, coordinator, now, log } = given;
  return new Outbox({
    ...given,
    database,
    writer: () => position.writer,
    writeLease: new WriteLeaseHolder({ source: coordinator, now, log }),
    batch: () => {
      const { batch_writes: together, batch_size: rows } = position.settings;
      return { together, rows };
    },
    onBatchTaken: (rows) => {
      meter.observe("memory_flush_batch_size", rows);
      meter.set("memory_last_flush_timestamp_seconds", now() / 1_000);
    },
  });
}
