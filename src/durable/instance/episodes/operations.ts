/**
 * The operations on episodes, their relationships and their lists.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../../../contract/limits.ts";
import type { Episode, EpisodeWithSteps } from "../../../contract/episodes/record.ts";
import { canonicalJson } from "../../../memory/canonical.ts";
import { viewOf } from "../../shared/episode-record.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InternalHandlers, OperationHandlers, OperationScope } from "../handlers.ts";
import type { EpisodeDeps } from "./deps.ts";
import { EpisodeEnding } from "./ending.ts";
import { Episodes } from "./episodes.ts";
import type { Eraser } from "./eraser.ts";
import { handoff } from "./handoff.ts";
import { recentStepsOf } from "./recent-steps.ts";
import type { KeptFilters } from "../knowledge/kept-filters.ts";
import type { EpisodeImport } from "./imports/import.ts";
import { EpisodeExport } from "./lists/episode-export.ts";
import { countsHere, overlay, type EpisodeLists } from "./lists/episode-lists.ts";
import { countTags, tagsHere } from "./lists/tag-counts.ts";
import { weeksHere } from "./lists/week-counts.ts";
import { listNamespaces, namespacesHere } from "./lists/namespace-names.ts";
import { archiveHere, archiveMany } from "./many/archive.ts";
import { renameTag, retag } from "./many/retag.ts";
import type { QuotaKeeper } from "../quotas/quota-keeper.ts";
import type { Relationships } from "./relationships.ts";
import { EpisodeSteps } from "./steps.ts";
import type { Traces } from "./traces/traces.ts";

export interface NamespaceParts {
  relationships: Relationships;
  lists: EpisodeLists;
  eraser: Eraser;
  /** Filters that namespaces keep. */
  filters: Pick<KeptFilters, "get">;
}

export interface IntakeParts {
  imports: EpisodeImport;
  traces: Traces;
}

export function episodeOperations(deps: EpisodeDeps, { imports, traces }: IntakeParts) {
  const { rows, learning, quotas } = deps;
  const episodes = new Episodes(deps);
  const steps = new EpisodeSteps(deps);
  const ending = new EpisodeEnding(deps);
  /**
   * After a change to an ended episode its evidence changes too; the pending task is there if this
   * is cut short.
   */
  const relearn = async <T>(namespace: string, id: string, answer: T): Promise<T> => {
    await learning.learn(namespace, id);
    return answer;
  };
  /** As `relearn`, with the version that the episode has by then. */
  const relearned = async (scope: OperationScope, changed: Episode): Promise<Episode> => {
    // Nothing is learned of it yet: another version is another client's.
    if (changed.status === "in_progress") return changed;
    const { namespace, commit } = scope;
    await learning.learn(namespace, changed.id);
    const present = rows.record(namespace, changed.id);
    const isLater = present && present.version !== changed.version;
    if (!isLater || !isSameToClients(present, changed)) return changed;
    // A repetition is answered as this is, with the version that the next change finds.
    return commit(() => viewOf(present));
  };
  return {
    "episode.start": (input, scope) => episodes.start(input, scope),
    "episode.get": ({ id }, { namespace }) => episodes.get(namespace, id),
    "episode.patch": async (input, scope) => relearned(scope, await episodes.patch(input, scope)),
    "episode.archive": async (input, scope) =>
      relearned(scope, await episodes.archive(input, scope)),
    "episode.delete": async (input, scope) => {
      const answer = await episodes.remove(input, scope);
      await learning.forget(scope.namespace, input.id);
      await quotas.freed(scope.namespace);
      return answer;
    },
    "episode.steps": (input, scope) => steps.append(input, scope),
    "episode.complete": (input, scope) => ending.complete(input, scope),
    "episode.fail": (input, scope) => ending.fail(input, scope),
    "episode.checkpoint": (input, scope) => episodes.checkpoint(input, scope),
    "episode.handoff": (input, { namespace }) => handoff(deps, namespace, input),
    "episode.recent": ({ id }, { namespace }) => recentStepsOf(deps, namespace, id),
    "episode.tags.get": ({ id }, { namespace }) => episodes.tags(namespace, id),
    "episode.tags.add": async ({ id, tags }, scope) => {
      const added = (before: string[]): string[] => [...before, ...tags];
      return relearn(scope.namespace, id, await episodes.changeTags(id, added, scope));
    },
    "episode.tags.remove": async ({ id, tag }, scope) => {
      const without = (before: string[]): string[] => before.filter((other) => other !== tag);
      return relearn(scope.namespace, id, await episodes.changeTags(id, without, scope));
    },
    "episode.import": (input, scope) => imports.import(input, scope),
    "spans.take": (input, scope) => traces.take(input, scope),
  } satisfies Partial<OperationHandlers>;
}

