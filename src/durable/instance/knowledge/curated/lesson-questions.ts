/**
 * Answers about lessons: lists, one of them, and those that a task or a step calls for. Reads only.
 *
 * @module
 */

import type {
  LessonEvidence,
  LessonView,
  RecalledLesson,
} from "../../../../contract/lessons/answers.ts";
import type { QualityView } from "../../../../contract/quality/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import {
  chooseLessons,
  countEvidence,
  searchLessons,
  type LessonBounds,
  type LessonQuestion,
} from "../../../../memory/lessons/index.ts";
import type { LocalSql } from "../../../../storage/index.ts";
import { cursorRefused } from "../../../shared/refusals.ts";
import { countShown } from "../questions/recalls.ts";
import type { CuratedRows } from "./curated-rows.ts";
import { viewLesson, type BookLesson, type LessonBook } from "./lesson-book.ts";
import { noLesson } from "./lessons.ts";
import type { CuratedView, CuratedViews } from "./views.ts";

/** What an answer to a task has of lessons. */
const RECALLED: LessonBounds = { lessons: 5, characters: 2_000 };
/** What advice at the moment of action has. */
const ADVISED: LessonBounds = { lessons: 3, characters: 600 };

/** Ids of lessons that nobody judged, in a report. */
const EXAMPLES_MAX = 10;
/** Recent steps whose tools lessons may name. */
const TOOLS_MAX = 5;

/** The parts of a question that lessons are chosen by. */
export interface TaskOfLessons {
  task: string;
  context: { domain?: string | undefined; tags?: readonly string[] | undefined };
  recent_steps: readonly { tool: string }[];
  next_tool?: string | null;
  error?: string | null;
  /** Steps of the answer's playbook. */
  planned?: readonly { tool: string }[];
}

/** The lessons of a namespace, as the question that asks for some of them reads it. */
export interface LessonsOf {
  namespace: string;
  book: Pick<LessonBook, "active" | "weights">;
}

export class LessonQuestions {
  readonly #sql: LocalSql;
  readonly #rows: CuratedRows;
  readonly #views: CuratedViews;

  constructor(sql: LocalSql, rows: CuratedRows, views: CuratedViews) {
    this.#sql = sql;
    this.#rows = rows;
    this.#views = views;
  }

  /** Throws `DatabaseError`, and `Refused` for a cursor that is no earlier page's. */
  async list(
    namespace: string,
    input: Input<"lessons.list">,
    now: number,
  ): Promise<Page<LessonView>> {
    await this.#rows.load(namespace);
    const view = this.#views.of(namespace);
    const offset = offsetOf(input.cursor);
    const all = wantedLessons(view, input);
    const page = all.slice(offset, offset + input.limit);
    const next = offset + input.limit;
    return {
      items: this.#viewed(namespace, view, page, now),
      next_cursor: next < all.length ? String(next) : null,
      degraded: false,
    };
  }

  /** Throws `DatabaseError`, and `Refused` when there is none. */
  async get(namespace: string, id: string, now: number): Promise<LessonView> {
    await this.#rows.load(namespace);
    return this.present(namespace, id, this.#views.of(namespace), now);
  }

  /** Of a view, which may be as a transaction sees it. Throws `Refused` when there is none. */
  present(namespace: string, id: string, view: CuratedView, now: number): LessonView {
    const lesson = view.book.lessons.get(id);
    const [viewed] = lesson ? this.#viewed(namespace, view, [lesson], now) : [];
    if (!viewed) throw noLesson(id);
    return viewed;
  }

  /** What a task calls for; none while the namespace's lessons are not here. */
  recalled(from: LessonsOf, question: TaskOfLessons, usual: number, now: number): RecalledLesson[] {
    return this.#chosen(from, question, { bounds: RECALLED, usual }, now);
  }

  /** The same at the moment of action: fewer. */
  advised(from: LessonsOf, question: TaskOfLessons, usual: number, now: number): RecalledLesson[] {
    return this.#chosen(from, question, { bounds: ADVISED, usual }, now);
  }

  #chosen(
    { namespace, book }: LessonsOf,
    question: TaskOfLessons,
    { bounds, usual }: { bounds: LessonBounds; usual: number },
    now: number,
  ): RecalledLesson[] {
    if (book.active.length === 0) return [];
    const choices = chooseLessons(
      questionOf(question),
      {
        lessons: book.active,
        weights: book.weights,
        usual,
        evidence: (ids) => this.#evidence(namespace, ids, now),
      },
      bounds,
    );
    return choices.map(({ lesson, score, evidence, amends }) => ({
      id: lesson.id,
      text: lesson.text,
      kind: lesson.statement.kind,
      applies_to: lesson.applies_to,
      score,
      pinned: lesson.pinned,
      evidence,
      amends,
      said_at: lesson.said_at,
    }));
  }

