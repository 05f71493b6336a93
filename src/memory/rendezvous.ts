/**
 * Which instance a name lives at: highest random weight (rendezvous) hashing, so that a change of
 * the number of instances moves only what it must. D. G. Thaler, C. V. Ravishankar, "Using
 * name-based mappings to increase hit rates", IEEE/ACM ToN 6 (1998).
 *
 * @module
 */

/** @returns the index of the name's instance, 0…count − 1 */
export function homeOf(name: string, count: number): number {
  let best = -1;
  let home = 0;
  for (let index = 0; index < count; index++) {
    const weight = hash32(name, index + 1);
    if (weight > best) {
      best = weight;
      home = index;
    }
  }
  return home;
}

/**
 * FNV-1a over the UTF-16 units, seeded, then MurmurHash3's finaliser, without which near names get
 * near hashes.
 */
function hash32(text: string, seed: number): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
