/**
 * Which part of an instance does what is asked: one table for clients, one for other instances.
 *
 * @module
 */

import { resultClass } from "../memory/model.ts";
import { NAMESPACE_PATTERN } from "../memory/limits.ts";
import type { Completion } from "./completion.ts";
import { viewOf, type EpisodeStore } from "./episode-store.ts";
import type { Episodes } from "./episodes.ts";
import type { Eraser } from "./eraser.ts";
import type { Handlers } from "./gate.ts";
import { namespaceHome, type Ground } from "./ground.ts";
import type { Keys } from "./keys.ts";
import type { Knowledge } from "./knowledge/index.ts";
import { localCounts, overlay, type Lists } from "./lists.ts";
import type { InternalName, Internals } from "./protocol.ts";
import { Refused } from "./refused.ts";
import type { Relationships } from "./relationships.ts";

export interface Parts {
  ground: Ground;
  store: EpisodeStore;
  episodes: Episodes;
  completion: Completion;
  knowledge: Knowledge;
  lists: Lists;
  relationships: Relationships;
  eraser: Eraser;
  keys: Keys;
  schemaVersion(): Promise<number>;
}

export type InternalHandlers = {
  [N in InternalName]: (input: Internals[N]["input"]) => Promise<Internals[N]["output"]> | Internals[N]["output"];
};

export function handlersOf(parts: Parts): Handlers {
  const { ground, episodes, completion, knowledge, lists, relationships, eraser } = parts;
  /** After a change to an ended episode its evidence changes too; the errand is there if this is cut short. */
  const relearn = async <T>(namespace: string, id: string, answer: T): Promise<T> => {
    await completion.learn(namespace, id);
    return answer;
  };
  return {
    authorize: () => ({}),
    "episode.start": (input, { namespace, commit }) => episodes.start(namespace, input, commit),
    "episode.get": (input, { namespace }) => episodes.get(namespace, input.id),
    "episode.patch": async (input, { namespace, commit }) => {
      const patched = await episodes.patch(namespace, input, commit);
      await relearn(namespace, input.id, null);
      const now = parts.store.local(namespace, input.id);
      return now ? viewOf(now) : patched;
    },
    "episode.delete": async (input, { namespace, commit }) => {
      const answer = await episodes.remove(namespace, input, commit);
      await completion.forget(namespace, input.id);
      return answer;
    },
    "episode.steps": (input, { namespace, commit }) => episodes.steps(namespace, input, commit),
    "episode.complete": (input, { namespace, commit }) => completion.complete(namespace, input, commit),
    "episode.fail": (input, { namespace, commit }) => completion.fail(namespace, input, commit),
    "episode.checkpoint": (input, { namespace, commit }) => episodes.checkpoint(namespace, input, commit),
    "episode.handoff": (input, { namespace }) => episodes.handoff(namespace, input),
    "episode.tags.get": async ({ id }, { namespace }) => ({ tags: (await parts.store.get(namespace, id)).tags }),
    "episode.tags.add": async ({ id, tags }, { namespace, commit }) =>
      relearn(namespace, id, await episodes.tags(namespace, id, (known) => [...known, ...tags], commit)),
    "episode.tags.remove": async ({ id, tag }, { namespace, commit }) =>
      relearn(
        namespace,
        id,
        await episodes.tags(namespace, id, (known) => known.filter((other) => other !== tag), commit),
      ),
    "episode.import": (input, { namespace, commit }) => completion.import(namespace, input, commit),
    "relationships.add": (input, { namespace, commit }) => relationships.add(namespace, input, commit),
    "relationships.list": async ({ episode_id }, { namespace }) => ({
      relationships: await relationships.list(namespace, episode_id),
    }),
    "relationships.remove": (input, { namespace, commit }) => relationships.remove(namespace, input, commit),
    "episodes.list": (input, { namespace }) => lists.list(namespace, input),
    "episodes.export": (input, { namespace }) => lists.export(namespace, input),
    recall: (input, { namespace }) => knowledge.recall(namespace, input, ground.now()),
    search: (input, { namespace }) => knowledge.search(namespace, input, ground.now()),
    "patterns.list": (input, { namespace }) => knowledge.patternsList(namespace, input, ground.now()),
    "patterns.get": async ({ pattern_id }, { namespace }) => {
      const pattern = await knowledge.patternsGet(namespace, pattern_id, ground.now());
      if (!pattern) throw new Refused("not_found", `There is no pattern ${pattern_id} in this namespace.`);
      return pattern;
    },
    "heuristics.list": (input, { namespace }) => knowledge.heuristicsList(namespace, input, ground.now()),
    playbook: (input, { namespace }) => knowledge.playbook(namespace, input, ground.now()),
    feedback: async (input, { namespace }) => {
      const counted = await knowledge.feedback(namespace, input, ground.now());
      if (counted) return counted;
      throw new Refused("not_found", `There is no recall ${input.recall_id} in this namespace.`, { path: "recall_id" });
    },
    "feedback.export": ({ cursor }, { namespace }) => knowledge.feedbackExport(namespace, cursor, ground.now()),
    "feedback.import": (line, { namespace }) => knowledge.feedbackImport(namespace, line, ground.now()),
    stats: async (_input, { namespace }) => ({
      ...(await lists.counts(namespace)),
      ...(await knowledge.stats(namespace, ground.now())),
    }),
    "namespace.erase": async ({ name }, { namespace }) => {
      if (name !== namespace || !NAMESPACE_PATTERN.test(name)) {
        throw new Refused("forbidden", "A namespace is erased with itself as the namespace of the call.");
      }
      return { name, erased_at: await eraser.erase(name) };
    },
  };
}

export function internalsOf(parts: Parts): InternalHandlers {
  const { ground, store, knowledge, relationships, eraser, keys } = parts;
  return {
    ping: async () => ({ schema_version: await parts.schemaVersion() }),
    keys: ({ keys: records, complete }) => {
      keys.accept(records, complete);
      return null;
    },
    baseline: ({ namespace, domain }) => knowledge.baseline(namespace, domain, ground.now()),
    learn: async ({ digest, recall_id }) => {
      const answer = await knowledge.learn(digest, ground.now());
      if (recall_id !== null) knowledge.completionUsedRecall(digest.namespace, recall_id, digest, ground.now());
      return answer;
    },
    forget: async ({ namespace, episode_id }) => {
      await relationships.forget(namespace, episode_id);
      await knowledge.forget(namespace, episode_id, ground.now());
      return null;
    },
    overlay: (input) => overlay(ground.sql, input),
    counts: ({ namespace, all }) => localCounts(ground.sql, namespace, all),
    episodes: ({ namespace, ids }) => store.many(namespace, ids),
    exists: async ({ namespace, id }) => (await store.find(namespace, id)) !== null,
    relate: async ({ namespace, relationships: ties }) => {
      await relationships.put(namespace, ties);
      return null;
    },
    next_tools: async ({ namespace, episode }) => {
      const { task, context } = episode;
      const recent_steps = episode.steps.slice(-10).map((step) => ({
        tool: step.tool,
        result: resultClass(step.result),
        ...(step.result?.type === "error" ? { message: step.result.message } : {}),
      }));
      return knowledge.nextTools(namespace, { task, context, recent_steps }, ground.now());
    },
    erase_begin: async ({ namespace }) => {
      await eraser.begin(namespace);
      if (namespaceHome(ground, namespace) === ground.place().index) knowledge.erase(namespace);
      return null;
    },
    erase_end: ({ namespace }) => {
      eraser.end(namespace);
      return null;
    },
  };
}
