/**
 * Answers with data.
 *
 * @module
 */

import type { Result } from "../contract/call.ts";
import type { Page } from "../contract/operation.ts";
import type { Durability } from "../contract/vocabulary.ts";

interface AnswerOptions {
  /** 200 when absent. */
  status?: number;
  /** The ETag. */
  version?: number;
  durability?: Durability;
  /** It is the answer to an earlier request with the same idempotency key. */
  replayed?: boolean;
  headers?: Record<string, string>;
}

/** @param body of status 204 it is not sent */
export function answer(body: unknown, options: AnswerOptions = {}): Response {
  return answerJson(options.status === 204 ? null : JSON.stringify(body), options);
}

/** Answers with what a write came to, and how durable that is. */
export function answerWritten(
  { value, durability, replayed }: Extract<Result<object>, { ok: true }>,
  options: AnswerOptions = {},
): Response {
  return answer({ ...value, durability }, { ...options, durability, replayed });
}

/** @param json the body as it is sent */
export function answerJson(
  json: string | null,
  { status = 200, version, durability, replayed, headers }: AnswerOptions,
): Response {
  const all = new Headers({ "Content-Type": "application/json", ...headers });
  if (version !== undefined) all.set("ETag", `"${version}"`);
  if (durability !== undefined && durability !== "none") all.set("Memory-Durability", durability);
  if (replayed) all.set("Idempotency-Replayed", "true");
  return new Response(json, { status, headers: all });
}

/** The client has this version already. */
export function notModified(version: number): Response {
  return new Response(null, { status: 304, headers: { ETag: `"${version}"` } });
}

/** A page as it is answered: its items under the list's own name. */
export function page<K extends string, T>(
  name: K,
  { items, next_cursor, degraded }: Page<T>,
): Record<K, T[]> & { next_cursor: string | null; degraded: boolean } {
  return { [name]: items, next_cursor, degraded } as Record<K, T[]> & {
    next_cursor: string | null;
    degraded: boolean;
  };
}