  /** How many lessons there are, and of which nobody has judged a use. With its rows loaded. */
  unjudged(namespace: string, now: number): QualityView["lessons"] {
    const { active } = this.#views.of(namespace).book;
    const ids = active.map(({ id }) => id);
    const evidence = this.#evidence(namespace, ids, now);
    const unjudged = active.filter(({ id }) => (evidence.get(id)?.used ?? 0) === 0);
    const oldest = unjudged.toSorted((a, b) => (a.said_at < b.said_at ? -1 : 1));
    return {
      total: active.length,
      without_evidence: unjudged.length,
      examples: oldest.slice(0, EXAMPLES_MAX).map(({ id }) => id),
    };
  }

  #viewed(
    namespace: string,
    { book, curation }: CuratedView,
    lessons: readonly BookLesson[],
    now: number,
  ): LessonView[] {
    const ids = lessons.map(({ id }) => id);
    const evidence = this.#evidence(namespace, ids, now);
    const shown = countShown(this.#sql, namespace, ids);
    return lessons.map((lesson) => ({
      ...viewLesson(book, lesson, curation),
      evidence: evidence.get(lesson.id) ?? countEvidence([], now),
      shown: shown.get(lesson.id) ?? 0,
    }));
  }

  #evidence(namespace: string, ids: readonly string[], now: number): Map<string, LessonEvidence> {
    const sums = this.#rows.sums(namespace, ids);
    return new Map(ids.map((id) => [id, countEvidence(sums.get(id) ?? [], now)]));
  }
}

function questionOf({
  task,
  context,
  recent_steps,
  next_tool,
  error,
  planned = [],
}: TaskOfLessons): LessonQuestion {
  return {
    task,
    domain: context.domain ? context.domain : null,
    tags: context.tags ?? [],
    tools: recent_steps.slice(-TOOLS_MAX).map(({ tool }) => tool),
    next_tool: next_tool ?? null,
    planned: [...new Set(planned.map(({ tool }) => tool))],
    error: error ?? null,
  };
}

/** In the order of the list. */
function wantedLessons({ book }: CuratedView, input: Input<"lessons.list">): BookLesson[] {
  const { q, state, kind, tool } = input;
  const isWanted = (lesson: BookLesson): boolean =>
    (kind === undefined || lesson.statement.kind === kind) &&
    (tool === undefined || lesson.applies_to.tools.includes(tool)) &&
    (state === "all" ||
      (state === undefined
        ? lesson.state === "active" || lesson.state === "pending"
        : lesson.state === state));
  const wanted = [...book.lessons.values()].filter(isWanted);
  if (q !== undefined) return searchLessons(q, wanted, book.weights);
  return wanted.sort(
    (a, b) =>
      Number(b.pinned) - Number(a.pinned) ||
      (a.said_at > b.said_at ? -1 : a.said_at < b.said_at ? 1 : a.id < b.id ? -1 : 1),
  );
}

function offsetOf(cursor: string | null): number {
  if (cursor === null) return 0;
  if (!/^\d{1,6}$/.test(cursor)) throw cursorRefused();
  return Number(cursor);
}
