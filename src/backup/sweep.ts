/**
 * Deletes backups that may go, and chunks that no manifest names. A manifest goes first: from then
 * on there is no such backup, and what is left of it is swept the next time. What nobody vouches
 * for decides about itself only: it neither keeps a backup nor lets one go.
 *
 * @module
 */

import { listBackups } from "./store/chain.ts";
import { BackupFault } from "./format/fault.ts";
import { manifestKey, prefixOf, type BackupKind } from "./format/manifest.ts";
import type { BackupPlace, ObjectStore } from "./ports.ts";
import {
  expired,
  expiredUntrusted,
  neededFor,
  type Kept,
  type RetentionRules,
  type Untrusted,
} from "./retention.ts";
import { getVerdict, verdictKey } from "./store/verdicts.ts";

/** Chunks without a manifest are left alone for this long: their backup may be on its way, ms. */
const STRAY_MS = 3 * 86_400_000;

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
interface Known {
  id: string;
  kind: BackupKind;
  parent: string | null;
  objects: string[];
  /** null: nobody vouches for it. */
  trusted: Kept | null;
}

async function knownOf(place: BackupPlace): Promise<{ known: Known[]; unreadable: string[] }> {
  const { backups, faults } = await listBackups(
    place,
    async ({ manifest, sha256, trust }): Promise<Known> => {
      const { id, kind, scope, chunks } = manifest;
      const parent = manifest.parent?.id ?? null;
      // Its objects are spared with all that lies beside them, whatever it names.
      if (trust.authentic === false) return { id, kind, parent, objects: [], trusted: null };
      const trusted: Kept = {
        id,
        kind,
        at: Date.parse(manifest.started_at),
        parent,
        partial: scope.namespace !== null || scope.since !== null,
        verified: (await getVerdict(place, id, sha256))?.ok === true,
      };
      return { id, kind, parent, objects: chunks.map(({ object }) => object), trusted };
    },
  );
  return { known: backups, unreadable: faults.map(({ object }) => object) };
}

/** What may go. Throws `BackupFault` when another backup needs `only`. */
function goingOf(
  known: readonly Known[],
  rules: RetentionRules,
  now: number,
  only: string | null,
): Known[] {
  const kept = known.flatMap(({ trusted }) => trusted ?? []);
  if (only !== null) {
    const named = known.filter(({ id }) => id === only);
    const needed = named.some(({ trusted }) => trusted !== null) ? neededFor(kept, only) : null;
    if (needed !== null) throw new BackupFault(only, `is not deleted: ${needed}`);
    return named;
  }
  const untrusted = known
    .filter(({ trusted }) => trusted === null)
    .map(({ id, kind, parent }): Untrusted => ({ id, at: timeOf(prefixOf(id, kind)), parent }));
  const [good, doubtful] = [
    new Set(expired(kept, rules, now)),
    new Set(expiredUntrusted(untrusted, kept, rules, now)),
  ];
  return known.filter(({ id, trusted }) => (trusted ? good : doubtful).has(id));
}

/**
 * Safe to repeat after a crash at any point. Throws `BackupFault` when another backup needs `only`.
 * @param only deletes just this backup, whatever the rules say
 */
export async function sweep(
  place: BackupPlace,
  rules: RetentionRules,
  now: number,
  only: string | null = null,
): Promise<Swept> {
  const { store } = place;
  const { known, unreadable } = await knownOf(place);
  const going = childrenFirst(goingOf(known, rules, now, only));
  const staying = known.filter((backup) => !going.includes(backup));
  for (const { id, kind } of going) {
    await store.remove([manifestKey(id, kind)]);
    // An id may be there as an export and as a snapshot.
    if (!staying.some((backup) => backup.id === id)) await store.remove([verdictKey(id)]);
    await store.remove(await store.list(prefixOf(id, kind)));
  }
  const strays = await straysOf(store, staying, unreadable, now);
  await store.remove(strays);
  return {
    kept: staying.map(({ id }) => id),
    deleted: going.map(({ id }) => id),
    strays: strays.length,
    unreadable,
    untrusted: staying.filter(({ trusted }) => trusted === null).map(({ id }) => id),
  };
}

/**
 * Children before parents: a chain whose end is gone is a shorter chain, one without its beginning
 * is none.
 */
function childrenFirst(going: Known[]): Known[] {
  const byId = new Map(going.map((backup) => [backup.id, backup]));
  const depth = (id: string): number => {
    let n = 0;
    for (let next = byId.get(id)?.parent ?? null; next !== null && n < going.length; n++) {
      next = byId.get(next)?.parent ?? null;
    }
    return n;
  };
  const depths = new Map(going.map(({ id }) => [id, depth(id)]));
  return going.sort((a, b) => (depths.get(b.id) ?? 0) - (depths.get(a.id) ?? 0));
}

/**
 * Objects that no manifest names, beside those that are there or of a backup that was never ended.
 */
async function straysOf(
  store: ObjectStore,
  staying: readonly Known[],
  unreadable: readonly string[],
  now: number,
): Promise<string[]> {
  const named = new Set<string>();
  const prefixes = new Set<string>();
  const spared = new Set(unreadable.map((key) => key.slice(0, key.lastIndexOf("/") + 1)));
  for (const { id, kind, objects, trusted } of staying) {
    const prefix = prefixOf(id, kind);
    if (!trusted) spared.add(prefix);
    prefixes.add(prefix);
    named.add(manifestKey(id, kind));
    for (const object of objects) named.add(prefix + object);
  }
  const strays: string[] = [];
  for (const root of ["exports/", "snapshots/"]) {
    for (const key of await store.list(root)) {
      const prefix = key.slice(0, key.lastIndexOf("/") + 1);
      if (named.has(key) || spared.has(prefix)) continue;
      if (prefixes.has(prefix) || now - timeOf(prefix) > STRAY_MS) strays.push(key);
    }
  }
  return strays;
}

/** An id begins with its time. */
function timeOf(prefix: string): number {
  const parts = /\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(prefix);
  if (!parts) return Number.POSITIVE_INFINITY;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
