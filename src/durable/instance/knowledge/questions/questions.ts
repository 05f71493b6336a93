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
import type { QualityView } from "../../../../contract/quality/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input, Output } from "../../../../contract/operations.ts";
import type { RecallView, SearchHit } from "../../../../contract/recall/answers.ts";
import type { RecallInput } from "../../../../contract/recall/requests.ts";
import type { SkillsView } from "../../../../contract/skills/answers.ts";
import { viewPattern } from "../../../../memory/learning/index.ts";
import { fitToTokens } from "../../../../memory/ranking/index.ts";
import { compareGroups } from "../../../../memory/holdout/index.ts";
import type { RecallGroup } from "../../../../memory/learning/types.ts";
import type { RecalledLesson } from "../../../../contract/lessons/answers.ts";
import type { Curated } from "../curated/index.ts";
import type { CuratedRows } from "../curated/curated-rows.ts";
import type { LessonQuestions } from "../curated/lesson-questions.ts";
import { shownHeuristic, shownPattern, shownPlaybook, shownRecall } from "../curated/shown.ts";
import type { KnowledgeDeps } from "../deps.ts";
import { noAdvice, noRecall } from "../holdout/answers.ts";
import type { Asker, Holdout } from "../holdout/holdout.ts";
import type { NamespaceSettings } from "../namespace-settings.ts";
import type { RecallRecord } from "../records.ts";
import type { Source, Sources } from "../source.ts";
import { CorrectionCache, countForecasts } from "./advice/forecasts.ts";
import { adviseFrom, type Advised } from "./advise.ts";
import { countLearned, listHeuristics, listPatterns } from "./browse.ts";
import { countUse } from "./proof-of-use.ts";
import { KeptSkills } from "./kept-skills.ts";
import { type Next, nextFrom, playbookFrom, recallFrom } from "./recall.ts";
import { recordOfAdvice, recordOfRecall, rememberRecall } from "./recalls.ts";
import { searchIn } from "./search.ts";
import type { TaskQuestion } from "./similar.ts";
import { skillsFrom } from "./skills.ts";

/** What questions are answered with, beside what was learned. */
interface QuestionParts {
  curated: Pick<Curated, "questions" | "rows">;
  settings: NamespaceSettings;
  holdout: Holdout;
}

/** What of a report of quality only the namespace's home can count. */
type QualityOfLearning = Pick<QualityView, "calibration" | "playbooks" | "lessons">;

export class Questions {
  readonly #deps: KnowledgeDeps;
  readonly #sources: Sources;
  readonly #settings: NamespaceSettings;
  readonly #holdout: Holdout;
  readonly #corrections = new CorrectionCache();
  readonly #skills = new KeptSkills();
  readonly #lessons: LessonQuestions;
  readonly #rows: CuratedRows;

  constructor(
    deps: KnowledgeDeps,
    sources: Sources,
    { curated, settings, holdout }: QuestionParts,
  ) {
    this.#deps = deps;
    this.#sources = sources;
    this.#settings = settings;
    this.#holdout = holdout;
    this.#lessons = curated.questions;
    this.#rows = curated.rows;
  }

