/**
 * Estimates how many tokens a text takes of a reader's context. Pure.
 *
 * @module
 */

import { byteLength } from "../../util/bytes.ts";

/**
 * UTF-8 bytes that a token is taken to have: four letters of English, one or two signs of Chinese.
 * A coarse measure, because tokenizers differ by model.
 */
const BYTES_PER_TOKEN = 4;

export function tokensOf(text: string): number {
  return Math.ceil(byteLength(text) / BYTES_PER_TOKEN);
}
