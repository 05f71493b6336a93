/**
 * Renames a tag across a namespace, in slices: in each episode, with what was learned from it and
 * what finds it. An episode that cannot be changed keeps the old tag, and is named.
 *
 * @module
 */

import type { Input } from "../../../../contract/operations.ts";
import type { TagsRenamed } from "../../../../contract/ties/answers.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import type { InternalInput } from "../../../shared/instance/protocol.ts";
import type { EpisodeDeps } from "../deps.ts";
import { changeHere, type IsErasing } from "./change-here.ts";
import { changeEach, sliceOf, type ManyDeps } from "./slices.ts";

/** The next slice. Throws `Refused` where the database is out of reach: some would be missed. */
export async function renameTag(
  deps: ManyDeps,
  namespace: string,
  { from, to, cursor }: Input<"tags.rename">,
): Promise<TagsRenamed> {
  const filter = { tag: from, archived: "any" } as const;
  const what = "To rename a tag";
  const { episodes, next_cursor } = await sliceOf(deps, { namespace, filter, cursor, what });
  const ids = episodes.map(({ id }) => id);
  const { changed, refused } = await changeEach(deps, ids, (id) =>
    deps.context.askHome("retag", { namespace, id, from, to }),
  );
  return { renamed: changed, refused, next_cursor };
}

/**
 * Renames it in an episode whose home is here; whether it had it. Throws `Refused` where there is no
 * such episode, or it cannot be changed now.
 */
export function retag(
  deps: EpisodeDeps,
  isErasing: IsErasing,
  { namespace, id, from, to }: InternalInput<"retag">,
): Promise<boolean> {
  return changeHere(deps, isErasing, { namespace, id }, (record) => {
    if (!record.tags.includes(from) && !record.context.tags.includes(from)) return null;
    return { ...record, ...renamedIn(record, from, to) };
  });
}

function renamedIn(
  { tags, context }: EpisodeRecord,
  from: string,
  to: string,
): Pick<EpisodeRecord, "tags" | "context"> {
  const renamed = (names: readonly string[]): string[] => [
    ...new Set(names.map((name) => (name === from ? to : name))),
  ];
  return { tags: renamed(tags), context: { ...context, tags: renamed(context.tags) } };
}
