/**
 * What the operations on episodes work with. Each gets all of it and uses a few.
 *
 * @module
 */

import type { Shard } from "../../shared/instance/placement.ts";
import type { InstanceContext } from "../context.ts";
import type { Quotas } from "../quotas/quotas.ts";
import type { EpisodeRows } from "./store/episode-rows.ts";
import type { EpisodeStore } from "./store/episode-store.ts";
import type { LearningTasks } from "./tasks/learning.ts";
import type { PendingTasks } from "./tasks/pending-tasks.ts";
import type { TraceRows } from "./traces/trace-rows.ts";

export interface EpisodeDeps {
  context: InstanceContext;
  /** What is here of episodes; nothing is fetched. */
  rows: EpisodeRows;
  store: EpisodeStore;
  tasks: PendingTasks;
  traces: TraceRows;
  learning: LearningTasks;
  quotas: Pick<Quotas, "one" | "some" | "requireRoom" | "freed">;
  rebalance: {
    /** A shard that begins here has nothing to claim. In the transaction that begins it. */
    begin: (shard: Shard) => void;
    /** Makes sure that the shard is here, after a change of the number of instances. */
    ensureHere: (shard: Shard) => Promise<void>;
  };
}
