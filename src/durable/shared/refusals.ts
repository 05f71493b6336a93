/**
 * Refusals: what a handler throws when it does not carry out a request. Thrown, because only an
 * exception rolls a storage transaction back; the RPC surface turns it into a value, so that it
 * never crosses the wire as an exception.
 *
 * @module
 */

import type { ErrorCode, Failure, RateView } from "../../contract/call.ts";
import { DATABASE_ERRORS, DatabaseError } from "../../storage/index.ts";

export class Refused extends Error {
  override readonly name = "Refused";
  readonly failure: Failure;
  readonly rate: RateView | null;

  constructor(
    code: ErrorCode,
    detail: string,
    { rate, ...more }: { path?: string; retry_after_s?: number; rate?: RateView } = {},
  ) {
    super(detail);
    this.failure = { code, detail, ...more };
    this.rate = rate ?? null;
  }
}

/** A refusal that came as a value, to be thrown. */
export function refusedOf({ code, detail, ...more }: Failure): Refused {
  return new Refused(code, detail, more);
}

/** For a `cursor` that no page of this list gave. */
export function cursorRefused(): Refused {
  return new Refused("validation_failed", "cursor must be the next_cursor of an earlier page.", {
    path: "cursor",
  });
}

/** The home of what was asked for is another instance by now. */
export class Moved extends Error {
  override readonly name = "Moved";
}

/** Seconds after which a client may try again what only the database could answer. */
const RETRY_AFTER_S = 5;

/** The failure behind an exception, or null for a bug. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Refused) return error.failure;
  if (error instanceof Moved) {
    return {
      code: "not_ready",
      detail: "The data is on its way to another instance. Try again.",
      retry_after_s: 1,
    };
  }
  if (error instanceof DatabaseError) {
    const { meaning } = DATABASE_ERRORS[error.kind];
    const retry =
      error.retryAfterMs === null
        ? RETRY_AFTER_S
        : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
    return {
      code: "database_unavailable",
      detail: `Only the database can answer this, and ${meaning} (${error.kind}: ${error.code}). Try again later.`,
      retry_after_s: retry,
    };
  }
  return null;
}
