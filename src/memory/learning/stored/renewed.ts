/**
 * What becomes of the digest that is stored of an episode when a newer one comes. Pure.
 *
 * @module
 */

import { documentTerms, indexedDocument } from "../../search/index.ts";
import { episodeTexts } from "../search-documents.ts";
import type { Digest } from "../types.ts";
import { packDigest, type StoredDigest } from "./digest.ts";

/** Whether a digest is of a newer version, or of a newer format of the same. */
export function isNewer(digest: Digest, { version, format }: StoredDigest): boolean {
  return digest.version === version ? (digest.format ?? 0) > format : digest.version > version;
}

/**
 * The newer digest as it is stored, where it teaches exactly what the one before taught: nothing is
 * to be counted anew. null: it teaches something else.
 */
export function packedAlike(digest: Digest, before: StoredDigest): Uint8Array<ArrayBuffer> | null {
  const document = indexedDocument(documentTerms(episodeTexts(digest)));
  const learned = { document, patterns: before.patterns };
  const { archived: _archived, ...taught } = digest;
  const { archived } = before;
  const former = { ...taught, version: before.version, ...(archived ? { archived } : {}) };
  const isAlike = isSame(packDigest(former, learned), before.packed);
  return isAlike ? packDigest(digest, learned) : null;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
