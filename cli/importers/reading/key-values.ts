/**
 * The text of a file: of one that is an SQLite database, as some programs keep their sessions, its
 * keys and values as lines of JSON.
 *
 * @module
 */

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { decode } from "./decode.ts";

const MAGIC = "SQLite format 3\0";
const TABLE = "cursorDiskKV";

/**
 * Throws when the file cannot be read.
 *
 * @param stored beginnings of the keys that are meant; undefined: the format keeps nothing so
 */
export function fileText(path: string, stored: readonly string[] | undefined): string {
  if (!isSqlite(path)) return decode(readFileSync(path));
  if (!stored) throw new Error("an SQLite database, as which this format keeps nothing");
  return keyValueLines(path, stored);
}

/** Such files may be larger than what can be read at once. */
function isSqlite(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(MAGIC.length);
    readSync(file, head, 0, head.length, 0);
    return head.toString("latin1") === MAGIC;
  } finally {
    closeSync(file);
  }
}

function keyValueLines(path: string, prefixes: readonly string[]): string {
  // Loaded where it is needed: Node.js warns of it when it is.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const statement = database.prepare(
      `SELECT key, CAST(value AS TEXT) AS value FROM ${TABLE}
        WHERE key >= ? AND key < ? AND value IS NOT NULL ORDER BY key`,
    );
    return prefixes
      .flatMap((prefix) => statement.all(prefix, `${prefix}\uffff`))
      .map(({ key, value }) => `${JSON.stringify({ key, value })}\n`)
      .join("");
  } finally {
    database.close();
  }
}
