/**
 * What operators are answered about backups and jobs, and what the document says of these routes.
 * The Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, flag, named, text, textOrNull, time, timeOrNull } from "../answer-fields.ts";
import { BACKUP_ID, JOB_ID, type RouteDocs } from "../route.ts";
import type { BACKUP_ROUTES } from "./requests.ts";

/** How far a job is. */
const progress = z.object({
  phase: text,
  rows: count,
  bytes: count,
  done: count,
  total: count.describe("What `done` is of, in the phase's own unit; 0: nobody knows"),
});
export type JobProgress = z.infer<typeof progress>;

const job = named(
  "Job",
  z.object({
    id: text,
    kind: z.enum(["backup", "snapshot", "verify", "restore", "retention", "drill", "rewrap"]),
    status: z
      .enum(["queued", "running", "succeeded", "failed", "cancelled"])
      .describe("queued: it waits for its turn; one job runs at a time"),
    params: z.record(text, z.unknown()),
    by: text.describe("Who asked for it"),
    created_at: time,
    started_at: timeOrNull,
    finished_at: timeOrNull,
    progress: z
      .object({
        ...progress.shape,
        percent: z.number().nullable(),
        rows_per_second: count,
        seconds_left: count.nullable(),
      })
      .nullable(),
    result: z
      .unknown()
      .describe("What it found; of a failed one, the object that is bad, where one is"),
    error: textOrNull,
  }),
);
export type JobView = z.infer<typeof job>;
/** Long jobs: operators and the schedule ask for them, a Workflow does them. */
export type JobKind = JobView["kind"];
/** Short jobs: the schedule starts them, and the Worker does them. Not listed to operators. */
export type ShortJobKind = "health-check" | "prune" | "capacity-report";
export type JobStatus = JobView["status"];
const runStarted = named(
  "ScheduledRun",
  z.object({
    job: text,
    status: z
      .enum(["queued", "running", "succeeded", "failed", "cancelled", "skipped"])
      .describe("skipped: a run of it is at work"),
    id: textOrNull.describe("Of a long job: follow it at GET /admin/jobs/{id}"),
    detail: textOrNull.describe("Of a short one: what it found, or why it failed"),
  }),
);
export type ScheduledRunView = z.infer<typeof runStarted>;
const jobs = z.object({ jobs: z.array(job).describe("Newest first") });

const backup = named(
  "Backup",
  z.object({
    id: text.describe("Sorts by time"),
    kind: z.enum(["full", "incremental", "snapshot"]),
    started_at: time,
    finished_at: time,
    parent: textOrNull.describe("Of an incremental: the backup that it continues"),
    watermark: textOrNull.describe("The database is shown as of this time; null: of a snapshot"),
    scope: z.object({ namespace: textOrNull, since: textOrNull }),
    rows: count,
    objects: count,
    bytes: count.describe("Of the text"),
    stored_bytes: count.describe("Of the objects"),
    encrypted: flag,
    authentic: flag
      .nullable()
      .describe(
        "Whether the service wrote it. false: it is not trusted; null: there is no BACKUP_KEY to tell by",
      ),
    authentic_reason: textOrNull.describe("Why it is not authentic; null: it is"),
    schema_version: count,
    written_by: z.object({ name: text, version: text }),
    instances: count.describe("Of a snapshot: one more than the highest that it has rows of"),
    verified: z
      .object({ at: time, ok: flag })
      .nullable()
      .describe("When it was last read back, and whether it was whole; null: never"),
  }),
);
export type BackupView = z.infer<typeof backup>;

const backups = z.object({
  backups: z.array(backup).describe("Newest first"),
  unreadable: z
    .array(z.object({ object: text, problem: text }))
    .describe("Manifests that cannot be read"),
});
export type BackupsView = z.infer<typeof backups>;

const backupId = { id: { description: "The backup's id", example: BACKUP_ID } };
const jobId = { id: { description: "The job's id", example: JOB_ID } };

const jobStarted = [
  { status: 202, description: "The job; follow it at GET /admin/jobs/{id}", schema: job },
] as const;

