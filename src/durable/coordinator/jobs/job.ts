/**
 * Defines a job: its kinds and what differs between them (who does the work, which lease it takes,
 * how long it may be silent), its row in the ledger, and what an operator sees of that. Pure.
 *
 * @module
 */

import type {
  JobKind,
  JobProgress,
  JobStatus,
  JobView,
  ShortJobKind,
} from "../../../contract/backups/answers.ts";
import { MS } from "../../../contract/limits.ts";
import { JOBS } from "../../../observability/index.ts";
import { isoTime, isoTimeOrNull } from "../../../util/time.ts";

export type AnyJobKind = JobKind | ShortJobKind;

interface KindRule {
  /**
   * One job at a time has the lease of this name. `workflow`: shared by the long jobs, which
   * operators and the schedule ask for, which wait for each other and which a Workflow does. The
   * others have a lease each, do not wait, and are done by the Worker that begins them.
   */
  lease: "workflow" | ShortJobKind;
  /** A job that says nothing for this long has lost its lease, ms. */
  lease_ms: number;
}

/** Each step of a Workflow may take as long as that. */
const LONG: KindRule = { lease: "workflow", lease_ms: 20 * MS.minute };
const short = (kind: ShortJobKind): KindRule => ({ lease: kind, lease_ms: JOBS[kind].lease_ms });

export const JOB_KINDS: Readonly<Record<AnyJobKind, KindRule>> = {
  backup: LONG,
  snapshot: LONG,
  verify: LONG,
  restore: LONG,
  retention: LONG,
  drill: LONG,
  rewrap: LONG,
  "health-check": short("health-check"),
  prune: short("prune"),
  "capacity-report": short("capacity-report"),
};

/** Kinds whose jobs are listed for operators. */
export const LONG_KINDS = Object.keys(JOB_KINDS).filter(isLong) as JobKind[];

export function isLong(kind: string): kind is JobKind {
  return JOB_KINDS[kind as AnyJobKind]?.lease === "workflow";
}

/** Times are ms since the epoch; `params`, `progress` and `result` are JSON. */
export interface JobRow extends Record<string, string | number | null> {
  id: string;
  kind: string;
  status: string;
  params: string;
  by: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  progress: string | null;
  result: string | null;
  error: string | null;
  cancel: number;
  /** The time that a schedule started it for. */
  scheduled_at: number | null;
  /** A backend without which it failed, and for which it waits to be started again. */
  waits_for: string | null;
}

/** @param now ms since the epoch */
export function jobViewOf(row: JobRow, now: number): JobView {
  return {
    id: row.id,
    kind: row.kind as JobKind,
    status: row.status as JobStatus,
    params: JSON.parse(row.params) as Record<string, unknown>,
    by: row.by,
    created_at: isoTime(row.created_at),
    started_at: isoTimeOrNull(row.started_at),
    finished_at: isoTimeOrNull(row.finished_at),
    progress: progressOf(row, now),
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    error: row.error,
  };
}

function progressOf(row: JobRow, now: number): JobView["progress"] {
  if (row.progress === null) return null;
  const progress = JSON.parse(row.progress) as JobProgress;
  const begun = row.started_at ?? row.created_at;
  const seconds = Math.max(0.001, ((row.finished_at ?? now) - begun) / 1_000);
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
  const isLeft = share !== null && share > 0 && row.finished_at === null;
  return {
    ...progress,
    percent: share === null ? null : Math.round(share * 1_000) / 10,
    rows_per_second: Math.round(progress.rows / seconds),
    seconds_left: isLeft ? Math.round((seconds / share) * (1 - share)) : null,
  };
}
