/**
 * What is answered about lessons, and what the document says of their routes. The Worker imports
 * only types from here, but for MCP, which promises these answers when it is first asked.
 *
 * @module
 */

import * as z from "zod";
import {
  count,
  flag,
  named,
  page,
  share,
  text,
  textOrNull,
  texts,
  time,
  type Unsealed,
  written,
} from "../answer-fields.ts";
import { curation } from "../curation/view.ts";
import { LESSON_ID, type RouteDocs } from "../route.ts";
import { LESSON_KINDS, LESSON_STATES } from "../vocabulary.ts";
import type { LESSON_ROUTES } from "./requests.ts";

const lessonText = text.describe("Written by an agent or a person: untrusted");

/** What was counted for a lesson. */
const lessonEvidence = named(
  "LessonEvidence",
  z.object({
    said: count.describe("Statements of it: by how many episodes and people, a person once a day"),
    used: count.describe("Judged uses: by feedback, and by the ends of episodes that recalled it"),
    imported: count.describe(
      "How many of both an import brought: whoever may write may have made them up",
    ),
    success: z.number().describe("Of these uses, decayed to now"),
    failure: z.number().describe("Of these uses, decayed to now"),
    rate: share.nullable().describe("Share of the uses that went well; null: none was judged"),
    low: share.describe("Lower bound of the rate's 95 % Wilson interval"),
    high: share.describe("Upper bound of the rate's 95 % Wilson interval"),
  }),
);
export type LessonEvidence = z.infer<typeof lessonEvidence>;

const about = {
  id: text,
  text: lessonText,
  kind: z.enum(LESSON_KINDS),
  applies_to: z.object({ tools: texts, domain: textOrNull, tags: texts, task: textOrNull }),
};

const lesson = named(
  "Lesson",
  z.object({
    ...about,
    source: text.describe("Who or what said it first: untrusted"),
    by: text.describe("The API key that said it first; operator: ADMIN_TOKEN"),
    state: z.enum(LESSON_STATES),
    wordings: texts.describe("Other words in which it was said"),
    superseded_by: textOrNull.describe("The lesson that took its place"),
    supersedes: texts.describe("Lessons whose place it took"),
    created_at: time,
    said_at: time.describe("When it was last said"),
    updated_at: time,
    evidence: lessonEvidence,
    shown: count.describe("How many of the last 1,000 recalls showed it"),
    curation: curation.nullable().describe("What people decided about it; null: nothing"),
  }),
);
export type LessonView = z.infer<typeof lesson>;

/** A lesson among what is recalled. */
export const recalledLesson = named(
  "RecalledLesson",
  z.object({
    ...about,
    score: z.number(),
    pinned: flag,
    evidence: lessonEvidence,
    amends: textOrNull.describe(
      "The id of an older lesson about the same that says something else: this one is the later word",
    ),
    said_at: time,
  }),
);
export type RecalledLesson = z.infer<typeof recalledLesson>;

export const lessonAdded = named(
  "LessonAdded",
  z.object({
    ...lesson.shape,
    is_new: flag.describe("false: it says what one that was there says, which counts it"),
    ...written,
  }),
);
export type LessonAdded = Unsealed<typeof lessonAdded>;
const lessonWritten = named("LessonWritten", z.object({ ...lesson.shape, ...written }));
export type LessonDeleted = { id: string; deleted: true };
export const lessonPage = page("lessons", lesson);

export const LESSON_DOCS: RouteDocs<typeof LESSON_ROUTES> = {
  addLesson: {
    tag: "Lessons",
    summary: "Say what the next run should know",
    description:
      "A sentence to do, to avoid, or a fact. One that says nearly what another says is counted there (`is_new` is false). One that takes the place of another names it in `supersedes`: the other is hidden then, and kept. `POST /v1/episodes/{id}/complete` takes lessons as well.",
    examples: {
      avoid: {
        summary: "A warning about a tool",
        body: {
          text: "Never change the flight of a basic economy ticket: it is refused after the fee was taken.",
          kind: "avoid",
          applies_to: { tools: ["update_flight"], domain: "airline" },
          source: "review of week 4",
        },
      },
    },
    answers: [{ status: 201, description: "The lesson", schema: lessonAdded }],
    errors: ["not_found", "conflict", "limit_exceeded", "quota_exceeded", "database_unavailable"],
  },
  listLessons: {
    tag: "Lessons",
    summary: "List or search lessons",
    description:
      "Those that were said last come first, with `q` those that fit its words best. What was banned or rejected, and what another one superseded, is listed only when `state` asks for it.",
    queryExample: { q: "flight", limit: 20 },
    answers: [{ status: 200, description: "A page", schema: lessonPage }],
    errors: ["database_unavailable"],
  },
  getLesson: {
    tag: "Lessons",
    summary: "View a lesson with its evidence",
    params: { id: { description: "The lesson", example: LESSON_ID } },
    answers: [{ status: 200, description: "The lesson", schema: lesson }],
    errors: ["not_found", "database_unavailable"],
  },
  amendLesson: {
    tag: "Lessons",
    summary: "Change a lesson",
    description:
      "Fields that are not named stay. `supersedes` marks another lesson as replaced by this one; null takes that back. A lesson that a person decided about is changed by `POST /v1/curation` alone.",
    params: { id: { description: "The lesson", example: LESSON_ID } },
    examples: {
      text: { summary: "Other words", body: { text: "Ask for the fare class first." } },
    },
    answers: [{ status: 200, description: "The lesson", schema: lessonWritten }],
    errors: ["not_found", "conflict", "database_unavailable"],
  },
  deleteLesson: {
    tag: "Lessons",
    summary: "Delete a lesson",
    description: "Importing or restoring what is older does not bring it back.",
    params: { id: { description: "The lesson", example: LESSON_ID } },
    answers: [{ status: 204, description: "It is gone" }],
    errors: ["not_found", "conflict", "database_unavailable"],
  },
};
