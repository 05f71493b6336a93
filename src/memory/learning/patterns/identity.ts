/**
 * The identity of a pattern: the same content in the same namespace is the same pattern.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { PatternContent } from "../../../contract/patterns.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";
import { toHex, utf8 } from "../../../util/hashing/hash.ts";
import { canonicalJson } from "../../canonical.ts";

/** A text that is the same for the same content. */
export function patternKey(content: PatternContent): string {
  return canonicalJson(content);
}

/** Bytes of a hash that tell the patterns of a namespace apart: two never meet by chance. */
const ID_BYTES = 16;

/**
 * The ids that were computed lately: most episodes show patterns that others showed before. It
 * changes no result.
 */
const REMEMBERED_MAX = 20_000;
const REMEMBERED_LENGTH_MAX = 400;
const ids = new BoundedMap<string, string>(REMEMBERED_MAX);

/** 32 hexadecimal digits. @param key what `patternKey` gives */
export function patternId(namespace: string, key: string): string {
  const text = `${namespace}\0${key}`;
  const remembered = ids.get(text);
  if (remembered !== undefined) return remembered;

  const id = toHex(sha256(utf8(text)).subarray(0, ID_BYTES));
  if (text.length <= REMEMBERED_LENGTH_MAX) ids.set(text, id);
  return id;
}
