/**
 * This instance's share of the lists and counts of a namespace: the episodes here that the database
 * may not have as they are, or all that are here when it cannot be asked. Reads only this
 * instance's own storage; asked of every instance.
 *
 * @module
 */

import type { Episode } from "../../../../contract/episodes/record.ts";
import { takeSlice, type LocalSql, type Row } from "../../../../storage/index.ts";
import { unsentEpisodeIds } from "../../../outbox/unsent.ts";
import { viewOf, type EpisodeRecord } from "../../../shared/episode-record.ts";
import type { InternalInput, InternalOutput } from "../../../shared/instance/protocol.ts";
import type { EpisodeCounts, Overlay } from "../../../shared/instance/views.ts";
import { Refused } from "../../../shared/refusals.ts";
import { localCountsQuery, localListQuery } from "../table/list-query.ts";

/** Ids of a namespace's unsent episodes that an instance names: 8 MB of them. */
const STALE_IDS_MAX = 200_000;

/** As many episodes as fit. Throws `Refused` when too many are unsent. */
export function overlay(sql: LocalSql, input: InternalInput<"overlay">): Overlay {
  const { namespace, filter, after, includesSent, limit, bytes } = input;
  const { text, args } = localListQuery(namespace, filter, after, !includesSent, limit);
  const found = sql.each<{ body: string }>(text, ...args);
  const { rows, more } = takeSlice(found, { rows: limit, bytes });
  return {
    stale: staleIds(sql, namespace),
    episodes: rows.map(episodeOf),
    hasMore: more || rows.length === limit,
  };
}

/** @param all of all episodes that are here; else of unsent ones. Throws as `overlay`. */
export function localCounts(
  sql: LocalSql,
  namespace: string,
  includesSent: boolean,
): InternalOutput<"counts"> {
  const { text, args } = localCountsQuery(namespace, !includesSent);
  const rows = sql.all(text, ...args) as unknown as EpisodeCounts["rows"];
  return { stale: staleIds(sql, namespace), rows };
}

/** An episode as a client sees it, of a row with its `body`. */
export function episodeOf(row: Row): Episode {
  return viewOf(JSON.parse(String(row["body"])) as EpisodeRecord);
}

function staleIds(sql: LocalSql, namespace: string): string[] {
  const ids = unsentEpisodeIds(sql, namespace, STALE_IDS_MAX + 1);
  if (ids.length <= STALE_IDS_MAX) return ids;
  const detail = `More than ${STALE_IDS_MAX} episodes of the namespace wait for the database. Try again when it has caught up.`;
  throw new Refused("not_ready", detail, { retry_after_s: 10 });
}
