/**
 * Deletes backups that may go, and chunks that no manifest names. A manifest goes first: from then on there is no such
 * backup, and what is left of it is swept the next time.
 *
 * @module
 */

import { listBackups, type Loaded } from "./chain.ts";
import { BackupFault, manifestKey, prefixOf } from "./manifest.ts";
import type { ObjectStore } from "./ports.ts";
import { expired, neededFor, type Kept, type RetentionRules } from "./retention.ts";
import { getVerdict, verdictKey } from "./verdicts.ts";

/** Chunks without a manifest are left alone for this long: their backup may be on its way, ms. */
const STRAY_MS = 3 * 86_400_000;

export interface Swept {
  kept: string[];
  deleted: string[];
  /** Objects that no manifest names. */
  strays: number;
  /** Manifests that cannot be read: nothing of them is deleted. */
  unreadable: string[];
}

async function keptOf(store: ObjectStore, backups: readonly Loaded[]): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const { manifest, sha256 } of backups) {
    const verdict = await getVerdict(store, manifest.id, sha256);
    kept.push({
      id: manifest.id,
      kind: manifest.kind,
      at: Date.parse(manifest.started_at),
      parent: manifest.parent?.id ?? null,
      partial: manifest.scope.namespace !== null || manifest.scope.since !== null,
      verified: verdict?.ok === true,
    });
  }
  return kept;
}

/**
 * Safe to repeat after a crash at any point. Throws `BackupFault` when another backup needs `only`.
 * @param only deletes just this backup, whatever the rules say
 */
export async function sweep(
  store: ObjectStore,
  rules: RetentionRules,
  now: number,
  only: string | null = null,
): Promise<Swept> {
  const { backups, faults } = await listBackups(store);
  const kept = await keptOf(store, backups);
  const needed = only === null ? null : neededFor(kept, only);
  if (only !== null && needed !== null) throw new BackupFault(only, `is not deleted: ${needed}`);
  const going = only === null ? expired(kept, rules, now) : [only];
  const byId = new Map(backups.map(({ manifest }) => [manifest.id, manifest]));
  // Children before parents: a chain whose end is gone is a shorter chain, one without its beginning is none.
  const depth = (id: string): number => {
    let n = 0;
    for (let next = byId.get(id)?.parent?.id; next !== undefined && n < 10_000; next = byId.get(next)?.parent?.id) n++;
    return n;
  };
  going.sort((a, b) => depth(b) - depth(a));
  for (const id of going) {
    const manifest = byId.get(id);
    if (!manifest) continue;
    await store.remove([manifestKey(id, manifest.kind)]);
    await store.remove([verdictKey(id)]);
    const prefix = prefixOf(id, manifest.kind);
    await store.remove(await store.list(prefix));
  }
  const gone = new Set(going);
  const named = new Set<string>();
  const prefixes = new Set<string>();
  for (const { manifest } of backups) {
    if (gone.has(manifest.id)) continue;
    const prefix = prefixOf(manifest.id, manifest.kind);
    prefixes.add(prefix);
    named.add(manifestKey(manifest.id, manifest.kind));
    for (const { object } of manifest.chunks) named.add(prefix + object);
  }
  const unreadable = faults.map(({ object }) => object);
  const spared = new Set(unreadable.map((key) => key.slice(0, key.lastIndexOf("/") + 1)));
  const strays: string[] = [];
  for (const root of ["exports/", "snapshots/"]) {
    for (const key of await store.list(root)) {
      const prefix = key.slice(0, key.lastIndexOf("/") + 1);
      if (named.has(key) || spared.has(prefix)) continue;
      if (prefixes.has(prefix) || now - timeOf(prefix) > STRAY_MS) strays.push(key);
    }
  }
  await store.remove(strays);
  return {
    kept: kept.map(({ id }) => id).filter((id) => !gone.has(id)),
    deleted: going,
    strays: strays.length,
    unreadable,
  };
}

/** An id begins with its time. */
function timeOf(prefix: string): number {
  const parts = /\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(prefix);
  if (!parts) return Number.POSITIVE_INFINITY;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
