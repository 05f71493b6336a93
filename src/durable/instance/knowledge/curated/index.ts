/**
 * What agents and people wrote about a namespace, at its home: lessons, and decisions about what was
 * learned and said. Puts its parts together.
 *
 * @module
 */

import { DatabaseError } from "../../../../storage/index.ts";
import type { KnowledgeDeps } from "../deps.ts";
import { CuratedRows } from "./curated-rows.ts";
import { Decisions } from "./decisions.ts";
import { LessonQuestions } from "./lesson-questions.ts";
import { Lessons } from "./lessons.ts";
import { CuratedTransfer } from "./transfer.ts";
import { CuratedViews } from "./views.ts";

export class Curated {
  readonly rows: CuratedRows;
  readonly views: CuratedViews;
  readonly lessons: Lessons;
  readonly questions: LessonQuestions;
  readonly decisions: Decisions;
  readonly transfer: CuratedTransfer;

  /** @param quotaOf how many lessons a namespace may hold; null: as many as the service takes */
  constructor(deps: KnowledgeDeps, quotaOf: (namespace: string) => number | null) {
    this.rows = new CuratedRows(deps);
    this.views = new CuratedViews(this.rows);
    this.lessons = new Lessons(this.rows, this.views, quotaOf);
    this.questions = new LessonQuestions(deps.sql, this.rows, this.views);
    this.decisions = new Decisions(this.rows, this.views);
    this.transfer = new CuratedTransfer(this.rows, this.views, this.lessons);
    this.rows.onLoaded((namespace) => this.lessons.settle(namespace, deps.now()));
  }

  /** Lessons that a namespace holds; null: the database would have to say, and is out of reach. */
  async count(namespace: string): Promise<number | null> {
    try {
      await this.rows.load(namespace);
    } catch (error) {
      if (error instanceof DatabaseError) return null;
      throw error;
    }
    return this.views.of(namespace).book.lessons.size;
  }
}
