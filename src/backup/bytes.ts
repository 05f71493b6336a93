/**
 * Sums, compression and encryption of bytes.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;
const NONCE_BYTES = 12;
const encoder = new TextEncoder();

/** UTF-8. */
export const bytesOf = (text: string): Bytes => encoder.encode(text) as Bytes;

export async function sha256Hex(data: string | Bytes): Promise<string> {
  const bytes = typeof data === "string" ? bytesOf(data) : data;
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const gzip = (bytes: Bytes): Promise<Bytes> => through(bytes, new CompressionStream("gzip"));
export const gunzip = (bytes: Bytes): Promise<Bytes> => through(bytes, new DecompressionStream("gzip"));

async function through(bytes: Bytes, stream: CompressionStream | DecompressionStream): Promise<Bytes> {
  const readable = new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/** A key for chunks. `context` is authenticated with them, so a chunk is good in its own place only. */
export interface Cipher {
  /** Says which key it is, without revealing it. */
  id: string;
  seal(bytes: Bytes, context: string): Promise<Bytes>;
  /** Throws when the bytes, the context or the key are not those of `seal`. */
  open(bytes: Bytes, context: string): Promise<Bytes>;
}

/** @param secret 32 bytes */
export async function createCipher(secret: Bytes): Promise<Cipher> {
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
  const id = (await sha256Hex(`memory-service backup key ${hex(secret)}`)).slice(0, 16);
  const parameters = (iv: Bytes, context: string) => ({
    name: "AES-GCM",
    iv,
    additionalData: encoder.encode(context),
  });
  return {
    id,
    async seal(bytes, context) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, context), key, bytes));
      const all = new Uint8Array(NONCE_BYTES + sealed.length);
      all.set(nonce);
      all.set(sealed, NONCE_BYTES);
      return all;
    },
    async open(bytes, context) {
      const nonce = bytes.slice(0, NONCE_BYTES);
      return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, context), key, bytes.slice(NONCE_BYTES)));
    },
  };
}
