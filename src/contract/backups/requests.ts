/**
 * What operators may ask about backups, restores and jobs. Long work answers 202 with its job. The
 * Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { flag, id, namespaceName, orNull, whole } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { repeatable, unrepeatable, type CommandTable } from "../operation.ts";
import { del, get, post, type RouteContract } from "../route.ts";
import { SCHEDULED_JOBS } from "../vocabulary.ts";
import type { JobKind, JobView } from "./answers.ts";

const WINDOW_MAX_DAYS = 3_650;
/** Items of a list, when the request does not say, and at most. */
const LIST_DEFAULT = 50;
const LIST_MAX = 500;
/** Ids of keys are hex digits. */
const KEY_ID = /^[0-9a-f]{1,64}$/;

const namespace = orNull(namespaceName);

const backupBody = z
  .strictObject({
    kind: z
      .enum(["full", "incremental", "snapshot"], { error: "must be full, incremental or snapshot" })
      .default("full"),
    window_days: orNull(whole(1, WINDOW_MAX_DAYS)),
    namespace,
  })
  .refine(
    ({ kind, window_days, namespace: name }) =>
      kind === "full" || (window_days === null && name === null),
    {
      path: ["window_days"],
      message: "only a full backup can be narrowed, by window_days or namespace",
    },
  );

export const restoreBody = z
  .strictObject({
    mode: z.enum(["merge", "replace"], { error: "must be merge or replace" }).default("merge"),
    namespace,
    episode: orNull(id),
    deleted: z
      .enum(["respect", "bring_back"], { error: "must be respect or bring_back" })
      .default("respect"),
    outbox: z.enum(["replay", "keep"], { error: "must be replay or keep" }).default("replay"),
    dry_run: flag,
    /** Of a snapshot: one instance's part only. */
    instance: orNull(whole(0, LIMITS.instances_max - 1)),
    /** Of a snapshot: the settings too. */
    settings: flag,
    /** Ids of keys that are to come back; no others do. */
    keys: z
      .array(z.string({ error: "must be a key's id" }).regex(KEY_ID, "is no id of a key"), {
        error: "must be a list",
      })
      .max(LIMITS.restore_keys_max, `must name at most ${LIMITS.restore_keys_max} keys`)
      .default([]),
    /**
     * The operator takes the backup for genuine although nothing shows that the service wrote it.
     */
    accept_unauthenticated: flag,
  })
  .refine(({ episode, namespace: name }) => episode === null || name !== null, {
    path: ["namespace"],
    message: "is needed to name an episode",
  });

export type RestoreBody = z.output<typeof restoreBody>;

/** backup: this one alone. */
const rewrapBody = z.strictObject({ backup: orNull(id) });

/** release: gives back the database that a restore left half restored. */
const cancelBody = z.strictObject({ release: flag });

const runBody = z.strictObject({
  job: z.enum(SCHEDULED_JOBS, { error: `must be one of ${SCHEDULED_JOBS.join(", ")}` }),
});

const listQuery = z.strictObject({
  limit: z.coerce
    .number({ error: "must be a number" })
    .int()
    .min(1)
    .max(LIST_MAX)
    .default(LIST_DEFAULT),
});

const byId = { id };

export const BACKUP_ROUTES = {
  createBackup: post("/admin/backups", "root", { body: backupBody }),
  listBackups: get("/admin/backups", "root", { query: listQuery }),
  getBackup: get("/admin/backups/:id", "root", { params: byId }),
  deleteBackup: del("/admin/backups/:id", "root", { params: byId }),
  verifyBackup: post("/admin/backups/:id/verify", "root", { params: byId }),
  restoreBackup: post("/admin/backups/:id/restore", "root", { params: byId, body: restoreBody }),
  rewrapBackups: post("/admin/backups/rewrap", "root", { body: rewrapBody }),
  drillRestore: post("/admin/drills", "root"),
  runJob: post("/admin/schedule", "root", { body: runBody }),
  listJobs: get("/admin/jobs", "root", { query: listQuery }),
  getJob: get("/admin/jobs/:id", "root", { params: byId }),
  cancelJob: post("/admin/jobs/:id/cancel", "root", { params: byId, body: cancelBody }),
} as const satisfies Record<string, RouteContract>;

interface JobStart {
  kind: JobKind;
  params: Readonly<Record<string, unknown>>;
  /** The same key is the same job. */
  key: string;
  by: string;
}

/** `by` says who, for the audit. */
export const JOB_COMMANDS = {
  "jobs.start": unrepeatable<JobStart, JobView>(),
  /** Newest first. */
  "jobs.list": repeatable<{ limit: number }, JobView[]>(),
  "jobs.get": repeatable<{ id: string }, JobView>(),
  /** `release`, of a restore that was cut short: gives the database back half restored. */
  "jobs.cancel": unrepeatable<{ id: string; release: boolean; by: string }, JobView>(),
} as const satisfies CommandTable;
