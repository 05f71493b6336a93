/**
 * Backups in the store, and how they hang together: a full backup and the incrementals that continue it.
 *
 * @module
 */

import { BackupFault, manifestKey, openManifest, type BackupKind, type Manifest } from "./manifest.ts";
import type { ObjectStore } from "./ports.ts";

export interface Loaded {
  manifest: Manifest;
  sha256: string;
}

/** Throws `BackupFault`. */
export async function loadManifest(store: ObjectStore, key: string): Promise<Loaded> {
  const bytes = await store.get(key);
  if (!bytes) throw new BackupFault(key, "is missing");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BackupFault(key, "is not UTF-8");
  }
  return openManifest(key, text);
}

/** The backup with this id, whatever it is; null: there is none. */
export async function findBackup(store: ObjectStore, id: string): Promise<Loaded | null> {
  for (const kind of ["full", "snapshot"] as const) {
    const key = manifestKey(id, kind);
    if (await store.get(key)) return loadManifest(store, key);
  }
  return null;
}

/**
 * A backup and everything it continues, the full backup first. Throws `BackupFault` for a link that is missing or is not
 * the one that its child was made from.
 */
export async function loadChain(store: ObjectStore, id: string, kind: BackupKind): Promise<Loaded[]> {
  const chain = [await loadManifest(store, manifestKey(id, kind))];
  for (;;) {
    const parent = chain[0]?.manifest.parent;
    if (!parent) return chain;
    const key = manifestKey(parent.id, "full");
    const loaded = await loadManifest(store, key);
    if (loaded.sha256 !== parent.sha256) throw new BackupFault(key, `is not what ${chain[0]?.manifest.id} continues`);
    if (chain.some(({ manifest }) => manifest.id === loaded.manifest.id))
      throw new BackupFault(key, "is its own parent");
    chain.unshift(loaded);
  }
}

/** Every manifest there is, the oldest first; with those that cannot be read, as faults. */
export async function listBackups(store: ObjectStore): Promise<{ backups: Loaded[]; faults: BackupFault[] }> {
  const keys = [...(await store.list("exports/")), ...(await store.list("snapshots/"))];
  const backups: Loaded[] = [];
  const faults: BackupFault[] = [];
  for (const key of keys.filter((name) => name.endsWith("/manifest.json"))) {
    try {
      backups.push(await loadManifest(store, key));
    } catch (error) {
      if (!(error instanceof BackupFault)) throw error;
      faults.push(error);
    }
  }
  backups.sort((a, b) => (a.manifest.started_at < b.manifest.started_at ? -1 : 1));
  return { backups, faults };
}
