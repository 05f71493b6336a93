/**
 * The text of a file: of one that is an SQLite database, as some programs keep their sessions, its
 * keys and values as lines of JSON. What such a database says of itself may make SQLite work for
 * ever, and nothing in its process can end that: it is read by a process of its own, with a
 * deadline, out of a plain table alone.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { decode } from "./decode.ts";

const MAGIC = "SQLite format 3\0";
const TABLE = "cursorDiskKV";
/** Bytes of a value, and of all lines: more is no conversation, and no text that can be held. */
const VALUE_MAX = 64 * 1_024 * 1_024;
const LINES_MAX = 500_000_000;
const DEADLINE_MS = 60_000;
/** Characters of what the reader says went wrong. */
const REASON_MAX = 300;

/** It is given as text, because it must be there however the program was packed. */
const READER = `
const { DatabaseSync } = require("node:sqlite");
const [path, table, valueMax, ...prefixes] = process.argv.slice(1);
const database = new DatabaseSync(path, { readOnly: true });
database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
const [found] = database
  .prepare("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?")
  .all(table);
const columns = database.prepare("SELECT name, hidden FROM pragma_table_xinfo(?)").all(table);
const isPlain = (name) => columns.some((one) => one.name === name && one.hidden === 0);
if (found?.type !== "table" || !isPlain("key") || !isPlain("value"))
  throw new Error("it has no plain table " + table + " of keys and values");
const statement = database.prepare(
  "SELECT key, CAST(value AS TEXT) AS value FROM main." + table +
    " WHERE key >= ? AND key < ? AND octet_length(value) <= ? ORDER BY key",
);
for (const prefix of prefixes)
  for (const { key, value } of statement.iterate(prefix, prefix + "\\uffff", Number(valueMax)))
    process.stdout.write(JSON.stringify({ key, value }) + "\\n");
`;

/**
 * Throws when the file cannot be read.
 *
 * @param stored beginnings of the keys that are meant; undefined: the format keeps nothing so
 * @param deadlineMs how long a database may take
 */
export function fileText(
  path: string,
  stored: readonly string[] | undefined,
  deadlineMs = DEADLINE_MS,
): string {
  if (!isSqlite(path)) return decode(readFileSync(path));
  if (!stored) throw new Error("an SQLite database, as which this format keeps nothing");
  return keyValueLines(path, stored, deadlineMs);
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

function keyValueLines(path: string, prefixes: readonly string[], deadlineMs: number): string {
  const reader = ["--no-warnings", "--eval", READER, "--", path, TABLE, String(VALUE_MAX)];
  const { error, status, stdout, stderr } = spawnSync(process.execPath, [...reader, ...prefixes], {
    timeout: deadlineMs,
    killSignal: "SIGKILL",
    maxBuffer: LINES_MAX,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ETIMEDOUT")
    throw new Error(`an SQLite database that was not read within ${deadlineMs} ms`);
  if (code === "ENOBUFS")
    throw new Error(`an SQLite database of more than ${LINES_MAX} bytes of sessions`);
  if (error) throw error;
  if (status !== 0) throw new Error(`an SQLite database that cannot be read: ${reasonOf(stderr)}`);
  return stdout.toString();
}

/** The line of a failure that says why. */
function reasonOf(printed: Buffer): string {
  const said = /^\w*Error: (.*)$/m.exec(printed.toString())?.[1] ?? "it ended";
  return said.slice(0, REASON_MAX);
}
