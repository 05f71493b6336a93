/**
 * Archives ended episodes, or brings them back: one, or in slices those that a filter lets through.
 * What was learned from them stays as it is.
 *
 * @module
 */

import type { EpisodesArchived } from "../../../../contract/archive/answers.ts";
import type { Episode } from "../../../../contract/episodes/record.ts";
import type { Input } from "../../../../contract/operations.ts";
import { isoTime } from "../../../../util/time.ts";
import { archivedRecord, type EpisodeRecord } from "../../../shared/episode-record.ts";
import type { InternalInput } from "../../../shared/instance/protocol.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { EpisodeDeps } from "../deps.ts";
import { changeHere, type IsErasing } from "./change-here.ts";
import { changeEach, sliceOf, type ManyDeps } from "./slices.ts";

/** The next slice. Throws `Refused` where the database is out of reach: some would be missed. */
export async function archiveMany(
  deps: ManyDeps,
  namespace: string,
  { filter, archived, dry_run, cursor }: Input<"episodes.archive">,
): Promise<EpisodesArchived> {
  const wanted = archived ? filter : { ...filter, archived: "only" as const };
  const what = archived ? "To archive episodes" : "To bring episodes back";
  const asked = { namespace, filter: wanted, cursor, what };
  const { episodes, next_cursor } = await sliceOf(deps, asked);
  const ended = episodes.filter(({ status }) => status !== "in_progress");
  const running = episodes.length - ended.length;
  if (dry_run) return { changed: ended.length, running, refused: [], next_cursor };

  const ids = ended.map(({ id }) => id);
  const done = await changeEach(deps, ids, (id) =>
    deps.context.askHome("archive", { namespace, id, archived }),
  );
  return { ...done, running, next_cursor };
}

/**
 * Archives an episode whose home is here, or brings it back; whether that made a difference. Throws
 * `Refused` where there is no such episode, it still runs, or it cannot be changed now.
 */
export function archiveHere(
  deps: EpisodeDeps,
  isErasing: IsErasing,
  { namespace, id, archived }: InternalInput<"archive">,
): Promise<boolean> {
  const at = archived ? isoTime(deps.context.now()) : null;
  return changeHere(deps, isErasing, { namespace, id }, (record) => archivedIfNew(record, at), BY);
}

/** The few bytes that it takes are never refused: else an episode at its bound could not be archived. */
export const BY = { by: "service" } as const;

/**
 * The record as it is to be; null: it is so already. Throws `Refused` for one that still runs.
 *
 * @param at when it is archived, RFC 3339; null: it is brought back
 */
export function archivedIfNew(record: EpisodeRecord, at: string | null): EpisodeRecord | null {
  if (isArchived(record) === (at !== null)) return null;
  if (record.status === "in_progress") {
    const detail = `Episode ${record.id} still runs. Only an ended one can be archived: complete it, or close it with fail.`;
    throw new Refused("conflict", detail);
  }
  return archivedRecord(record, at);
}

function isArchived({ archived_at }: Pick<Episode, "archived_at">): boolean {
  return archived_at !== undefined;
}
