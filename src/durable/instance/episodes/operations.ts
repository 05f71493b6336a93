/**
 * The operations on episodes, their relationships and their lists.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../../../contract/limits.ts";
import type { EpisodeWithSteps } from "../../../contract/episodes/record.ts";
import { viewOf } from "../../shared/episode-record.ts";
import type { Shard } from "../../shared/instance/placement.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { InternalHandlers, OperationHandlers } from "../handlers.ts";
import type { EpisodeEnding } from "./ending.ts";
import type { EpisodeStore } from "./cache/episode-store.ts";
import type { Episodes } from "./episodes.ts";
import type { Eraser } from "./eraser.ts";
import { handoff } from "./handoff.ts";
import type { EpisodeImport } from "./import.ts";
import type { EpisodeExport } from "./lists/episode-export.ts";
import type { EpisodeLists } from "./lists/episode-lists.ts";
import { localCounts, overlay } from "./lists/share.ts";
import type { Relationships } from "./relationships.ts";
import type { EpisodeSteps } from "./steps.ts";
import type { LearningTasks } from "./tasks/learning.ts";

export interface EpisodeParts {
  context: InstanceContext;
  store: EpisodeStore;
  episodes: Episodes;
  steps: EpisodeSteps;
  ending: EpisodeEnding;
  imports: EpisodeImport;
  learning: LearningTasks;
  lists: EpisodeLists;
  exports: EpisodeExport;
  relationships: Relationships;
  eraser: Eraser;
  /** Sees to it that a shard is here, if this is its home. */
  ensureHere: (shard: Shard) => Promise<void>;
}

export function episodeOperations(parts: EpisodeParts) {
  const { context, store, episodes, steps, ending, imports, learning } = parts;
  /**
   * After a change to an ended episode its evidence changes too; the pending task is there if this
   * is cut short.
   */
  const relearn = async <T>(namespace: string, id: string, answer: T): Promise<T> => {
    await learning.learn(namespace, id);
    return answer;
  };
  return {
    "episode.start": (input, { namespace, commit }) => episodes.start(namespace, input, commit),
    "episode.get": ({ id }, { namespace }) => episodes.get(namespace, id),
    "episode.patch": async (input, { namespace, commit }) => {
      const patched = await episodes.patch(namespace, input, commit);
      await learning.learn(namespace, input.id);
      const present = store.local(namespace, input.id);
      return present ? viewOf(present) : patched;
    },
    "episode.delete": async (input, { namespace, commit }) => {
      const answer = await episodes.remove(namespace, input, commit);
      await learning.forget(namespace, input.id);
      return answer;
    },
    "episode.steps": (input, { namespace, commit }) => steps.append(namespace, input, commit),
    "episode.complete": (input, { namespace, commit }) => ending.complete(namespace, input, commit),
    "episode.fail": (input, { namespace, commit }) => ending.fail(namespace, input, commit),
    "episode.checkpoint": (input, { namespace, commit }) =>
      episodes.checkpoint(namespace, input, commit),
    "episode.handoff": (input, { namespace }) => handoff({ context, store }, namespace, input),
    "episode.tags.get": ({ id }, { namespace }) => episodes.tags(namespace, id),
    "episode.tags.add": async ({ id, tags }, { namespace, commit }) => {
      const added = (before: string[]): string[] => [...before, ...tags];
      return relearn(namespace, id, await episodes.changeTags(namespace, id, added, commit));
    },
    "episode.tags.remove": async ({ id, tag }, { namespace, commit }) => {
      const without = (before: string[]): string[] => before.filter((other) => other !== tag);
      return relearn(namespace, id, await episodes.changeTags(namespace, id, without, commit));
    },
    "episode.import": (input, { namespace, commit }) => imports.import(namespace, input, commit),
  } satisfies Partial<OperationHandlers>;
}

export function namespaceOperations({ lists, exports, relationships, eraser }: EpisodeParts) {
  return {
    "relationships.add": (input, { namespace, commit }) =>
      relationships.add(namespace, input, commit),
    "relationships.list": async ({ episode_id }, { namespace }) => ({
      relationships: await relationships.list(namespace, episode_id),
    }),
    "relationships.remove": (input, { namespace, commit }) =>
      relationships.remove(namespace, input, commit),
    "episodes.list": (input, { namespace }) => lists.list(namespace, input),
    "episodes.export": (input, { namespace }) => exports.page(namespace, input),
    "namespace.erase": async ({ name }, { namespace }) => {
      if (name !== namespace || !NAMESPACE_PATTERN.test(name)) {
        const detail = "A namespace is erased with itself as the namespace of the call.";
        throw new Refused("forbidden", detail);
      }
      return { name, erased_at: await eraser.erase(name) };
    },
  } satisfies Partial<OperationHandlers>;
}

export function episodeInternals(parts: EpisodeParts) {
  const { context, store, relationships, eraser, ensureHere } = parts;
  return {
    overlay: (input) => overlay(context.sql, input),
    counts: ({ namespace, includesSent }) => localCounts(context.sql, namespace, includesSent),
    episodes: async ({ namespace, ids }) => {
      const found: EpisodeWithSteps[] = [];
      for (const id of ids) {
        if (context.isHome(id)) {
          await ensureHere({ kind: "episode", namespace, id });
          found.push(...(await store.many(namespace, [id])));
        } else {
          const asked = { namespace, ids: [id] };
          found.push(...(await context.ask(context.homeOf(id), "episodes", asked)));
        }
      }
      return found;
    },
    episode_sizes: async ({ namespace, ids }) => {
      for (const id of ids) await ensureHere({ kind: "episode", namespace, id });
      const sizes = await store.sizesOf(namespace, ids);
      return [...sizes].map(([id, bytes]) => ({ id, bytes }));
    },
    exists: async ({ namespace, id }) => (await store.find(namespace, id)) !== null,
    relate: async ({ namespace, relationships: related }) => {
      await relationships.putAll(namespace, related);
      return null;
    },
    erase_begin: ({ namespace }) => eraser.begin(namespace),
    erase_end: ({ namespace }) => {
      eraser.end(namespace);
      return null;
    },
  } satisfies Partial<InternalHandlers>;
}
