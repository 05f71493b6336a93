/**
 * Lessons and decisions as lines of an export, and back. A line of what is older than what is here
 * changes nothing; evidence is joined. What a line says happened nobody here saw: its evidence is
 * marked so, and nothing of it is later than now, but for what clocks differ.
 *
 * @module
 */

import type { CurationLine } from "../../../../contract/curation/requests.ts";
import type { LessonLine } from "../../../../contract/lessons/requests.ts";
import { LIMITS } from "../../../../contract/limits.ts";
import type { Page } from "../../../../contract/operation.ts";
import { canonicalJson } from "../../../../memory/canonical.ts";
import {
  importedSource,
  lessonTerms,
  ownSource,
  sameLesson,
} from "../../../../memory/lessons/index.ts";
import { patternId, patternKey } from "../../../../memory/learning/index.ts";
import { isoTime } from "../../../../util/time.ts";
import type { CuratedRows, StoredLesson } from "./curated-rows.ts";
import { decidedLesson, type Lessons } from "./lessons.ts";
import type { LessonRecord } from "./records.ts";
import type { CuratedViews } from "./views.ts";

/** Lessons of one page: their evidence is what is large. */
const LESSONS_AT_ONCE = 50;
const DECISIONS_AT_ONCE = 200;

/** By how much the clock of whoever wrote a line may be ahead of this one, ms. */
const AHEAD_MS = 300_000;

export type Imported = { id: string; status: "created" | "duplicate" };

export class CuratedTransfer {
  readonly #rows: CuratedRows;
  readonly #views: CuratedViews;
  readonly #lessons: Lessons;

  constructor(rows: CuratedRows, views: CuratedViews, lessons: Lessons) {
    this.#rows = rows;
    this.#views = views;
    this.#lessons = lessons;
  }

