import { sha256Hex } from "../util/hash.ts";
import { BoundedMap } from "../util/bounded-map.ts";

/**
 * Keys whose hashes are remembered; then all are forgotten, so that strangers' guesses take no more
 * memory than this.
 */
const REMEMBERED_MAX = 1_000;
const remembered = new BoundedMap<string, string>(REMEMBERED_MAX);

/**
 * `sha256Hex` of a key, for those that come with every request: a digest is made outside of
 * JavaScript, and waited for.
 */
export async function keyHash(key: string): Promise<string> {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const hash = await sha256Hex(key);
  remembered.set(key, hash);
  return hash;
}
