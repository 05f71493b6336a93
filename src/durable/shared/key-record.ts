/**
 * An API key as the service keeps it. Pure.
 *
 * @module
 */

import type { KeyView } from "../../contract/access/answers.ts";

/** A key as it is kept: its hash, never the key. */
export interface KeyRecord extends KeyView {
  /** SHA-256 in hex. */
  hash: string;
}
