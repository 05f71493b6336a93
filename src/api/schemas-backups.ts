/**
 * What operators send about backups, restores and jobs.
 *
 * @module
 */

import * as z from "zod";
import { RESTORE_KEYS_MAX } from "../contract/jobs.ts";
import { NAMESPACE_PATTERN } from "../contract/limits.ts";
import { idParameter as id } from "./schemas.ts";

const INSTANCES_MAX = 64;
const WINDOW_MAX_DAYS = 3_650;
/** Ids of keys are hex digits. */
const KEY_ID = /^[0-9a-f]{1,64}$/;

const namespace = z
  .string({ error: "must be a string" })
  .regex(NAMESPACE_PATTERN, "is not a namespace's name")
  .nullish()
  .transform((value) => value ?? null);
const flag = z.boolean({ error: "must be true or false" }).default(false);

export const backupBody = z
  .strictObject({
    kind: z
      .enum(["full", "incremental", "snapshot"], { error: "must be full, incremental or snapshot" })
      .default("full"),
    window_days: z
      .number({ error: "must be a number" })
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(WINDOW_MAX_DAYS, `must be at most ${WINDOW_MAX_DAYS}`)
      .nullish()
      .transform((value) => value ?? null),
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
    episode: id.nullish().transform((value) => value ?? null),
    deleted: z
      .enum(["respect", "bring_back"], { error: "must be respect or bring_back" })
      .default("respect"),
    outbox: z.enum(["replay", "keep"], { error: "must be replay or keep" }).default("replay"),
    dry_run: flag,
    /** Of a snapshot: one instance's part only. */
    instance: z
      .number({ error: "must be a number" })
      .int()
      .min(0, "must be at least 0")
      .max(INSTANCES_MAX - 1, `must be at most ${INSTANCES_MAX - 1}`)
      .nullish()
      .transform((value) => value ?? null),
    /** Of a snapshot: the settings too. */
    settings: flag,
    /** Ids of keys that are to come back; no others do. */
    keys: z
      .array(z.string({ error: "must be a key's id" }).regex(KEY_ID, "is no id of a key"), {
        error: "must be a list",
      })
      .max(RESTORE_KEYS_MAX, `must name at most ${RESTORE_KEYS_MAX} keys`)
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
export const cancelBody = z.strictObject({ release: flag });
export const listQuery = z.strictObject({
  limit: z.coerce.number({ error: "must be a number" }).int().min(1).max(500).default(50),
});
