/**
 * A call of an operation, and what comes of it: a reply, or a failure with its stable code, of
 * which here is the one list.
 *
 * @module
 */

import type { Settings } from "./settings.ts";
import type { Durability, Scope } from "./vocabulary.ts";

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
  quota_exceeded: [422, "Quota exceeded"],
  secret_found: [422, "Secret found"],
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

/** What an OAuth grant leaves of its key: nothing that the key has not. */
export interface GrantBounds {
  /** The only one that the grant is for. */
  namespace: string;
  scopes: readonly Scope[];
}

/** What comes with every call: who, where, and how to treat a repetition. */
export interface Call {
  /** SHA-256 of the bearer key in hex; null: none given. */
  key_hash: string | null;
  /** The caller showed ADMIN_TOKEN. */
  root: boolean;
  /** The caller showed a token that was granted by the owner of this key; absent: the key itself. */
  grant?: GrantBounds;
  /** The `X-Memory-Namespace` header; null: the key's default. */
  namespace: string | null;
  request_id: string;
  traceparent: string | null;
  /** The `Idempotency-Key` of a POST, and SHA-256 of its method, path and body. */
  idempotency: { key: string; fingerprint: string } | null;
  /** `Prefer: wait=stored`: answer only when the write is in the database. */
  wait_stored: boolean;
  /** How long the caller waits, ms (`Request-Timeout`); null: as long as the service does. */
  timeout_ms: number | null;
  /** Another instance let it in already. */
  forwarded: boolean;
}

export type Result<T> =
  | {
      ok: true;
      value: T;
      /** The namespace that the call worked in. */
      namespace: string;
      durability: Durability;
      /** The answer of an earlier request with the same idempotency key. */
      replayed: boolean;
    }
  | { ok: false; error: Failure };

/** What became of a command. A refusal is a value; a bug and a lost connection are thrown. */
export type CommandResult<T> = { ok: true; value: T } | { ok: false; error: Failure };

/**
 * Where what was read came from. stale: from the instance, though the database should have been
 * asked.
 */
export type CacheMark = "hit" | "miss" | "stale";

/** What is left of a key's requests. */
export interface RateView {
  /** Requests at once. */
  burst: number;
  per_second: number;
  remaining: number;
  /** Seconds until one more request is free, rounded up; 0: one is. */
  reset_s: number;
}

/** How many instances there are, as the answering one knows it. */
export interface TopologyView {
  version: number;
  count: number;
}

/** A result, and what the instance reports beside it. */
export interface Reply<T> {
  result: Result<T>;
  cache: CacheMark | null;
  rate: RateView | null;
  topology: TopologyView;
  /** The level of log events that operators want. */
  log_level?: Settings["log_level"];
}
