/**
 * Takes in what agents and people say, and keeps what was counted for it. A sentence that says what
 * a lesson says is counted there; one that takes a lesson's place hides it. What is known for a
 * lesson is a set of entries, so that it can be taken back exactly, and does not depend on the order
 * in which it came. The methods belong into a transaction, with the namespace's rows loaded, unless
 * they are async.
 *
 * @module
 */

import type { EvidenceEntry, Statement } from "../../../../contract/lessons/requests.ts";
import { LIMITS, MS } from "../../../../contract/limits.ts";
import type { Input } from "../../../../contract/operations.ts";
import {
  importedSource,
  lessonId,
  lessonTerms,
  sameLesson,
  whatWasSaid,
} from "../../../../memory/lessons/index.ts";
import { isoTime } from "../../../../util/time.ts";
import type { Taught } from "../../../shared/episode-record.ts";
import { Refused } from "../../../shared/refusals.ts";
import { QuotaRefused, type RefusedBy } from "../../quotas/quota-refusals.ts";
import type { CuratedRows, StoredLesson } from "./curated-rows.ts";
import type { BookLesson, KnownLessons, LessonBook } from "./lesson-book.ts";
import { isUndecided, type LessonRecord } from "./records.ts";
import type { CuratedViews } from "./views.ts";

/** Lessons that were deleted and are remembered, so that nothing older brings them back. */
const DELETED_MAX = 1_000;

const NEW: LessonRecord = { said: null, amended: null, superseded_by: null, deleted_at: null };

/** A sentence that somebody says. */
export interface Saying {
  statement: Statement;
  /** What says it: an entry of each source counts once. */
  source: string;
  /** With which it goes; null: none. */
  episodeId: string | null;
  /** ms since the epoch. */
  at: number;
  /** A lesson whose place it takes; null: none. */
  supersedes: string | null;
}

/** Of which lesson a sentence is, and whether nobody had said it before. */
export interface SaidLesson {
  id: string;
  isNew: boolean;
}

/** A judged use of lessons that a recall showed. */
export interface LessonUse {
  recallId: string;
  lessons: readonly string[];
  /** Thousandths of a use. */
  helpful: number;
  unhelpful: number;
  /** Days since 1970-01-01. */
  day: number;
  /** The episode whose end judged it; null: somebody did. */
  episodeId: string | null;
}

export class Lessons {
  readonly #rows: CuratedRows;
  readonly #views: CuratedViews;
  readonly #quotaOf: (namespace: string) => number | null;

  /** @param quotaOf how many lessons a namespace may hold; null: as many as the service takes */
  constructor(
    rows: CuratedRows,
    views: CuratedViews,
    quotaOf: (namespace: string) => number | null,
  ) {
    this.#rows = rows;
    this.#views = views;
    this.#quotaOf = quotaOf;
  }

  /** Throws `Refused` where a lesson is not here, and there is no room for one more. */
  requireRoom(namespace: string, id: string): void {
    const stored = this.#rows.lessons(namespace);
    if (stored.some((one) => one.id === id)) return;
    const present = stored.filter(({ record }) => record.deleted_at === null).length;
    this.#requireQuota(namespace, present);
    if (present < LIMITS.lessons_max && stored.length < LIMITS.lessons_max + DELETED_MAX) return;
    const detail = `A namespace has at most ${LIMITS.lessons_max} lessons, and remembers ${DELETED_MAX} that were deleted.`;
    throw new Refused("limit_exceeded", detail);
  }

