/**
 * Long jobs and backups as operators see them. Plain data.
 *
 * @module
 */

export type JobKind = "backup" | "snapshot" | "verify" | "restore" | "retention" | "drill";
/** queued: waits for its turn, one job runs at a time. */
export type JobStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface JobProgress {
  phase: string;
  rows: number;
  bytes: number;
  /** Of `total`, in the phase's own unit; total 0: nobody knows. */
  done: number;
  total: number;
}

export interface JobView {
  id: string;
  kind: JobKind;
  status: JobStatus;
  params: Readonly<Record<string, unknown>>;
  by: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: (JobProgress & { percent: number | null; rows_per_second: number; seconds_left: number | null }) | null;
  result: unknown;
  error: string | null;
}

export interface BackupView {
  id: string;
  kind: "full" | "incremental" | "snapshot";
  started_at: string;
  finished_at: string;
  parent: string | null;
  watermark: string | null;
  scope: { namespace: string | null; since: string | null };
  rows: number;
  objects: number;
  bytes: number;
  stored_bytes: number;
  encrypted: boolean;
  schema_version: number;
  written_by: { name: string; version: string };
  /** When it was last read back, and whether it was whole; null: never. */
  verified: { at: string; ok: boolean } | null;
}

/** A restore that has the database for itself. */
export interface RestoreMark {
  job: string;
  backup: string;
  since: string;
  /** interrupted: it failed or was cancelled half way; run it again, or release it. */
  phase: "running" | "interrupted";
}
