/**
 * Deletes backups that may go, and objects that no manifest names. A manifest is deleted first:
 * from then on there is no such backup, and what is left of it is swept the next time. What nobody
 * vouches for decides about itself only: it neither keeps another backup nor lets one go.
 *
 * @module
 */

import { MS } from "../contract/limits.ts";
import { BackupFault, type BackupKind, manifestKey, prefixOf } from "./format/manifest.ts";
import type { Loaded } from "./format/sealed-manifest.ts";
import type { BackupPlace, ObjectStore } from "./ports.ts";
import {
  expired,
  expiredUntrusted,
  neededFor,
  type Kept,
  type RetentionRules,
  type Untrusted,
} from "./retention.ts";
import { listBackups } from "./store/chain.ts";
import { isEnvelope } from "./store/envelopes.ts";
import { getVerdict, verdictKey } from "./store/verdicts.ts";

/** Chunks without a manifest are left alone for this long: their backup may be on its way, ms. */
const STRAY_MS = 3 * MS.day;

export interface Swept {
  kept: string[];
  deleted: string[];
  /** Objects that no manifest names. */
  strays: number;
  /** Manifests that cannot be read: nothing of them is deleted. */
  unreadable: string[];
  /** Backups that are kept and that nobody vouches for. */
  untrusted: string[];
}

/** What the sweep must know of a backup. */
interface StoredBackup {
  id: string;
  kind: BackupKind;
  parent: string | null;
  /** Names of its chunks. */
  objects: string[];
  /** What the retention rules judge; null: nobody vouches for it. */
  trusted: Kept | null;
}

/**
 * Deletes what the rules let go. Safe to repeat after a crash at any point. Throws `BackupFault`
 * when another backup needs `only`, and what the store throws.
 *
 * @param only deletes just this backup, whatever the rules say; null: by the rules
 */
export async function sweep(
  place: BackupPlace,
  rules: RetentionRules,
  now: number,
  only: string | null = null,
): Promise<Swept> {
  const { store } = place;
  const { backups, faults } = await listBackups(place, (loaded) => storedBackup(place, loaded));
  const unreadable = faults.map(({ object }) => object);
  const leaving = childrenFirst(
    only === null ? byTheRules(backups, rules, now) : byName(backups, only),
  );
  const staying = backups.filter((backup) => !leaving.includes(backup));

  for (const { id, kind } of leaving) {
    await store.remove([manifestKey(id, kind)]);
    // An id may be there as an export and as a snapshot.
    if (!staying.some((backup) => backup.id === id)) await store.remove([verdictKey(id)]);
    await store.remove(await store.list(prefixOf(id, kind)));
  }
  const strays = await straysOf(store, staying, unreadable, now);
  await store.remove(strays);
  return {
    kept: staying.map(({ id }) => id),
    deleted: leaving.map(({ id }) => id),
    strays: strays.length,
    unreadable,
    untrusted: staying.filter(({ trusted }) => trusted === null).map(({ id }) => id),
  };
}

async function storedBackup(
  place: BackupPlace,
  { manifest, sha256, trust }: Loaded,
): Promise<StoredBackup> {
  const { id, kind, scope, chunks } = manifest;
  const parent = manifest.parent?.id ?? null;
  // Its objects are spared with all that lies beside them, whatever it names.
  if (trust.authentic === false) return { id, kind, parent, objects: [], trusted: null };

  const verdict = await getVerdict(place, id, sha256);
  const trusted: Kept = {
    id,
    kind,
    at: Date.parse(manifest.started_at),
    parent,
    partial: scope.namespace !== null || scope.since !== null,
    verified: verdict?.ok === true,
  };
  return { id, kind, parent, objects: chunks.map(({ object }) => object), trusted };
}

/** The backups of this id. Throws `BackupFault` when another backup needs it. */
function byName(backups: readonly StoredBackup[], id: string): StoredBackup[] {
  const named = backups.filter((backup) => backup.id === id);
  const isTrusted = named.some(({ trusted }) => trusted !== null);
  const needed = isTrusted ? neededFor(trustedOf(backups), id) : null;
  if (needed !== null) throw new BackupFault(id, `is not deleted: ${needed}`);
  return named;
}

function byTheRules(
  backups: readonly StoredBackup[],
  rules: RetentionRules,
  now: number,
): StoredBackup[] {
  const trusted = trustedOf(backups);
  const untrusted = backups
    .filter((backup) => backup.trusted === null)
    .map(({ id, kind, parent }): Untrusted => ({ id, at: timeOf(prefixOf(id, kind)), parent }));
  const expiredIds = new Set(expired(trusted, rules, now));
  const expiredUntrustedIds = new Set(expiredUntrusted(untrusted, trusted, rules, now));
  return backups.filter((backup) =>
    (backup.trusted ? expiredIds : expiredUntrustedIds).has(backup.id),
  );
}

function trustedOf(backups: readonly StoredBackup[]): Kept[] {
  return backups.flatMap(({ trusted }) => trusted ?? []);
}

/**
 * Children before parents: a chain whose end is gone is a shorter chain, one without its beginning
 * is none.
 */
function childrenFirst(backups: StoredBackup[]): StoredBackup[] {
  const byId = new Map(backups.map((backup) => [backup.id, backup]));
  const ancestors = (id: string): number => {
    let count = 0;
    let next = byId.get(id)?.parent ?? null;
    // A chain that leads back into itself ends here.
    for (; next !== null && count < backups.length; count++) next = byId.get(next)?.parent ?? null;
    return count;
  };
  const depths = new Map(backups.map(({ id }) => [id, ancestors(id)]));
  return backups.sort((a, b) => (depths.get(b.id) ?? 0) - (depths.get(a.id) ?? 0));
}

/**
 * Objects that no manifest names, beside those of backups that stay, or old ones of a backup that
 * was never ended.
 */
async function straysOf(
  store: ObjectStore,
  staying: readonly StoredBackup[],
  unreadable: readonly string[],
  now: number,
): Promise<string[]> {
  const named = new Set<string>();
  const prefixes = new Set<string>();
  const spared = new Set(unreadable.map(folderOf));
  for (const { id, kind, objects, trusted } of staying) {
    const prefix = prefixOf(id, kind);
    if (!trusted) spared.add(prefix);
    prefixes.add(prefix);
    named.add(manifestKey(id, kind));
    for (const object of objects) named.add(prefix + object);
  }

  const keys = [...(await store.list("exports/")), ...(await store.list("snapshots/"))];
  return keys.filter((key) => {
    const prefix = folderOf(key);
    if (named.has(key) || spared.has(prefix)) return false;
    if (prefixes.has(prefix) && isEnvelope(key)) return false;
    return prefixes.has(prefix) || now - timeOf(prefix) > STRAY_MS;
  });
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1);

/** An id begins with its time, ms since the epoch; infinite when it does not. */
function timeOf(prefix: string): number {
  const parts = /\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(prefix);
  if (!parts) return Number.POSITIVE_INFINITY;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
