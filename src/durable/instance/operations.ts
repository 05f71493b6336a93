/**
 * Which part of an instance does what clients ask.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../../contract/limits.ts";
import type { Completion } from "./episodes/completion.ts";
import type { EpisodeStore } from "./episodes/episode-store.ts";
import type { Episodes } from "./episodes/episodes.ts";
import type { Eraser } from "./episodes/eraser.ts";
import type { OperationHandlers } from "./requests/pipeline.ts";
import type { InstanceContext } from "./context.ts";
import type { Knowledge } from "./knowledge/index.ts";
import type { EpisodeQueries } from "./episodes/episode-queries.ts";
import { Refused } from "../shared/refusals.ts";
import type { Relationships } from "./episodes/relationships.ts";
import { viewOf } from "../shared/episode-record.ts";

export interface Parts {
  context: InstanceContext;
  store: EpisodeStore;
  episodes: Episodes;
  completion: Completion;
  knowledge: Knowledge;
  lists: EpisodeQueries;
  relationships: Relationships;
  eraser: Eraser;
}

export function operationHandlers(parts: Parts): OperationHandlers {
  const { context, episodes, completion, knowledge, lists, relationships, eraser } = parts;
  /**
   * After a change to an ended episode its evidence changes too; the pending task is there if this is cut
   * short.
   */
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
    "episode.complete": (input, { namespace, commit }) =>
      completion.complete(namespace, input, commit),
    "episode.fail": (input, { namespace, commit }) => completion.fail(namespace, input, commit),
    "episode.checkpoint": (input, { namespace, commit }) =>
      episodes.checkpoint(namespace, input, commit),
    "episode.handoff": (input, { namespace }) => episodes.handoff(namespace, input),
    "episode.tags.get": async ({ id }, { namespace }) => ({
      tags: (await parts.store.get(namespace, id)).tags,
    }),
    "episode.tags.add": async ({ id, tags }, { namespace, commit }) =>
      relearn(
        namespace,
        id,
        await episodes.tags(namespace, id, (known) => [...known, ...tags], commit),
      ),
    "episode.tags.remove": async ({ id, tag }, { namespace, commit }) =>
      relearn(
        namespace,
        id,
        await episodes.tags(
          namespace,
          id,
          (known) => known.filter((other) => other !== tag),
          commit,
        ),
      ),
    "episode.import": (input, { namespace, commit }) => completion.import(namespace, input, commit),
    "relationships.add": (input, { namespace, commit }) =>
      relationships.add(namespace, input, commit),
    "relationships.list": async ({ episode_id }, { namespace }) => ({
      relationships: await relationships.list(namespace, episode_id),
    }),
    "relationships.remove": (input, { namespace, commit }) =>
      relationships.remove(namespace, input, commit),
    "episodes.list": (input, { namespace }) => lists.list(namespace, input),
    "episodes.export": (input, { namespace }) => lists.export(namespace, input),
    recall: (input, { namespace }) => knowledge.questions.recall(namespace, input, context.now()),
    advise: (input, { namespace }) => knowledge.questions.advise(namespace, input, context.now()),
    search: (input, { namespace }) => knowledge.questions.search(namespace, input, context.now()),
    "patterns.list": (input, { namespace }) =>
      knowledge.questions.patterns(namespace, input, context.now()),
    "patterns.get": async ({ pattern_id }, { namespace }) => {
      const pattern = await knowledge.questions.pattern(namespace, pattern_id, context.now());
      if (!pattern)
        throw new Refused("not_found", `There is no pattern ${pattern_id} in this namespace.`);
      return pattern;
    },
    "heuristics.list": (input, { namespace }) =>
      knowledge.questions.heuristics(namespace, input, context.now()),
    playbook: (input, { namespace }) =>
      knowledge.questions.playbook(namespace, input, context.now()),
    feedback: async (input, { namespace }) => {
      const counted = await knowledge.feedback.give(namespace, input, context.now());
      if (counted) return counted;
      throw new Refused("not_found", `There is no recall ${input.recall_id} in this namespace.`, {
        path: "recall_id",
      });
    },
    "feedback.export": ({ cursor }, { namespace }) =>
      knowledge.feedback.export(namespace, cursor, context.now()),
    "feedback.import": (line, { namespace }) =>
      knowledge.feedback.import(namespace, line, context.now()),
    stats: async (_input, { namespace }) => ({
      ...(await lists.counts(namespace)),
      ...(await knowledge.questions.stats(namespace, context.now())),
    }),
    "namespace.erase": async ({ name }, { namespace }) => {
      if (name !== namespace || !NAMESPACE_PATTERN.test(name)) {
        throw new Refused(
          "forbidden",
          "A namespace is erased with itself as the namespace of the call.",
        );
      }
      return { name, erased_at: await eraser.erase(name) };
    },
  };
}
