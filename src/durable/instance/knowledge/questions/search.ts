/**
 * Searches the episodes and patterns of a namespace by text, page by page: the best 200 in all.
 * Reads only.
 *
 * @module
 */

import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import type { SearchHit } from "../../../../contract/recall/answers.ts";
import { definitionOf } from "../../../../memory/learning/index.ts";
import { cursorRefused } from "../../../shared/refusals.ts";
import type { Source } from "../source.ts";

/** Results of one search that can be paged through. */
const RESULTS_MAX = 200;

/** Throws `Refused` for a cursor that is no earlier page's. */
export function searchIn(source: Source, input: Input<"search">): Page<SearchHit> {
  const offset = offsetOf(input.cursor);
  const candidates = source.candidates(input.q, undefined, RESULTS_MAX, input.archived);
  const page = candidates.slice(offset, offset + input.limit);
  const items = page.flatMap(({ kind, id, text, matched_terms, digest, pattern }): SearchHit[] => {
    const content = pattern?.row.content;
    const words = kind === "pattern" ? source.curation.textOf(kind, id) : null;
    const task = words ?? digest?.task ?? (content && definitionOf(content).describe(content));
    return task === undefined
      ? []
      : [{ kind, id, score: text, task, outcome: digest?.outcome ?? null, matched_terms }];
  });
  const next = offset + input.limit;
  return {
    items,
    next_cursor: next < candidates.length ? String(next) : null,
    degraded: source.degraded,
  };
}

function offsetOf(cursor: string | null): number {
  const offset = cursor === null ? 0 : Number(cursor);
  if (Number.isInteger(offset) && offset >= 0 && offset <= RESULTS_MAX) return offset;
  throw cursorRefused();
}
