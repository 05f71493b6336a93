/**
 * Ids for what other systems name otherwise.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** The same id for the same thing, each time it is read. */
export function idOf(...parts: string[]): string {
  const hash = createHash("sha256").update(parts.join("\0")).digest("hex");
  // The shape of a UUID of version 8 (RFC 9562, §5.8): its bits are ours.
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
