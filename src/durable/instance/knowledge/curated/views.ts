/**
 * Opens what questions read of a namespace's lessons and decisions, and keeps it until something
 * changes: making it anew takes milliseconds, and questions are many.
 *
 * @module
 */

import { lessonTerms, type LessonTerms } from "../../../../memory/lessons/index.ts";
import { BoundedMap } from "../../../../util/bounded-map.ts";
import { Curation } from "./curation.ts";
import type { CuratedRows, StoredLesson } from "./curated-rows.ts";
import { KnownLessons, LessonBook } from "./lesson-book.ts";
import { isReviewed } from "./review.ts";

/** Namespaces that are kept, and texts whose terms are. */
const KEPT_MAX = 16;
const TERMS_KEPT_MAX = 2_500;

export interface CuratedView {
  curation: Curation;
  book: LessonBook;
  /** Another one after each change of a row that the namespace has. */
  revision: symbol;
}

/** What was decided is not known: nothing is shown that somebody may have banned. */
const UNKNOWN = new Curation([], { isReviewed: false, isUnknown: true });

export class CuratedViews {
  readonly #rows: CuratedRows;
  readonly #kept = new BoundedMap<string, CuratedView>(KEPT_MAX);
  readonly #terms = new BoundedMap<string, LessonTerms>(TERMS_KEPT_MAX);

  constructor(rows: CuratedRows) {
    this.#rows = rows;
    rows.onChange((namespace) => {
      if (namespace === null) this.#kept.clear();
      else this.#kept.delete(namespace);
    });
  }

  /** Outside of a transaction: what is kept must not be taken back with one. */
  of(namespace: string): CuratedView {
    return this.ifHere(namespace) ?? this.#unknown();
  }

  /** The same; null: the namespace's rows are not here. */
  ifHere(namespace: string): CuratedView | null {
    const view = this.#known(namespace);
    if (view) this.#kept.set(namespace, view);
    return view;
  }

  /** As the rows are at this moment, in a transaction: what that changes is not kept. */
  fresh(namespace: string): CuratedView {
    return this.#known(namespace) ?? this.#unknown();
  }

  /** The lessons that there are at this moment, in a transaction that says some. */
  knownLessons(namespace: string): KnownLessons {
    const termsOf = (text: string): LessonTerms => this.#termsOf(text);
    if (!this.#rows.isLoaded(namespace)) return new KnownLessons([], UNKNOWN, termsOf);
    const curation = this.#kept.get(namespace)?.curation ?? this.#curationOf(namespace);
    return new KnownLessons(this.#rows.lessons(namespace), curation, termsOf);
  }

  #unknown(): CuratedView {
    return { curation: UNKNOWN, book: this.#bookOf([], UNKNOWN), revision: Symbol() };
  }

  /** null: the rows are not here. */
  #known(namespace: string): CuratedView | null {
    // Whoever takes a namespace's rows away takes the note that they are here along.
    if (!this.#rows.isLoaded(namespace)) return null;
    const kept = this.#kept.get(namespace);
    if (kept) return kept;
    const curation = this.#curationOf(namespace);
    const book = this.#bookOf(this.#rows.lessons(namespace), curation);
    return { curation, book, revision: Symbol() };
  }

  #curationOf(namespace: string): Curation {
    return new Curation(this.#rows.decisions(namespace), {
      isReviewed: isReviewed(this.#rows, namespace),
    });
  }

  #bookOf(stored: readonly StoredLesson[], curation: Curation): LessonBook {
    return new LessonBook(stored, curation, (text) => this.#termsOf(text));
  }

  #termsOf(text: string): LessonTerms {
    const known = this.#terms.get(text);
    if (known) return known;
    const terms = lessonTerms(text);
    this.#terms.set(text, terms);
    return terms;
  }
}
