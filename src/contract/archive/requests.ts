/**
 * How episodes are archived and brought back, one or many: the routes, what they take, and the
 * operations behind them. The Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import type { Episode } from "../episodes/record.ts";
import { cursor, flag, id } from "../fields.ts";
import { changedEpisodes } from "../filters/requests.ts";
import { operation } from "../operation.ts";
import { post, type RouteContract } from "../route.ts";
import type { EpisodesArchived } from "./answers.ts";

/** Of many episodes, in slices. */
const archiveBody = z.strictObject({
  filter: changedEpisodes,
  /** Counts what would be changed, and changes nothing. */
  dry_run: flag,
  /** The `next_cursor` of the answer before; absent: from the beginning. */
  cursor,
});

const byId = { id };

export const ARCHIVE_ROUTES = {
  archiveEpisode: post("/v1/episodes/:id/archive", "write", { params: byId, ifMatch: true }),
  unarchiveEpisode: post("/v1/episodes/:id/unarchive", "write", { params: byId, ifMatch: true }),
  archiveEpisodes: post("/v1/episodes/archive", "write", { body: archiveBody }),
  unarchiveEpisodes: post("/v1/episodes/unarchive", "write", { body: archiveBody }),
} as const satisfies Record<string, RouteContract>;

/** `archived`: whether it is to be archived; where it is already as it should be, nothing changes. */
export const ARCHIVE_OPERATIONS = {
  /** `if_match`: the versions that the episode may have; null: any. */
  "episode.archive": operation<
    { id: string; archived: boolean; if_match: readonly number[] | null },
    Episode
  >("episode", "write"),
  /** Of a slice of ended episodes; what could not be changed is named. */
  "episodes.archive": operation<
    {
      filter: z.output<typeof changedEpisodes>;
      archived: boolean;
      dry_run: boolean;
      cursor: string | null;
    },
    EpisodesArchived
  >("namespace", "write"),
};
