/**
 * Failures on the wire: RFC 9457 problem details, with a stable code.
 *
 * @module
 */

import type { ErrorCode, Failure } from "../memory/operations.ts";

/** Codes that only the HTTP side has. */
type HttpCode =
  | "internal"
  | "method_not_allowed"
  | "body_too_large"
  | "unsupported_media_type"
  | "key_in_url"
  | "no_such_route";
export type ProblemCode = ErrorCode | HttpCode;

/** Code → its HTTP status and title. */
export const PROBLEMS: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  validation_failed: [400, "The request is not valid"],
  key_in_url: [400, "A key must not be in the address"],
  unauthenticated: [401, "A valid key is needed"],
  forbidden: [403, "The key does not allow this"],
  not_found: [404, "There is no such thing"],
  no_such_route: [404, "There is no such route"],
  method_not_allowed: [405, "The route does not know this method"],
  conflict: [409, "It is there already, but different"],
  episode_ended: [409, "The episode has ended"],
  cycle: [409, "A cycle is not allowed"],
  idempotency_in_flight: [409, "The same request is being worked on"],
  precondition_failed: [412, "The resource has changed"],
  body_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The media type is not supported"],
  limit_exceeded: [422, "A limit is exceeded"],
  idempotency_conflict: [422, "The Idempotency-Key was used for another request"],
  internal: [500, "Something went wrong on our side"],
  database_unavailable: [503, "The database is out of reach"],
  not_ready: [503, "Not ready yet"],
  maintenance: [503, "Under maintenance"],
  outbox_full: [503, "Too much waits for the database"],
  rate_limited: [429, "Too many requests"],
  overloaded: [503, "Too busy"],
};

export interface FieldError {
  /** Dotted: "steps.3.tool". */
  path: string;
  message: string;
}

/** How a request ends that is not answered with data. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    errors: readonly FieldError[] = [],
    headers: Record<string, string> = {},
  ) {
    super(detail);
    this.code = code;
    this.errors = errors;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }
}

export function problemOf({ code, detail, path, retry_after_s }: Failure): Problem {
  const errors = path === undefined ? [] : [{ path, message: detail }];
  const headers: Record<string, string> = {};
  if (retry_after_s !== undefined) headers["Retry-After"] = String(retry_after_s);
  if (code === "unauthenticated") headers["WWW-Authenticate"] = "Bearer";
  return new Problem(code, detail, errors, headers);
}

export function problemResponse(problem: Problem, requestId: string): Response {
  const [status, title] = PROBLEMS[problem.code];
  const body = {
    type: `/problems/${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    request_id: requestId,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json", ...problem.headers },
  });
}
