/**
 * Whether a backup was read back: kept in the store beside the backups, so that it outlives everything else.
 *
 * @module
 */

import { bytesOf, sha256Hex } from "./bytes.ts";
import type { ObjectStore } from "./ports.ts";
import type { Verdict } from "./verify.ts";

const PREFIX = "verdicts/";

export interface KnownVerdict {
  id: string;
  /** RFC 3339. */
  at: string;
  ok: boolean;
  /** The manifest that was checked, with everything it continues. */
  sha256: string;
}

export async function putVerdict(store: ObjectStore, verdict: Verdict, sha256: string, at: string): Promise<void> {
  const known: KnownVerdict = { id: verdict.id, at, ok: verdict.ok, sha256 };
  const bytes = bytesOf(JSON.stringify({ ...verdict, ...known }));
  await store.put(`${PREFIX}${verdict.id}.json`, bytes, await sha256Hex(bytes));
}

/** Of this very manifest; null: it was never read back. */
export async function getVerdict(store: ObjectStore, id: string, sha256: string): Promise<KnownVerdict | null> {
  const bytes = await store.get(`${PREFIX}${id}.json`);
  if (!bytes) return null;
  try {
    const { at, ok, sha256: checked } = JSON.parse(new TextDecoder().decode(bytes)) as KnownVerdict;
    return checked === sha256 ? { id, at, ok, sha256 } : null;
  } catch {
    return null;
  }
}

export const verdictKey = (id: string): string => `${PREFIX}${id}.json`;
