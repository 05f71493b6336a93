/**
 * Sorts each code that the database can answer with into a kind. Three sources: SQLite's primary
 * result codes (https://sqlite.org/rescode.html, whose extended codes begin with the primary
 * one's name), the codes that libSQL's server adds, and those of the client library. The server
 * sends primary codes only, and SQLITE_UNKNOWN where SQLite says SQLITE_ERROR.
 *
 * @module
 */

import type { DatabaseErrorKind } from "./error-kinds.ts";

/**
 * By a code, or by what it begins with up to an underscore; the longest that is here counts. Only
 * what is known to be about a row or a statement is sorted so: any other code is the database's
 * condition, and waiting for it loses nothing.
 */
const BY_CODE: Readonly<Record<string, DatabaseErrorKind>> = {
  // SQLite, in the order of its numbers.
  SQLITE_ERROR: "rejected",
  SQLITE_ERROR_RETRY: "busy",
  SQLITE_ERROR_SNAPSHOT: "busy",
  SQLITE_INTERNAL: "internal",
  SQLITE_PERM: "disk",
  SQLITE_ABORT: "busy",
  SQLITE_BUSY: "busy",
  SQLITE_LOCKED: "busy",
  SQLITE_NOMEM: "out_of_memory",
  // A token that may only read is refused by the server, with 403; this is about the files.
  SQLITE_READONLY: "disk",
  SQLITE_INTERRUPT: "timeout",
  SQLITE_IOERR: "disk",
  SQLITE_IOERR_NOMEM: "out_of_memory",
  SQLITE_IOERR_CORRUPTFS: "corrupt",
  SQLITE_IOERR_DATA: "corrupt",
  SQLITE_CORRUPT: "corrupt",
  SQLITE_NOTFOUND: "internal",
  SQLITE_FULL: "quota",
  SQLITE_CANTOPEN: "disk",
  SQLITE_PROTOCOL: "busy",
  SQLITE_EMPTY: "internal",
  SQLITE_SCHEMA: "schema",
  SQLITE_TOOBIG: "too_large",
  SQLITE_CONSTRAINT: "constraint",
  SQLITE_MISMATCH: "constraint",
  SQLITE_MISUSE: "internal",
  SQLITE_NOLFS: "disk",
  SQLITE_AUTH: "unauthorized",
  SQLITE_FORMAT: "internal",
  SQLITE_RANGE: "rejected",
  SQLITE_NOTADB: "corrupt",
  SQLITE_NOTICE: "internal",
  SQLITE_WARNING: "internal",
  SQLITE_ROW: "internal",
  SQLITE_DONE: "internal",

  // The server.
  SQLITE_UNKNOWN: "rejected",
  SQL: "rejected",
  ARGS: "rejected",
  AUTH: "unauthorized",
  BLOCKED: "quota",
  TRANSACTION: "busy",
  STREAM: "busy",
  PROXY: "overloaded",
  RESPONSE_TOO_LARGE: "too_large",

  // The client library.
  URL: "unauthorized",
  HRANA: "unreachable",
};

/**
 * The kind of a code. One that is not known is never a row's fault: `internal` of SQLite, else
 * `unreachable`.
 */
export function kindByCode(code: string): DatabaseErrorKind {
  for (let name = code; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf("_")))) {
    const kind = BY_CODE[name];
    if (kind) return kind;
  }
  return code.startsWith("SQLITE_") ? "internal" : "unreachable";
}
