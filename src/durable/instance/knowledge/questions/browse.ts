/**
 * Lists patterns and heuristics page by page, those of most support first, and counts what was
 * learned. What is archived is left out. Reads only.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type {
  HeuristicView,
  PatternView,
  StatsView,
} from "../../../../contract/knowledge/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import { PATTERN_KINDS, type PatternKind } from "../../../../contract/patterns.ts";
import {
  baseRates,
  episodesOf,
  isArchived,
  viewHeuristic,
  viewPattern,
} from "../../../../memory/learning/index.ts";
import type { PatternRow } from "../../../../memory/learning/types.ts";
import { readOrdered, type SqlValue } from "../../../../storage/index.ts";
import {
  decodeListCursor,
  encodeListCursor,
  type CursorPosition,
} from "../../../../util/list-cursor.ts";
import { cursorRefused } from "../../../shared/refusals.ts";
import { bodyOf } from "../rows/read.ts";
import type { Source } from "../source.ts";

/** Rows read at once while a filter is applied. */
const ROWS_AT_ONCE = 200;
/** Rows read for one page: a filter that nothing matches would read them all. */
const PAGE_ROWS_MAX = 10 * ROWS_AT_ONCE;

/** The order of lists: by support, then by id. */
const LIST_ORDER = "episodes DESC, id";

/**
 * A page, which may have fewer items than asked for, or none, although there are more: its cursor
 * is null only at the end. Throws `Refused` for a cursor that is no earlier page's.
 */
export async function listPatterns(
  source: Source,
  namespace: string,
  input: Input<"patterns.list">,
  now: number,
): Promise<Page<PatternView>> {
  const base = baseRates(await source.domains(), now);
  const items: PatternView[] = [];
  let after = positionIn(input.cursor);
  const page = (next: CursorPosition | null): Page<PatternView> => ({
    items,
    next_cursor: next ? encodeListCursor(next) : null,
    degraded: source.degraded,
  });

  for (let read = 0; ; read += ROWS_AT_ONCE) {
    if (read >= PAGE_ROWS_MAX && after) return page(after);
    const { rows, more } = await patternsBehind(source, namespace, input, after);
    for (const row of rows) {
      const view = viewPattern(row, base, now);
      if (isWanted(view, input)) {
        if (items.length === input.limit) return page(after);
        items.push(view);
      }
      after = positionOf(row);
    }
    if (!more) return page(null);
  }
}

/** The next rows that have the kind and the support that are asked for. */
async function patternsBehind(
  source: Source,
  namespace: string,
  input: Input<"patterns.list">,
  after: CursorPosition | null,
): Promise<{ rows: PatternRow[]; more: boolean }> {
  const where = ["namespace = ?", "episodes >= ?"];
  const args: SqlValue[] = [namespace, Math.max(1, input.min_support)];
  if (input.kind) {
    where.push("kind = ?");
    args.push(input.kind);
  }
  if (after) {
    where.push("(episodes < ? OR (episodes = ? AND id > ?))");
    args.push(after.order, after.order, after.id);
  }
  const { rows, more } = await source.askOne((reader) =>
    readOrdered(reader, {
      from: `patterns WHERE ${where.join(" AND ")}`,
      order: LIST_ORDER,
      args,
      bounds: { rows: ROWS_AT_ONCE },
    }),
  );
  return { rows: rows.map((row) => bodyOf<PatternRow>(row)), more };
}

function isWanted(view: PatternView, { polarity, tool }: Input<"patterns.list">): boolean {
  return (
    !isArchived(view) &&
    (polarity === undefined || view.polarity === polarity) &&
    (tool === undefined || view.tools.includes(tool))
  );
}

/** As `listPatterns`. */
export async function listHeuristics(
  source: Source,
  namespace: string,
  input: Input<"heuristics.list">,
  now: number,
): Promise<Page<HeuristicView>> {
  const base = baseRates(await source.domains(), now);
  const after = positionIn(input.cursor);
  const { rows, more } = await source.askOne((reader) =>
    readOrdered(reader, {
      from: `patterns WHERE namespace = ? AND promoted = 1
        ${after ? "AND (episodes < ? OR (episodes = ? AND id > ?))" : ""}`,
      order: LIST_ORDER,
      args: [namespace, ...(after ? [after.order, after.order, after.id] : [])],
      bounds: { rows: input.limit, bytes: LIMITS.page_bytes },
    }),
  );
  const patterns = rows.map((row) => bodyOf<PatternRow>(row));
  const items = patterns.flatMap((row) => {
    const view = viewPattern(row, base, now);
    return isArchived(view) ? [] : [viewHeuristic(row, view)];
  });
  const last = patterns.at(-1);
  return {
    items,
    next_cursor: more && last ? encodeListCursor(positionOf(last)) : null,
    degraded: source.degraded,
  };
}

export async function countLearned(
  source: Source,
  namespace: string,
): Promise<Pick<StatsView, "patterns" | "recalls" | "feedback">> {
  const rows = await source.askOne((reader) =>
    reader.all<{ kind: PatternKind; n: number; promoted: number }>(
      `SELECT kind, count(*) AS n, sum(promoted) AS promoted FROM patterns
        WHERE namespace = ? GROUP BY kind`,
      namespace,
    ),
  );
  const by_kind = Object.fromEntries(
    PATTERN_KINDS.map((kind) => [kind, rows.find((row) => row.kind === kind)?.n ?? 0]),
  ) as Record<PatternKind, number>;

  return {
    patterns: {
      total: rows.reduce((sum, row) => sum + row.n, 0),
      by_kind,
      promoted: rows.reduce((sum, row) => sum + row.promoted, 0),
    },
    recalls: await countRows(source, namespace, "recalls"),
    feedback: await countRows(source, namespace, "feedback"),
  };
}

async function countRows(
  source: Source,
  namespace: string,
  table: "recalls" | "feedback",
): Promise<number> {
  const [row] = await source.askOne((reader) =>
    reader.all<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE namespace = ?`, namespace),
  );
  return row?.n ?? 0;
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
