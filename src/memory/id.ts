/**
 * Ids: UUIDv7 (RFC 9562, §5.7), whose order is the order of time.
 *
 * @module
 */

import { fromHex, toHex } from "../util/hashing/hash.ts";

/**
 * @param time ms since the epoch, 0 … 2^48 − 1
 * @param bytes at least 10 bytes; random, or derived from content for an id that can be found again
 */
export function uuidv7(time: number, bytes: Uint8Array): string {
  const out = new Uint8Array(16);
  let rest = Math.max(0, Math.floor(time));
  for (let i = 5; i >= 0; i--) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  out.set(bytes.subarray(0, 10), 6);
  out[6] = 0x70 | ((out[6] ?? 0) & 0x0f);
  out[8] = 0x80 | ((out[8] ?? 0) & 0x3f);
  const hex = toHex(out);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const TIME_DIGITS = /^[0-9a-f]{12}$/;

/** When it was made, ms since the epoch; null: it is none. @param id a UUIDv7, or its first 13 characters */
export function timeOfUuidv7(id: string): number | null {
  const digits = id.slice(0, 8) + id.slice(9, 13);
  if (!TIME_DIGITS.test(digits)) return null;
  return fromHex(digits).reduce((sum, byte) => 256 * sum + byte, 0);
}
