/**
 * 64 bits of a text, to see whether it has changed. No hash for security, and none that two tenants
 * share. Pure.
 *
 * @module
 */

export function fingerprint(text: string): string {
  return `${hash32(text, 1).toString(36)}.${hash32(text, 2).toString(36)}`;
}

/**
 * FNV-1a over the UTF-16 units, seeded, then MurmurHash3's finaliser, without which near texts get
 * near hashes. Where instances live goes by it: it never changes.
 */
export function hash32(text: string, seed: number): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
