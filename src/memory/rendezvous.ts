/**
 * Says which instance a name is at home at: highest random weight (rendezvous) hashing, so that a
 * change of the number of instances moves only what it must. D. G. Thaler, C. V. Ravishankar,
 * "Using name-based mappings to increase hit rates", IEEE/ACM ToN 6 (1998).
 *
 * @module
 */

import { hash32 } from "../util/hashing/fingerprint.ts";

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
