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
import type { RouteContract } from "../route.ts";
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

/** release: gives back the database that a restore left half restored. */
const cancelBody = z.strictObject({ release: flag });

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
  createBackup: { method: "POST", path: "/admin/backups", scope: "root", body: backupBody },
  listBackups: { method: "GET", path: "/admin/backups", scope: "root", query: listQuery },
  getBackup: { method: "GET", path: "/admin/backups/:id", scope: "root", params: byId },
  deleteBackup: { method: "DELETE", path: "/admin/backups/:id", scope: "root", params: byId },
  verifyBackup: {
    method: "POST",
    path: "/admin/backups/:id/verify",
    scope: "root",
    params: byId,
  },
  restoreBackup: {
    method: "POST",
    path: "/admin/backups/:id/restore",
    scope: "root",
    params: byId,
    body: restoreBody,
  },
  drillRestore: { method: "POST", path: "/admin/drills", scope: "root" },
  listJobs: { method: "GET", path: "/admin/jobs", scope: "root", query: listQuery },
  getJob: { method: "GET", path: "/admin/jobs/:id", scope: "root", params: byId },
  cancelJob: {
    method: "POST",
    path: "/admin/jobs/:id/cancel",
    scope: "root",
    params: byId,
    body: cancelBody,
  },
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
