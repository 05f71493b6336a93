/**
 * The lessons of a namespace. As a question reads them: what each says, where it stands, which took
 * the place of which, and the terms by which they are found; made anew after each change. As who
 * says some reads them: which there are and every wording, kept up as rows change. Reads only.
 *
 * @module
 */

import type { LessonView } from "../../../../contract/lessons/answers.ts";
import type { Statement } from "../../../../contract/lessons/requests.ts";
import type { LessonState } from "../../../../contract/vocabulary.ts";
import {
  TermWeights,
  WithheldWordings,
  type Candidate,
  type Choosable,
  type LessonTerms,
  type Said,
} from "../../../../memory/lessons/index.ts";
import { isoTime } from "../../../../util/time.ts";
import type { Curation } from "./curation.ts";
import type { StoredLesson } from "./curated-rows.ts";

/** Lessons whose place another took, in a row, whose words find the last. */
const SUPERSEDED_MAX = 20;

/** A lesson that is there. */
export interface BookLesson extends Choosable {
  statement: Statement;
  said: Said;
  updatedAt: number;
  state: LessonState;
  supersededBy: string | null;
}

export class LessonBook {
  /** By id; what was deleted is not among them. */
  readonly lessons: ReadonlyMap<string, BookLesson>;
  /** Those that are recalled. */
  readonly active: readonly BookLesson[];
  #weights: TermWeights | null = null;
  readonly #supersedes: ReadonlyMap<string, string[]>;
  readonly #termsOf: (text: string) => LessonTerms;

  /** @param termsOf `lessonTerms`, which may remember what it gave */
  constructor(
    stored: readonly StoredLesson[],
    curation: Curation,
    termsOf: (text: string) => LessonTerms,
  ) {
    this.#termsOf = termsOf;
    const all = new Map(
      stored.flatMap((one): [string, BookLesson][] => {
        const lesson = bookLesson(one, curation, termsOf);
        return lesson ? [[one.id, lesson]] : [];
      }),
    );
    this.#withhold(all, curation);
    this.#supersedes = supersessionOf(stored, all);
    for (const lesson of all.values()) this.#place(lesson, all);
    this.lessons = all;
    this.active = [...all.values()].filter(({ state }) => state === "active");
  }

  /** How telling each term is among the lessons. */
  get weights(): TermWeights {
    this.#weights ??= new TermWeights([...this.lessons.values()].map(({ subject }) => subject));
    return this.#weights;
  }

  /** Lessons whose place this one took. */
  supersededBy(id: string): readonly string[] {
    return this.#supersedes.get(id) ?? [];
  }

  /**
   * Withholds what says the same as a lesson that a person banned or rejected, as whatever kind it
   * was said: unless a person decided about it, too.
   */
  #withhold(all: ReadonlyMap<string, BookLesson>, curation: Curation): void {
    const withheld = [...all.values()].filter(({ state }) => isWithheld(state));
    if (withheld.length === 0) return;
    const termsOf = this.#termsOf;
    const wordings = new WithheldWordings(withheld.flatMap((one) => wordingsOf(one, termsOf)));
    for (const lesson of all.values()) {
      if (curation.markOf("lesson", lesson.id) !== null) continue;
      const { domain } = lesson.statement.applies_to;
      const by = wordings.saidBy({ domain, terms: lesson.terms });
      if (by !== null) lesson.state = all.get(by)?.state ?? lesson.state;
    }
  }

  /** Where it stands by what took its place, and the words by which it is found for that. */
  #place(lesson: BookLesson, all: ReadonlyMap<string, BookLesson>): void {
    const by = lesson.supersededBy === null ? undefined : all.get(lesson.supersededBy);
    const isReplaced = by !== undefined && (by.state === "active" || by.state === "superseded");
    if (lesson.state === "active" && isReplaced) lesson.state = "superseded";
    const subject = new Set(lesson.subject);
    const waiting = [...this.supersededBy(lesson.id)];
    const seen = new Set([lesson.id]);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next) || seen.size > SUPERSEDED_MAX) continue;
      seen.add(next);
      for (const term of all.get(next)?.terms.terms ?? []) subject.add(term);
      waiting.push(...this.supersededBy(next));
    }
    lesson.subject = subject;
  }
}

/**
 * The lessons that there are while a transaction says some: made once of its rows, whereafter each
 * change costs what the lesson is that changed.
 */
export class KnownLessons {
  readonly #lessons = new Map<
    string,
    { wordings: readonly Candidate[]; supersededBy: string | null }
  >();
  readonly #curation: Curation;
  readonly #termsOf: (text: string) => LessonTerms;

  /** @param termsOf as of `LessonBook` */
  constructor(
    stored: readonly StoredLesson[],
    curation: Curation,
    termsOf: (text: string) => LessonTerms,
  ) {
    this.#curation = curation;
    this.#termsOf = termsOf;
    for (const one of stored) this.put(one.id, one);
  }

