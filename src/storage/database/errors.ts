/**
 * Makes the one error that the database's users see, `DatabaseError`, of whatever the client
 * library threw: it reports timeouts and lost connections as plain errors, and every HTTP
 * failure as SERVER_ERROR.
 *
 * @module
 */

import { kindByCode } from "./error-codes.ts";
import type { DatabaseErrorKind } from "./error-kinds.ts";
import { FENCED } from "../fence.ts";
import { FOREIGN } from "../owner-schema.ts";

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
  if (message.includes(FOREIGN)) return "foreign";
  return kindByCode(code);
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
