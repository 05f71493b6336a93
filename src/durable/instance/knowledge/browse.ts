/**
 * What was learned, to look through: patterns, heuristics, counts.
 *
 * @module
 */

import {
  baseRates,
  isArchived,
  viewHeuristic,
  viewPattern,
  type LearningSettings,
} from "../../../memory/learning/index.ts";
import type { PatternRow } from "../../../memory/learning/types.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { PATTERN_KINDS, type PatternKind } from "../../../contract/model.ts";
import type {
  HeuristicView,
  Input,
  Page,
  PatternView,
  StatsView,
} from "../../../contract/operations.ts";
import { readOrdered, type SqlValue } from "../../../storage/index.ts";
import { cursorRefused } from "../../shared/refusals.ts";
import type { Source } from "./source.ts";
import {
  encodeListCursor,
  decodeListCursor,
  type CursorPosition,
} from "../../../util/list-cursor.ts";

/**
 * Rows read at once while a filter is applied, and for one page: a filter that nothing matches
 * would read them all.
 */
const SLICE = 200;
const LOOKED_AT_MAX = 10 * SLICE;

/**
 * A page, which may have fewer items than asked for, or none, although there are more: its cursor
 * says so.
 */
export async function listPatterns(
  source: Source,
  namespace: string,
  input: Input<"patterns.list">,
  now: number,
  settings: LearningSettings,
): Promise<Page<PatternView>> {
  const base = baseRates(await source.domains(), now, settings);
  const items: PatternView[] = [];
  let after = positionIn(input.cursor);
  for (let looked = 0; ; looked += SLICE) {
    if (looked >= LOOKED_AT_MAX && after) {
      return { items, next_cursor: encodeListCursor(after), degraded: source.degraded };
    }
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
    const { rows, more } = await source.one((reader) =>
      readOrdered(reader, {
        from: `patterns WHERE ${where.join(" AND ")}`,
        order: "episodes DESC, id",
        args,
        bounds: { rows: SLICE },
      }),
    );
    for (const { body } of rows) {
      const row = JSON.parse(body) as PatternRow;
      const view = viewPattern(row, base, now, settings);
      const wanted =
        !isArchived(view) &&
        (input.polarity === undefined || view.polarity === input.polarity) &&
        (input.tool === undefined || view.tools.includes(input.tool));
      if (wanted) {
        if (items.length === input.limit) {
          return {
            items,
            next_cursor: after ? encodeListCursor(after) : null,
            degraded: source.degraded,
          };
        }
        items.push(view);
      }
      after = positionOf(row);
    }
    if (!more) return { items, next_cursor: null, degraded: source.degraded };
  }
}

export async function listHeuristics(
  source: Source,
  namespace: string,
  input: Input<"heuristics.list">,
  now: number,
  settings: LearningSettings,
): Promise<Page<HeuristicView>> {
  const base = baseRates(await source.domains(), now, settings);
  const after = positionIn(input.cursor);
  const { rows, more } = await source.one((reader) =>
    readOrdered(reader, {
      from: `patterns WHERE namespace = ? AND promoted = 1
        ${after ? "AND (episodes < ? OR (episodes = ? AND id > ?))" : ""}`,
      order: "episodes DESC, id",
      args: [namespace, ...(after ? [after.order, after.order, after.id] : [])],
      bounds: { rows: input.limit, bytes: LIMITS.page_bytes },
    }),
  );
  const shown = rows.map(({ body }) => JSON.parse(body) as PatternRow);
  const items = shown.flatMap((pattern) => {
    const view = viewPattern(pattern, base, now, settings);
    return isArchived(view) ? [] : [viewHeuristic(pattern, view)];
  });
  const last = shown.at(-1);
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
  const kinds = await source.one((reader) =>
    reader.all<{ kind: PatternKind; n: number; promoted: number }>(
      "SELECT kind, count(*) AS n, sum(promoted) AS promoted FROM patterns WHERE namespace = ? GROUP BY kind",
      namespace,
    ),
  );
  const count = async (table: "recalls" | "feedback"): Promise<number> => {
    const [row] = await source.one((reader) =>
      reader.all<{ n: number }>(
        `SELECT count(*) AS n FROM ${table} WHERE namespace = ?`,
        namespace,
      ),
    );
    return row?.n ?? 0;
  };
  const by_kind = Object.fromEntries(
    PATTERN_KINDS.map((kind) => [kind, kinds.find((row) => row.kind === kind)?.n ?? 0]),
  ) as Record<PatternKind, number>;
  return {
    patterns: {
      total: kinds.reduce((sum, row) => sum + row.n, 0),
      by_kind,
      promoted: kinds.reduce((sum, row) => sum + row.promoted, 0),
    },
    recalls: await count("recalls"),
    feedback: await count("feedback"),
  };
}

/** Where a pattern is in the order of its support. */
function positionOf({ id, buckets }: PatternRow): CursorPosition {
  return { order: buckets.reduce((sum, bucket) => sum + bucket.episodes, 0), id };
}

function positionIn(cursor: string | null): CursorPosition | null {
  if (cursor === null) return null;
  const position = decodeListCursor(cursor);
  if (!position || !/^[0-9a-f]{1,64}$/.test(position.id)) throw cursorRefused();
  return position;
}
