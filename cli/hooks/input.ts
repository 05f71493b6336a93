/**
 * The JSON that an agent hands to a hook, read from a stream.
 *
 * @module
 */

import type { Readable } from "node:stream";

/** Bytes of a hook's JSON. */
export const INPUT_BYTES_MAX = 32 * 1_048_576;

/** @param before what was read of it already. Throws where there is too much. */
export async function pipedInput(
  stream: Readable,
  before: readonly Buffer[] = [],
): Promise<string> {
  const parts = [...before];
  let bytes = parts.reduce((sum, part) => sum + part.length, 0);
  for await (const part of stream) {
    parts.push(Buffer.from(part as Uint8Array));
    bytes += (part as Uint8Array).length;
    if (bytes > INPUT_BYTES_MAX) throw new Error(`more than ${INPUT_BYTES_MAX} bytes`);
  }
  return Buffer.concat(parts).toString("utf8");
}
