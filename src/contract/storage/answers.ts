/**
 * What operators are answered about what is stored, and what the document says of these routes. The
 * Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, flag, named, text, textOrNull, texts, time, timeOrNull } from "../answer-fields.ts";
import { bookmarks, instances, instancesNow } from "../cluster/answers.ts";
import type { RouteDocs } from "../route.ts";
import type { STORAGE_ROUTES } from "./requests.ts";

const drained = named(
  "Drain",
  z.object({
    drained: flag,
    waited_ms: z.number(),
    active_episodes: count,
    unsent_rows: count,
    /** What is left is durable in its instance and is sent when the database takes it. */
    message: text,
    instances,
  }),
);
export type DrainView = z.infer<typeof drained>;

const synced = z.object({ namespaces: texts });
export type SyncView = z.infer<typeof synced>;

/** A migration of the database, as it stands there. */
const migration = named(
  "Migration",
  z.object({
    version: count,
    name: text,
    kind: z
      .enum(["expand", "contract"])
      .nullable()
      .describe(
        "expand: applied on the first connection. contract: applied by an operator. null: of a later release",
      ),
    state: z
      .enum(["applied", "started", "pending"])
      .describe("started: some statements were applied, and a run goes on with the next one"),
    /** Hex; null: of a later release. */
    checksum: textOrNull.describe("SHA-256 of its text in this release"),
    /** Hex; null: not applied, or before checksums were kept. */
    applied_checksum: textOrNull.describe("SHA-256 of its text when it was applied"),
    applied_at: timeOrNull,
    sql: texts.describe("The statements that are not applied yet, in order"),
  }),
);
export type MigrationView = z.infer<typeof migration>;

const migrations = named(
  "Migrations",
  z.object({
    schema_version: count.describe("The highest version that the database has"),
    needed_version: count.describe("The version that this release needs"),
    /** What is wrong, a sentence each. */
    problems: texts,
    lease: z
      .object({ holder: text, until: time })
      .nullable()
      .describe("Who executes migrations now"),
    migrations: z.array(migration),
    /** False: nothing was changed. */
    executed: flag,
    applied: z.array(count).describe("The versions that this request applied"),
    backup: textOrNull.describe("The backup that was taken first"),
    bookmarks,
  }),
);
export type MigrationsView = z.infer<typeof migrations>;

/** A row that the database never took. */
const deadLetter = named(
  "DeadLetter",
  z.object({
    instance: count,
    table: text,
    key: z.array(z.union([text, z.number()])),
    reason: text,
    detail: text,
    parked_at: time,
    tries: count,
  }),
);
export type DeadLetterView = z.infer<typeof deadLetter>;
const deadLetters = z.object({ dead_letters: z.array(deadLetter) });

const retried = z.object({ retried: count });
export type RetriedView = z.infer<typeof retried>;

export const STORAGE_DOCS: RouteDocs<typeof STORAGE_ROUTES> = {
  flushStorage: {
    tag: "Storage",
    summary: "Send unsent rows to the database now",
    answers: instancesNow,
  },
  syncStorage: {
    tag: "Storage",
    summary: "Rebuild the instances' knowledge from the database",
    examples: { one: { summary: "One namespace", body: { namespace: "my-agent" } } },
    answers: [
      { status: 202, description: "The namespaces whose rebuild has begun", schema: synced },
    ],
    errors: ["database_unavailable"],
  },
  drain: {
    tag: "Storage",
    summary: "Wait until no episode runs and nothing is unsent",
    description: "After the timeout it answers with what is left, which is durable.",
    examples: { once: { summary: "Check once", body: { timeout_seconds: 0 } } },
    answers: [{ status: 200, description: "What still runs or is unsent", schema: drained }],
  },
  planMigrations: {
    tag: "Storage",
    summary: "The migrations of the database, with the SQL of what is pending",
    description:
      "Changes nothing. A migration whose text is not what was applied is among the problems.",
    answers: [{ status: 200, description: "The plan", schema: migrations }],
    errors: ["database_unavailable"],
  },
  migrate: {
    tag: "Storage",
    summary: "Execute what is pending, after a backup",
    description:
      "Without `execute` it answers with the plan. One run at a time; a run that was stopped goes on where it was. Contract migrations are applied by this request only, once no earlier release runs.",
    examples: {
      plan: { summary: "What would be done", body: {} },
      execute: {
        summary: "Execute, with a backup taken elsewhere",
        body: { execute: true, without_backup: true },
      },
    },
    answers: [
      { status: 200, description: "What was applied, and the plan afterwards", schema: migrations },
    ],
    errors: ["conflict", "database_unavailable"],
  },
  listDeadLetters: {
    tag: "Storage",
    summary: "Rows that the database never took",
    queryExample: { limit: 100 },
    answers: [{ status: 200, description: "The rows, and why", schema: deadLetters }],
  },
  retryDeadLetters: {
    tag: "Storage",
    summary: "Send them again",
    answers: [{ status: 200, description: "How many are sent again", schema: retried }],
  },
};
