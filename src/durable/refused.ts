/**
 * How a handler says no. Thrown, because only an exception rolls a storage transaction back; turned into a value at
 * the gate, so that it never crosses the wire as an exception.
 *
 * @module
 */

import type { ErrorCode, Failure } from "../memory/operations.ts";
import { DatabaseError } from "../storage/index.ts";

export class Refused extends Error {
  override readonly name = "Refused";
  readonly failure: Failure;

  constructor(code: ErrorCode, detail: string, more: { path?: string; retry_after_s?: number } = {}) {
    super(detail);
    this.failure = { code, detail, ...more };
  }
}

/** Seconds after which a client may try again what only the database could answer. */
const RETRY_AFTER_S = 5;

/** The failure behind an exception, or null for a bug. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Refused) return error.failure;
  if (error instanceof DatabaseError) {
    return {
      code: "database_unavailable",
      detail: `The database is out of reach (${error.code}), and only it can answer this. Try again later.`,
      retry_after_s: RETRY_AFTER_S,
    };
  }
  return null;
}
