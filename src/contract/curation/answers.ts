/**
 * What is answered about the decisions of people, and what the document says of their routes. The
 * Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { flag, named, page, text, textOrNull, time, written } from "../answer-fields.ts";
import { PATTERN_ID, type RouteDocs } from "../route.ts";
import { CURATED_KINDS, CURATION_ACTIONS, LEARNING_REVIEWS } from "../vocabulary.ts";
import type { CURATION_ROUTES } from "./requests.ts";

const state = {
  pinned: flag,
  banned: flag,
  review: z.enum(["approved", "rejected"]).nullable(),
  text: textOrNull,
};

const item = named(
  "CuratedItem",
  z.object({
    kind: z.enum(CURATED_KINDS),
    id: text,
    ...state,
    description: text.describe("What it is: made from stored text, untrusted"),
    updated_at: time,
    log: z
      .array(
        z.object({
          at: time,
          by: text,
          action: z.enum(CURATION_ACTIONS),
          reason: text,
          from: z.object(state),
          to: z.object(state),
        }),
      )
      .describe("The newest last"),
  }),
);
export type CurationView = z.infer<typeof item>;
const review = z.object({
  learning_review: z
    .enum(LEARNING_REVIEWS)
    .describe("required: only what a person approved is recalled and advised"),
});
export type ReviewView = z.infer<typeof review>;
const reviewWritten = z.object({ ...review.shape, ...written });
const decided = named("CurationWritten", z.object({ ...item.shape, ...written }));
const curationPage = page("items", item);

export const CURATION_DOCS: RouteDocs<typeof CURATION_ROUTES> = {
  curate: {
    tag: "Lessons",
    summary: "Pin, ban, edit, approve or reject what was learned",
    description:
      "About a lesson, a pattern, a heuristic or a playbook, by the id that answers give it. What is banned or rejected is never recalled, advised, listed or found by a search; an edit gives it other words. Kept with who, when, from and to; learning anew, a restore or an import of what is older undoes none of it.",
    examples: {
      ban: {
        summary: "A pattern that misleads",
        body: { kind: "pattern", id: PATTERN_ID, action: "ban", reason: "it was the old system" },
      },
    },
    answers: [{ status: 200, description: "What holds for the item now", schema: decided }],
    errors: ["not_found", "limit_exceeded", "database_unavailable"],
  },
  listCuration: {
    tag: "Lessons",
    summary: "List what people decided, banned items included",
    queryExample: { state: "banned", limit: 20 },
    answers: [{ status: 200, description: "A page", schema: curationPage }],
    errors: ["database_unavailable"],
  },
  getReview: {
    tag: "Lessons",
    summary: "Whether the namespace shows only what a person approved",
    answers: [{ status: 200, description: "The setting", schema: review }],
    errors: ["database_unavailable"],
  },
  setReview: {
    tag: "Lessons",
    summary: "Show only what a person approved, or everything",
    examples: {
      required: { summary: "Only what was approved", body: { learning_review: "required" } },
    },
    answers: [{ status: 200, description: "The setting", schema: reviewWritten }],
    errors: ["database_unavailable"],
  },
};
