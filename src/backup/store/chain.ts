/**
 * Writes, finds, lists, loads and chooses backups in the store. A chain is a full backup and the
 * incrementals that continue it; loading one bounds what is held at once, and refuses a link that
 * is not trusted. Where nobody names a backup, one that nobody vouches for is never chosen: whoever
 * can write to the bucket can plant one that is newer than all.
 *
 * @module
 */

import { textOf } from "../format/bytes.ts";
import { sealingKey } from "../format/keys.ts";
import { BackupFault, type BackupKind, type Manifest, manifestKey } from "../format/manifest.ts";
import {
  type Loaded,
  openManifest,
  requireTrust,
  sealManifest,
} from "../format/sealed-manifest.ts";
import { MANIFEST_BYTES_MAX } from "../format/shape.ts";
import type { BackupPlace } from "../ports.ts";
import { withEnvelope } from "./envelopes.ts";
import { getVerdict, isReplaced, readVerdict, verdictIds } from "./verdicts.ts";
import { utf8 } from "../../util/hashing/hash.ts";

/** Backups of one chain that are read. */
const CHAIN_MAX = 400;
/** Chunks that the manifests of one chain may name together: all of them are held at once. */
const CHAIN_CHUNKS_MAX = 200_000;

/** Which backup, and what its user takes upon himself. */
export interface ChainRef {
  id: string;
  kind: BackupKind;
  /** The operator takes it for genuine although nobody vouches for it. Default: no. */
  accept?: boolean;
  /** The manifest's sum as it was when the work began: another manifest in its place is a fault. */
  sha256?: string;
}

/** Throws `BackupFault`. Says in `trust` whether the service wrote it, and does not refuse it. */
async function loadManifest({ store, keys }: BackupPlace, key: string): Promise<Loaded> {
  const bytes = await store.get(key, MANIFEST_BYTES_MAX);
  if (!bytes) throw new BackupFault(key, "is missing");
  const text = textOf(bytes);
  if (text === null) throw new BackupFault(key, "is not UTF-8");
  const loaded = await openManifest(key, text, keys);
  const isOfAnotherKey = keys !== null && loaded.trust.missing_key !== null;
  return (isOfAnotherKey ? await withEnvelope({ store, keys }, loaded) : null) ?? loaded;
}

/**
 * Writes a manifest where none is; what is there already stays. Throws for one that nobody could
 * read.
 */
export async function createManifest(
  { store, keys }: BackupPlace,
  key: string,
  manifest: Manifest,
): Promise<void> {
  const bytes = utf8(await sealManifest(manifest, keys));
  if (bytes.length > MANIFEST_BYTES_MAX) {
    throw new Error(
      `The manifest ${key} has ${bytes.length} bytes; at most ${MANIFEST_BYTES_MAX} are read.`,
    );
  }
  await store.create(key, bytes);
}

/**
 * The manifest that was written. Throws `BackupFault` when what is in its place is not the
 * service's.
 */
export async function loadWritten(place: BackupPlace, key: string): Promise<Manifest> {
  const { manifest, trust } = await loadManifest(place, key);
  requireTrust(key, trust, false);
  return manifest;
}

/**
 * The backup with this id, whatever it is, an authentic one before any other; null: there is none.
 */
export async function findBackup(place: BackupPlace, id: string): Promise<Loaded | null> {
  let unsure: Loaded | null = null;
  let fault: unknown = null;
  for (const kind of ["full", "snapshot"] as const) {
    const key = manifestKey(id, kind);
    try {
      const loaded = await loadManifest(place, key);
      if (loaded.trust.authentic === true) return loaded;
      unsure ??= loaded;
    } catch (error) {
      if (!(error instanceof BackupFault)) throw error;
      if (error.message !== `${key}: is missing`) fault ??= error;
    }
  }
  if (!unsure && fault !== null) throw fault;
  return unsure;
}

