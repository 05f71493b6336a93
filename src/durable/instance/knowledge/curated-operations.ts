/**
 * The operations on lessons, and on what people decide.
 *
 * @module
 */

import type { LessonView } from "../../../contract/lessons/answers.ts";
import type { InstanceContext } from "../context.ts";
import type { OperationHandlers, OperationScope } from "../handlers.ts";
import { QuotaRefused } from "../quotas/quota-refusals.ts";
import type { Curated } from "./curated/index.ts";
import { sourceOfKey } from "./curated/lessons.ts";
import { reviewOf, setReview } from "./curated/review.ts";
import type { Knowledge } from "./index.ts";

interface CuratedParts {
  context: Pick<InstanceContext, "emit" | "note" | "now">;
  knowledge: Knowledge;
}

type Changed = Pick<Knowledge, "curated" | "settings" | "quotaRefusals">;

/** Runs a change with everything loaded that it may depend on. */
async function changed<T>(
  { curated: { rows }, settings, quotaRefusals }: Changed,
  { namespace, commit }: OperationScope,
  work: () => T,
): Promise<T> {
  await rows.load(namespace);
  await settings.ifReadable(namespace);
  try {
    return commit(work);
  } catch (error) {
    if (error instanceof QuotaRefused) quotaRefusals.add(namespace, error.by, 1);
    throw error;
  }
}

/** The lesson as the transaction that changed it sees it. */
function present(
  { questions, views }: Curated,
  namespace: string,
  id: string,
  now: number,
): LessonView {
  return questions.present(namespace, id, views.fresh(namespace), now);
}

export function lessonOperations({ context: { emit, now }, knowledge }: CuratedParts) {
  const { curated } = knowledge;
  const { lessons, questions, transfer } = curated;
  return {
    "lessons.add": ({ supersedes, ...said }, scope) =>
      changed(knowledge, scope, () => {
        const { namespace, by } = scope;
        const at = now();
        const statement = { ...said, by };
        const source = sourceOfKey(by, at);
        const saying = { statement, source, episodeId: null, at, supersedes };
        const { id, isNew } = lessons.say(namespace, saying);
        if (isNew)
          emit({ type: "lesson.added", namespace, data: { lesson_id: id, kind: said.kind } });
        return { ...present(curated, namespace, id, at), is_new: isNew };
      }),
    "lessons.list": (input, { namespace }) => questions.list(namespace, input, now()),
    "lessons.get": ({ lesson_id }, { namespace }) => questions.get(namespace, lesson_id, now()),
    "lessons.amend": (input, scope) =>
      changed(knowledge, scope, () => {
        lessons.amend(scope.namespace, input, scope.by, now());
        return present(curated, scope.namespace, input.lesson_id, now());
      }),
    "lessons.remove": ({ lesson_id: id }, scope) =>
      changed(knowledge, scope, () => {
        lessons.remove(scope.namespace, id, now());
        return { id, deleted: true as const };
      }),
    "lessons.export": ({ cursor }, { namespace }) => transfer.exportLessons(namespace, cursor),
    "lessons.import": (line, scope) =>
      changed(knowledge, scope, () => transfer.importLesson(scope.namespace, line, now())),
  } satisfies Partial<OperationHandlers>;
}

export function decisionOperations({ context: { now, note }, knowledge }: CuratedParts) {
  const { curated } = knowledge;
  const { rows, decisions, transfer } = curated;
  return {
    "curation.decide": async (input, scope) => {
      const source = await knowledge.source(scope.namespace, now());
      const { namespace, by } = scope;
      const view = await changed(knowledge, scope, () =>
        decisions.decide(source, input, by, now()),
      );
      const title = `${input.kind} ${input.id} of namespace ${namespace}: ${input.action}`;
      await note({ kind: "curation", title, by, namespace });
      return view;
    },
    "curation.list": (input, { namespace }) => decisions.list(namespace, input),
    "curation.export": ({ cursor }, { namespace }) => transfer.exportDecisions(namespace, cursor),
    "curation.import": (line, scope) =>
      changed(knowledge, scope, () => transfer.importDecision(scope.namespace, line)),
    "review.get": async (_input, { namespace }) => {
      await rows.load(namespace);
      return { learning_review: reviewOf(rows, namespace) };
    },
    "review.set": ({ learning_review }, scope) =>
      changed(knowledge, scope, () => {
        setReview(rows, scope.namespace, learning_review, now());
        return { learning_review };
      }),
  } satisfies Partial<OperationHandlers>;
}
