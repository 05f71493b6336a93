/**
 * What operators may ask of what is stored: flush, sync, drain, migrations, dead letters. The
 * Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { flag, namespaceName, whole } from "../fields.ts";
import type { ClusterView } from "../cluster/answers.ts";
import { repeatable, unrepeatable, type CommandTable } from "../operation.ts";
import { get, post, type RouteContract } from "../route.ts";
import type {
  DeadLetterView,
  DrainView,
  MigrationsView,
  RetriedView,
  SyncView,
} from "./answers.ts";

const DRAIN_MAX_S = 300;
const DRAIN_DEFAULT_S = 30;
const DEAD_LETTERS_MAX = 1_000;
const DEAD_LETTERS_DEFAULT = 100;

const syncBody = z.strictObject({
  namespace: z.union([z.literal("*"), namespaceName]).default("*"),
});
const drainBody = z.strictObject({
  timeout_seconds: whole(0, DRAIN_MAX_S).default(DRAIN_DEFAULT_S),
});
const migrationsBody = z.strictObject({
  /** Without it nothing is changed. */
  execute: flag,
  without_backup: flag,
});
const deadQuery = z.strictObject({
  limit: z.coerce
    .number({ error: "must be a number" })
    .int()
    .min(1)
    .max(DEAD_LETTERS_MAX)
    .default(DEAD_LETTERS_DEFAULT),
});

export const STORAGE_ROUTES = {
  flushStorage: post("/admin/storage/flush", "root"),
  syncStorage: post("/admin/storage/sync", "root", { body: syncBody }),
  drain: post("/admin/drain", "root", { body: drainBody }),
  planMigrations: get("/admin/migrations", "root"),
  migrate: post("/admin/migrations", "root", { body: migrationsBody }),
  listDeadLetters: get("/admin/outbox/dead", "root", { query: deadQuery }),
  retryDeadLetters: post("/admin/outbox/dead/retry", "root"),
} as const satisfies Record<string, RouteContract>;

/** `by` says who, for the audit. */
export const STORAGE_COMMANDS = {
  /** Lets every instance send what is unsent. */
  "outbox.flush": repeatable<null, ClusterView>(),
  "outbox.drain": unrepeatable<{ timeout_ms: number }, DrainView>(),
  "outbox.dead": repeatable<{ limit: number }, DeadLetterView[]>(),
  "outbox.retry_dead": repeatable<null, RetriedView>(),
  /** Instances forget what they know of a namespace, and load it again; "*": of all. */
  "knowledge.sync": repeatable<{ namespace: string }, SyncView>(),
  /** What is applied and what is not; changes nothing. */
  "migrations.plan": repeatable<null, MigrationsView>(),
  /** Applies what is pending, contract migrations too, after a backup. */
  "migrations.execute": unrepeatable<{ without_backup: boolean; by: string }, MigrationsView>(),
} as const satisfies CommandTable;
