/**
 * The front door of `memory/text/`: terms, documents and how they are scored.
 *
 * @module
 */

export { rarity, scoreDocuments, type Candidate, type Indexed, type QueryTerm } from "./bm25f.ts";
export { editDistance, errorsForgiven } from "./distance.ts";
export {
  episodeDocument,
  FIELDS,
  namespaceTag,
  patternDocument,
  taggedTerm,
  taggedTrigram,
  type SearchDocument,
} from "./documents.ts";
export { exponents, queryLengthWeights } from "./query-length.ts";
export { queryTokens, contentTokens, tokenize, trigrams } from "./tokens.ts";
