/**
 * The database's schema, migration by migration, and the rule that lets two releases run beside
 * each other.
 *
 * The rule is expand and contract: a migration only adds, so that the version of the service before
 * it goes on working beside it and after a rollback; what an earlier version needs is taken away
 * one version later at the earliest. `violations` checks it.
 *
 * @module
 */

import { CHANGES_SCHEMA, feedOf, RESTORE_SCHEMA } from "../changes.ts";
import { FENCE_SCHEMA } from "../fence.ts";
import { OWNER_SCHEMA } from "../owner-schema.ts";
import {
  CURATED_SCHEMA,
  FIRST_SCHEMA,
  NAMESPACE_SETTINGS_SCHEMA,
  VECTORS_SCHEMA,
} from "./first-schema.ts";

export interface Migration {
  /** Rises by one. */
  version: number;
  name: string;
  /**
   * expand: only adds what an earlier release does not mind; applied on the first connection, in
   * one transaction. contract: takes away or changes what no running release needs any more;
   * applied by an operator, each statement in a transaction of its own; to an empty database, which
   * no earlier release uses, it is applied like the others. An expand migration never needs a
   * contract migration before it. (Expand and contract, or parallel change: D. Sato, 2014.)
   */
  kind: "expand" | "contract";
  /** Of a contract migration: no release before this one runs on the database afterwards. */
  oldest_release?: string;
  /** What was applied somewhere is never edited: a change is a new migration. */
  statements: readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: "episodes, learning and search",
    kind: "expand",
    statements: [...FIRST_SCHEMA, ...FENCE_SCHEMA],
  },
  // A database of version 1 needs no seed: its next full export is the base of what the feed is
  // read from.
  {
    version: 2,
    name: "change feed",
    kind: "expand",
    statements: [...CHANGES_SCHEMA, ...RESTORE_SCHEMA],
  },
  {
    version: 3,
    name: "semantic vectors",
    kind: "expand",
    statements: [...VECTORS_SCHEMA, ...feedOf("vectors", ["namespace", "kind", "id", "model"])],
  },
  // What releases up to 0.2 read: lists by an index that changed with every step, patterns by three,
  // and the feed's own line for each step. Now a step's episode has one for all (`changes.ts`).
  {
    version: 4,
    name: "fewer rows for a step",
    kind: "contract",
    oldest_release: "0.3.0",
    statements: [
      "DROP INDEX IF EXISTS episodes_open",
      "DROP INDEX IF EXISTS patterns_prefix",
      "DROP INDEX IF EXISTS patterns_suffix",
      "DROP INDEX IF EXISTS patterns_support",
      "DROP TRIGGER IF EXISTS _changes_steps_insert",
      "DROP TRIGGER IF EXISTS _changes_steps_update",
    ],
  },
  {
    version: 5,
    name: "lessons and what people decided",
    kind: "expand",
    statements: [
      ...CURATED_SCHEMA,
      ...feedOf("lessons", ["namespace", "id"]),
      ...feedOf("lesson_evidence", ["namespace", "lesson_id", "source"]),
      ...feedOf("curation", ["namespace", "kind", "id"]),
    ],
  },
  {
    version: 6,
    name: "settings of a namespace",
    kind: "expand",
    statements: [NAMESPACE_SETTINGS_SCHEMA, ...feedOf("namespace_settings", ["namespace", "name"])],
  },
  { version: 7, name: "whose database it is", kind: "expand", statements: OWNER_SCHEMA },
];

/** The version that this release needs: contract migrations may wait. */
export const SCHEMA_VERSION: number = neededVersion(MIGRATIONS);

export function neededVersion(migrations: readonly Migration[]): number {
  return Math.max(
    0,
    ...migrations.filter(({ kind }) => kind === "expand").map(({ version }) => version),
  );
}

const ADDS: readonly RegExp[] = [
  /^CREATE (VIRTUAL )?TABLE IF NOT EXISTS /i,
  /^CREATE INDEX IF NOT EXISTS /i,
  /^CREATE TRIGGER IF NOT EXISTS /i,
  // Into a table of ours that no earlier release has.
  /^INSERT OR IGNORE INTO _feed /i,
  // With a default, because an earlier release inserts rows that do not name the column.
  /^ALTER TABLE \w+ ADD COLUMN (?!.*\b(UNIQUE|PRIMARY KEY|REFERENCES)\b).*\bDEFAULT\b/i,
];

/**
 * The statements of an expand migration that do more than add, and so may break a release that runs
 * beside it.
 */
export function breaking({ kind, statements }: Migration): string[] {
  if (kind === "contract") return [];
  return statements.filter(
    (sql) => !ADDS.some((pattern) => pattern.test(sql.replaceAll(/\s+/g, " ").trim())),
  );
}
