/**
 * The key that the chunks of one backup are encrypted with: random, of this backup alone, and kept
 * beside it, wrapped by a key that is derived from BACKUP_KEY. Another key of BACKUP_KEY can wrap it
 * anew without a chunk being read. Backups of the formats before 3 have none: their chunks are
 * opened by BACKUP_KEY's own keys. Reads and writes no object.
 *
 * @module
 */

import type { Bytes } from "../../util/hashing/hash.ts";
import { createCipher, type Cipher } from "./bytes.ts";
import { type BackupKeys, keyOf, sealingKey } from "./keys.ts";
import { BackupFault, type Encryption } from "./manifest.ts";

const DATA_KEY_BYTES = 32;

/** Whose chunks are encrypted, and how. */
export interface SealedBackup {
  /** The backup's prefix in the bucket: the place that its key is good in. */
  prefix: string;
  encryption: Encryption | null;
  format_version: number;
}

/** A new key for the chunks of a backup; null: no BACKUP_KEY is set. Throws as `sealingKey`. */
export async function newEncryption(
  keys: BackupKeys | null,
  prefix: string,
): Promise<Encryption | null> {
  const key = sealingKey(keys);
  if (!key) return null;
  const dataKey = crypto.getRandomValues(new Uint8Array(DATA_KEY_BYTES));
  return {
    algorithm: "AES-256-GCM",
    key_id: key.id,
    wrapped: await key.wrap(dataKey, prefix),
  };
}

/**
 * What opens and seals the chunks of a backup that is encrypted. Throws `BackupFault` where
 * BACKUP_KEY has not the key, or did not wrap it for this backup.
 *
 * @param object what the fault names
 */
export async function cipherOf(
  keys: BackupKeys | null,
  sealed: SealedBackup,
  object: string,
): Promise<Cipher> {
  return createCipher(await dataKeyOf(keys, sealed, object));
}

/**
 * The key of a backup's chunks, wrapped by the newest key of BACKUP_KEY. Of a backup of format 2
 * that is the key of all chunks of its key's time. Throws as `cipherOf`.
 */
export async function rewrapped(
  keys: BackupKeys,
  sealed: SealedBackup,
  object: string,
): Promise<string> {
  const key = sealingKey(keys);
  if (!key) throw new BackupFault("BACKUP_KEY", "is not set");
  const dataKey = await dataKeyOf(keys, sealed, object);
  return key.wrap(dataKey, sealed.prefix);
}

async function dataKeyOf(
  keys: BackupKeys | null,
  { prefix, encryption, format_version }: SealedBackup,
  object: string,
): Promise<Bytes> {
  const needed = encryption?.key_id ?? "";
  const key = keyOf(keys, needed);
  if (!key)
    throw new BackupFault(object, `is encrypted with the key ${needed}, which BACKUP_KEY is not`);
  if (encryption?.wrapped === undefined) return key.chunkKeyOf(format_version);
  try {
    return await key.unwrap(encryption.wrapped, prefix);
  } catch {
    throw new BackupFault(object, "cannot be decrypted: its key was not wrapped for this place");
  }
}
