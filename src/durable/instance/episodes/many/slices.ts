/**
 * Changes many episodes of a namespace, in slices of a list: each is changed at its home, as by any
 * other change of it. What cannot be changed is named, and stays as it is.
 *
 * @module
 */

import type { Episode } from "../../../../contract/episodes/record.ts";
import type { EpisodeFilter } from "../../../../contract/filters/requests.ts";
import { LIMITS } from "../../../../contract/limits.ts";
import { failureOf, Refused } from "../../../shared/refusals.ts";
import type { InstanceContext } from "../../context.ts";
import type { EpisodeLists } from "../lists/episode-lists.ts";

/** Episodes that are changed side by side. */
const AT_ONCE = 10;

export interface ManyDeps {
  context: Pick<InstanceContext, "askHome" | "meter">;
  lists: EpisodeLists;
}

export interface SliceOf {
  namespace: string;
  filter: EpisodeFilter;
  /** null: the first. */
  cursor: string | null;
  /** What is asked for, as an error says it. */
  what: string;
}

/** A slice of a list. */
export interface ListedSlice {
  episodes: Episode[];
  next_cursor: string | null;
}

/** The next slice. Throws `Refused` where the database is out of reach: some would be missed. */
export async function sliceOf(
  { lists }: Pick<ManyDeps, "lists">,
  { namespace, filter, cursor, what }: SliceOf,
): Promise<ListedSlice> {
  const listed = await lists.list(namespace, { filter, limit: LIMITS.rename_slice, cursor });
  if (!listed.degraded) return { episodes: listed.items, next_cursor: listed.next_cursor };
  const detail = `${what} needs the database, which is out of reach. Try again later.`;
  throw new Refused("database_unavailable", detail, { retry_after_s: 5 });
}

/** What became of a slice. */
export interface ChangedSlice {
  changed: number;
  refused: { id: string; code: string; detail: string }[];
}

/** Changes these episodes. @param change whether it made a difference; throws `Refused` */
export async function changeEach(
  { context }: Pick<ManyDeps, "context">,
  ids: readonly string[],
  change: (id: string) => Promise<boolean>,
): Promise<ChangedSlice> {
  const done: ChangedSlice = { changed: 0, refused: [] };
  const changeOne = async (id: string): Promise<void> => {
    try {
      if (await change(id)) done.changed += 1;
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      // It was deleted meanwhile: nothing is left to change.
      if (failure.code === "not_found") return;
      context.meter.count("memory_refused_total", { code: failure.code });
      done.refused.push({ id, code: failure.code, detail: failure.detail });
    }
  };
  for (let at = 0; at < ids.length; at += AT_ONCE)
    await Promise.all(ids.slice(at, at + AT_ONCE).map(changeOne));
  return done;
}
