/**
 * The front door of `memory/text/`: terms, documents of the index, and how documents are scored.
 *
 * @module
 */

export {
  rarity,
  scoreDocuments,
  type Candidate,
  type Indexed,
  type QueryTerm,
  type ScoredQuery,
} from "./bm25f.ts";
export { editDistance, errorsForgiven } from "./distance.ts";
export {
  FIELDS,
  namespaceTag,
  taggedTerm,
  taggedTrigram,
  type SearchDocument,
} from "./documents.ts";
export { queryExponents, queryLength } from "./query-length.ts";
export { queryTokens, contentTokens, tokenize, trigrams } from "./tokens.ts";
