/**
 * The documents of a namespace's index, by their numbers: episodes and patterns share one index.
 * Reads those that a search is about to score, with what they are of.
 *
 * @module
 */

import { patternTexts, type StoredDigest } from "../../../../memory/learning/index.ts";
import {
  documentTerms,
  indexedDocument,
  type DocumentKind,
  type FoundDocument,
} from "../../../../memory/search/index.ts";
import type { Digests } from "./digests.ts";
import type { NumberedPattern, Patterns } from "./patterns.ts";

/** A document with what it is of. */
export interface FoundLearned extends FoundDocument {
  digest?: StoredDigest;
  pattern?: NumberedPattern;
}

/** Episodes and patterns are numbered by themselves: a document is twice that, or one more. */
export function documentOf(kind: DocumentKind, number: number): number {
  return kind === "episode" ? 2 * number : 2 * number + 1;
}

export function kindOf(document: number): DocumentKind {
  return document % 2 === 0 ? "episode" : "pattern";
}

/** In the order of the documents, without those that are gone. */
export function readFound(
  { digests, patterns }: { digests: Digests; patterns: Patterns },
  documents: readonly number[],
): FoundLearned[] {
  const numbersOf = (kind: DocumentKind): number[] =>
    documents.flatMap((document) => (kindOf(document) === kind ? [Math.floor(document / 2)] : []));
  const digestsFound = new Map(
    digests.byNumbers(numbersOf("episode")).map((found) => [found.number, found.digest]),
  );
  const patternsFound = new Map(
    patterns.byNumbers(numbersOf("pattern")).map((found) => [found.number, found]),
  );

  return documents.flatMap((document): FoundLearned[] => {
    const number = Math.floor(document / 2);
    if (kindOf(document) === "episode") {
      const digest = digestsFound.get(number);
      const id = digest?.episode_id ?? "";
      return digest ? [{ kind: "episode", id, document: digest.document, digest }] : [];
    }
    const pattern = patternsFound.get(number);
    if (!pattern) return [];
    pattern.document ??= indexedDocument(documentTerms(patternTexts(pattern.row.content)));
    return [{ kind: "pattern", id: pattern.row.id, document: pattern.document, pattern }];
  });
}
