/**
 * The front door of `memory/search/`: documents and the inverted index of a namespace, and the
 * search in them. Pure: whoever keeps the segments stores them.
 *
 * @module
 */

export {
  contentHashes,
  distinctTerms,
  documentTerms,
  FIELDS,
  indexedDocument,
  readDocument,
  writeDocument,
  type DocumentTerms,
  type DocumentTexts,
  type IndexedDocument,
} from "./document.ts";
export {
  findCandidates,
  Query,
  type Candidate,
  type DocumentKind,
  type FoundDocument,
  type SearchedDocuments,
} from "./search.ts";
export {
  mergedEntries,
  Segment,
  SegmentWriter,
  type SegmentHead,
  type TermEntry,
} from "./inverted/segment.ts";
export { TermIndex } from "./inverted/term-index.ts";
