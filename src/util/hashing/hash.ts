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

const BYTE_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += BYTE_DIGITS[byte] ?? "";
  return digits;
}

/** The bytes of a text that `toHex` could have made; the caller has checked that it is one. */
export function fromHex(digits: string): Bytes {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = 16 * digitAt(digits, 2 * i) + digitAt(digits, 2 * i + 1);
  return bytes;
}

/** Of either case: a letter's code ends with what it is beyond nine. */
function digitAt(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return (code & 15) + (code > 64 ? 9 : 0);
}
