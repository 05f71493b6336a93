/**
 * What is answered about backups and long jobs, as schemas.
 *
 * @module
 */

import * as z from "zod";
import type { BackupView, JobView } from "../../contract/jobs.ts";
import { count, named, same, time } from "./component.ts";

export const job = named(
  "Job",
  same<JobView>()(
    z.object({
      id: z.string(),
      kind: z.enum(["backup", "snapshot", "verify", "restore", "retention", "drill"]),
      status: z
        .enum(["queued", "running", "succeeded", "failed", "cancelled"])
        .describe("queued: it waits for its turn; one job runs at a time"),
      params: z.record(z.string(), z.unknown()),
      by: z.string().describe("Who asked for it"),
      created_at: time,
      started_at: time.nullable(),
      finished_at: time.nullable(),
      progress: z
        .object({
          phase: z.string(),
          rows: count,
          bytes: count,
          done: count,
          total: count.describe("What `done` is of, in the phase's own unit; 0: nobody knows"),
          percent: z.number().nullable(),
          rows_per_second: count,
          seconds_left: count.nullable(),
        })
        .nullable(),
      result: z
        .unknown()
        .describe("What it found; of a failed one, the object that is bad, where one is"),
      error: z.string().nullable(),
    }),
  ),
);
export const jobs = z.object({ jobs: z.array(job).describe("Newest first") });

export const backup = named(
  "Backup",
  same<BackupView>()(
    z.object({
      id: z.string().describe("Sorts by time"),
      kind: z.enum(["full", "incremental", "snapshot"]),
      started_at: time,
      finished_at: time,
      parent: z.string().nullable().describe("Of an incremental: the backup that it continues"),
      watermark: z
        .string()
        .nullable()
        .describe("The database is shown as of this time; null: of a snapshot"),
      scope: z.object({ namespace: z.string().nullable(), since: z.string().nullable() }),
      rows: count,
      objects: count,
      bytes: count.describe("Of the text"),
      stored_bytes: count.describe("Of the objects"),
      encrypted: z.boolean(),
      authentic: z
        .boolean()
        .nullable()
        .describe(
          "Whether the service wrote it. false: it is not trusted; null: there is no BACKUP_KEY to tell by",
        ),
      authentic_reason: z.string().nullable().describe("Why it is not authentic; null: it is"),
      schema_version: count,
      written_by: z.object({ name: z.string(), version: z.string() }),
      verified: z
        .object({ at: time, ok: z.boolean() })
        .nullable()
        .describe("When it was last read back, and whether it was whole; null: never"),
    }),
  ),
);
export const backups = z.object({
  backups: z.array(backup).describe("Newest first"),
  unreadable: z
    .array(z.object({ object: z.string(), problem: z.string() }))
    .describe("Manifests that cannot be read"),
});
