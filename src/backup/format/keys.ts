/**
 * Derives two independent keys from BACKUP_KEY by HKDF-SHA-256: one encrypts chunks, one
 * authenticates what is read from the bucket and trusted. BACKUP_KEY itself opens chunks of
 * format 1 and does nothing else, so nothing that was sealed for the one format can be passed
 * off as the other.
 *
 * @module
 */

import { fromHex, sha256Hex, toHex, utf8, type Bytes } from "../../util/hash.ts";
import { createCipher, type Cipher } from "./bytes.ts";

/**
 * What a text is. It is authenticated with the text, so that one cannot take the place of the
 * other.
 */
export type Purpose = "manifest" | "verdict";

export interface BackupKeys {
  /** Says which BACKUP_KEY it is, without revealing it; 16 hex digits. */
  id: string;
  /** For chunks of this format version. */
  cipherOf(format: number): Cipher;
  /** HMAC-SHA-256, hex. */
  sign(purpose: Purpose, text: string): Promise<string>;
  /** Whether it is the MAC of this text; in constant time. */
  isSigned(purpose: Purpose, text: string, mac: string): Promise<boolean>;
}

/** Part of what each derived key is made from; written down in docs/storage.md. */
const ENCRYPTION = "memory-service backup encryption";
const AUTHENTICATION = "memory-service backup authentication";
/** The last format whose chunks BACKUP_KEY itself encrypts. */
const RAW_KEY_FORMAT = 1;

/** @param secret BACKUP_KEY, 32 bytes */
export async function createBackupKeys(secret: Bytes): Promise<BackupKeys> {
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
  const [raw, chunks] = [await createCipher(secret), await createCipher(await derived(ENCRYPTION))];
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", await derived(AUTHENTICATION), hmac, false, [
    "sign",
    "verify",
  ]);
  const message = (purpose: Purpose, text: string): Bytes =>
    utf8(`memory-service ${purpose}\n${text}`);

  return {
    id: (await sha256Hex(`memory-service backup key ${toHex(secret)}`)).slice(0, 16),
    cipherOf: (format) => (format <= RAW_KEY_FORMAT ? raw : chunks),
    sign: async (purpose, text) =>
      toHex(new Uint8Array(await crypto.subtle.sign(hmac, key, message(purpose, text)))),
    async isSigned(purpose, text, mac) {
      if (!/^[0-9a-f]{64}$/.test(mac)) return false;
      return crypto.subtle.verify(hmac, key, fromHex(mac), message(purpose, text));
    },
  };
}