  #requireQuota(namespace: string, used: number): void {
    const limit = this.#quotaOf(namespace);
    if (limit === null || used < limit) return;
    throw new QuotaRefused({ quota: "lessons", limit, used });
  }

  /** Whether a person decided about it: then nobody changes it but by another decision. */
  isDecided(namespace: string, id: string): boolean {
    const decision = this.#rows.decision(namespace, "lesson", id);
    return decision !== null && !isUndecided(decision.record);
  }

  /**
   * Throws `Refused` when there are too many, there is none such to supersede, or a person decided
   * about that one.
   */
  say(namespace: string, saying: Saying): SaidLesson {
    return this.#say(namespace, this.#views.knownLessons(namespace), saying);
  }

  #say(namespace: string, known: KnownLessons, saying: Saying): SaidLesson {
    const found = this.#lessonOf(known, saying.statement);
    const isKnown = known.has(found);
    if (!isKnown) this.#requireQuota(namespace, known.size);
    if (!isKnown && known.size >= LIMITS.lessons_max) {
      const detail = `A namespace has at most ${LIMITS.lessons_max} lessons. Delete some first.`;
      throw new Refused("limit_exceeded", detail, { path: "text" });
    }
    const { statement, source, episodeId: episode_id, at, supersedes } = saying;
    const entry = { source, episode_id, at: isoTime(at), success: 0, failure: 0, statement };
    this.#count(namespace, found, entry);
    this.recompute(namespace, found, at);
    known.put(found, this.#rows.lesson(namespace, found));
    if (supersedes !== null) this.#supersede(namespace, known, [found, supersedes], at);
    return { id: found, isNew: !isKnown };
  }

  /**
   * What the end of an episode says; the same again changes nothing. What cannot be taken is left
   * out: an episode that ended has ended.
   *
   * @param onFull called for each lesson for which there is no room
   */
  teach(
    namespace: string,
    episodeId: string,
    { by, lessons, at }: Taught & { at: number },
    onFull: (by: RefusedBy) => void,
  ): SaidLesson[] {
    if (lessons.length === 0) return [];
    const known = this.#views.knownLessons(namespace);
    return lessons.flatMap(({ supersedes: named, ...said }) => {
      const statement = { ...said, source: "", by };
      const found = this.#lessonOf(known, statement);
      const most = Math.min(this.#quotaOf(namespace) ?? LIMITS.lessons_max, LIMITS.lessons_max);
      const isFull = !known.has(found) && known.size >= most;
      if (isFull) onFull({ quota: "lessons", limit: most, used: known.size });
      if (isFull || this.#isDeletedSince(namespace, statement, at)) return [];
      const source = `e:${episodeId}`;
      // Learned anew, or imported beside its episode: what people made of it since stays.
      const isCounted = [source, importedSource(source)].some((one) =>
        this.#isCounted(namespace, found, one),
      );
      if (isCounted) return [{ id: found, isNew: false }];
      const isOther = named !== null && named !== found && known.has(named);
      const mayGo = isOther && !this.isDecided(namespace, named);
      const supersedes = mayGo ? named : null;
      return [this.#say(namespace, known, { statement, source, episodeId, at, supersedes })];
    });
  }

  /** Throws `Refused` when there is none, or a person decided about it. */
  amend(
    namespace: string,
    { lesson_id: id, changes }: Input<"lessons.amend">,
    by: string,
    now: number,
  ): void {
    const { book, lesson, stored } = this.#toChange(namespace, id);
    const { supersedes, ...said } = changes;
    if (Object.keys(said).length > 0) {
      const amended = { ...lesson.statement, ...said, by };
      this.#rows.putLesson(namespace, id, { ...stored.record, amended }, now);
    }
    if (supersedes === null)
      for (const other of book.supersededBy(id)) this.#setSuperseded(namespace, other, null, now);
    else if (supersedes !== undefined)
      this.#supersede(namespace, this.#views.knownLessons(namespace), [id, supersedes], now);
  }

  /** Throws as `amend`. */
  remove(namespace: string, id: string, now: number): void {
    this.#toChange(namespace, id);
    for (const { source } of this.#rows.evidence(namespace, id))
      this.#rows.removeEvidence(namespace, id, source);
    this.#rows.putLesson(namespace, id, { ...NEW, deleted_at: isoTime(now) }, now);
    const deleted = this.#rows
      .lessons(namespace)
      .filter(({ record }) => record.deleted_at !== null)
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1));
    for (const { id: oldest } of deleted.slice(DELETED_MAX))
      this.#rows.removeLesson(namespace, oldest);
  }

  /** Takes back what an episode said and what it proved. */
  forgetEpisode(namespace: string, episode: string, now: number): void {
    const entries = this.#rows.evidenceOfEpisode(namespace, episode);
    for (const { lesson, source } of entries) this.#rows.removeEvidence(namespace, lesson, source);
    for (const id of new Set(entries.map(({ lesson }) => lesson)))
      this.recompute(namespace, id, now);
  }

  /** Counts a judged use; the judgement of a recall that there was before must be taken back. */
  use(
    namespace: string,
    { recallId, lessons, helpful, unhelpful, day, episodeId }: LessonUse,
  ): void {
    for (const lesson of lessons)
      this.#rows.putEvidence(namespace, lesson, {
        source: `r:${recallId}`,
        episode_id: episodeId,
        at: isoTime(day * MS.day),
        success: helpful,
        failure: unhelpful,
        statement: null,
      });
  }

  /** Takes a judged use back. */
  unuse(namespace: string, { recallId, lessons }: Pick<LessonUse, "recallId" | "lessons">): void {
    for (const lesson of lessons) this.#rows.removeEvidence(namespace, lesson, `r:${recallId}`);
  }

  /** Makes the rows what their evidence says, where that came by itself: after they were read. */
  settle(namespace: string, now: number): void {
    for (const id of this.#rows.unwritten(namespace)) this.recompute(namespace, id, now);
  }

  /** Stores what a lesson's statements come to. One that nobody says any more goes. */
  recompute(namespace: string, id: string, now: number): void {
    const stored = this.#rows.lesson(namespace, id);
    const record = stored?.record ?? NEW;
    const since = record.deleted_at ?? "";
    // A person decided about these words: whatever is said since, they stay.
    const kept = this.isDecided(namespace, id) ? (record.said?.first ?? null) : null;
    const heard = this.#rows.evidence(namespace, id).filter(({ at }) => at > since);
    const said = whatWasSaid(heard, kept);
    if (said) {
      const next = { ...record, said, deleted_at: null };
      if (JSON.stringify(next) !== JSON.stringify(record))
        this.#rows.putLesson(namespace, id, next, Math.max(now, stored?.updatedAt ?? 0));
      return;
    }
    const isKept = record.amended !== null || this.#rows.decision(namespace, "lesson", id) !== null;
    // What a person made of it stays, although nobody says it any more.
    if (stored && record.deleted_at === null && !isKept) this.#rows.removeLesson(namespace, id);
  }

  #count(namespace: string, lesson: string, entry: EvidenceEntry): void {
    // Said again by the same: it is there already.
    if (!this.#isCounted(namespace, lesson, entry.source))
      this.#rows.putEvidence(namespace, lesson, entry);
  }

  #isCounted(namespace: string, lesson: string, source: string): boolean {
    return this.#rows.evidence(namespace, lesson).some((entry) => entry.source === source);
  }

  #lessonOf(known: KnownLessons, { text, kind, applies_to }: Statement): string {
    const { domain } = applies_to;
    const same = sameLesson({ kind, domain, terms: lessonTerms(text) }, known.wordings());
    return same ?? lessonId({ text, kind, domain });
  }

  #isDeletedSince(
    namespace: string,
    { text, kind, applies_to: { domain } }: Statement,
    at: number,
  ): boolean {
    const stored = this.#rows.lesson(namespace, lessonId({ text, kind, domain }));
    const deleted = stored?.record.deleted_at ?? null;
    return deleted !== null && deleted >= isoTime(at);
  }

  #toChange(
    namespace: string,
    id: string,
  ): { book: LessonBook; lesson: BookLesson; stored: StoredLesson } {
    const { book } = this.#views.fresh(namespace);
    const lesson = book.lessons.get(id);
    const stored = this.#rows.lesson(namespace, id);
    if (!lesson || !stored) throw noLesson(id);
    if (this.isDecided(namespace, id)) throw decidedLesson(id);
    return { book, lesson, stored };
  }

  #supersede(
    namespace: string,
    known: KnownLessons,
    [id, older]: readonly [string, string],
    now: number,
  ): void {
    const path = "supersedes";
    if (id === older) {
      const detail = `The lesson ${id} says what the one says that it is to supersede.`;
      throw new Refused("conflict", detail, { path });
    }
    if (!known.has(older)) throw noLesson(older, path);
    if (this.isDecided(namespace, older)) throw decidedLesson(older, path);
    // What was replaced is the later word again.
    if (known.isReplacedBy(id, older)) this.#setSuperseded(namespace, id, null, now);
    this.#setSuperseded(namespace, older, id, now);
    for (const each of [id, older]) known.put(each, this.#rows.lesson(namespace, each));
  }

  #setSuperseded(namespace: string, id: string, by: string | null, now: number): void {
    const stored = this.#rows.lesson(namespace, id);
    if (!stored || (stored.record.superseded_by?.id ?? null) === by) return;
    const superseded_by = by === null ? null : { id: by, at: isoTime(now) };
    this.#rows.putLesson(namespace, id, { ...stored.record, superseded_by }, now);
  }
}

export function noLesson(id: string, path?: string): Refused {
  const detail = `There is no lesson ${id} in this namespace.`;
  return new Refused("not_found", detail, path === undefined ? {} : { path });
}

export function decidedLesson(id: string, path?: string): Refused {
  const detail = `A person decided about the lesson ${id}: change it by POST /v1/curation.`;
  return new Refused("conflict", detail, path === undefined ? {} : { path });
}

/** The source of what a key says: it counts once a day. @param now ms since the epoch */
export function sourceOfKey(by: string, now: number): string {
  return `p:${by}:${Math.floor(now / MS.day)}`;
}
