/**
 * Changes an episode whose home is here for a change of many: with what was learned from it.
 *
 * @module
 */

import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { RecordChange } from "../bounds.ts";
import type { EpisodeDeps } from "../deps.ts";

/** Whether a namespace is being erased, and takes no writes. */
export type IsErasing = (namespace: string) => boolean;

/**
 * Whether it was changed. Throws `Refused` where there is no such episode, or it cannot be changed
 * now, and what `change` throws.
 *
 * @param change the record as it is to be; null: it is so already
 */
export async function changeHere(
  {
    context,
    store,
    tasks,
    learning,
  }: Pick<EpisodeDeps, "context" | "store" | "tasks" | "learning">,
  isErasing: IsErasing,
  { namespace, id }: { namespace: string; id: string },
  change: (record: EpisodeRecord) => EpisodeRecord | null,
  by: RecordChange = { by: "client" },
): Promise<boolean> {
  const isChanged = await store.whileHere(namespace, id, () =>
    context.transaction(() => {
      if (isErasing(namespace))
        throw new Refused("not_ready", "The namespace is being erased.", { retry_after_s: 1 });
      const changed = change(store.present(namespace, id));
      if (changed === null) return false;
      const { status } = store.change(changed, {}, by);
      if (status !== "in_progress") tasks.add({ kind: "learn", namespace, id });
      return true;
    }),
  );
  if (isChanged) await learning.learn(namespace, id);
  return isChanged;
}
