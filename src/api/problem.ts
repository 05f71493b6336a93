/**
 * Failures on the wire: RFC 9457 problem details, with a stable code. What a client sent comes back
 * in them only within bounds.
 *
 * @module
 */

import { byteLength } from "../util/bytes.ts";
import { type Failure, type ProblemCode, PROBLEMS } from "../contract/call.ts";

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
