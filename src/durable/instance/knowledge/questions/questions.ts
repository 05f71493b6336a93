/**
 * Answers questions about what a namespace has learned, each from a source of its own. What was
 * shown is remembered, so that feedback finds it; nothing else is changed.
 *
 * @module
 */

import type {
  HeuristicView,
  Learned,
  PatternView,
  StatsView,
} from "../../../../contract/knowledge/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input, Output } from "../../../../contract/operations.ts";
import type { RecallView, SearchHit } from "../../../../contract/recall/answers.ts";
import type { RecallInput } from "../../../../contract/recall/requests.ts";
import { viewPattern } from "../../../../memory/learning/index.ts";
import { fitToTokens } from "../../../../memory/ranking/index.ts";
import type { RecalledLesson } from "../../../../contract/lessons/answers.ts";
import type { Curated } from "../curated/index.ts";
import type { LessonQuestions } from "../curated/lesson-questions.ts";
import { shownHeuristic, shownPattern, shownPlaybook, shownRecall } from "../curated/shown.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { Source, Sources } from "../source.ts";
import { CorrectionCache, countForecasts } from "./advice/forecasts.ts";
import { adviseFrom } from "./advise.ts";
import { countLearned, listHeuristics, listPatterns } from "./browse.ts";
import { countUse } from "./proof-of-use.ts";
import { nextToolsFrom, playbookFrom, recallFrom } from "./recall.ts";
import { recordOfAdvice, recordOfRecall, rememberRecall } from "./recalls.ts";
import { searchIn } from "./search.ts";
import type { TaskQuestion } from "./similar.ts";

export class Questions {
  readonly #deps: KnowledgeDeps;
  readonly #sources: Sources;
  readonly #corrections = new CorrectionCache();
  readonly #lessons: LessonQuestions;

  constructor(deps: KnowledgeDeps, sources: Sources, curated: Pick<Curated, "questions">) {
    this.#deps = deps;
    this.#sources = sources;
    this.#lessons = curated.questions;
  }

  /** Throws `Moved`. */
  async recall(namespace: string, input: RecallInput, now: number): Promise<RecallView> {
    const source = await this.#sources.of(namespace, now);
    const corrections = this.#corrections.of(source, now);
    const answer = shownRecall(source, await recallFrom(source, input, corrections, now));
    const lessons = input.include.includes("lessons")
      ? this.#lessons.recalled(namespace, input, usualIn(source, input, now), now)
      : [];
    const whole = { recall_id: this.#deps.uuid(now), ...answer, lessons };
    const view = fitToTokens(whole, input.max_tokens);
    rememberRecall(this.#deps, namespace, recordOfRecall(view, input.task, now), now);
    return view;
  }

  /** Throws `Moved`. */
  async advise(namespace: string, input: Input<"advise">, now: number): Promise<Output<"advise">> {
    const source = await this.#sources.of(namespace, now);
    const corrections = this.#corrections.of(source, now);
    const { advice, forecast } = await adviseFrom(source, input, corrections, now);
    const lessons = input.only_line
      ? []
      : this.#lessons.advised(namespace, input, usualIn(source, input, now), now);
    const view = { recall_id: this.#deps.uuid(now), ...advice, lessons };
    const record = recordOfAdvice(view, { task: input.task, forecast }, now);
    rememberRecall(this.#deps, namespace, record, now);
    return view;
  }

  /** Throws `Refused` for a cursor that is no earlier page's. */
  async search(namespace: string, input: Input<"search">, now: number): Promise<Page<SearchHit>> {
    return searchIn(await this.#sources.of(namespace, now), input);
  }

  /** Throws `Refused` for a cursor that is no earlier page's. */
  async patterns(
    namespace: string,
    input: Input<"patterns.list">,
    now: number,
  ): Promise<Page<PatternView>> {
    const source = await this.#sources.of(namespace, now);
    const page = listPatterns(source, input, now);
    return { ...page, items: page.items.map((view) => shownPattern(source.curation, view)) };
  }

  /** null: there is none with this id. */
  async pattern(namespace: string, id: string, now: number): Promise<PatternView | null> {
    const source = await this.#sources.of(namespace, now);
    const row = source.patternsByIds([id]).get(id)?.row;
    return row ? shownPattern(source.curation, viewPattern(row, source.baseRates(now), now)) : null;
  }

  /** Throws `Refused` for a cursor that is no earlier page's. */
  async heuristics(
    namespace: string,
    input: Input<"heuristics.list">,
    now: number,
  ): Promise<Page<HeuristicView>> {
    const source = await this.#sources.of(namespace, now);
    const page = listHeuristics(source, input, now);
    return { ...page, items: page.items.map((view) => shownHeuristic(source.curation, view)) };
  }

  async playbook(
    namespace: string,
    question: TaskQuestion,
    now: number,
  ): Promise<Output<"playbook">> {
    const source = await this.#sources.of(namespace, now);
    return { playbook: shownPlaybook(source, await playbookFrom(source, question, now)) };
  }

  /** Lessons for a task that is handed over. */
  async lessons(namespace: string, question: TaskQuestion, now: number): Promise<RecalledLesson[]> {
    const source = await this.#sources.of(namespace, now);
    return this.#lessons.recalled(namespace, question, usualIn(source, question, now), now);
  }

  async nextTools(
    namespace: string,
    question: TaskQuestion,
    now: number,
  ): Promise<RecallView["next_tools"]> {
    const source = await this.#sources.of(namespace, now);
    return nextToolsFrom(source, question, this.#corrections.of(source, now), now);
  }

  async stats(namespace: string, now: number): Promise<Pick<StatsView, Learned>> {
    const source = await this.#sources.of(namespace, now);
    return { ...countLearned(source), ...countUse(source), ...countForecasts(source) };
  }
}

/** The success rate that is usual where a question comes from, 0…1. */
function usualIn(source: Source, { context }: Pick<TaskQuestion, "context">, now: number): number {
  return source.baseRates(now).rate(context.domain ?? "");
}
