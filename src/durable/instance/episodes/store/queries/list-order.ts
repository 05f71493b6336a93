/**
 * What lists of episodes are ordered by: in SQL, over the columns of their rows, and of an episode.
 * Whole numbers of at least 0, so that a place in a list is one with an id. Pure.
 *
 * @module
 */

import type { Episode } from "../../../../../contract/episodes/record.ts";
import type { EpisodeSort } from "../../../../../contract/vocabulary.ts";
import type { ListPosition } from "../../../../shared/instance/lists.ts";

/** How lists are ordered when nobody says. */
export const NEWEST_FIRST: EpisodeSort = "-started_at";

/** Rewards are ordered in millionths. */
const REWARD_UNITS = 1_000_000;

interface SortKey {
  sql: string;
  of: (episode: Episode) => number;
}

type SortName = Exclude<EpisodeSort, `-${string}`>;

/** What an episode has not, its end or a reward, counts as 0. */
const KEYS: Readonly<Record<SortName, SortKey>> = {
  started_at: { sql: "started_at", of: ({ started_at }) => Date.parse(started_at) },
  updated_at: { sql: "updated_at", of: ({ updated_at }) => Date.parse(updated_at) },
  ended_at: {
    sql: "coalesce(ended_at, 0)",
    of: ({ ended_at }) => (ended_at === null ? 0 : Date.parse(ended_at)),
  },
  reward: {
    sql: `CAST(coalesce(json_extract(body, '$.reward.total'), 0) * ${REWARD_UNITS} + 0.5 AS INTEGER)`,
    of: ({ reward }) => Math.floor((reward?.total ?? 0) * REWARD_UNITS + 0.5),
  },
  steps: { sql: "step_count", of: ({ step_count }) => step_count },
};

function isDescending(sort: EpisodeSort): boolean {
  return sort.startsWith("-");
}

function keyOf(sort: EpisodeSort): SortKey {
  return KEYS[(isDescending(sort) ? sort.slice(1) : sort) as SortName];
}

/** As in ORDER BY; unique. */
export function orderBy(sort: EpisodeSort): string {
  const direction = isDescending(sort) ? "DESC" : "ASC";
  return `${keyOf(sort).sql} ${direction}, id ${direction}`;
}

/** A condition: behind a position, whose order and id are the arguments. */
export function isBehind(sort: EpisodeSort): string {
  return `(${keyOf(sort).sql}, id) ${isDescending(sort) ? "<" : ">"} (?, ?)`;
}

/** Where an episode stands in a list of this order. */
export function positionOf(episode: Episode, sort: EpisodeSort): ListPosition {
  return { order: keyOf(sort).of(episode), id: episode.id };
}

/** Below 0: `a` comes first. For `Array.sort`. */
export function inListOrder(sort: EpisodeSort): (a: Episode, b: Episode) => number {
  const sign = isDescending(sort) ? -1 : 1;
  return (a, b) => {
    const [p, q] = [positionOf(a, sort), positionOf(b, sort)];
    return sign * (p.order - q.order || (p.id < q.id ? -1 : p.id > q.id ? 1 : 0));
  };
}
