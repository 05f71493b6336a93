/**
 * The identity of a pattern: the same content in the same namespace is the same pattern.
 *
 * @module
 */

import type { PatternContent } from "../../../contract/patterns.ts";
import { sha256, toHex } from "../../../util/hash.ts";
import { canonicalJson } from "../../canonical.ts";

/** A text that is the same for the same content. */
export function patternKey(content: PatternContent): string {
  return canonicalJson(content);
}

/** Bytes of a hash that tell the patterns of a namespace apart: two never meet by chance. */
const ID_BYTES = 16;

/** 32 hexadecimal digits. @param key what `patternKey` gives */
export async function patternId(namespace: string, key: string): Promise<string> {
  const hash = await sha256(`${namespace}\0${key}`);
  return toHex(hash.subarray(0, ID_BYTES));
}
