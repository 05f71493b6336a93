/**
 * Takes in judgements of recalls: from users, from the outcomes of episodes, from exports and
 * restores; and exports them.
 *
 * @module
 */

import type { Page } from "../../../../contract/operation.ts";
import type { Input, Output } from "../../../../contract/operations.ts";
import type { FeedbackLine } from "../../../../contract/transfer/requests.ts";
import {
  assessPattern,
  isJudged,
  patternId,
  patternKey,
} from "../../../../memory/learning/index.ts";
import type { Digest } from "../../../../memory/learning/types.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { Curated } from "../curated/index.ts";
import type { Lessons } from "../curated/lessons.ts";
import type { FeedbackRecord, RecallRecord } from "../records.ts";
import { recallOf } from "../questions/recalls.ts";
import type { Sources } from "../source.ts";
import { exportJudgements } from "./export.ts";
import { importJudgement, judgementOf, judgeRecall, noteJudgement } from "./judgements.ts";

/** The rating from which a recall counts as one that helped. */
const HELPFUL_RATING_MIN = 0.5;

export class Feedback {
  readonly #deps: KnowledgeDeps;
  readonly #sources: Sources;
  readonly #lessons: Lessons;

  constructor(deps: KnowledgeDeps, sources: Sources, curated: Pick<Curated, "lessons">) {
    this.#deps = deps;
    this.#sources = sources;
    this.#lessons = curated.lessons;
  }

  /** null: there is no such recall. Throws `Refused` while the namespace is not loaded. */
  async give(
    namespace: string,
    input: Input<"feedback">,
    now: number,
  ): Promise<Output<"feedback"> | null> {
    await this.#sources.mustBeLoaded(namespace, now);
    return this.#deps.transaction(() => {
      const recall = this.#recall(namespace, input.recall_id);
      if (!recall) return null;
      const before = judgementOf(this.#deps, namespace, recall.id);
      const counted = judgeRecall(this.#deps, namespace, recall, input, now);
      this.#countLessons(namespace, recall.id, before);
      return counted;
    });
  }

  /**
   * The outcome of an episode that names the recall it used is a judgement of it, unless it was
   * judged already; of patterns only of those that the run followed. In a transaction, once the
   * episode is learned.
   *
   * @param shown ids of the patterns that the episode contributes to
   */
  takeFromOutcome(recallId: string, digest: Digest, shown: readonly string[], now: number): void {
    const { namespace } = digest;
    const recall = this.#recall(namespace, recallId);
    if (!recall || !isJudged(digest)) return;
    if (judgementOf(this.#deps, namespace, recallId)) return;

    const told = new Set(recall.patterns);
    const followed = shown.filter((id) => told.has(id));
    const patterns = this.#recommending(namespace, followed, now);
    const used = [...recall.episodes, ...patterns, ...(recall.lessons ?? [])];
    const rating = digest.success / 1000;
    const helpful = rating >= HELPFUL_RATING_MIN;
    const judgement = { recall_id: recallId, used, helpful, rating, episode: digest.episode_id };
    const take = this.#isCountedLater(namespace, recallId) ? noteJudgement : judgeRecall;
    take(this.#deps, namespace, recall, judgement, now);
    this.#countLessons(namespace, recallId, null);
  }

  /** A page of judged recalls. Throws `Refused` while the namespace is not loaded. */
  async export(namespace: string, cursor: string | null, now: number): Promise<Page<FeedbackLine>> {
    await this.#sources.mustBeLoaded(namespace, now);
    return exportJudgements(this.#deps, namespace, cursor);
  }

  /** Throws `Refused` while the namespace is not loaded. */
  async import(
    namespace: string,
    line: FeedbackLine,
    now: number,
  ): Promise<Output<"feedback.import">> {
    await this.#sources.mustBeLoaded(namespace, now);
    const patterns = line.patterns.map((content) => patternId(namespace, patternKey(content)));
    const status = this.#deps.transaction(() =>
      importJudgement(this.#deps, namespace, line, patterns),
    );
    return { id: line.recall_id, status };
  }

  /**
   * Those of these patterns that recommend: a run that did what it was warned of says nothing of the
   * warning beyond its own evidence.
   */
  #recommending(namespace: string, ids: readonly string[], now: number): string[] {
    const learned = this.#deps.learned.of(namespace);
    if (!learned || ids.length === 0) return [];
    const base = learned.baseRates(now);
    return [...learned.patterns.byIds(ids).values()]
      .filter(({ row }) => assessPattern(row, base, now).polarity !== "avoid")
      .map(({ row }) => row.id);
  }

  /** Counts what the judgement of a recall says of lessons, in place of the one before. */
  #countLessons(namespace: string, recallId: string, before: FeedbackRecord | null): void {
    if (before?.lessons) this.#lessons.unuse(namespace, { recallId, lessons: before.lessons });
    const judged = judgementOf(this.#deps, namespace, recallId);
    if (!judged?.lessons) return;
    const { lessons, helpful, unhelpful, day, episode: episodeId = null } = judged;
    this.#lessons.use(namespace, { recallId, lessons, helpful, unhelpful, day, episodeId });
  }

  /** Whether loading comes to the judgement yet, when all patterns are here. */
  #isCountedLater(namespace: string, recallId: string): boolean {
    const { learned } = this.#deps;
    if (learned.stateOf(namespace) === "ready") return false;
    const cursor = learned.cursorOf(namespace);
    if (cursor?.phase === "judgements") return recallId > String(cursor.after?.[0] ?? "");
    return cursor?.phase === "peer" || cursor?.phase === "episodes";
  }

  #recall(namespace: string, id: string): RecallRecord | null {
    return recallOf(this.#deps.sql, namespace, id);
  }
}
