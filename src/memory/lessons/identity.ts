/**
 * The identity of a lesson, and of a playbook's path: the same content has the same id, in every
 * namespace. Pure.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { LessonKind } from "../../contract/vocabulary.ts";
import { toHex, utf8 } from "../../util/hashing/hash.ts";
import { tokenize } from "../text/index.ts";

/** Bytes of a hash that tell contents apart: two never meet by chance. */
const ID_BYTES = 16;

/** Of a lesson that no other says: by its words, whatever stands between them. */
export function lessonId(of: { text: string; kind: LessonKind; domain: string | null }): string {
  const words = tokenize(of.text).map(({ word }) => word);
  const text = words.length === 0 ? of.text : words.join(" ");
  return `lesson-${hashOf([of.kind, of.domain?.toLowerCase() ?? null, text])}`;
}

/** Of a playbook: by the domain and the tools of the run that it is taken from. */
export function pathId(domain: string, tools: readonly string[]): string {
  return `path-${hashOf([domain, tools])}`;
}

function hashOf(content: unknown): string {
  return toHex(sha256(utf8(JSON.stringify(content))).subarray(0, ID_BYTES));
}
