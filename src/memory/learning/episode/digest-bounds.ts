/**
 * Keeps a digest within its bound in bytes, whatever an episode holds: a digest is a row, goes
 * from instance to instance, and is read by the dozen for a recall. What is left out is counted, so
 * that the completion can report it. Pure.
 *
 * @module
 */

import { LIMITS } from "../../../contract/limits.ts";
import { byteLength } from "../../../util/bytes.ts";
import type { PathStep } from "../types.ts";

/** Characters of an action that stay when the path is too long with all of them. */
const SHORT_ACTION_LENGTH = 40;

/** UTF-8 bytes of a value as an entry of a JSON array, with its comma. */
const sizeOf = (value: unknown): number => byteLength(JSON.stringify(value)) + 1;

/**
 * The steps that fit, from the beginning on; with shortened actions, and without what they were
 * called with, when they do not all fit with it.
 *
 * @param maxBytes UTF-8 bytes of their JSON
 */
export function boundPath(
  path: readonly PathStep[],
  maxBytes: number = LIMITS.digest_path_bytes,
): { path: PathStep[]; omitted: number } {
  const total = path.reduce((sum, step) => sum + sizeOf(step), 0);
  if (total <= maxBytes) return { path: [...path], omitted: 0 };

  const kept: PathStep[] = [];
  let bytes = 0;
  for (const step of path) {
    const { parameters: _parameters, shown: _shown, told: _told, ...rest } = step;
    const short = { ...rest, action: step.action.slice(0, SHORT_ACTION_LENGTH) };
    bytes += sizeOf(short);
    if (bytes > maxBytes) break;
    kept.push(short);
  }
  return { path: kept, omitted: path.length - kept.length };
}
