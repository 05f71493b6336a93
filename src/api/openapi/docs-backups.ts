/**
 * The document's part about backups, restores and long jobs, by "METHOD path".
 *
 * @module
 */

import * as z from "zod";
import * as schema from "../schemas-backups.ts";
import { EXAMPLE_IDS as ids, type RouteDoc } from "./route-doc.ts";
import * as shape from "./shapes-backups.ts";

const started = [
  { status: 202, description: "The job; follow it at GET /admin/jobs/{id}", schema: shape.job },
] as const;
const waits = ["not_ready"] as const;
/**
 * The same kind with the same parameters is one job while it waits; too many that wait are refused.
 */
const starts = ["rate_limited", ...waits] as const;
const named = z.string();
const backupId = {
  id: { schema: named, description: "The backup's id", example: ids.backup },
} as const;
const jobId = { id: { schema: named, description: "The job's id", example: ids.job } } as const;

export const BACKUP_DOCS: Readonly<Record<string, RouteDoc>> = {
  "POST /admin/backups": {
    id: "createBackup",
    tag: "Backups",
    summary: "Take a backup, and read it back",
    description:
      "full: every table, or what `namespace` and `window_days` leave of it. incremental: what changed since the newest backup that was read back; where there is none, a full one. snapshot: what each instance holds, and an incremental. An Idempotency-Key makes two requests one job; so do the same parameters, while the job waits. At most 10 jobs of a kind and 30 in all may wait.",
    body: {
      schema: schema.backupBody,
      examples: {
        full: { summary: "Everything", body: { kind: "full" } },
        window: {
          summary: "One namespace, the last 30 days",
          body: { kind: "full", namespace: "my-agent", window_days: 30 },
        },
      },
    },
    answers: started,
    errors: starts,
  },
  "GET /admin/backups": {
    id: "listBackups",
    tag: "Backups",
    summary: "The backups in the store",
    query: schema.listQuery,
    queryExample: { limit: 10 },
    answers: [
      {
        status: 200,
        description: "The backups, and manifests that cannot be read",
        schema: shape.backups,
      },
    ],
  },
  "GET /admin/backups/:id": {
    id: "getBackup",
    tag: "Backups",
    summary: "One backup",
    params: backupId,
    answers: [{ status: 200, description: "The backup", schema: shape.backup }],
    errors: ["not_found", "conflict"],
  },
  "DELETE /admin/backups/:id": {
    id: "deleteBackup",
    tag: "Backups",
    summary: "Delete a backup that nothing needs",
    description:
      "A job. It fails when an incremental that is kept continues it, or when it is the newest verified chain.",
    params: backupId,
    answers: started,
    errors: starts,
  },
  "POST /admin/backups/:id/verify": {
    id: "verifyBackup",
    tag: "Backups",
    summary: "Read a backup back: every object, count and checksum",
    description: "A backup that is damaged fails the job, and the job names the object.",
    params: backupId,
    answers: started,
    errors: starts,
  },
  "POST /admin/backups/:id/restore": {
    id: "restoreBackup",
    tag: "Backups",
    summary: "Restore a backup, or part of it",
    description:
      "It is read back before anything is touched. With `dry_run` it says what would change. While it runs the database is not asked by anybody else: writes are kept at the instances and sent afterwards. API keys do not come back, but for those that `keys` names: one that is known stays as it is, and one that nobody knows comes back from an authentic backup only. Where BACKUP_KEY is set, a backup that it did not write is refused; `accept_unauthenticated` is for one from before BACKUP_KEY was set or of format 1, which you know to be genuine.",
    params: backupId,
    body: {
      schema: schema.restoreBody,
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
    },
    answers: started,
    errors: starts,
  },
  "POST /admin/drills": {
    id: "drillRestore",
    tag: "Backups",
    summary: "Restore the newest chain into a scratch place and compare it with the database",
    answers: started,
    errors: starts,
  },
  "GET /admin/jobs": {
    id: "listJobs",
    tag: "Jobs",
    summary: "Long jobs, newest first",
    query: schema.listQuery,
    queryExample: { limit: 10 },
    answers: [{ status: 200, description: "The jobs", schema: shape.jobs }],
    errors: waits,
  },
  "GET /admin/jobs/:id": {
    id: "getJob",
    tag: "Jobs",
    summary: "One job, and how far it is",
    params: jobId,
    answers: [{ status: 200, description: "The job", schema: shape.job }],
    errors: ["not_found", ...waits],
  },
  "POST /admin/jobs/:id/cancel": {
    id: "cancelJob",
    tag: "Jobs",
    summary: "Cancel a job, or give back the database that a restore left half restored",
    description: "A running job stops at its next step.",
    params: jobId,
    body: {
      schema: schema.cancelBody,
      examples: { cancel: { summary: "Cancel it", body: {} } },
    },
    answers: [{ status: 200, description: "The job", schema: shape.job }],
    errors: ["not_found", "conflict", ...waits],
  },
};
