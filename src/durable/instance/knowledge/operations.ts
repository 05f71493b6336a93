/**
 * The operations on what a namespace's home knows.
 *
 * @module
 */

import { LIMITS } from "../../../contract/limits.ts";
import { recentStepOf } from "../episodes/recent-steps.ts";
import { Refused } from "../../shared/refusals.ts";
import type { StatsView } from "../../../contract/knowledge/answers.ts";
import {
  OPERATORS_SETTINGS,
  type NamespaceSettingChanges,
} from "../../../contract/namespaces/settings.ts";
import type { QuotaKeeper } from "../quotas/quota-keeper.ts";
import type { InstanceContext } from "../context.ts";
import type { EpisodeLists } from "../episodes/lists/episode-lists.ts";
import { countWeeks } from "../episodes/lists/week-counts.ts";
import type { Relationships } from "../episodes/relationships.ts";
import type { InternalHandlers, OperationHandlers } from "../handlers.ts";
import { decisionOperations, lessonOperations } from "./curated-operations.ts";
import type { Knowledge } from "./index.ts";
import { filterOperations } from "./kept-filters.ts";

export interface KnowledgeParts {
  context: Pick<
    InstanceContext,
    "askAll" | "database" | "emit" | "note" | "now" | "transaction" | "wake"
  >;
  knowledge: Knowledge;
  relationships: Relationships;
  lists: EpisodeLists;
}

export function knowledgeOperations(parts: KnowledgeParts & { keeper: QuotaKeeper }) {
  const { context, knowledge } = parts;
  const { now } = context;
  return {
    ...lessonOperations({ context, knowledge }),
    ...decisionOperations({ context, knowledge }),
    ...filterOperations(knowledge.filters),
    ...wholeOperations(parts),
    recall: (input, { namespace }) => knowledge.questions.recall(namespace, input, now()),
    advise: (input, { namespace }) => knowledge.questions.advise(namespace, input, now()),
    search: (input, { namespace }) => knowledge.questions.search(namespace, input, now()),
    "patterns.list": (input, { namespace }) =>
      knowledge.questions.patterns(namespace, input, now()),
    "patterns.get": async ({ pattern_id }, { namespace }) => {
      const pattern = await knowledge.questions.pattern(namespace, pattern_id, now());
      if (pattern) return pattern;
      throw new Refused("not_found", `There is no pattern ${pattern_id} in this namespace.`);
    },
    "heuristics.list": (input, { namespace }) =>
      knowledge.questions.heuristics(namespace, input, now()),
    playbook: (input, { namespace }) => knowledge.questions.playbook(namespace, input, now()),
    "skills.list": (_input, { namespace }) => knowledge.questions.skills(namespace, now()),
    feedback: async (input, { namespace }) => {
      const counted = await knowledge.feedback.give(namespace, input, now());
      if (counted) return counted;
      const detail = `There is no recall ${input.recall_id} in this namespace.`;
      throw new Refused("not_found", detail, { path: "recall_id" });
    },
    "feedback.export": ({ cursor }, { namespace }) =>
      knowledge.feedback.export(namespace, cursor, now()),
    "feedback.import": (line, { namespace }) => knowledge.feedback.import(namespace, line, now()),
  } satisfies Partial<OperationHandlers>;
}

/** What is asked about a namespace as a whole. */
function wholeOperations(parts: KnowledgeParts & { keeper: QuotaKeeper }) {
  const { context, knowledge, lists } = parts;
  const { now } = context;
  return {
    "namespace.settings": async (_input, { namespace }) => ({
      namespace,
      settings: await knowledge.settings.of(namespace),
    }),
    "namespace.set": async ({ changes }, { namespace, isOperator, commit }) => {
      if (!isOperator) refuseQuotas(changes);
      await knowledge.settings.of(namespace);
      return commit(() => ({
        namespace,
        settings: knowledge.changeSettings(namespace, changes, now()),
      }));
    },
    quality: async ({ weeks }, { namespace }) => ({
      namespace,
      ...(await countWeeks(context, namespace, { weeks, now: now() })),
      ...(await knowledge.questions.quality(namespace, now())),
    }),
    stats: async (_input, { namespace }) => {
      const [counts, learned] = await Promise.all([
        lists.counts(namespace),
        knowledge.questions.stats(namespace, now()),
      ]);
      return { ...counts, ...learned, quotas: await quotasView(parts, namespace, counts) };
    },
  } satisfies Partial<OperationHandlers>;
}

