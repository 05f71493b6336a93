/**
 * Builds the parts of an instance: its episodes, the knowledge of its namespaces, and what moves
 * them between instances.
 *
 * @module
 */

import { homeTextOfNamespace } from "../../shared/instance/placement.ts";
import type { InstanceContext } from "../context.ts";
import { EpisodeEnding } from "../episodes/ending.ts";
import { EpisodeLoader } from "../episodes/cache/episode-loader.ts";
import { EpisodeSizes } from "../episodes/cache/episode-sizes.ts";
import { EpisodeStore } from "../episodes/cache/episode-store.ts";
import { Episodes } from "../episodes/episodes.ts";
import { Eraser } from "../episodes/eraser.ts";
import { Eviction } from "../episodes/cache/eviction.ts";
import { IdleEpisodes } from "../episodes/idle-episodes.ts";
import { EpisodeImport } from "../episodes/import.ts";
import { EpisodeExport } from "../episodes/lists/episode-export.ts";
import { EpisodeLists } from "../episodes/lists/episode-lists.ts";
import { Relationships } from "../episodes/relationships.ts";
import { EpisodeSteps } from "../episodes/steps.ts";
import { CachedRows } from "../episodes/table/cached-rows.ts";
import { EpisodeRows } from "../episodes/table/episode-rows.ts";
import { LearningTasks } from "../episodes/tasks/learning.ts";
import { PendingTasks } from "../episodes/tasks/pending-tasks.ts";
import { TaskFailures } from "../episodes/tasks/task-failures.ts";
import { Knowledge } from "../knowledge/index.ts";
import { AfterRestore } from "../placement/after-restore.ts";
import type { HoldingsDeps } from "../placement/holdings.ts";
import { Offers } from "../placement/offers.ts";
import { Rebalance } from "../placement/rebalance.ts";
import { ShardRows } from "../placement/shard-rows.ts";
import type { InstancePlatform } from "../platform.ts";
import { KeptAnswers } from "../requests/kept-answers.ts";
import type { Foundation } from "./foundation.ts";
import type { StorageParts } from "./storage.ts";

/** What the parts stand on. */
export interface Given {
  platform: InstancePlatform;
  foundation: Foundation;
  storage: StorageParts;
  context: InstanceContext;
}

export type TaskParts = ReturnType<typeof taskPartsOf>;
export type PlacementParts = ReturnType<typeof placementPartsOf>;
export type EpisodeParts = ReturnType<typeof episodePartsOf>;

/** The rows of episodes, and what is still to be done about them. */
export function taskPartsOf({ context }: Given) {
  const rows = new EpisodeRows(context.sql);
  const cached = new CachedRows(context);
  const failures = new TaskFailures(context);
  const tasks = new PendingTasks({ ...context, failures });
  const answers = new KeptAnswers(context);
  return { rows, cached, failures, tasks, answers };
}

export function knowledgeOf(
  { platform, foundation, storage, context }: Given,
  { failures }: TaskParts,
) {
  const { control } = foundation;
  return new Knowledge({
    sql: context.sql,
    transaction: context.transaction,
    isHome: (namespace) => context.isHome(homeTextOfNamespace(namespace)),
    markAllDirty: (table, keys) => storage.dirtyRows.markAllDirty(table, keys),
    isDirty: context.isDirty,
    database: context.database,
    uuid: context.uuid,
    now: context.now,
    failures,
    ablations: platform.ablations,
    capacity: () => control.settings.namespace_episodes_max,
    meter: context.meter,
    embedder: platform.embedder,
    log: context.log,
  });
}

/** What moves shards between instances, and keeps them through a restore. */
export function placementPartsOf(
  { platform, storage, context }: Given,
  { rows, cached, failures, tasks, answers }: TaskParts,
  knowledge: Knowledge,
) {
  const { outbox } = storage;
  const relationships = new Relationships(context);
  const shardRows = new ShardRows({ sql: context.sql, outbox, episodes: rows });
  const rebalance = new Rebalance({
    context,
    rows: shardRows,
    outbox,
    episodes: rows,
    cached,
    failures,
    onAdopted: (namespace, moved) => knowledge.adopted(namespace, moved),
  });
  const offers = new Offers({
    context,
    rows: shardRows,
    forget: (shard) => rebalance.forget(shard),
    episodes: rows,
    tasks,
    answers,
    handedOver: (version) => platform.coordinator().handedOver(context.place().index, version),
  });
  const afterRestore = new AfterRestore({
    context,
    outbox,
    episodes: rows,
    reloadRelationships: (namespace) => relationships.reload(namespace),
    resyncKnowledge: (namespace, includesLoaded) => knowledge.resync(namespace, includesLoaded),
  });
  const holdings: HoldingsDeps = {
    sql: context.sql,
    isHome: context.isHome,
    episodes: rows,
    relatedNamespaces: (after, limit) => relationships.loadedNamespaces(after, limit),
    learnedNamespaces: (after, limit) => knowledge.namespaces(after, limit),
  };
  return { relationships, rebalance, offers, afterRestore, holdings };
}

export function episodePartsOf(
  { foundation, storage, context }: Given,
  { rows, cached, failures, tasks }: TaskParts,
  { relationships, rebalance }: PlacementParts,
) {
  const loader = new EpisodeLoader({ context, rows, cached });
  const sizes = new EpisodeSizes(rows);
  const { copies } = foundation;
  const store = new EpisodeStore({ context, rows, cached, loader, sizes, copies });
  const learning = new LearningTasks({ context, store, tasks });
  const lists = new EpisodeLists(context);
  return {
    context,
    store,
    learning,
    lists,
    relationships,
    episodes: new Episodes({
      context,
      store,
      tasks,
      beginShard: (shard) => rebalance.begin(shard),
    }),
    steps: new EpisodeSteps({ context, store }),
    ending: new EpisodeEnding({ context, store, tasks, learning }),
    imports: new EpisodeImport({ context, store, tasks, learning }),
    exports: new EpisodeExport({ context, lists, relationships }),
    eraser: new Eraser({ context, outbox: storage.outbox, failures }),
    idle: new IdleEpisodes({ context, store, rows, cached, tasks }),
    eviction: new Eviction({ context, cached, store }),
    ensureHere: rebalance.ensureHere.bind(rebalance),
  };
}

/** All parts of an instance that work on operations. */
export interface WorkingParts {
  tasks: TaskParts;
  knowledge: Knowledge;
  placement: PlacementParts;
  episodes: EpisodeParts;
}
