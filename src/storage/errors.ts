/**
 * What can go wrong with the database, sorted by what to do about it. `@libsql/client` reports
 * timeouts and lost connections as plain errors and every HTTP failure as SERVER_ERROR, so the
 * kinds are ours.
 *
 * @module
 */

import { kindByCode } from "./error-codes.ts";
import { FENCED } from "./fence.ts";

interface KindRule {
  /** A repetition may succeed, and cannot do harm: every write is idempotent. */
  retry: boolean;
  /** It says that the database is unwell, and counts in the circuit breaker. */
  unwell: boolean;
  /**
   * Whose fault it is, and so what becomes of the rows that were sent. `database`: they wait.
   * `row`: one of them can never be stored, and is set aside, so that it blocks nothing.
   * `statement`: either ours is wrong for every row, and they wait, or one row's value makes it
   * fail, and that one is set aside.
   */
  at_fault: "database" | "statement" | "row";
  /** For a person. */
  meaning: string;
}

const database = (meaning: string, retry = false, unwell = false) =>
  ({ retry, unwell, at_fault: "database", meaning }) as const;
const row = (meaning: string) =>
  ({ retry: false, unwell: false, at_fault: "row", meaning }) as const;

/** Each kind of failure, and what follows from it. */
export const DATABASE_ERRORS = {
  unreachable: database("it cannot be reached", true, true),
  timeout: database("it does not answer in time", true, true),
  overloaded: database("it answers with an error or is overloaded", true, true),
  busy: database("another writer holds its lock", true, true),
  disk: database("its disk is full, failing or read-only", true, true),
  out_of_memory: database("it has no memory left", true, true),
  internal: database("it reports a fault of its own", true, true),
  /** What its other pages hold is well, and is asked for on. */
  corrupt: database("a part of it is damaged"),
  unauthorized: database("it does not accept our token"),
  quota: database("its quota is used up, it is full, or it is blocked"),
  schema: database("its tables are not as they should be"),
  constraint: row("a row breaks one of its constraints"),
  too_large: row("a row or an answer is too large"),
  rejected: {
    retry: false,
    unwell: false,
    at_fault: "statement",
    meaning: "it rejects the statement",
  },
  /** A newer batch of the same writer was taken; this one must not be. */
  fenced: database("it has a newer batch of ours already"),
  /**
   * Not sent at all: the circuit breaker is open, the mode is degraded, or too many requests are
   * waiting.
   */
  not_asked: database("it is not asked at the moment"),
} as const satisfies Record<string, KindRule>;

export type DatabaseErrorKind = keyof typeof DATABASE_ERRORS;

export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly kind: DatabaseErrorKind;
  /** The driver's code, or why it was not asked; for the log. */
  readonly code: string;
  /** When it may be worth asking again, ms from now. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: DatabaseErrorKind,
    code: string,
    cause: unknown,
    retryAfterMs: number | null = null,
  ) {
    super(`database ${kind}: ${code}`, { cause });
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

const BY_STATUS: Readonly<Record<number, DatabaseErrorKind>> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "unauthorized",
  413: "too_large",
};

/**
 * Sorts whatever the client threw. Unknown errors count as `unreachable`: trying again is safe,
 * dropping a row is not.
 */
export function toDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const code = property(error, "code");
  const message = error instanceof Error ? error.message : "";
  if (typeof code !== "string") {
    const name = error instanceof Error ? error.name : "unknown";
    return new DatabaseError(
      name === "TimeoutError" || name === "AbortError" ? "timeout" : "unreachable",
      name,
      error,
    );
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
  // A missing table or column is a database that was reset or migrated under us: the rows are not
  // at fault.
  if (MISSING.test(message)) return "schema";
  if (message.includes(FENCED)) return "fenced";
  return kindByCode(code);
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