  /** In the order of the ids. Throws `DatabaseError`. */
  async exportLessons(namespace: string, cursor: string | null): Promise<Page<LessonLine>> {
    await this.#rows.load(namespace);
    const behind = this.#rows
      .lessons(namespace)
      .filter(({ id }) => cursor === null || id > cursor)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const items: LessonLine[] = [];
    let bytes = 0;
    for (const stored of behind.slice(0, LESSONS_AT_ONCE)) {
      const line = lineOf(stored, this.#rows.evidence(namespace, stored.id));
      bytes += JSON.stringify(line).length;
      if (items.length > 0 && bytes > LIMITS.page_bytes) break;
      items.push(line);
    }
    const isEnd = items.length === behind.length;
    return { items, next_cursor: isEnd ? null : (items.at(-1)?.id ?? null), degraded: false };
  }

  /**
   * With the namespace's rows loaded; in a transaction. Throws `Refused` where the line would change
   * what a person decided about here: it takes no more than `write` to import one.
   */
  importLesson(namespace: string, given: LessonLine, now: number): Imported {
    const line = untilNow(given, now);
    const id = this.#idHere(namespace, line);
    this.#lessons.requireRoom(namespace, id);
    const before = JSON.stringify([
      this.#rows.lesson(namespace, id),
      this.#evidenceOf(namespace, id),
    ]);
    this.#takeRecord(namespace, id, line);
    const since = this.#rows.lesson(namespace, id)?.record.deleted_at ?? "";
    const present = new Set(this.#evidenceOf(namespace, id).map(({ source }) => ownSource(source)));
    for (const entry of line.evidence)
      if (entry.at > since && !present.has(ownSource(entry.source)))
        this.#rows.putEvidence(namespace, id, { ...entry, source: importedSource(entry.source) });
    this.#lessons.recompute(namespace, id, now);
    const after = JSON.stringify([
      this.#rows.lesson(namespace, id),
      this.#evidenceOf(namespace, id),
    ]);
    return { id, status: before === after ? "duplicate" : "created" };
  }

  /** In the order of kinds and ids. Throws `DatabaseError`. */
  async exportDecisions(namespace: string, cursor: string | null): Promise<Page<CurationLine>> {
    await this.#rows.load(namespace);
    const all = this.#rows
      .decisions(namespace)
      .map((stored) => ({ stored, key: `${stored.kind}:${stored.id}` }))
      .filter(({ key }) => cursor === null || key > cursor)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const page = all.slice(0, DECISIONS_AT_ONCE);
    const items = page.map(({ stored: { kind, id, updatedAt, record } }): CurationLine => ({
      kind,
      id,
      updated_at: isoTime(updatedAt),
      ...record,
    }));
    const next = all.length > page.length ? (page.at(-1)?.key ?? null) : null;
    return { items, next_cursor: next, degraded: false };
  }

  /** As `importLesson`. */
  importDecision(namespace: string, line: CurationLine): Imported {
    const { kind, updated_at, id: _id, ...record } = line;
    const id = decisionIdHere(namespace, line);
    const stored = this.#rows.decision(namespace, kind, id);
    const updatedAt = Date.parse(updated_at);
    if (stored && stored.updatedAt >= updatedAt) return { id, status: "duplicate" };
    if (!stored) this.#rows.requireRoomForDecision(namespace);
    this.#rows.putDecision(namespace, { kind, id, updatedAt, record });
    return { id, status: "created" };
  }

  /** The lesson here that the line's is a wording of, or its own id. */
  #idHere(namespace: string, { id, evidence }: LessonLine): string {
    if (this.#rows.lesson(namespace, id)) return id;
    const first = evidence.find(({ statement }) => statement !== null)?.statement;
    if (!first) return id;
    const { kind, text, applies_to } = first;
    const known = this.#views.knownLessons(namespace);
    const like = { kind, domain: applies_to.domain, terms: lessonTerms(text) };
    const same = sameLesson(like, known.wordings());
    return same ?? id;
  }

  /** What was made of the lesson elsewhere, where that is newer than what was made of it here. */
  #takeRecord(namespace: string, id: string, line: LessonLine): void {
    const { amended, superseded_by, deleted_at } = line;
    const stored = this.#rows.lesson(namespace, id);
    const updatedAt = Date.parse(line.updated_at);
    if (stored && stored.updatedAt >= updatedAt) return;
    if (!stored && amended === null && superseded_by === null && deleted_at === null) return;
    if (stored && this.#lessons.isDecided(namespace, id)) {
      if (isSameRecord(stored.record, line)) return;
      throw decidedLesson(id);
    }
    const said = deleted_at === null ? (stored?.record.said ?? null) : null;
    if (deleted_at !== null)
      for (const { source } of this.#evidenceOf(namespace, id))
        this.#rows.removeEvidence(namespace, id, source);
    const record = { said, amended, superseded_by, deleted_at };
    this.#rows.putLesson(namespace, id, record, updatedAt);
  }

  #evidenceOf(namespace: string, id: string): LessonLine["evidence"] {
    return this.#rows.evidence(namespace, id);
  }
}

/** The line, of which nothing is of the future: it would be the later word until then. */
function untilNow(line: LessonLine, now: number): LessonLine {
  const latest = isoTime(now + AHEAD_MS);
  const until = (time: string): string => (time > latest ? latest : time);
  const { updated_at, deleted_at, superseded_by, evidence } = line;
  return {
    ...line,
    updated_at: until(updated_at),
    deleted_at: deleted_at && until(deleted_at),
    superseded_by: superseded_by && { ...superseded_by, at: until(superseded_by.at) },
    evidence: evidence.map((entry) => ({ ...entry, at: until(entry.at) })),
  };
}

/** The id that the item has in this namespace. */
function decisionIdHere(namespace: string, { kind, id, content }: CurationLine): string {
  if (!content) return id;
  const pattern = patternId(namespace, patternKey(content));
  return kind === "heuristic" ? `h-${pattern}` : pattern;
}

/** Whether a line says the same of a lesson as what is stored, but for what it was said by. */
function isSameRecord(stored: LessonRecord, line: LessonLine): boolean {
  return (
    canonicalJson(stored.amended) === canonicalJson(line.amended) &&
    stored.superseded_by?.id === line.superseded_by?.id &&
    (stored.deleted_at === null) === (line.deleted_at === null)
  );
}

function lineOf(
  { id, updatedAt, record }: StoredLesson,
  evidence: LessonLine["evidence"],
): LessonLine {
  const { said, amended, superseded_by, deleted_at } = record;
  return {
    id,
    created_at: said?.created_at ?? isoTime(updatedAt),
    updated_at: isoTime(updatedAt),
    amended,
    superseded_by,
    deleted_at,
    evidence,
  };
}