/**
 * A backup and everything it continues, the full backup first. Throws `BackupFault` for a link that
 * is missing, is not the one that its child was made from, or is not trusted.
 */
export async function loadChain(place: BackupPlace, ref: ChainRef): Promise<Loaded[]> {
  const accept = ref.accept ?? false;
  const tip = await loadLink(place, manifestKey(ref.id, ref.kind), accept);
  if (ref.sha256 !== undefined && tip.sha256 !== ref.sha256) {
    throw new BackupFault(
      manifestKey(ref.id, ref.kind),
      "was replaced by another while it was worked on",
    );
  }

  const chain = [tip];
  let chunks = tip.manifest.chunks.length;
  let child = tip.manifest;
  while (child.parent) {
    const { id, sha256 } = child.parent;
    const key = manifestKey(id, "full");
    if (chain.some(({ manifest }) => manifest.id === id))
      throw new BackupFault(key, "is its own parent");
    if (chain.length >= CHAIN_MAX)
      throw new BackupFault(key, `is one of a chain of more than ${CHAIN_MAX}`);

    const loaded = await loadLink(place, key, accept);
    if (loaded.sha256 !== sha256) throw new BackupFault(key, `is not what ${child.id} continues`);
    chunks += loaded.manifest.chunks.length;
    if (chunks > CHAIN_CHUNKS_MAX)
      throw new BackupFault(key, `is of a chain of more than ${CHAIN_CHUNKS_MAX} chunks`);
    chain.unshift(loaded);
    child = loaded.manifest;
  }
  return chain;
}

async function loadLink(place: BackupPlace, key: string, accept: boolean): Promise<Loaded> {
  const loaded = await loadManifest(place, key);
  requireTrust(key, loaded.trust, accept);
  if (
    loaded.trust.authentic === false &&
    (await isReplaced(place, loaded.manifest.id, loaded.sha256))
  ) {
    throw new BackupFault(
      key,
      "is in the place of another: an authentic verdict is of a manifest with another sum",
    );
  }
  return loaded;
}

/**
 * What `pick` makes of every manifest there is, the oldest first, and those that cannot be read, as
 * faults. One manifest is held at a time.
 */
export async function listBackups<T>(
  place: BackupPlace,
  pick: (loaded: Loaded) => T | Promise<T>,
): Promise<{ backups: T[]; faults: BackupFault[] }> {
  const keys = [...(await place.store.list("exports/")), ...(await place.store.list("snapshots/"))];
  const dated: { at: string; picked: T }[] = [];
  const faults: BackupFault[] = [];
  for (const key of keys.filter((name) => name.endsWith("/manifest.json"))) {
    try {
      const loaded = await loadManifest(place, key);
      dated.push({ at: loaded.manifest.started_at, picked: await pick(loaded) });
    } catch (error) {
      if (!(error instanceof BackupFault)) throw error;
      faults.push(error);
    }
  }
  dated.sort((a, b) => (a.at < b.at ? -1 : 1));
  return { backups: dated.map(({ picked }) => picked), faults };
}

/** A chain of as many backups is not continued: a full one is taken. */
const CONTINUED_MAX = 100;

/** What an incremental backup continues. */
export interface Parent {
  id: string;
  sha256: string;
  feed: string;
  seq: number;
}

export interface ParentChoice {
  /** null: a full backup must be taken. */
  parent: Parent | null;
  /** Why a chain that there is was not continued, although nothing is wrong; null: none was left. */
  note: string | null;
  /**
   * Why a newer backup that was whole cannot be continued any more: what it needs is gone, or the
   * key of it is. null: there is none.
   */
  broken: string | null;
}

/**
 * The newest backup of everything that was read back without a fault and that may be continued: it
 * and all that it continues is authentic where there is a key, and sealed with what seals now.
 */
