/**
 * Merges what comes from different places, the database and the instances: pages of a list, each in
 * list order, and counts into the statistics of a namespace. Pure.
 *
 * @module
 */

import { byteLength } from "../../../../util/bytes.ts";
import { LIMITS } from "../../../../contract/limits.ts";
import type { Episode } from "../../../../contract/episodes/record.ts";
import type { Learned, StatsView } from "../../../../contract/knowledge/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import { takeSlice } from "../../../../storage/index.ts";
import type { EpisodeSort } from "../../../../contract/vocabulary.ts";
import type { EpisodeCounts, ListPosition, Overlay } from "../../../shared/instance/lists.ts";
import { cursorRefused, Refused } from "../../../shared/refusals.ts";
import { decodeListCursor, encodeListCursor } from "../../../../util/list-cursor.ts";
import { inListOrder, NEWEST_FIRST, positionOf } from "../store/queries/list-order.ts";

/** Ids of unsent episodes that instances name together, with a page within one answer: bytes. */
const STALE_BYTES_MAX = 28_000_000;
/** An id's quotes and comma. */
const ID_EXTRA_BYTES = 3;

type CountsRow = EpisodeCounts["rows"][number];
/** An instance's counts, with the ids of its unsent episodes. */
type StaleCounts = EpisodeCounts & { stale: string[] };

/** Episodes of one source, in list order. */
export interface ListPart {
  episodes: Episode[];
  /** There may be more behind them. */
  hasMore: boolean;
  /** Where it was cut, when that is behind the last of the episodes. */
  end?: Episode;
}

/** How a page is made. */
export interface PageRules {
  limit: number;
  sort: EpisodeSort;
  degraded: boolean;
}

/** The parts together, up to where the first of them was cut; bounded in bytes. */
export function pageOf(
  parts: readonly ListPart[],
  { limit, sort, degraded }: PageRules,
): Page<Episode> {
  const byOrder = inListOrder(sort);
  const cuts = parts.flatMap(({ episodes, hasMore, end }) =>
    hasMore ? (end ?? episodes.at(-1) ?? []) : [],
  );
  const [firstCut] = cuts.sort(byOrder);
  const byId = new Map(
    parts.flatMap(({ episodes }) => episodes).map((episode) => [episode.id, episode]),
  );
  const sorted = [...byId.values()].sort(byOrder);
  // Rows behind the end of a part that was cut are left out: rows that it lacks may come before
  // them.
  const complete = firstCut ? sorted.filter((episode) => byOrder(episode, firstCut) <= 0) : sorted;

  const bounds = { rows: limit, bytes: LIMITS.page_bytes };
  const { rows: items, more } = takeSlice(complete, bounds, (episode) =>
    byteLength(JSON.stringify(episode)),
  );
  const last = items.at(-1) ?? firstCut;
  const isMore = more || firstCut !== undefined;
  return { items, next_cursor: isMore && last ? cursorBehind(last, sort) : null, degraded };
}

/** The overlays of several instances as one. Throws `Refused` when too many are unsent. */
export function mergeOverlays(
  parts: readonly Overlay[],
  { limit, sort }: Pick<PageRules, "limit" | "sort">,
): Overlay {
  const { items, next_cursor } = pageOf(parts, { limit, sort, degraded: false });
  return { stale: staleOf(parts), episodes: items, hasMore: next_cursor !== null };
}

/** The counts of several instances as one. Throws `Refused` when too many are unsent. */
export function mergeCounts(parts: readonly StaleCounts[]): StaleCounts {
  const rows = new Map<string, CountsRow>();
  for (const row of parts.flatMap((part) => part.rows)) {
    const key = JSON.stringify([row.status, row.outcome, row.domain]);
    const before = rows.get(key);
    rows.set(key, before ? added(before, row) : row);
  }
  return { stale: staleOf(parts), rows: [...rows.values()] };
}

function added(a: CountsRow, b: CountsRow): CountsRow {
  const isRewarded = a.reward !== null || b.reward !== null;
  return {
    ...a,
    episodes: a.episodes + b.episodes,
    steps: a.steps + b.steps,
    reward: isRewarded ? (a.reward ?? 0) + (b.reward ?? 0) : null,
    rewarded: a.rewarded + b.rewarded,
  };
}

/** The ids of all parts. Throws `Refused` when they are too many. */
export function staleOf(parts: readonly { stale: readonly string[] }[]): string[] {
  const ids = parts.flatMap(({ stale }) => stale);
  const bytes = ids.reduce((sum, id) => sum + id.length + ID_EXTRA_BYTES, 0);
  if (bytes > STALE_BYTES_MAX) throw tooManyUnsent(ids.length);
  return ids;
}

/** Thrown where more of a namespace is unsent than can be told apart from what the database has. */
export function tooManyUnsent(count: number): Refused {
  const detail = `${count} episodes or more of the namespace wait for the database. Try again when it has caught up.`;
  return new Refused("not_ready", detail, { retry_after_s: 10 });
}

/** The cursor of the page behind an episode. */
export function cursorBehind(episode: Episode, sort: EpisodeSort): string {
  const position = positionOf(episode, sort);
  return encodeListCursor(sort === NEWEST_FIRST ? position : { ...position, list: sort });
}

/** null: from the beginning. Throws `Refused` when it is no cursor of this order. */
export function decodeCursor(cursor: string | null, sort: EpisodeSort): ListPosition | null {
  if (cursor === null) return null;
  const position = decodeListCursor(cursor);
  if (!position || (position.list ?? NEWEST_FIRST) !== sort) throw cursorRefused();
  return { order: position.order, id: position.id };
}

/**
 * The statistics of a namespace's episodes.
 *
 * @param rows of every source; the same kind may come several times
 */
export function summarize(
  namespace: string,
  rows: readonly CountsRow[],
  degraded: boolean,
): Omit<StatsView, Learned> {
  const total = (valueOf: (row: CountsRow) => number): number =>
    rows.reduce((sum, row) => sum + valueOf(row), 0);
  const of = (column: "status" | "outcome" | "domain", value: string): number =>
    total((row) => (row[column] === value ? row.episodes : 0));
  const rewarded = total((row) => row.rewarded);
  const domains = [...new Set(rows.map((row) => row.domain))].map((domain) => ({
    domain,
    episodes: of("domain", domain),
    success_rate: successRate(rows.filter((row) => row.domain === domain)),
  }));

  return {
    namespace,
    episodes: {
      total: total((row) => row.episodes),
      in_progress: of("status", "in_progress"),
      completed: of("status", "completed"),
      failed: of("status", "failed"),
      abandoned: of("status", "abandoned"),
    },
    outcomes: {
      success: of("outcome", "success"),
      partial_success: of("outcome", "partial_success"),
      failure: of("outcome", "failure"),
      abstained: of("outcome", "abstained"),
    },
    success_rate: successRate(rows),
    mean_reward: rewarded === 0 ? null : total((row) => row.reward ?? 0) / rewarded,
    steps: total((row) => row.steps),
    domains: domains.sort((a, b) => b.episodes - a.episodes).slice(0, LIMITS.page_default),
    degraded,
  };
}

/** Share of the judged episodes that succeeded; null: none was judged. */
function successRate(rows: readonly CountsRow[]): number | null {
  const count = (matches: (row: CountsRow) => boolean): number =>
    rows.reduce((total, row) => total + (matches(row) ? row.episodes : 0), 0);
  const judged = count(({ outcome }) => outcome !== null && outcome !== "abstained");
  return judged === 0 ? null : count(({ outcome }) => outcome === "success") / judged;
}
