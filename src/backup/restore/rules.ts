/**
 * Decides what a restore keeps and what it writes: which tables, in which order, and whether each is
 * merged or made as in the backup. What people decided and what was deleted since outlives it. Pure.
 *
 * @module
 */

import { TABLE_NAMES, type TableName } from "../../storage/index.ts";

/**
 * merge: what is missing comes back, what is newer in the backup replaces what is older. replace:
 * as in the backup.
 */
export type RestoreMode = "merge" | "replace";

/** What becomes of episodes that were deleted after the backup. */
export type DeletedChoice = "respect" | "bring_back";

/** Which rows are restored. */
export interface RestoreScope {
  /** null: all namespaces. */
  namespace: string | null;
  /** null: all episodes. Only with a namespace. */
  episode: string | null;
}

/** How rows of one table are brought in. */
export interface PortionRules {
  mode: RestoreMode;
  scope: RestoreScope;
  deleted: DeletedChoice;
}

/** By table: the column that says which of two rows of one key is newer. */
export const NEWER_BY: Readonly<Partial<Record<TableName, string>>> = {
  episodes: "version",
  feedback: "updated_at",
  lessons: "updated_at",
  lesson_evidence: "counted_at",
  curation: "updated_at",
  namespace_settings: "updated_at",
  tombstones: "deleted_at",
  patterns: "last_seen_at",
};

/** By table: the columns that name the episode which a row belongs to. */
export const EPISODE_COLUMNS: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  episodes: ["id"],
  steps: ["episode_id"],
  relationships: ["from_id", "to_id"],
  lesson_evidence: ["episode_id"],
};

/** What a person decided, deletions among it: a backup of before undoes none of it by itself. */
const DECIDED: readonly TableName[] = ["tombstones", "lessons", "curation"];

/**
 * The mode for one table: no restore takes a key away, and none forgets a deletion or what people
 * decided unless it is asked to bring the deleted back.
 */
export function modeFor(table: TableName, mode: RestoreMode, deleted: DeletedChoice): RestoreMode {
  if (table === "api_keys") return "merge";
  if (DECIDED.includes(table) && deleted === "respect") return "merge";
  return mode;
}

/**
 * Tables that a restore of this scope writes, in order: tombstones first, because they say what
 * must not come back.
 */
export function tablesFor({ episode }: RestoreScope, deleted: DeletedChoice): TableName[] {
  const isWanted = (name: TableName): boolean =>
    name !== "tombstones" && (episode === null || EPISODE_COLUMNS[name] !== undefined);
  const others = TABLE_NAMES.filter(isWanted);
  return deleted === "respect" || episode === null ? ["tombstones", ...others] : others;
}
