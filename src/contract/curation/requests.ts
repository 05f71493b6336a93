/**
 * What people may decide about what was learned and said: pin, ban, edit, approve, reject. The
 * Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { flag, id, list, orNull, page, text, time } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { operation, type None, type Page } from "../operation.ts";
import { patternContent } from "../patterns.ts";
import { get, post, put, type RouteContract } from "../route.ts";
import { CURATED_KINDS, CURATION_ACTIONS, LEARNING_REVIEWS } from "../vocabulary.ts";
import type { CurationView, ReviewView } from "./answers.ts";

const kind = z.enum(CURATED_KINDS);
const words = text(LIMITS.lesson_text_max, 1);

export const decisionBody = z.strictObject({
  kind,
  /** As answers name it. */
  id,
  action: z.enum(CURATION_ACTIONS),
  /** Of `edit`, and of no other; absent: the item's own words again. */
  text: orNull(words),
  /** Why, for the next one who reads it. */
  reason: text(LIMITS.lesson_text_max).default(""),
});

const state = {
  pinned: flag,
  banned: flag,
  review: z.enum(["approved", "rejected"]).nullable(),
  text: words.nullable(),
};
const decision = z.strictObject({
  at: time,
  by: text(LIMITS.name_max),
  action: z.enum(CURATION_ACTIONS),
  reason: text(LIMITS.lesson_text_max),
  from: z.strictObject(state),
  to: z.strictObject(state),
});
export type Decision = z.output<typeof decision>;
export type CurationState = Decision["to"];

/** What was decided about an item, as an export has it. */
export const curationLine = z.strictObject({
  type: z.literal("curation"),
  kind,
  id,
  updated_at: time,
  ...state,
  /** Of a pattern or a heuristic, whose id differs from namespace to namespace. */
  content: patternContent.nullable(),
  description: text(LIMITS.lesson_text_max),
  log: list(decision, LIMITS.curation_log_max),
});
export type CurationLine = Omit<z.output<typeof curationLine>, "type">;

const curationQuery = page.extend({
  kind: kind.exactOptional(),
  /** banned, pinned, edited, approved, rejected. */
  state: z.enum(["pinned", "banned", "edited", "approved", "rejected"]).exactOptional(),
});

export const reviewBody = z.strictObject({ learning_review: z.enum(LEARNING_REVIEWS) });

export const CURATION_ROUTES = {
  curate: post("/v1/curation", "admin", { body: decisionBody }),
  listCuration: get("/v1/curation", "read", { query: curationQuery }),
  getReview: get("/v1/curation/review", "read"),
  setReview: put("/v1/curation/review", "admin", { body: reviewBody }),
} as const satisfies Record<string, RouteContract>;

interface Imported {
  id: string;
  status: "created" | "duplicate";
}
type ListInput = Omit<z.output<typeof curationQuery>, "cursor"> & { cursor: string | null };

export const CURATION_OPERATIONS = {
  "curation.decide": operation<z.output<typeof decisionBody>, CurationView>("namespace", "admin"),
  "curation.list": operation<ListInput, Page<CurationView>>("namespace", "read"),
  "review.get": operation<None, ReviewView>("namespace", "read"),
  "review.set": operation<z.output<typeof reviewBody>, ReviewView>("namespace", "admin"),
  "curation.import": operation<CurationLine, Imported>("namespace", "admin"),
  "curation.export": operation<{ cursor: string | null }, Page<CurationLine>>("namespace", "read"),
};
