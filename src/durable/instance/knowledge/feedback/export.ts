/**
 * Gives judged recalls in the form of an export, page by page. Reads only.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { FeedbackLine } from "../../../../contract/transfer/requests.ts";
import type { PatternContent } from "../../../../contract/patterns.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { FeedbackRecord } from "../records.ts";
import type { Source } from "../source.ts";

/** Judged recalls in one page. */
const PAGE_RECORDS_MAX = 200;
/** Records whose patterns are read together: not all, for the page may be full before the last. */
const RECORDS_AT_ONCE = 20;

/**
 * A page in the order of the recalls' ids, bounded in bytes too. Throws `Refused` when the database
 * is needed and does not answer: a copy that silently lacks some is worse than none.
 *
 * @param cursor the id of the recall that the page before ended with; null: the first page
 */
export async function exportJudgements(
  source: Source,
  cursor: string | null,
): Promise<Page<FeedbackLine>> {
  const { records, more } = await source.feedbackAfter(cursor ?? "", PAGE_RECORDS_MAX);
  const items: FeedbackLine[] = [];
  let bytes = 0;
  let isCut = more;
  for await (const line of linesOf(source, records)) {
    bytes += JSON.stringify(line).length;
    if (items.length > 0 && bytes > LIMITS.page_bytes) {
      isCut = true;
      break;
    }
    items.push(line);
  }

  if (source.degraded) {
    const detail = "An export needs the database, which is out of reach. Try again later.";
    throw new Refused("database_unavailable", detail, { retry_after_s: 5 });
  }
  return { items, next_cursor: isCut ? (items.at(-1)?.recall_id ?? null) : null, degraded: false };
}

/** The records with the contents of their patterns in place of the ids. */
async function* linesOf(
  source: Source,
  records: readonly FeedbackRecord[],
): AsyncGenerator<FeedbackLine> {
  for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
    const some = records.slice(from, from + RECORDS_AT_ONCE);
    const rows = await source.patterns([...new Set(some.flatMap(({ patterns }) => patterns))]);
    const contents = new Map<string, PatternContent>(rows.map(({ id, content }) => [id, content]));

    for (const { recall_id, at, helpful, unhelpful, episodes, patterns } of some) {
      yield {
        recall_id,
        at,
        helpful,
        unhelpful,
        episodes,
        patterns: patterns.flatMap((id) => contents.get(id) ?? []),
      };
    }
  }
}