export const BACKUP_DOCS: RouteDocs<typeof BACKUP_ROUTES> = {
  createBackup: {
    tag: "Backups",
    summary: "Take a backup, and read it back",
    description:
      "full: every table, or what `namespace` and `window_days` leave of it. incremental: what changed since the newest backup that was read back; where there is none, a full one. snapshot: what each instance holds, and an incremental. An Idempotency-Key makes two requests one job; so do the same parameters, while the job waits. At most 10 jobs of a kind and 30 in all may wait.",
    examples: {
      full: { summary: "Everything", body: { kind: "full" } },
      window: {
        summary: "One namespace, the last 30 days",
        body: { kind: "full", namespace: "my-agent", window_days: 30 },
      },
    },
    answers: jobStarted,
    errors: ["rate_limited"],
  },
  listBackups: {
    tag: "Backups",
    summary: "The backups in the store",
    queryExample: { limit: 10 },
    answers: [
      {
        status: 200,
        description: "The backups, and manifests that cannot be read",
        schema: backups,
      },
    ],
  },
  getBackup: {
    tag: "Backups",
    summary: "One backup",
    params: backupId,
    answers: [{ status: 200, description: "The backup", schema: backup }],
    errors: ["not_found", "conflict"],
  },
  deleteBackup: {
    tag: "Backups",
    summary: "Delete a backup that nothing needs",
    description:
      "A job. It fails when an incremental that is kept continues it, or when it is the newest verified chain.",
    params: backupId,
    answers: jobStarted,
    errors: ["not_found", "rate_limited"],
  },
  verifyBackup: {
    tag: "Backups",
    summary: "Read a backup back: every object, count and checksum",
    description: "A backup that is damaged fails the job, and the job names the object.",
    params: backupId,
    answers: jobStarted,
    errors: ["not_found", "rate_limited"],
  },
  restoreBackup: {
    tag: "Backups",
    summary: "Restore a backup, or part of it",
    description:
      "It is read back before anything is touched. With `dry_run` it says what would change. While it runs the database is not asked by anybody else: writes are kept at the instances and sent afterwards. API keys do not come back, but for those that `keys` names: one that is known stays as it is, and one that nobody knows comes back from an authentic backup only. Where BACKUP_KEY is set, a backup that it did not write is refused; `accept_unauthenticated` is for one from before BACKUP_KEY was set or of format 1, which you know to be genuine.",
    params: backupId,
    examples: {
      dry: { summary: "What would change", body: { dry_run: true } },
      keys: {
        summary: "What would become of two keys",
        body: { dry_run: true, keys: ["3f9a1c0d2b4e", "a1b2c3d4e5f6"] },
      },
      namespace: {
        summary: "The same, of one namespace",
        body: { namespace: "my-agent", dry_run: true },
      },
    },
    answers: jobStarted,
    errors: ["not_found", "rate_limited"],
  },
  rewrapBackups: {
    tag: "Backups",
    summary: "Wrap the keys of backups anew, after BACKUP_KEY was rotated",
    description:
      "Each backup is encrypted with a key of its own. This wraps those keys by the newest key of BACKUP_KEY, and reads no data; afterwards an old key can be dropped. A backup that is not authentic is left as it is, and named in the job's result.",
    examples: { all: { summary: "All that are authentic", body: {} } },
    answers: jobStarted,
    errors: ["rate_limited"],
  },
  drillRestore: {
    tag: "Backups",
    summary: "Restore the newest chain into a scratch place and compare it with the database",
    answers: jobStarted,
    errors: ["rate_limited"],
  },
  runJob: {
    tag: "Jobs",
    summary: "Do now what the schedule does",
    description:
      "A short job (health-check, prune, capacity-report) is done when this answers; a long one is taken, and goes on. It counts as a run of the schedule.",
    examples: { check: { summary: "The health check", body: { job: "health-check" } } },
    answers: [{ status: 202, description: "How the run stands", schema: runStarted }],
    errors: ["rate_limited"],
  },
  listJobs: {
    tag: "Jobs",
    summary: "Long jobs, newest first",
    queryExample: { limit: 10 },
    answers: [{ status: 200, description: "The jobs", schema: jobs }],
  },
  getJob: {
    tag: "Jobs",
    summary: "One job, and how far it is",
    params: jobId,
    answers: [{ status: 200, description: "The job", schema: job }],
    errors: ["not_found"],
  },
  cancelJob: {
    tag: "Jobs",
    summary: "Cancel a job, or give back the database that a restore left half restored",
    description: "A running job stops at its next step.",
    params: jobId,
    examples: { cancel: { summary: "Cancel it", body: {} } },
    answers: [{ status: 200, description: "The job", schema: job }],
    errors: ["not_found", "conflict"],
  },
};
