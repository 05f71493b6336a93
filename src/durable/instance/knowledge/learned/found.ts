/**
 * The documents of a namespace's index, as a search reads them: episodes and patterns share one
 * numbering.
 *
 * @module
 */

import type { ArchivedChoice } from "../../../../contract/vocabulary.ts";
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
export function kindOf(document: number): DocumentKind {
  return document % 2 === 0 ? "episode" : "pattern";
}

/**
 * Which documents a search may find; undefined: all. Patterns have no part in a search for archived
 * episodes alone.
 *
 * @param archived whether archived episodes are wanted; undefined: they are not
 */
export function admittedIn(
  { archived: numbers }: Pick<Digests, "archived">,
  archived: ArchivedChoice | undefined,
): ((document: number) => boolean) | undefined {
  if (archived === "any") return undefined;
  const isArchived = (document: number): boolean =>
    kindOf(document) === "episode" && numbers.has(Math.floor(document / 2));
  if (archived === "only") return isArchived;
  return numbers.size === 0 ? undefined : (document) => !isArchived(document);
}

/** In the order that is asked for; without those that are gone. */
export function readDocuments(
  { digests, patterns }: { digests: Digests; patterns: Patterns },
  documents: readonly number[],
): FoundLearned[] {
  const numbersOf = (kind: DocumentKind): number[] =>
    documents.flatMap((document) => (kindOf(document) === kind ? [Math.floor(document / 2)] : []));
  const episodes = new Map(
    digests.byNumbers(numbersOf("episode")).map((found) => [found.number, found.digest]),
  );
  const others = new Map(
    patterns.byNumbers(numbersOf("pattern")).map((found) => [found.number, found]),
  );
  return documents.flatMap((document): FoundLearned[] => {
    const number = Math.floor(document / 2);
    if (kindOf(document) === "episode") {
      const digest = episodes.get(number);
      const id = digest?.episode_id ?? "";
      return digest ? [{ kind: "episode", id, document: digest.document, digest }] : [];
    }
    const pattern = others.get(number);
    if (!pattern) return [];
    const { id, content } = pattern.row;
    pattern.document ??= indexedDocument(documentTerms(patternTexts(content)));
    return [{ kind: "pattern", id, document: pattern.document, pattern }];
  });
}
