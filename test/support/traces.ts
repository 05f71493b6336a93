/**
 * Traces for tests.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** As importers name the episode of a trace. @param trace its id, 32 hexadecimal digits */
export function episodeOfTrace(trace: string): string {
  const hash = createHash("sha256").update(`otel\0${trace}`).digest("hex");
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
