/**
 * A file's bytes as text, as editors and exporters write it: gzip (of several members too), UTF-8
 * with or without a byte order mark, UTF-16, and line ends of Windows.
 *
 * @module
 */

import { gunzipSync } from "node:zlib";

/** Bytes that a compressed file may hold. */
const INFLATED_MAX = 1_073_741_824;
/** Bytes that are looked at to tell UTF-16 without a mark. */
const PROBED = 1_024;

/** Throws when it is compressed and damaged, or too large. */
export function decode(bytes: Uint8Array): string {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: INFLATED_MAX }) : bytes;
  // The decoder takes the byte order mark away.
  const text = new TextDecoder(encodingOf(plain)).decode(plain);
  return text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";

  // JSON begins with ASCII, of which every other byte is zero in UTF-16.
  const probe = bytes.subarray(0, PROBED);
  const zeros = [0, 0];
  for (const [i, byte] of probe.entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const few = probe.length / 4;
  if (odd > few && even === 0) return "utf-16le";
  return even > few && odd === 0 ? "utf-16be" : "utf-8";
}
