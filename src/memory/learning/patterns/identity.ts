/**
 * The identity of a pattern: the same content in the same namespace is the same pattern.
 *
 * @module
 */

import type { PatternContent } from "../../../contract/patterns.ts";
import { sha256Hex } from "../../../util/hash.ts";
import { canonicalJson } from "../../canonical.ts";

/** A text that is the same for the same content. */
export function patternKey(content: PatternContent): string {
  return canonicalJson(content);
}

/** 32 hexadecimal digits. @param key what `patternKey` gives */
export async function patternId(namespace: string, key: string): Promise<string> {
  return (await sha256Hex(`${namespace}\0${key}`)).slice(0, 32);
}
