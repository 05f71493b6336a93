/**
 * Every failure that a client may be answered with: its stable code, its HTTP status and its
 * title. Programs rely on the code; the title is for people and may change.
 *
 * @module
 */

type HttpError = readonly [status: number, title: string];

/** Failures that the memory itself decides on. Instances and the Coordinator return their codes. */
const MEMORY_ERRORS = {
  validation_failed: [400, "Invalid request"],
  unauthenticated: [401, "Authentication required"],
  forbidden: [403, "Forbidden"],
  not_found: [404, "Not found"],
  // The caller set the deadline and may repeat the request; a 504 would be a failure of ours.
  deadline_exceeded: [408, "Request timeout"],
  conflict: [409, "Conflict"],
  cycle: [409, "Relationship would form a cycle"],
  episode_ended: [409, "Episode has ended"],
  idempotency_in_flight: [409, "Same request in progress"],
  precondition_failed: [412, "Precondition failed"],
  idempotency_conflict: [422, "Idempotency-Key was used for another request"],
  limit_exceeded: [422, "Limit exceeded"],
  rate_limited: [429, "Too many requests"],
  database_unavailable: [503, "Database unavailable"],
  maintenance: [503, "Under maintenance"],
  not_ready: [503, "Not ready"],
  outbox_full: [503, "Too many unsent writes"],
  overloaded: [503, "Overloaded"],
} as const satisfies Record<string, HttpError>;

/** Failures that only the HTTP side knows. */
const HTTP_ERRORS = {
  key_in_url: [400, "API key in the URL"],
  no_such_route: [404, "No such route"],
  method_not_allowed: [405, "Method not allowed"],
  body_too_large: [413, "Request body too large"],
  unsupported_media_type: [415, "Unsupported media type"],
  // RFC 9110 has no status for it, and nobody is left to read one: 499 is what nginx logs.
  request_cut_off: [499, "Client closed the request"],
  internal: [500, "Internal error"],
} as const satisfies Record<string, HttpError>;

export type ErrorCode = keyof typeof MEMORY_ERRORS;
export type ProblemCode = ErrorCode | keyof typeof HTTP_ERRORS;

/** Code → its HTTP status and title. */
export const PROBLEMS: Readonly<Record<ProblemCode, HttpError>> = {
  ...MEMORY_ERRORS,
  ...HTTP_ERRORS,
};

/** An expected failure as a value. Never holds a secret, SQL or a stack. */
export interface Failure {
  code: ErrorCode;
  /** A sentence that a person can act on. */
  detail: string;
  /** The field at fault, dotted ("steps.3.tool"). */
  path?: string;
  /** Seconds after which a repetition may succeed. */
  retry_after_s?: number;
}
