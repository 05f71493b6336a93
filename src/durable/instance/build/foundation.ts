/**
 * Builds what comes before the parts of an instance: its storage with its transactions and
 * counters, its number, its copy of the control document, its log and its alarm.
 *
 * @module
 */

import { logger } from "../../../observability/index.ts";
import { SCHEMA, type LocalSql } from "../../../storage/index.ts";
import { MetricsStore } from "../../shared/metrics-store.ts";
import { Alarm } from "../../shared/parts/alarm.ts";
import { localSql, Transactions } from "../../shared/sqlite.ts";
import { ControlCopy } from "../control-copy.ts";
import { DamageDetector } from "../database/local-damage.ts";
import { ReadCopies } from "../episodes/cache/read-copies.ts";
import { InstanceIndex } from "../instance-index.ts";
import { Meta } from "../meta.ts";
import type { InstancePlatform } from "../platform.ts";
import { traceOfCall } from "../requests/call-scope.ts";

export type Foundation = ReturnType<typeof foundationOf>;

/** Counts the statements that wrote to the storage. */
export interface WriteCount {
  count: number;
}

export function foundationOf(platform: InstancePlatform) {
  const { storage, defaults, instanceCount, now } = platform;
  const writes: WriteCount = { count: 0 };
  const copies = new ReadCopies();
  const damage = new DamageDetector();
  const onWrite = (text: string): void => {
    writes.count += 1;
    copies.onWrite(text);
  };
  const sql: LocalSql = localSql(storage, onWrite, damage.guard);
  for (const statement of SCHEMA) sql.run(statement);

  const meta = new Meta(sql);
  const index = new InstanceIndex(meta);
  const control = new ControlCopy({ meta, defaults, instanceCount });
  const { run, onRollback } = new Transactions(storage);
  const metrics = new MetricsStore(sql, run);
  const { meter } = metrics;
  const log = logger(
    () => control.settings.log_level,
    () => ({ instance: index.value, ...traceOfCall() }),
  );
  damage.listen({ now, count: () => meter.count("memory_local_damage_total"), log });

  return {
    sql,
    transaction: metrics.transaction,
    onRollback,
    meta,
    index,
    control,
    metrics,
    meter,
    log,
    writes,
    copies,
    alarm: new Alarm(storage),
  };
}
