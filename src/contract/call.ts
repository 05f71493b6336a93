/**
 * What travels around an operation between the Worker and an instance: who calls, how the call is
 * to be treated, and what comes back beside the result.
 *
 * @module
 */

import type { Failure } from "./errors.ts";
import type { Durability } from "./vocabulary.ts";
import type { Settings } from "./settings.ts";

/** What comes with every call: who, where, and how to treat a repetition. */
export interface Call {
  /** SHA-256 of the bearer key in hex; null: none given. */
  key_hash: string | null;
  /** The caller showed ADMIN_TOKEN. */
  root: boolean;
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
