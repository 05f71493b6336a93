/**
 * What may be asked about lessons: sentences that agents and people leave for the next run. The
 * Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { id, list, name, nothing, orNull, page, tags, text, time } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { operation, type Page } from "../operation.ts";
import { del, get, patch, post, type RouteContract } from "../route.ts";
import { LESSON_KINDS, LESSON_STATES } from "../vocabulary.ts";
import type { LessonAdded, LessonDeleted, LessonView } from "./answers.ts";

const lessonText = text(LIMITS.lesson_text_max, 1);
const kind = z.enum(LESSON_KINDS);

/** What a lesson is about; what is not given says nothing of it. */
const appliesTo = z
  .strictObject({
    tools: list(name, LIMITS.lesson_applies_max).default([]),
    domain: orNull(text(LIMITS.name_max)),
    tags: tags.max(LIMITS.lesson_applies_max).default([]),
    /** A task, or words of one. */
    task: orNull(text(LIMITS.lesson_text_max)),
  })
  .prefault({});
export type AppliesTo = z.output<typeof appliesTo>;

const said = {
  text: lessonText,
  kind,
  applies_to: appliesTo,
  /** A lesson whose place it takes. */
  supersedes: orNull(id),
};

/** A lesson that comes with the end of an episode. */
const endLesson = z.strictObject(said);
export type EndLesson = z.output<typeof endLesson>;
export const endLessons = list(endLesson, LIMITS.lessons_per_episode_max).default([]);

export const lessonBody = z.strictObject({
  ...said,
  /** Who or what says it: free text. */
  source: text(LIMITS.name_max).default(""),
});

export const lessonChanges = z
  .strictObject({
    text: lessonText.exactOptional(),
    kind: kind.exactOptional(),
    applies_to: appliesTo.unwrap().exactOptional(),
    supersedes: id.nullable().exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, "must change something")
  .meta({ minProperties: 1 });

const lessonsQuery = page.extend({
  /** Words: the lessons that fit them best come first. */
  q: text(LIMITS.url_text_max, 1).exactOptional(),
  state: z.enum([...LESSON_STATES, "all"]).exactOptional(),
  kind: kind.exactOptional(),
  tool: name.exactOptional(),
});
const statement = z.strictObject({
  text: lessonText,
  kind,
  applies_to: appliesTo,
  source: text(LIMITS.name_max),
  by: text(LIMITS.name_max),
});
/** What a lesson's text, kind and applicability are taken from. */
export type Statement = z.output<typeof statement>;

/** A statement of a lesson, or a use of it. */
const evidenceEntry = z.strictObject({
  /**
   * `e:` an episode that said it, `p:` a key that did, `r:` a recall that showed it; behind `i:`
   * where an import said so.
   */
  source: z.string().regex(/^(?:i:)?[epr]:[A-Za-z0-9._:-]{1,200}$/, "must name what it comes from"),
  /** An episode with which it goes. */
  episode_id: id.nullable(),
  at: time,
  /** Thousandths of a use. */
  success: z.number().int().min(0).max(1_000),
  failure: z.number().int().min(0).max(1_000),
  /** null: a use. */
  statement: statement.nullable(),
});
export type EvidenceEntry = z.output<typeof evidenceEntry>;

/** A lesson as an export has it: what follows from its evidence is not in the line. */
export const lessonLine = z.strictObject({
  type: z.literal("lesson"),
  id,
  created_at: time,
  updated_at: time,
  amended: statement.nullable(),
  superseded_by: z.strictObject({ id, at: time }).nullable(),
  /** It was deleted then: an older export does not bring it back. */
  deleted_at: time.nullable(),
  evidence: list(evidenceEntry, LIMITS.lesson_evidence_max),
});
export type LessonLine = Omit<z.output<typeof lessonLine>, "type">;

const byId = { id };

export const LESSON_ROUTES = {
  addLesson: post("/v1/lessons", "write", { body: lessonBody }),
  listLessons: get("/v1/lessons", "read", { query: lessonsQuery }),
  getLesson: get("/v1/lessons/:id", "read", { params: byId, query: nothing }),
  amendLesson: patch("/v1/lessons/:id", "write", { params: byId, body: lessonChanges }),
  deleteLesson: del("/v1/lessons/:id", "write", { params: byId }),
} as const satisfies Record<string, RouteContract>;

interface ById {
  lesson_id: string;
}
interface Imported {
  id: string;
  status: "created" | "duplicate";
}
type LessonsInput = Omit<z.output<typeof lessonsQuery>, "cursor"> & { cursor: string | null };

export const LESSON_OPERATIONS = {
  "lessons.add": operation<z.output<typeof lessonBody>, LessonAdded>("namespace", "write"),
  "lessons.list": operation<LessonsInput, Page<LessonView>>("namespace", "read"),
  "lessons.get": operation<ById, LessonView>("namespace", "read"),
  "lessons.amend": operation<ById & { changes: z.output<typeof lessonChanges> }, LessonView>(
    "namespace",
    "write",
  ),
  "lessons.remove": operation<ById, LessonDeleted>("namespace", "write"),
  "lessons.import": operation<LessonLine, Imported>("namespace", "write"),
  "lessons.export": operation<{ cursor: string | null }, Page<LessonLine>>("namespace", "read"),
};
