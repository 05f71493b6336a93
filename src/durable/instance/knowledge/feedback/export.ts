/**
 * Gives judged recalls in the form of an export, page by page. Reads only.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { FeedbackLine } from "../../../../contract/transfer/requests.ts";
import { takeSlice } from "../../../../storage/index.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { Patterns } from "../learned/patterns.ts";
import type { FeedbackRecord } from "../records.ts";

/** Judged recalls in one page. */
const PAGE_RECORDS_MAX = 200;
/** Records whose patterns are read together: not all, because the page may be full before the last. */
const RECORDS_AT_ONCE = 20;

/**
 * A page of a loaded namespace's, in the order of the recalls' ids, bounded in bytes too.
 *
 * @param cursor the id of the recall that the page before ended with; null: the first page
 */
export function exportJudgements(
  { sql, learned }: KnowledgeDeps,
  namespace: string,
  cursor: string | null,
): Page<FeedbackLine> {
  const found = sql.each<{ body: string }>(
    "SELECT body FROM feedback WHERE namespace = ? AND recall_id > ? ORDER BY recall_id",
    namespace,
    cursor ?? "",
  );
  const { rows, more } = takeSlice(found, { rows: PAGE_RECORDS_MAX });
  const records = rows.map(({ body }) => JSON.parse(body) as FeedbackRecord);
  const patterns = learned.of(namespace)?.patterns ?? null;
  const items: FeedbackLine[] = [];
  let bytes = 0;
  let isCut = more;
  for (const line of linesOf(patterns, records)) {
    bytes += JSON.stringify(line).length;
    if (items.length > 0 && bytes > LIMITS.page_bytes) {
      isCut = true;
      break;
    }
    items.push(line);
  }

  return { items, next_cursor: isCut ? (items.at(-1)?.recall_id ?? null) : null, degraded: false };
}

/** The records with the contents of their patterns in place of the ids. */
function* linesOf(
  stored: Patterns | null,
  records: readonly FeedbackRecord[],
): Generator<FeedbackLine> {
  for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
    const some = records.slice(from, from + RECORDS_AT_ONCE);
    const known = stored?.byIds([...new Set(some.flatMap(({ patterns }) => patterns))]);
    for (const { recall_id, at, helpful, unhelpful, episodes, patterns } of some) {
      yield {
        recall_id,
        at,
        helpful,
        unhelpful,
        episodes,
        patterns: patterns.flatMap((id) => known?.get(id)?.row.content ?? []),
      };
    }
  }
}
