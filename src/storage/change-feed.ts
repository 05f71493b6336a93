/**
 * What changed in the database since when, so that an incremental backup reads the rows that changed and not all of
 * them. Only the database has it: triggers keep one row for each key that was written or deleted, with a number that
 * rises with every change. Reading the feed above a watermark, and the rows themselves, in one snapshot gives exactly
 * what differs from the snapshot that the watermark was taken from: a key's newest change is the only one that counts.
 *
 * @module
 */

import type { Statement } from "./client.ts";
import { TABLES, type Table, type TableName } from "./tables.ts";

const COLUMNS = "(table_name, key, deleted)";

/** Statements of a trigger: the key's row is removed and comes again with a new number. */
function record(name: TableName, row: "old" | "new", deleted: 0 | 1): string {
  const { columns, key }: Table = TABLES[name];
  const value = `json_array(${columns
    .slice(0, key)
    .map((column) => `${row}.${column}`)
    .join(", ")})`;
  // Not OR REPLACE: inside a trigger the outer statement's conflict clause would be taken instead.
  return `DELETE FROM _changes WHERE table_name = '${name}' AND key = ${value};
    INSERT INTO _changes ${COLUMNS} VALUES ('${name}', ${value}, ${deleted});`;
}

function differ(columns: readonly string[]): string {
  const list = (row: string): string => columns.map((column) => `${row}.${column}`).join(", ");
  return `(${list("old")}) IS NOT (${list("new")})`;
}

/** An upsert fires the trigger of what it did: of the insert, or of the update. An update to the same values is none. */
export function feedOf(name: TableName): string[] {
  const { columns, key }: Table = TABLES[name];
  const keys = columns.slice(0, key);
  const create = (suffix: string): string => `CREATE TRIGGER IF NOT EXISTS _changes_${name}_${suffix} AFTER`;
  return [
    `${create("insert")} INSERT ON ${name} BEGIN ${record(name, "new", 0)} END`,
    `${create("update")} UPDATE ON ${name} WHEN ${differ(columns)} BEGIN ${record(name, "new", 0)} END`,
    `${create("rekey")} UPDATE OF ${keys.join(", ")} ON ${name} WHEN ${differ(keys)} BEGIN ${record(name, "old", 1)} END`,
    `${create("delete")} DELETE ON ${name} BEGIN ${record(name, "old", 1)} END`,
  ];
}

/**
 * `seq` is never given twice, not even after a prune (AUTOINCREMENT). `key` is a JSON array of the key columns in the
 * order of `TABLES`. Nothing is seeded: what was there before is in the full export that every chain begins with.
 * A table that came later has its triggers from the migration that made it.
 */
export const CHANGE_FEED_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS _changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, table_name TEXT NOT NULL, key TEXT NOT NULL, deleted INTEGER NOT NULL,
    UNIQUE (table_name, key)) STRICT`,
  ...(Object.keys(TABLES) as TableName[]).filter((name) => name !== "vectors").flatMap(feedOf),
];

/**
 * Drops what the feed says up to and with this number: what a verified backup holds. A long feed is dropped in slices,
 * by calling it with rising numbers, since a statement has a deadline.
 */
export function prune(seq: number): Statement {
  return { sql: "DELETE FROM _changes WHERE seq <= ?", args: [seq] };
}
