/**
 * Merges a page of a list from parts that come from different places, each in list order: the
 * newest first. Pure.
 *
 * @module
 */

import { byteLength } from "../../../../util/bytes.ts";
import { LIMITS } from "../../../../contract/limits.ts";
import type { Episode } from "../../../../contract/episodes/record.ts";
import type { Page } from "../../../../contract/operation.ts";
import { takeSlice } from "../../../../storage/index.ts";
import type { ListPosition } from "../../../shared/instance/views.ts";
import { cursorRefused } from "../../../shared/refusals.ts";
import { decodeListCursor, encodeListCursor } from "../../../../util/list-cursor.ts";

/** Episodes of one source, in list order. */
export interface ListPart {
  episodes: Episode[];
  /** There may be more behind them. */
  hasMore: boolean;
  /** Where it was cut, when that is behind the last of the episodes. */
  end?: Episode;
}

/** The parts together, up to where the first of them was cut; bounded in bytes. */
export function pageOf(
  parts: readonly ListPart[],
  limit: number,
  degraded: boolean,
): Page<Episode> {
  const cuts = parts.flatMap(({ episodes, hasMore, end }) =>
    hasMore ? (end ?? episodes.at(-1) ?? []) : [],
  );
  const [firstCut] = cuts.sort(inListOrder);
  const byId = new Map(
    parts.flatMap(({ episodes }) => episodes).map((episode) => [episode.id, episode]),
  );
  const sorted = [...byId.values()].sort(inListOrder);
  // Rows behind the end of a part that was cut are left out: rows that it lacks may come before
  // them.
  const complete = firstCut
    ? sorted.filter((episode) => inListOrder(episode, firstCut) <= 0)
    : sorted;

  const bounds = { rows: limit, bytes: LIMITS.page_bytes };
  const { rows: items, more } = takeSlice(complete, bounds, (episode) =>
    byteLength(JSON.stringify(episode)),
  );
  const last = items.at(-1) ?? firstCut;
  const isMore = more || firstCut !== undefined;
  return { items, next_cursor: isMore && last ? encodeCursor(positionOf(last)) : null, degraded };
}

export function positionOf(episode: Episode): ListPosition {
  return { started_at: Date.parse(episode.started_at), id: episode.id };
}

export function encodeCursor({ started_at, id }: ListPosition): string {
  return encodeListCursor({ order: started_at, id });
}

/** null: from the beginning. Throws `Refused` when it is no cursor. */
export function decodeCursor(cursor: string | null): ListPosition | null {
  if (cursor === null) return null;
  const position = decodeListCursor(cursor);
  if (!position) throw cursorRefused();
  return { started_at: position.order, id: position.id };
}

function inListOrder(a: Episode, b: Episode): number {
  const [p, q] = [positionOf(a), positionOf(b)];
  return q.started_at - p.started_at || (p.id < q.id ? 1 : p.id > q.id ? -1 : 0);
}
