/**
 * The request headers that say how a call is to be treated. Each is read where it is used; one that
 * is not as it must be is a Problem that names it.
 *
 * @module
 */

import { LIMITS } from "../contract/limits.ts";
import { invalid } from "./validate.ts";

/** The longest that a caller may say it waits, ms. */
const TIMEOUT_MAX_MS = 60_000;

/** `If-Match`: the version that the resource must still have; null: any. */
export function ifMatchOf(headers: Headers): number | null {
  const header = headers.get("If-Match");
  if (header === null || header.trim() === "*") return null;
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw invalid("If-Match", 'must be * or one ETag such as "3"');
  return Number(version);
}

/** `If-None-Match`: whether it names this version. */
export function isVersionKnown(headers: Headers, version: number): boolean {
  const header = headers.get("If-None-Match");
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes("*") || tags.includes(`"${version}"`);
}

/** `Idempotency-Key` of a POST; null: there is none. */
export function idempotencyKeyOf({ method, headers }: Request): string | null {
  const key = headers.get("Idempotency-Key");
  if (key === null || method !== "POST") return null;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw invalid(
    "Idempotency-Key",
    `must have 1 to ${LIMITS.idempotency_key_max} printable ASCII characters`,
  );
}

/** `Request-Timeout`: how long the caller waits, ms; null: it does not say. */
export function timeoutOf(headers: Headers): number | null {
  const header = headers.get("Request-Timeout");
  if (header === null) return null;
  const ms = /^\d{1,6}$/.test(header) ? Number(header) : 0;
  if (ms >= 1 && ms <= TIMEOUT_MAX_MS) return ms;
  throw invalid(
    "Request-Timeout",
    `must be a whole number of milliseconds from 1 to ${TIMEOUT_MAX_MS}`,
  );
}

/** `Prefer: wait=stored`. */
export function waitsForStored(headers: Headers): boolean {
  return /(^|[,;\s])wait=stored($|[,;\s])/.test(headers.get("Prefer") ?? "");
}
