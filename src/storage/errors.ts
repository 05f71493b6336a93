/**
 * What can go wrong with the database, sorted by what to do about it. `@libsql/client` reports timeouts and lost
 * connections as plain errors and every HTTP failure as SERVER_ERROR, so the kinds are ours.
 *
 * @module
 */

/**
 * - `unavailable`: not reached, cut, slow, overloaded: try again later.
 * - `busy`: another writer holds the lock: try again soon.
 * - `refused`: credentials, quota or a block: trying again helps only after an operator acted.
 * - `rejected`: the statement or its data can never succeed.
 */
export type DatabaseErrorKind = "unavailable" | "busy" | "refused" | "rejected";

export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly kind: DatabaseErrorKind;
  /** The driver's code, for the log. */
  readonly code: string;

  constructor(kind: DatabaseErrorKind, code: string, cause: unknown) {
    super(`database ${kind}: ${code}`, { cause });
    this.kind = kind;
    this.code = code;
  }
}

const BUSY = new Set(["SQLITE_BUSY", "TRANSACTION_TIMEOUT", "TRANSACTION_BUSY", "STREAM_EXPIRED"]);
const REFUSED = new Set(["BLOCKED", "SQLITE_FULL", "SQLITE_READONLY", "URL_INVALID", "URL_SCHEME_NOT_SUPPORTED"]);
const REJECTED = [/^SQLITE_/, /^SQL_/, /^ARGS_INVALID$/, /^RESPONSE_TOO_LARGE$/];

/** Sorts whatever the client threw. Unknown errors count as `unavailable`: trying again is safe, dropping a row is not. */
export function toDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const code = property(error, "code");
  if (typeof code !== "string") {
    return new DatabaseError("unavailable", error instanceof Error ? error.name : "unknown", error);
  }
  if (BUSY.has(code)) return new DatabaseError("busy", code, error);
  if (REFUSED.has(code)) return new DatabaseError("refused", code, error);
  if (code === "SERVER_ERROR") {
    const status = property(property(error, "cause"), "status");
    const refused = status === 401 || status === 403 || status === 404;
    return new DatabaseError(
      refused ? "refused" : "unavailable",
      `HTTP ${typeof status === "number" ? status : "error"}`,
      error,
    );
  }
  // A missing table is a database that was reset under us: its rows are not at fault.
  const missing = error instanceof Error && error.message.includes("no such table");
  if (!missing && REJECTED.some((pattern) => pattern.test(code))) return new DatabaseError("rejected", code, error);
  return new DatabaseError("unavailable", missing ? "no such table" : code, error);
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
