/**
 * A long job's end as runs of the ledger, from which readiness, metrics, incidents and alerts speak
 * of backups.
 *
 * @module
 */

import type { JobView } from "../../../contract/jobs.ts";
import { VERIFY_JOB } from "../../../observability/index.ts";
import type { JobResult } from "../../shared/protocol.ts";

export interface JobRun {
  job: string;
  /** ms since the epoch, like the other. */
  scheduled_at: number;
  started_at: number;
  result: JobResult;
  detail: string;
}

/**
 * What a job did, a run each: a backup is read back after it is written, so it verified as well; a
 * snapshot takes an incremental backup with it. None for a job that was cancelled, and for a
 * restore: readiness says what a restore holds.
 */
export function runsOf(view: JobView): JobRun[] {
  if (view.status !== "succeeded" && view.status !== "failed") return [];
  const result: JobResult = view.status === "succeeded" ? "success" : "failure";
  const scheduled_at = Date.parse(view.created_at);
  const started_at = Date.parse(view.started_at ?? view.created_at);
  const run = (job: string, as: JobResult = result, detail = view.error ?? view.id): JobRun => ({
    job,
    scheduled_at,
    started_at,
    result: as,
    detail,
  });
  const said = (view.result ?? {}) as {
    kind?: string;
    database?: { kind?: string } | null;
    note?: string;
  };
  switch (view.kind) {
    case "backup": {
      const asked = String(view.params["kind"]);
      const made = result === "success" ? (said.kind ?? asked) : asked;
      const kinds = new Set([asked, made]);
      return [
        ...[...kinds].map((kind) => run(`backup-${kind}`)),
        ...(result === "success" ? [run(VERIFY_JOB)] : []),
      ];
    }
    case "snapshot": {
      if (result === "failure") return [run("backup-snapshot")];
      if (said.database === undefined) return [run("backup-snapshot"), run(VERIFY_JOB)];
      const made = said.database?.kind ?? "incremental";
      const database: JobResult = said.database === null ? "failure" : "success";
      return [
        run("backup-snapshot"),
        run(VERIFY_JOB),
        ...[...new Set(["incremental", made])].map((kind) =>
          run(`backup-${kind}`, database, said.note ?? view.id),
        ),
      ];
    }
    case "verify":
      return [run(VERIFY_JOB)];
    case "drill":
      return [run("restore-drill")];
    case "retention":
      return [run("retention")];
    case "restore":
      return [];
  }
}
