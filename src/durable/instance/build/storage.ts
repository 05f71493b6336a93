/**
 * Builds what stands between the parts of an instance and the database: circuit breakers, the
 * guarded database, the outbox; and the instance's position among the others.
 *
 * @module
 */

import { migrated, type Database } from "../../../storage/index.ts";
import { DirtyRows } from "../../outbox/dirty-rows.ts";
import { Outbox } from "../../outbox/outbox.ts";
import { WriteLeaseHolder } from "../../outbox/write-lease.ts";
import { instanceName } from "../../shared/objects.ts";
import { Breakers } from "../database/breakers.ts";
import type { InstanceIndex } from "../instance-index.ts";
import type { InstancePlatform } from "../platform.ts";
import { Position } from "../position.ts";
import { traceparentOfCall } from "../requests/call-scope.ts";
import type { Foundation } from "./foundation.ts";

/** After a row became dirty the alarm rings at the latest, in case its call is cut short, ms. */
const DIRTY_ALARM_MS = 1_000;

export type StorageParts = ReturnType<typeof storagePartsOf>;

/** @param onTransition called after each transition of a circuit breaker */
export function storagePartsOf(
  platform: InstancePlatform,
  foundation: Foundation,
  onTransition: () => void,
) {
  const { now } = platform;
  const { control, index, log, alarm } = foundation;
  const breakers = breakersOf(platform, foundation, onTransition);
  const position = new Position({
    index,
    control,
    fetchControl: () => platform.coordinator().control(),
    applyControl: (document, number) => breakers.applyControl(document, number),
    onNewControl: () => alarm.wake(now()),
    log,
  });
  const database = migrated(breakers.guard, now);
  const outbox = outboxOf(platform, foundation, database);
  const dirtyRows = new DirtyRows({
    outbox,
    isHome: (home) => position.isHome(home),
    onMarked: () => alarm.wake(now() + DIRTY_ALARM_MS),
  });
  return { breakers, position, database, outbox, dirtyRows };
}

function breakersOf(
  { openDatabase, now, random, wait }: InstancePlatform,
  { control, meta, index, meter, log }: Foundation,
  onTransition: () => void,
): Breakers {
  return new Breakers({
    meta,
    settings: () => control.settings,
    isDegraded: () => control.value.degraded !== null || control.value.restore !== null,
    database: openDatabase({
      timeoutMs: () => control.settings.database_timeout_ms,
      traceparent: traceparentOfCall,
    }),
    writer: () => writerOf(index),
    now,
    random,
    wait,
    onTransition,
    meter,
    log,
  });
}

function outboxOf(
  { coordinator, now, random, wait }: InstancePlatform,
  { sql, transaction, onRollback, control, index, meter, log }: Foundation,
  database: Database,
): Outbox {
  return new Outbox({
    sql,
    transaction,
    onRollback,
    database,
    writer: () => writerOf(index),
    writeLease: new WriteLeaseHolder({ source: coordinator, now, log }),
    batch: () => ({ together: control.settings.batch_writes, rows: control.settings.batch_size }),
    onBatchTaken: (rows) => {
      meter.observe("memory_flush_batch_size", rows);
      meter.set("memory_last_flush_timestamp_seconds", now() / 1_000);
    },
    now,
    random,
    wait,
    log,
  });
}

/** The name under which this instance writes to the database. */
function writerOf(index: InstanceIndex): string {
  return instanceName(index.value ?? 0);
}
