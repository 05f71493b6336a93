/**
 * Long jobs and backups as operators see them. Plain data.
 *
 * @module
 */

/** Long jobs: operators and the schedule ask for them, a Workflow does them. */
export type JobKind = "backup" | "snapshot" | "verify" | "restore" | "retention" | "drill";
/** Short jobs: the schedule starts them, and the Worker does them itself. Not listed to operators. */
export type ShortJobKind = "health-check" | "prune" | "capacity-report";
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
  progress:
    | (JobProgress & {
        percent: number | null;
        rows_per_second: number;
        seconds_left: number | null;
      })
    | null;
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
  /**
   * Whether the service wrote it: false: nothing shows that it did, null: there is no BACKUP_KEY to
   * tell by.
   */
  authentic: boolean | null;
  /** Why it is not authentic; null: it is. */
  authentic_reason: string | null;
  schema_version: number;
  written_by: { name: string; version: string };
  /** When it was last read back, and whether it was whole; null: never. */
  verified: { at: string; ok: boolean } | null;
}

/** Keys that one restore may name, and ids that it tells of. */
export const RESTORE_KEYS_MAX = 100;

/** A row of `api_keys` in a backup: a key's id, the hash of its secret, and its record as JSON. */
export interface KeyRow {
  id: string;
  hash: string;
  body: string;
}

/** What became of a key that an operator asked a restore for. */
export interface KeyOutcome {
  id: string;
  /**
   * known: it stays as the database or the Coordinator has it. missing: the backup has none of this
   * id.
   */
  outcome: "known" | "brought_back" | "refused" | "missing";
  reason: string;
}

/** A restore that has the database for itself. */
export interface RestoreMark {
  job: string;
  backup: string;
  since: string;
  /** interrupted: it failed or was cancelled half way; run it again, or release it. */
  phase: "running" | "interrupted";
}
