/**
 * Lists patterns and heuristics page by page, those of most support first, and counts what was
 * learned. What is archived is left out. Reads only.
 *
 * @module
 */

import type { StatsView } from "../../../../contract/knowledge/answers.ts";
import type { HeuristicView, PatternView } from "../../../../contract/knowledge/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import { PATTERN_KINDS, type PatternKind } from "../../../../contract/patterns.ts";
import {
  episodesOf,
  isArchived,
  viewHeuristic,
  viewPattern,
} from "../../../../memory/learning/index.ts";
import type { PatternRow } from "../../../../memory/learning/types.ts";
import {
  decodeListCursor,
  encodeListCursor,
  type CursorPosition,
} from "../../../../util/list-cursor.ts";
import { cursorRefused } from "../../../shared/refusals.ts";
import type { Source } from "../source.ts";

/** Rows read for one page: a filter that nothing matches would read them all. */
const PAGE_ROWS_MAX = 2_000;

/**
 * A page, which may have fewer items than asked for, or none, although there are more: its cursor
 * is null only at the end. Throws `Refused` for a cursor that is no earlier page's.
 */
export function listPatterns(
  source: Source,
  input: Input<"patterns.list">,
  now: number,
): Page<PatternView> {
  const base = source.baseRates(now);
  const items: PatternView[] = [];
  const from = positionIn(input.cursor);
  let after = from;
  let read = 0;
  const listed = source.stored()?.listed({
    kind: input.kind,
    episodes: Math.max(1, input.min_support),
    isPromoted: false,
    after: from,
  });
  for (const row of listed ?? []) {
    if (read++ >= PAGE_ROWS_MAX) return pageOf(source, items, after);
    const view = viewPattern(row, base, now);
    if (isWanted(view, input) && source.curation.isListed("pattern", row.id)) {
      if (items.length === input.limit) return pageOf(source, items, after);
      items.push(view);
    }
    after = positionOf(row);
  }
  return pageOf(source, items, null);
}

function isWanted(view: PatternView, { polarity, tool }: Input<"patterns.list">): boolean {
  return (
    !isArchived(view) &&
    (polarity === undefined || view.polarity === polarity) &&
    (tool === undefined || view.tools.includes(tool))
  );
}

/** As `listPatterns`. */
export function listHeuristics(
  source: Source,
  input: Input<"heuristics.list">,
  now: number,
): Page<HeuristicView> {
  const base = source.baseRates(now);
  const items: HeuristicView[] = [];
  let after = positionIn(input.cursor);
  let read = 0;
  const listed = source.stored()?.listed({ episodes: 1, isPromoted: true, after });
  for (const row of listed ?? []) {
    if (items.length === input.limit || read++ >= PAGE_ROWS_MAX)
      return pageOf(source, items, after);
    const view = viewPattern(row, base, now);
    const { curation } = source;
    const isListed =
      curation.isListed("pattern", row.id) && curation.isListed("heuristic", `h-${row.id}`);
    if (!isArchived(view) && isListed) items.push(viewHeuristic(row, view));
    after = positionOf(row);
  }
  return pageOf(source, items, null);
}

function pageOf<T>(source: Source, items: T[], next: CursorPosition | null): Page<T> {
  return {
    items,
    next_cursor: next ? encodeListCursor(next) : null,
    degraded: source.degraded,
  };
}

export function countLearned(source: Source): Pick<StatsView, "patterns" | "recalls" | "feedback"> {
  const rows = source.stored()?.counts() ?? [];
  const by_kind = Object.fromEntries(
    PATTERN_KINDS.map((kind) => [kind, rows.find((row) => row.kind === kind)?.n ?? 0]),
  ) as Record<PatternKind, number>;

  return {
    patterns: {
      total: rows.reduce((sum, row) => sum + row.n, 0),
      by_kind,
      promoted: rows.reduce((sum, row) => sum + row.promoted, 0),
    },
    recalls: countRows(source, "recalls"),
    feedback: countRows(source, "feedback"),
  };
}

function countRows({ sql, namespace }: Source, table: "recalls" | "feedback"): number {
  const text = `SELECT count(*) AS n FROM ${table} WHERE namespace = ?`;
  return sql.all<{ n: number }>(text, namespace)[0]?.n ?? 0;
}

/** Where a pattern is in the order of lists. */
function positionOf(row: PatternRow): CursorPosition {
  return { order: episodesOf(row), id: row.id };
}

function positionIn(cursor: string | null): CursorPosition | null {
  if (cursor === null) return null;
  const position = decodeListCursor(cursor);
  if (!position || !/^[0-9a-f]{1,64}$/.test(position.id)) throw cursorRefused();
  return position;
}
