/**
 * Computes SHA-256, and writes and reads bytes as hexadecimal text. Uses the platform's Web
 * Crypto, which Workers and Node have alike.
 *
 * @module
 */

/** Bytes that own their buffer, as Web Crypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** The text as UTF-8; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/** 32 bytes. @param data bytes, or a text that is taken as UTF-8 */
export async function sha256(data: string | Bytes): Promise<Bytes> {
  const bytes = typeof data === "string" ? utf8(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** 64 hexadecimal digits. @param data bytes, or a text that is taken as UTF-8 */
export async function sha256Hex(data: string | Bytes): Promise<string> {
  return toHex(await sha256(data));
}

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of a text that `toHex` could have made; the caller has checked that it is one. */
export function fromHex(digits: string): Bytes {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