  get size(): number {
    return this.#lessons.size;
  }

  has(id: string): boolean {
    return this.#lessons.has(id);
  }

  /** Takes a lesson as it is stored by now; null: it is not. */
  put(id: string, stored: StoredLesson | null): void {
    const lesson = stored && wordedLesson(stored, this.#curation, this.#termsOf);
    if (!lesson) {
      this.#lessons.delete(id);
      return;
    }
    const supersededBy = stored.record.superseded_by?.id ?? null;
    this.#lessons.set(id, { wordings: wordingsOf(lesson, this.#termsOf), supersededBy });
  }

  /** Every wording of every lesson, to be compared with. */
  *wordings(): Generator<Candidate> {
    for (const { wordings } of this.#lessons.values()) yield* wordings;
  }

  /** Whether the other took the place of the lesson, or of what took it. */
  isReplacedBy(id: string, other: string): boolean {
    const seen = new Set<string>();
    const next = (of: string): string | null => this.#lessons.get(of)?.supersededBy ?? null;
    for (let at = next(id); at !== null && !seen.has(at); at = next(at)) {
      if (at === other) return true;
      seen.add(at);
    }
    return false;
  }
}

/** What a lesson says, and said. */
type WordedLesson = Pick<BookLesson, "id" | "text" | "statement" | "said" | "terms">;

/** null: it was deleted, or nobody says it. */
function wordedLesson(
  { id, record: { said, amended, deleted_at } }: StoredLesson,
  curation: Curation,
  termsOf: (text: string) => LessonTerms,
): WordedLesson | null {
  if (!said || deleted_at !== null) return null;
  const statement = amended ?? said.first;
  const text = curation.textOf("lesson", id) ?? statement.text;
  return { id, text, statement, said, terms: termsOf(text) };
}

function wordingsOf(
  { id, text, statement, said, terms }: WordedLesson,
  termsOf: (text: string) => LessonTerms,
): Candidate[] {
  const { kind, applies_to } = statement;
  const { domain } = applies_to;
  const others = new Set([statement.text, said.first.text, ...said.wordings]);
  others.delete(text);
  const all = [terms, ...[...others].map(termsOf)];
  return all.map((each) => ({ id, kind, domain, terms: each }));
}

function bookLesson(
  stored: StoredLesson,
  curation: Curation,
  termsOf: (text: string) => LessonTerms,
): BookLesson | null {
  const lesson = wordedLesson(stored, curation, termsOf);
  if (!lesson) return null;
  const { id, statement, said, terms } = lesson;
  const { updatedAt, record } = stored;
  const { tags, task } = statement.applies_to;
  const target = termsOf([...tags, task ?? ""].join("\n"));
  return {
    ...lesson,
    applies_to: statement.applies_to,
    updatedAt,
    subject: new Set([...terms.terms, ...target.terms]),
    // What its author changed since is the later word, too.
    said_at: record.amended ? laterOf(said.said_at, isoTime(updatedAt)) : said.said_at,
    pinned: curation.isPinned("lesson", id),
    state: stateOf(curation, id),
    supersededBy: record.superseded_by?.id ?? null,
  };
}

function isWithheld(state: LessonState): boolean {
  return state === "banned" || state === "rejected";
}

function stateOf(curation: Curation, id: string): LessonState {
  const mark = curation.markOf("lesson", id);
  if (mark?.banned) return "banned";
  if (mark?.review === "rejected") return "rejected";
  return curation.allows("lesson", id) ? "active" : "pending";
}

/** By lesson: those whose place it took, while it is there itself. */
function supersessionOf(
  stored: readonly StoredLesson[],
  all: ReadonlyMap<string, BookLesson>,
): Map<string, string[]> {
  const supersedes = new Map<string, string[]>();
  for (const { id, record } of stored) {
    const by = record.superseded_by?.id;
    if (by === undefined || !all.has(by) || !all.has(id)) continue;
    supersedes.set(by, [...(supersedes.get(by) ?? []), id].sort());
  }
  return supersedes;
}

function laterOf(a: string, b: string): string {
  return a > b ? a : b;
}

/** What a client sees of a lesson, but for what is counted. */
export function viewLesson(
  book: LessonBook,
  lesson: BookLesson,
  curation: Curation,
): Omit<LessonView, "evidence" | "shown"> {
  const { id, text, statement, said, state, updatedAt } = lesson;
  return {
    id,
    text,
    kind: statement.kind,
    applies_to: statement.applies_to,
    source: said.first.source,
    by: said.first.by,
    state,
    wordings: said.wordings,
    superseded_by: lesson.supersededBy,
    supersedes: [...book.supersededBy(id)],
    created_at: said.created_at,
    said_at: said.said_at,
    updated_at: isoTime(updatedAt),
    curation: curation.markOf("lesson", id),
  };
}