  /** Throws `Moved`. */
  async recall(namespace: string, input: RecallInput, now: number): Promise<RecallView> {
    const source = await this.#sources.of(namespace, now);
    const asker = { episode_id: input.episode_id ?? null, recall_id: this.#deps.uuid(now) };
    const group = await this.#holdout.groupOf(namespace, asker);
    const answer = group?.held_out ? noRecall(source) : await this.#recalled(source, input, now);
    const view = fitToTokens({ recall_id: asker.recall_id, ...answer }, input.max_tokens);
    this.#remember(namespace, recordOfRecall(view, input.task, now), { asker, group }, now);
    return view;
  }

  /** Throws `Moved`. */
  async advise(namespace: string, input: Input<"advise">, now: number): Promise<Output<"advise">> {
    const source = await this.#sources.of(namespace, now);
    const asker = { episode_id: input.episode_id ?? null, recall_id: this.#deps.uuid(now) };
    const group = await this.#holdout.groupOf(namespace, asker);
    const { advice, forecast } = group?.held_out
      ? { advice: noAdvice(source), forecast: null }
      : await this.#advised(source, input, now);
    const view = { recall_id: asker.recall_id, ...advice };
    const record = recordOfAdvice(view, { task: input.task, forecast }, now);
    this.#remember(namespace, record, { asker, group }, now);
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

  /** Throws `Moved`. */
  async playbook(
    namespace: string,
    question: TaskQuestion & Pick<RecallInput, "episode_id">,
    now: number,
  ): Promise<Output<"playbook">> {
    const source = await this.#sources.of(namespace, now);
    const { episode_id: id } = question;
    const group = id === undefined ? null : await this.#holdout.groupOfEpisode(namespace, id, now);
    if (group?.held_out) return { playbook: null, held_out: true };
    return { playbook: shownPlaybook(source, await playbookFrom(source, question, now)) };
  }

  /** Lessons for a task that is handed over. */
  async lessons(namespace: string, question: TaskQuestion, now: number): Promise<RecalledLesson[]> {
    const source = await this.#sources.of(namespace, now);
    return this.#lessons.recalled(source, question, usualIn(source, question, now), now);
  }

  /** What comes next in a run that is handed over. */
  async next(namespace: string, question: TaskQuestion, now: number): Promise<Next> {
    const source = await this.#sources.of(namespace, now);
    return nextFrom(source, question, this.#corrections.of(source, now), now);
  }

  /**
   * What was learned, as files; made once after each change. Throws `Moved`, `DatabaseError`, and
   * `Refused` while the namespace is not here in full: what is missing would look as if it had been
   * unlearned.
   */
  async skills(namespace: string, now: number): Promise<SkillsView> {
    await this.#rows.load(namespace);
    await this.#sources.mustBeLoaded(namespace, now);
    const source = await this.#sources.of(namespace, now);
    return this.#skills.of(source, () =>
      skillsFrom(source, (question, at) =>
        this.#lessons.recalled(source, question, usualIn(source, question, at), at),
      ),
    );
  }

  async stats(
    namespace: string,
    now: number,
  ): Promise<Pick<StatsView, Exclude<Learned, "quotas">>> {
    const source = await this.#sources.of(namespace, now);
    const settings = await this.#settings.ifReadable(namespace);
    const holdout = {
      share: settings?.recall_holdout ?? 0,
      comparisons: source.holdout.map(compareGroups),
    };
    return {
      ...countLearned(source),
      ...countUse(source),
      ...countForecasts(source),
      holdout,
    };
  }

  /**
   * How well what was said came true, whether playbooks were followed, and which lessons nobody has
   * judged. Throws `Moved`, and `DatabaseError` when the lessons cannot be read.
   */
  async quality(namespace: string, now: number): Promise<QualityOfLearning> {
    await this.#rows.load(namespace);
    const source = await this.#sources.of(namespace, now);
    return {
      ...countForecasts(source),
      playbooks: countUse(source).use.playbooks,
      lessons: this.#lessons.unjudged(namespace, now),
    };
  }

  async #recalled(
    source: Source,
    input: RecallInput,
    now: number,
  ): Promise<Omit<RecallView, "recall_id">> {
    const corrections = this.#corrections.of(source, now);
    const answer = shownRecall(source, await recallFrom(source, input, corrections, now));
    const question = { ...input, planned: answer.playbook?.steps ?? [] };
    const lessons = input.include.includes("lessons")
      ? this.#lessons.recalled(source, question, usualIn(source, input, now), now)
      : [];
    return { ...answer, lessons };
  }

  async #advised(source: Source, input: Input<"advise">, now: number): Promise<Advised> {
    const corrections = this.#corrections.of(source, now);
    const { advice, forecast } = await adviseFrom(source, input, corrections, now);
    const lessons = input.only_line
      ? []
      : this.#lessons.advised(source, input, usualIn(source, input, now), now);
    return { advice: { ...advice, lessons }, forecast };
  }

  /** Stores what was shown, and who is in which group. Throws `Moved`. */
  #remember(
    namespace: string,
    record: RecallRecord,
    { asker: { episode_id }, group }: { asker: Asker; group: RecallGroup | null },
    now: number,
  ): void {
    this.#deps.transaction(() => {
      rememberRecall(this.#deps, namespace, group ? { ...record, group } : record, now);
      if (group && episode_id !== null) this.#holdout.remember(namespace, episode_id, group, now);
    });
  }
}

/** The success rate that is usual where a question comes from, 0…1. */
function usualIn(source: Source, { context }: Pick<TaskQuestion, "context">, now: number): number {
  return source.baseRates(now).rate(context.domain ?? "");
}
