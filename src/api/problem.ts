/**
 * Failures on the wire: RFC 9457 problem details, with a stable code.
 *
 * @module
 */

import type { ErrorCode, Failure } from "../contract/operations.ts";
import { byteLength } from "../memory/bytes.ts";

/** Codes that only the HTTP side has. */
type HttpCode =
  | "internal"
  | "method_not_allowed"
  | "body_too_large"
  | "request_cut_off"
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
  // No status of RFC 9110 says it and nobody is there to read one; 499 is what nginx writes into
  // its log.
  request_cut_off: [499, "The client ended the request"],
  // The client set the time, and may repeat the request: RFC 9110 says no more of 408. A 504 would
  // be our failure.
  deadline_exceeded: [408, "There is no answer in the time that the client gave"],
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

/**
 * Characters of a path, a message and a detail, and errors in an answer: what a client sent comes
 * back in bounds.
 */
const TEXT_MAX = 200;
const DETAIL_MAX = 1_000;
const ERRORS_MAX = 50;
/** Bytes of the errors of an answer, for characters that take many. */
const ERRORS_MAX_BYTES = 24_000;

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
    super(cut(detail, DETAIL_MAX));
    this.code = code;
    this.errors = bounded(errors);
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

function bounded(errors: readonly FieldError[]): FieldError[] {
  const kept: FieldError[] = [];
  let bytes = 0;
  for (const { path, message } of errors.slice(0, ERRORS_MAX)) {
    const error = { path: cut(path, TEXT_MAX), message: cut(message, TEXT_MAX) };
    bytes += byteLength(JSON.stringify(error));
    if (bytes > ERRORS_MAX_BYTES) break;
    kept.push(error);
  }
  return kept;
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
