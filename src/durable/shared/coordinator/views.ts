/**
 * What the Coordinator is told and what it tells, beside what operators see. Plain data: it crosses
 * the wire.
 *
 * @module
 */

import type { JobKind } from "../../../contract/backups/answers.ts";
import type { RestoreMark } from "../../../contract/backups/restore.ts";
import type { BreakerView } from "../../../contract/cluster/answers.ts";
import type { Settings } from "../../../contract/settings.ts";
import type { JobRunView } from "../../../observability/index.ts";
import type { BreakerState } from "../../../resilience/index.ts";
import type { Mode } from "../control.ts";

/** A job to be started. */
export interface NewJob {
  kind: JobKind;
  params: Readonly<Record<string, unknown>>;
  /** The same key is the same job. */
  key: string;
  by: string;
}

/** What an instance found lately. */
export interface InstanceReport {
  instance: number;
  /** Of the control document that it has. */
  control_version: number;
  breakers: { turso: BreakerState };
  /** Parked rows, and calls that were ever refused for being too busy. */
  dead?: number;
  overloaded?: number;
}

/** What readiness and the metrics need of the Coordinator. */
export interface CoordinatorFacts {
  maintenance: Mode | null;
  degraded: Mode | null;
  /** A restore that has the database. */
  restore: RestoreMark | null;
  /** The last run of each job. */
  jobs: JobRunView[];
  settings: Settings;
  control_version: number;
  instances: number;
  /** The circuit breaker before R2. */
  r2: BreakerView;
}
