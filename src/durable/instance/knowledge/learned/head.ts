/**
 * What is counted of a namespace as a whole, as it is stored beside its name.
 *
 * @module
 */

import { DIGEST_FORMAT } from "../../../../memory/learning/types.ts";

/** As of the last checkpoint. */
export interface Head {
  digests: number;
  /** Patterns that a search finds. */
  patterns: number;
  nextPattern: number;
  /** The highest number of a digest that is in the patterns, domains and segments. */
  sealed: number;
  /** The lowest format of a digest; absent: 0. */
  format?: number;
}

export const FIRST_HEAD: Head = {
  digests: 0,
  patterns: 0,
  nextPattern: 1,
  sealed: 0,
  format: DIGEST_FORMAT,
};
