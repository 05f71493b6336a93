/**
 * Compresses, encrypts and decodes the bytes of objects. Keeps nothing and reads no object.
 *
 * @module
 */

import { utf8, type Bytes } from "../../util/hashing/hash.ts";

const NONCE_BYTES = 12;

/** The text of UTF-8 bytes; null: they are not UTF-8. A byte order mark is a character of it. */
export function textOf(bytes: Bytes): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export async function gzip(bytes: Bytes): Promise<Bytes> {
  const stream = new CompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>;
  const readable = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/**
 * Unpacks exactly so many bytes. Throws when there are fewer or more; of more, no more than a block
 * is ever held, so that what unpacks to much more than it says cannot exhaust the memory.
 */
export async function gunzip(bytes: Bytes, length: number): Promise<Bytes> {
  const stream = new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>;
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const all = new Uint8Array(length);
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > length) throw new RangeError(`unpacks to more than ${length} bytes`);
      all.set(value, at);
      at += value.length;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (at < length) throw new RangeError(`unpacks to ${at} bytes, not ${length}`);
  return all;
}

/**
 * A key for chunks. `context` is authenticated with them, so a chunk is good in its own place only.
 */
export interface Cipher {
  seal(bytes: Bytes, context: string): Promise<Bytes>;
  /** Throws when the bytes, the context or the key are not those of `seal`. */
  open(bytes: Bytes, context: string): Promise<Bytes>;
}

/**
 * AES-256-GCM; what it seals is a random nonce of 12 bytes, the text and the tag.
 *
 * @param secret 32 bytes
 */
export async function createCipher(secret: Bytes): Promise<Cipher> {
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  const parameters = (iv: Bytes, context: string) => ({
    name: "AES-GCM",
    iv,
    additionalData: utf8(context),
  });
  return {
    async seal(bytes, context) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(parameters(nonce, context), key, bytes),
      );
      const all = new Uint8Array(NONCE_BYTES + sealed.length);
      all.set(nonce);
      all.set(sealed, NONCE_BYTES);
      return all;
    },
    async open(bytes, context) {
      const nonce = bytes.slice(0, NONCE_BYTES);
      return new Uint8Array(
        await crypto.subtle.decrypt(parameters(nonce, context), key, bytes.slice(NONCE_BYTES)),
      );
    },
  };
}
