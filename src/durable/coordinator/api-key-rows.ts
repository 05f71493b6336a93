/**
 * Keys as a backup has them. They come from the bucket: what is not exactly a key's record is none.
 *
 * @module
 */

import type { KeyRow } from "../../contract/backups/restore.ts";
import { LIMITS, NAMESPACE_PATTERN } from "../../contract/limits.ts";
import type { Scope } from "../../contract/vocabulary.ts";
import type { KeyRecord } from "../shared/key-record.ts";

const SCOPES: readonly Scope[] = ["read", "write", "admin", "metrics"];
const NAME_MAX = 1_000;

/** The record of a row of `api_keys`, with no field but those that a key has; null: it is none. */
export function recordOfBackup({ id, hash, body }: KeyRow): KeyRecord | null {
  let record: Partial<Record<keyof KeyRecord, unknown>>;
  try {
    record = JSON.parse(body) as typeof record;
  } catch {
    return null;
  }
  const { name, scopes, namespaces, default_namespace, created_at, expires_at, revoked_at } =
    record ?? {};
  const good =
    record?.id === id &&
    /^[0-9a-f]{1,64}$/.test(id) &&
    record.hash === hash &&
    /^[0-9a-f]{64}$/.test(hash) &&
    typeof name === "string" &&
    name.length <= NAME_MAX &&
    isListOf(scopes, SCOPES.length, (scope) => SCOPES.includes(scope as Scope)) &&
    isListOf(
      namespaces,
      LIMITS.namespaces_per_key_max,
      (one) => one === "*" || NAMESPACE_PATTERN.test(one),
    ) &&
    typeof default_namespace === "string" &&
    NAMESPACE_PATTERN.test(default_namespace) &&
    isTime(created_at) &&
    (expires_at === null || isTime(expires_at)) &&
    (revoked_at === null || isTime(revoked_at));
  if (!good) return null;
  return {
    id,
    hash,
    name,
    scopes: scopes as Scope[],
    namespaces,
    default_namespace,
    created_at,
    expires_at,
    revoked_at,
  };
}

function isListOf(
  value: unknown,
  most: number,
  isOne: (one: string) => boolean,
): value is string[] {
  if (!Array.isArray(value) || value.length > most) return false;
  return value.every((one) => typeof one === "string" && isOne(one));
}

const isTime = (value: unknown): value is string =>
  typeof value === "string" && !Number.isNaN(Date.parse(value));
