/**
 * Stores and reads envelopes: the key of a backup's chunks, wrapped by another key of BACKUP_KEY
 * than the one that the backup was written with, so that the old one can be dropped. An envelope
 * carries a MAC over the sum of the manifest that it was made for: who has an old key can open what
 * it opened, and write nothing that is taken for genuine once the key is gone from BACKUP_KEY. It
 * lies beside the backup, and goes with it.
 *
 * @module
 */

import { sha256Hex, utf8 } from "../../util/hashing/hash.ts";
import { textOf } from "../format/bytes.ts";
import { rewrapped } from "../format/data-key.ts";
import type { BackupKey, BackupKeys } from "../format/keys.ts";
import { BackupFault, type Encryption, manifestKey, prefixOf } from "../format/manifest.ts";
import { AUTHENTIC, type Loaded } from "../format/sealed-manifest.ts";
import { isKeyId, isWrapped } from "../format/shape.ts";
import type { BackupPlace } from "../ports.ts";

/** Of an envelope's object. */
const ENVELOPE_BYTES_MAX = 4_096;

const envelopeKey = (prefix: string, keyId: string): string => `${prefix}key-${keyId}.json`;

/** Whether an object has the name of an envelope: it is no stray beside a backup that stays. */
export const isEnvelope = (key: string): boolean => {
  const name = key.slice(key.lastIndexOf("/") + 1);
  return name.startsWith("key-") && name.endsWith(".json") && isKeyId(name.slice(4, -5));
};

const textOfEnvelope = ({ manifest, sha256 }: Loaded, keyId: string, wrapped: string): string =>
  JSON.stringify({
    backup: prefixOf(manifest.id, manifest.kind),
    sha256,
    key_id: keyId,
    wrapped,
  });
const sealed = (text: string, mac: string): string => `{"mac":"${mac}","envelope":${text}}`;

/**
 * The backup as an envelope opens it, authentic; null: there is none that one of the keys made for
 * this very manifest.
 */
export async function withEnvelope(place: BackupPlace, loaded: Loaded): Promise<Loaded | null> {
  const { encryption } = loaded.manifest;
  for (const key of place.keys?.usable ?? []) {
    const wrapped = encryption && (await wrappedBy(place, loaded, key));
    if (wrapped) {
      const own: Encryption = { ...encryption, key_id: key.id, wrapped };
      return { ...loaded, manifest: { ...loaded.manifest, encryption: own }, trust: AUTHENTIC };
    }
  }
  return null;
}

/**
 * The key of its chunks, wrapped by this key; null: there is no such envelope, or what is there is
 * none of this manifest.
 */
export async function wrappedBy(
  { store }: BackupPlace,
  loaded: Loaded,
  key: BackupKey,
): Promise<string | null> {
  const { id, kind } = loaded.manifest;
  let parsed: { mac?: unknown; envelope?: { wrapped?: unknown } } | null;
  let text: string | null;
  try {
    const bytes = await store.get(envelopeKey(prefixOf(id, kind), key.id), ENVELOPE_BYTES_MAX);
    text = bytes && textOf(bytes);
    parsed = JSON.parse(text ?? "null") as typeof parsed;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof BackupFault) return null;
    throw error;
  }
  const [wrapped, mac] = [parsed?.envelope?.wrapped, parsed?.mac];
  if (!isWrapped(wrapped) || typeof mac !== "string") return null;
  // The text is made anew: an envelope says nothing but what it must say of this manifest.
  const own = textOfEnvelope(loaded, key.id, wrapped);
  const isOwn = text === sealed(own, mac) && (await key.isSigned("envelope", own, mac));
  return isOwn ? wrapped : null;
}

/** Throws `BackupFault` as `rewrapped`, and what the store throws. */
export async function putEnvelope(
  { store, keys }: BackupPlace & { keys: BackupKeys },
  loaded: Loaded,
  key: BackupKey,
): Promise<void> {
  const { id, kind, encryption, format_version } = loaded.manifest;
  const prefix = prefixOf(id, kind);
  const sealedBackup = { prefix, encryption, format_version };
  const wrapped = await rewrapped(keys, sealedBackup, manifestKey(id, kind));
  const text = textOfEnvelope(loaded, key.id, wrapped);
  const bytes = utf8(sealed(text, await key.sign("envelope", text)));
  await store.put(envelopeKey(prefix, key.id), bytes, await sha256Hex(bytes));
}
