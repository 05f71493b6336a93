/**
 * A number that stands for a text, for finding rows: what is found is compared with the text.
 *
 * @module
 */

/** The high lane has 32 bits of the number, the low one 21. */
const HIGH_LANE = 0x20_0000;

/**
 * 0…2⁵³−1. Two lanes of FNV-1a (Fowler, Noll, Vo) with different primes, each ended as MurmurHash3
 * (A. Appleby) ends. Not for secrets.
 */
export function textHash(text: string): number {
  let [a, b] = [0x811c9dc5, 0x9dc5811c];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  a = Math.imul(a ^ (a >>> 16), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 13), 0x27d4eb2f);
  return ((a ^ (a >>> 15)) >>> 0) * HIGH_LANE + ((b ^ (b >>> 16)) >>> 11);
}
