/**
 * What can go wrong with the database, sorted by what to do about it. `@libsql/client` reports timeouts and lost
 * connections as plain errors and every HTTP failure as SERVER_ERROR, so the kinds are ours.
 *
 * @module
 */

import { FENCED } from "./fence.ts";

interface KindRule {
  /** A repetition may succeed, and cannot do harm: every write is idempotent. */
  retry: boolean;
  /** It says that the database is unwell, and counts in the circuit breaker. */
  unwell: boolean;
  /** What was sent can never be stored: it is set aside, so that it blocks nothing. */
  poison: boolean;
  /** For a person. */
  meaning: string;
}

/** Each kind of failure, and what follows from it. */
export const DATABASE_ERRORS = {
  unreachable: { retry: true, unwell: true, poison: false, meaning: "it cannot be reached" },
  timeout: { retry: true, unwell: true, poison: false, meaning: "it does not answer in time" },
  overloaded: { retry: true, unwell: true, poison: false, meaning: "it answers with an error or is overloaded" },
  busy: { retry: true, unwell: true, poison: false, meaning: "another writer holds its lock" },
  unauthorized: { retry: false, unwell: false, poison: false, meaning: "it does not accept our token" },
  quota: { retry: false, unwell: false, poison: false, meaning: "its quota is used up, it is full, or it is blocked" },
  schema: { retry: false, unwell: false, poison: false, meaning: "its tables are not as they should be" },
  constraint: { retry: false, unwell: false, poison: true, meaning: "a row breaks one of its constraints" },
  too_large: { retry: false, unwell: false, poison: true, meaning: "a row or an answer is too large" },
  rejected: { retry: false, unwell: false, poison: true, meaning: "it rejects the statement" },
  /** A newer batch of the same writer was taken; this one must not be. */
  fenced: { retry: false, unwell: false, poison: false, meaning: "it has a newer batch of ours already" },
  /** Not sent at all: the circuit breaker is open, the mode is degraded, or too many requests are waiting. */
  not_asked: { retry: false, unwell: false, poison: false, meaning: "it is not asked at the moment" },
} as const satisfies Record<string, KindRule>;

export type DatabaseErrorKind = keyof typeof DATABASE_ERRORS;

export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly kind: DatabaseErrorKind;
  /** The driver's code, or why it was not asked; for the log. */
  readonly code: string;
  /** When it may be worth asking again, ms from now. */
  readonly retryAfterMs: number | null;

  constructor(kind: DatabaseErrorKind, code: string, cause: unknown, retryAfterMs: number | null = null) {
    super(`database ${kind}: ${code}`, { cause });
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

const BY_CODE: Readonly<Record<string, DatabaseErrorKind>> = {
  SQLITE_BUSY: "busy",
  SQLITE_LOCKED: "busy",
  TRANSACTION_TIMEOUT: "busy",
  TRANSACTION_BUSY: "busy",
  STREAM_EXPIRED: "busy",
  BLOCKED: "quota",
  SQLITE_FULL: "quota",
  SQLITE_READONLY: "unauthorized",
  URL_INVALID: "unauthorized",
  URL_SCHEME_NOT_SUPPORTED: "unauthorized",
  SQLITE_CONSTRAINT: "constraint",
  SQLITE_MISMATCH: "constraint",
  SQLITE_TOOBIG: "too_large",
  RESPONSE_TOO_LARGE: "too_large",
  ARGS_INVALID: "rejected",
  HRANA_PROTO_ERROR: "unreachable",
};
const BY_STATUS: Readonly<Record<number, DatabaseErrorKind>> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "unauthorized",
  413: "too_large",
};

/** Sorts whatever the client threw. Unknown errors count as `unreachable`: trying again is safe, dropping a row is not. */
export function toDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const code = property(error, "code");
  const message = error instanceof Error ? error.message : "";
  if (typeof code !== "string") {
    const name = error instanceof Error ? error.name : "unknown";
    return new DatabaseError(name === "TimeoutError" || name === "AbortError" ? "timeout" : "unreachable", name, error);
  }
  if (code === "SERVER_ERROR") {
    const status = property(property(error, "cause"), "status");
    const kind = typeof status === "number" ? (BY_STATUS[status] ?? "overloaded") : "unreachable";
    return new DatabaseError(kind, `HTTP ${typeof status === "number" ? status : "error"}`, error);
  }
  const kind = kindOfCode(code, message);
  const missing = kind === "schema" ? MISSING.exec(message) : null;
  return new DatabaseError(
    kind,
    missing ? (missing[0].startsWith("no such") ? missing[0] : "no such column") : code,
    error,
  );
}

const MISSING = /no such (table|column)|has no column|no such module/;

/** Sorts what the server itself said. */
export function kindOfCode(code: string, message: string): DatabaseErrorKind {
  // A missing table or column is a database that was reset or migrated under us: the rows are not at fault.
  if (MISSING.test(message)) return "schema";
  if (message.includes(FENCED)) return "fenced";
  const known = BY_CODE[code];
  if (known) return known;
  return code.startsWith("SQLITE_") || code.startsWith("SQL_") ? "rejected" : "unreachable";
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
