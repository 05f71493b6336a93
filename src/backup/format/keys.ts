/**
 * The keys of backups. Of each key of BACKUP_KEY three independent ones are derived by
 * HKDF-SHA-256: one wraps the random key that a backup's chunks are encrypted with, one opens
 * chunks of format 2, one authenticates what is read from the bucket and trusted. The key itself
 * opens chunks of format 1 and does nothing else, so nothing that was sealed for the one purpose
 * can be passed off as the other. The newest key seals what is written; all open what is there.
 *
 * @module
 */

import { fromHex, sha256Hex, toHex, utf8, type Bytes } from "../../util/hashing/hash.ts";
import { createCipher } from "./bytes.ts";
import { BackupFault } from "./manifest.ts";

/**
 * What a text is. It is authenticated with the text, so that one cannot take the place of the
 * other.
 */
export type Purpose = "manifest" | "verdict" | "envelope";

export interface BackupKey {
  /** Says which key it is, without revealing it; 16 hex digits. */
  id: string;
  /** What chunks of this format, one before 3, are encrypted with: the same for all backups. */
  chunkKeyOf(format: number): Bytes;
  /** A backup's own key, to be kept in this place and no other; hex. */
  wrap(dataKey: Bytes, place: string): Promise<string>;
  /** Throws for what was not wrapped by this key for this place. */
  unwrap(wrapped: string, place: string): Promise<Bytes>;
  /** HMAC-SHA-256, hex. */
  sign(purpose: Purpose, text: string): Promise<string>;
  /** Whether it is the MAC of this text; in constant time. */
  isSigned(purpose: Purpose, text: string, mac: string): Promise<boolean>;
}

export interface BackupKeys {
  /** Seals what is written; null: it is malformed, and nothing can be written. */
  newest: BackupKey | null;
  /** All that are usable, the newest first. */
  usable: readonly BackupKey[];
}

/** The key of this id; null: it is not among those of BACKUP_KEY. */
export function keyOf(keys: BackupKeys | null, id: string): BackupKey | null {
  return keys?.usable.find((key) => key.id === id) ?? null;
}

/**
 * What seals what is written; null: no BACKUP_KEY is set, and nothing is sealed. Throws
 * `BackupFault` where the newest key is malformed: what was to be sealed is not written open.
 */
export function sealingKey(keys: BackupKeys | null): BackupKey | null {
  if (keys && !keys.newest) {
    throw new BackupFault("BACKUP_KEY", "its newest key is malformed: nothing is written with it");
  }
  return keys?.newest ?? null;
}

/** The first of the keys that this is a MAC of the text by; null: none of them made it. */
export async function signerOf(
  keys: BackupKeys,
  purpose: Purpose,
  text: string,
  mac: string,
): Promise<BackupKey | null> {
  for (const key of keys.usable) if (await key.isSigned(purpose, text, mac)) return key;
  return null;
}

/** Part of what each derived key is made from; written down in docs/storage.md. */
const ENCRYPTION = "memory-service backup encryption";
const AUTHENTICATION = "memory-service backup authentication";
const WRAPPING = "memory-service backup wrapping";
/** The last format whose chunks BACKUP_KEY itself encrypts. */
const RAW_KEY_FORMAT = 1;

/**
 * @param secrets 32 bytes each, the newest first; null for one that is malformed; none: no
 *   BACKUP_KEY is set
 */
export async function createBackupKeys(
  secrets: readonly (Bytes | null)[],
): Promise<BackupKeys | null> {
  if (secrets.length === 0) return null;
  const keys = await Promise.all(
    secrets.map(async (secret) => (secret === null ? null : createBackupKey(secret))),
  );
  return { newest: keys[0] ?? null, usable: keys.flatMap((key) => key ?? []) };
}

async function createBackupKey(secret: Bytes): Promise<BackupKey> {
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const derived = async (info: string): Promise<Bytes> => {
    const parameters = {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(0),
      info: utf8(info),
    };
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, root, 256));
  };
  const chunkKey = await derived(ENCRYPTION);
  const wrapping = await createCipher(await derived(WRAPPING));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", await derived(AUTHENTICATION), hmac, false, [
    "sign",
    "verify",
  ]);
  const message = (purpose: Purpose, text: string): Bytes =>
    utf8(`memory-service ${purpose}\n${text}`);

  return {
    id: (await sha256Hex(`memory-service backup key ${toHex(secret)}`)).slice(0, 16),
    chunkKeyOf: (format) => (format <= RAW_KEY_FORMAT ? secret : chunkKey),
    wrap: async (dataKey, place) => toHex(await wrapping.seal(dataKey, `data key ${place}`)),
    unwrap: (wrapped, place) => wrapping.open(fromHex(wrapped), `data key ${place}`),
    sign: async (purpose, text) =>
      toHex(new Uint8Array(await crypto.subtle.sign(hmac, key, message(purpose, text)))),
    async isSigned(purpose, text, mac) {
      if (!/^[0-9a-f]{64}$/.test(mac)) return false;
      return crypto.subtle.verify(hmac, key, fromHex(mac), message(purpose, text));
    },
  };
}