/** A tenant does not give itself more: throws `Refused` where it tries. */
function refuseQuotas(changes: NamespaceSettingChanges): void {
  const named = OPERATORS_SETTINGS.find((name) => changes[name] !== undefined);
  if (named === undefined) return;
  const detail = `${named} is set with the ADMIN_TOKEN alone.`;
  throw new Refused("forbidden", detail, { path: named });
}

async function quotasView(
  { knowledge, keeper }: Pick<KnowledgeParts, "knowledge"> & { keeper: QuotaKeeper },
  namespace: string,
  { episodes }: Pick<StatsView, "episodes">,
): Promise<StatsView["quotas"]> {
  await knowledge.settings.ifReadable(namespace);
  const limits = knowledge.quotasOf(namespace);
  const lessons = await knowledge.curated.count(namespace);
  const bytes = await keeper.bytesOf(namespace);
  return {
    episodes: { used: episodes.total, limit: limits.episodes },
    bytes: { used: bytes, limit: limits.bytes },
    lessons: { used: lessons, limit: limits.lessons ?? LIMITS.lessons_max },
  };
}

export function knowledgeInternals({ context, knowledge, relationships }: KnowledgeParts) {
  const { now } = context;
  return {
    baseline: ({ namespace, domain }) => knowledge.learning.baseline(namespace, domain, now()),
    learn: async (input) => {
      const { digest, taught } = input;
      if (taught) {
        await knowledge.curated.rows.load(digest.namespace);
        await knowledge.settings.ifReadable(digest.namespace);
      }
      return context.transaction(() => ({
        ...knowledge.learn(input, now()),
        learning: "done" as const,
        ...(taught ? { lessons: knowledge.teach(digest, taught) } : {}),
      }));
    },
    forget: async ({ namespace, episode_id }) => {
      // It is found no more by now: what it said of lessons, and its relationships, may have to wait
      // for the database.
      context.transaction(() => knowledge.learning.forget(namespace, episode_id, now()));
      await relationships.removeEpisode(namespace, episode_id);
      await knowledge.curated.rows.load(namespace);
      context.transaction(() => knowledge.forget(namespace, episode_id, now()));
      return null;
    },
    digests: (input) => knowledge.digests(input),
    next: ({ namespace, episode }) => {
      if (knowledge.holdout.isHeldOut(namespace, episode.id)) return { tools: [], actions: [] };
      const { task, context: taskContext, steps } = episode;
      const recent_steps = steps.slice(-LIMITS.recent_steps_max).map(recentStepOf);
      return knowledge.questions.next(
        namespace,
        { task, context: taskContext, recent_steps },
        now(),
      );
    },
    lessons_for: ({ namespace, id, task, context: of, tools }) => {
      if (knowledge.holdout.isHeldOut(namespace, id)) return [];
      const recent_steps = tools.map((tool) => ({ tool, result: "unknown" as const }));
      return knowledge.questions.lessons(namespace, { task, context: of, recent_steps }, now());
    },
    redaction: async ({ namespace }) =>
      (await knowledge.settings.ifReadable(namespace))?.redaction ?? null,
    sync: ({ namespace }) => {
      const namespaces = knowledge.resync(namespace);
      context.wake(now());
      return { namespaces };
    },
  } satisfies Partial<InternalHandlers>;
}