/**
 * Whether an episode is as it was amended, but for what was learned from it: what another client
 * changed meanwhile is no answer to this one.
 */
function isSameToClients(present: Episode, amended: Episode): boolean {
  const given = ({ checkpoints, archived_at, ...episode }: Episode) => {
    const { task, task_type, context, metadata, tags, step_count } = episode;
    const counts = [checkpoints.length, step_count];
    return canonicalJson([
      task,
      task_type,
      context,
      metadata,
      tags,
      archived_at ?? null,
      ...counts,
    ]);
  };
  return given(present) === given(amended);
}

export function namespaceOperations(
  { context }: EpisodeDeps,
  { lists, relationships, eraser, filters }: NamespaceParts,
) {
  const exports = new EpisodeExport(context, lists, relationships);
  return {
    "relationships.add": (input, scope) => relationships.add(input, scope),
    "relationships.list": async ({ episode_id }, { namespace }) => ({
      relationships: await relationships.list(namespace, episode_id),
    }),
    "relationships.remove": (input, scope) => relationships.remove(input, scope),
    "episodes.list": async ({ kept, ...input }, { namespace }) => {
      if (kept === undefined) return lists.list(namespace, input);
      const { sort, ...conditions } = await filters.get(namespace, kept);
      const filter = { ...conditions, ...input.filter };
      return lists.list(namespace, { ...(sort ? { sort } : {}), ...input, filter });
    },
    "episodes.archive": (input, { namespace }) => archiveMany({ context, lists }, namespace, input),
    "episodes.get": (input, { namespace }) => exports.some(namespace, input),
    "tags.count": (input, { namespace }) => countTags(context, namespace, input),
    "tags.rename": (input, { namespace }) => renameTag({ context, lists }, namespace, input),
    "episodes.export": (input, { namespace }) => exports.page(namespace, input),
    "namespaces.list": (input, { visible }) => listNamespaces(context, input, visible),
    "namespace.erase": async ({ name }, { namespace, by }) => {
      if (name !== namespace || !NAMESPACE_PATTERN.test(name)) {
        const detail = "A namespace is erased with itself as the namespace of the call.";
        throw new Refused("forbidden", detail);
      }
      const erased_at = await eraser.erase(name);
      const title = `namespace ${name} was erased`;
      await context.note({ kind: "erasure", title, by, namespace: name });
      return { name, erased_at };
    },
  } satisfies Partial<OperationHandlers>;
}

interface InternalParts extends Pick<NamespaceParts, "relationships" | "eraser"> {
  keeper: Pick<QuotaKeeper, "forget">;
}

export function episodeInternals(
  deps: EpisodeDeps,
  { relationships, eraser, keeper }: InternalParts,
) {
  const { context, store, rebalance } = deps;
  const isErasing = (namespace: string): boolean => eraser.isErasing(namespace);
  return {
    overlay: (input) => overlay(context.sql, input),
    namespaces: (input) => namespacesHere(context.sql, input),
    counts: (input) => countsHere(context.sql, input),
    tags: (input) => tagsHere(context.sql, input),
    weeks: (input) => weeksHere(context.sql, input),
    retag: (input) => retag(deps, isErasing, input),
    archive: (input) => archiveHere(deps, isErasing, input),
    episodes: async ({ namespace, ids }) => {
      const episodes: EpisodeWithSteps[] = [];
      for (const id of ids) {
        if (context.isHome(id)) {
          await rebalance.ensureHere({ kind: "episode", namespace, id });
          episodes.push(...(await store.many(namespace, [id])));
        } else {
          const asked = { namespace, ids: [id] };
          episodes.push(...(await context.ask(context.homeOf(id), "episodes", asked)));
        }
      }
      return episodes;
    },
    episode_sizes: async ({ namespace, ids }) => {
      for (const id of ids) await rebalance.ensureHere({ kind: "episode", namespace, id });
      const sizes = await store.sizesOf(namespace, ids);
      return [...sizes].map(([id, bytes]) => ({ id, bytes }));
    },
    exists: async ({ namespace, id }) => (await store.find(namespace, id)) !== null,
    relate: async ({ namespace, relationships: related }) => {
      await relationships.putAll(namespace, related);
      return null;
    },
    erase_begin: ({ namespace }) => {
      keeper.forget(namespace);
      return eraser.begin(namespace);
    },
    erase_end: ({ namespace }) => {
      keeper.forget(namespace);
      eraser.end(namespace);
      return null;
    },
  } satisfies Partial<InternalHandlers>;
}
