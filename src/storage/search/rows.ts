/**
 * Reads documents by their row numbers: those of one namespace and kind among rows that may be of
 * either kind, because episodes and patterns share one index.
 *
 * @module
 */

import { FIELDS, type Indexed } from "../../memory/text/index.ts";
import { readByKeys } from "../slices.ts";
import type { Row } from "../sql.ts";
import type { SearchIndex } from "./statistics.ts";

export type DocumentKind = "episode" | "pattern";

export interface DocumentsWanted {
  /** undefined: of both kinds. */
  kind: DocumentKind | undefined;
  /** How many documents; no more are read than it takes. */
  count: number;
  /** How many documents of this kind the namespace has. */
  stored: number;
}

/** Where the rows that were read held too few of the kind, so many times as many are read next. */
const WIDENING = 4;
/**
 * A kind with at most so many documents for each row number is told apart by the list of its own
 * row numbers; a kind with more by reading the rows.
 */
const LISTED_PER_ROW = 4;
/** Rows that are read at most, when most of them are of the other kind. */
const ROWS_READ_MAX = 1_000;

/** The first of these rows that are of the kind, in their order. */
export async function documentsAt(
  index: SearchIndex,
  docids: readonly number[],
  { kind, count, stored }: DocumentsWanted,
): Promise<Indexed[]> {
  const isFew = stored <= LISTED_PER_ROW * docids.length;
  // Most rows are episodes': asking first which rows are of the kind pays for patterns only.
  let left = kind === "pattern" && isFew ? await onlyKind(index, docids, kind) : docids;
  const documents: Indexed[] = [];
  const rowsMax = Math.max(count, ROWS_READ_MAX);
  let rowsRead = 0;

  for (
    let size = count;
    left.length > 0 && documents.length < count && rowsRead < rowsMax;
    size *= WIDENING
  ) {
    const batch = left.slice(0, Math.min(size, rowsMax - rowsRead));
    documents.push(...(await rowsAt(index, batch, kind)));
    left = left.slice(batch.length);
    if (kind === "episode" && isFew && rowsRead === 0 && documents.length < count) {
      left = await onlyKind(index, left, kind);
    }
    rowsRead += batch.length;
  }
  return documents.slice(0, count);
}

/** Those of these rows that are of the namespace and kind. */
async function rowsAt(
  { reader, namespace }: SearchIndex,
  docids: readonly number[],
  kind: DocumentKind | undefined,
): Promise<Indexed[]> {
  const columns = ["kind", "id", ...FIELDS, "lengths"];
  if (!reader.isLocal) {
    const rows = await readByKeys(reader, {
      name: "search_docs",
      namespace,
      column: "docid",
      ids: docids,
      select: columns.map((column) => `t.${column}`).join(", "),
      counted: FIELDS,
    });
    return rows.filter((row) => kind === undefined || row["kind"] === kind) as unknown as Indexed[];
  }

  // + keeps to the row numbers: by an index of its own choice SQLite would go through the whole
  // namespace, which grows.
  const rows = await reader.all<Row>(
    `SELECT ${columns.join(", ")} FROM search_docs
      WHERE docid IN (SELECT value FROM json_each(?)) AND +namespace = ?${kind ? " AND +kind = ?" : ""}`,
    JSON.stringify(docids),
    namespace,
    ...(kind ? [kind] : []),
  );
  return rows as unknown as Indexed[];
}

/** Those of these row numbers that are of the kind; goes through all row numbers of the kind. */
async function onlyKind(
  { reader, namespace }: SearchIndex,
  docids: readonly number[],
  kind: DocumentKind,
): Promise<number[]> {
  const rows = await reader.all<{ docid: number }>(
    "SELECT docid FROM search_docs WHERE namespace = ? AND kind = ?",
    namespace,
    kind,
  );
  const ofKind = new Set(rows.map(({ docid }) => docid));
  return docids.filter((docid) => ofKind.has(docid));
}
