/**
 * Renames a tag across a namespace, in slices: each episode is changed at its home, with what was
 * learned from it and what finds it, as any other change of it. An episode that cannot be changed
 * keeps the old tag, and is named.
 *
 * @module
 */

import { LIMITS } from "../../../contract/limits.ts";
import type { Input } from "../../../contract/operations.ts";
import type { TagsRenamed } from "../../../contract/ties/answers.ts";
import type { EpisodeRecord } from "../../shared/episode-record.ts";
import type { InternalInput } from "../../shared/instance/protocol.ts";
import { failureOf, Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { EpisodeDeps } from "./deps.ts";
import type { EpisodeLists } from "./lists/episode-lists.ts";

/** Episodes that are changed side by side. */
const AT_ONCE = 10;

interface RenameDeps {
  context: Pick<InstanceContext, "askHome" | "meter">;
  lists: EpisodeLists;
}

/** The next slice. Throws `Refused` where the database is out of reach: some would be missed. */
export async function renameTag(
  { context, lists }: RenameDeps,
  namespace: string,
  { from, to, cursor }: Input<"tags.rename">,
): Promise<TagsRenamed> {
  const asked = { filter: { tag: from }, limit: LIMITS.rename_slice, cursor };
  const listed = await lists.list(namespace, asked);
  if (listed.degraded) {
    const detail = "To rename a tag needs the database, which is out of reach. Try again later.";
    throw new Refused("database_unavailable", detail, { retry_after_s: 5 });
  }

  let renamed = 0;
  const refused: TagsRenamed["refused"] = [];
  const rename = async (id: string): Promise<void> => {
    try {
      if (await context.askHome("retag", { namespace, id, from, to })) renamed += 1;
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      // It was deleted meanwhile: nothing is left to rename.
      if (failure.code === "not_found") return;
      context.meter.count("memory_refused_total", { code: failure.code });
      refused.push({ id, code: failure.code, detail: failure.detail });
    }
  };
  const ids = listed.items.map(({ id }) => id);
  for (let at = 0; at < ids.length; at += AT_ONCE)
    await Promise.all(ids.slice(at, at + AT_ONCE).map(rename));
  return { renamed, refused, next_cursor: listed.next_cursor };
}

/**
 * Renames it in an episode whose home is here; whether it had it. Throws `Refused` where there is no
 * such episode, or it cannot be changed now.
 */
export async function retag(
  { context, store, tasks, learning }: EpisodeDeps,
  isErasing: (namespace: string) => boolean,
  { namespace, id, from, to }: InternalInput<"retag">,
): Promise<boolean> {
  const changed = await store.whileHere(namespace, id, () =>
    context.transaction(() => {
      if (isErasing(namespace))
        throw new Refused("not_ready", "The namespace is being erased.", { retry_after_s: 1 });
      const record = store.present(namespace, id);
      if (!record.tags.includes(from) && !record.context.tags.includes(from)) return false;
      const { status } = store.change(record, renamedIn(record, from, to));
      if (status !== "in_progress") tasks.add({ kind: "learn", namespace, id });
      return true;
    }),
  );
  if (changed) await learning.learn(namespace, id);
  return changed;
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
