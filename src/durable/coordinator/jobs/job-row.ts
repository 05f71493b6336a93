/**
 * A row of the ledger, and what an operator sees of it. Pure.
 *
 * @module
 */

import type {
  JobKind,
  JobProgress,
  JobStatus,
  JobView,
} from "../../../contract/backups/answers.ts";
import { isoTime, isoTimeOrNull } from "../../../util/time.ts";

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