export async function chooseParent(place: BackupPlace): Promise<ParentChoice> {
  const { backups } = await listBackups(place, ({ manifest, sha256, trust }) => {
    const { id, kind, watermark, scope } = manifest;
    if (kind === "snapshot" || scope.namespace !== null || scope.since !== null) return null;
    const { authentic, missing_key } = trust;
    if (!watermark || (authentic === false && missing_key === null)) return null;
    return { id, kind, sha256, feed: watermark.feed, seq: watermark.seq, missing_key };
  });

  let broken: string | null = null;
  let lostKey: string | null = null;
  for (const candidate of backups.toReversed()) {
    if (!candidate) continue;
    const { id, kind, sha256, feed, seq, missing_key } = candidate;
    if (missing_key !== null) {
      lostKey ??= `${id} is of the key ${missing_key}, which BACKUP_KEY has not`;
      continue;
    }
    if ((await getVerdict(place, id, sha256))?.ok !== true) continue;

    try {
      const chain = await loadChain(place, { id, kind, sha256 });
      const note = whyNotContinued(place, chain);
      return { parent: note === null ? { id, sha256, feed, seq } : null, note, broken };
    } catch (error) {
      if (!(error instanceof BackupFault)) throw error;
      broken ??= `${id} cannot be restored: ${error.message}`;
    }
  }
  // A key that nobody here knows is no news while there is a chain of our own.
  return { parent: null, note: null, broken: broken ?? lostKey ?? (await goneOf(place)) };
}

/** Verdicts that are looked through for a backup that is gone. */
const VERDICTS_LOOKED_AT = 20;

/** Which of the newest backups that were read back is gone, by the verdict that is left of it. */
async function goneOf(place: BackupPlace): Promise<string | null> {
  const ids = (await verdictIds(place)).toReversed().slice(0, VERDICTS_LOOKED_AT);
  for (const id of ids) {
    const verdict = await readVerdict(place, id);
    if (verdict?.ok !== true) continue;
    if (!(await isThere(place, id))) {
      return `${id} was read back at ${verdict.at}, and is gone or cannot be read now`;
    }
  }
  return null;
}

async function isThere(place: BackupPlace, id: string): Promise<boolean> {
  try {
    return (await findBackup(place, id)) !== null;
  } catch (error) {
    if (!(error instanceof BackupFault)) throw error;
    return false;
  }
}

/** Why a chain that is whole ends here all the same; null: it goes on. */
function whyNotContinued({ keys }: BackupPlace, chain: readonly Loaded[]): string | null {
  const tip = chain.at(-1)?.manifest.id ?? "";
  if (chain.length >= CONTINUED_MAX) return `The chain of ${tip} has ${chain.length} backups.`;
  const key = sealingKey(keys)?.id ?? null;
  const isOfOneKey = chain.every(({ manifest }) => (manifest.encryption?.key_id ?? null) === key);
  return isOfOneKey ? null : `The chain of ${tip} is of another key than BACKUP_KEY's newest.`;
}

/**
 * The newest backup of everything that is authentic, for a drill. While there is none, the newest
 * of format 1 that is encrypted with BACKUP_KEY: nobody but the service can have written its
 * chunks, and all that a drill does with it is to find out whether it differs. null: there is
 * neither.
 */
export async function newestForDrill(
  place: BackupPlace,
): Promise<{ ref: ChainRef; seq: number } | null> {
  const { backups } = await listBackups(place, ({ manifest, sha256, trust }) => {
    const { id, kind, watermark, scope, encryption } = manifest;
    const whole = kind !== "snapshot" && scope.namespace === null && scope.since === null;
    const trusted = trust.authentic !== false;
    if (!whole || !watermark || !(trusted || (trust.acceptable && encryption))) return null;
    return { ref: { id, kind, sha256, accept: !trusted }, seq: watermark.seq };
  });
  const usable = backups.flatMap((backup) => backup ?? []);
  return usable.findLast(({ ref }) => !ref.accept) ?? usable.at(-1) ?? null;
}
