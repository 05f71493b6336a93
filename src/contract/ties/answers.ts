/**
 * What is answered about tags and relationships, and what the document says of their routes. The
 * Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { named, text, textOrNull, texts, time, written } from "../answer-fields.ts";
import { EPISODE_ID, OTHER_EPISODE_ID, type RouteDocs } from "../route.ts";
import { RELATIONSHIP_TYPES } from "../vocabulary.ts";
import type { TIE_ROUTES } from "./requests.ts";

const tagsRead = z.object({ tags: texts });
const tagsWritten = z.object({ tags: texts, ...written });

const relationship = named(
  "Relationship",
  z.object({
    from: text,
    to: text,
    type: z.enum(RELATIONSHIP_TYPES),
    created_at: time,
    reason: textOrNull,
  }),
);
export type Relationship = z.infer<typeof relationship>;
const relationships = z.object({ relationships: z.array(relationship) });
const relationshipWritten = z.object({ ...relationship.shape, ...written });

const episodeId = { id: { description: "The episode", example: EPISODE_ID } };

export const TIE_DOCS: RouteDocs<typeof TIE_ROUTES> = {
  listTags: {
    tag: "Tags and relationships",
    summary: "List an episode's tags",
    params: episodeId,
    answers: [{ status: 200, description: "The tags", schema: tagsRead }],
    errors: ["not_found", "database_unavailable"],
  },
  addTags: {
    tag: "Tags and relationships",
    summary: "Add tags to an episode",
    params: episodeId,
    examples: { two: { summary: "Two tags", body: { tags: ["vip", "rebooking"] } } },
    answers: [{ status: 200, description: "All its tags", schema: tagsWritten }],
    errors: ["not_found", "database_unavailable", "conflict", "limit_exceeded"],
  },
  removeTag: {
    tag: "Tags and relationships",
    summary: "Remove a tag from an episode",
    params: {
      id: { description: "The episode", example: EPISODE_ID },
      tag: { description: "The tag", example: "support" },
    },
    answers: [{ status: 200, description: "The tags that are left", schema: tagsWritten }],
    errors: ["not_found", "database_unavailable", "conflict", "limit_exceeded"],
  },
  listRelationships: {
    tag: "Tags and relationships",
    summary: "List an episode's relationships, in both directions",
    params: episodeId,
    answers: [{ status: 200, description: "The relationships", schema: relationships }],
    errors: ["not_found", "database_unavailable"],
  },
  addRelationship: {
    tag: "Tags and relationships",
    summary: "Relate an episode to another",
    description: "parent_child, depends_on and blocks stay acyclic, each on its own.",
    params: episodeId,
    examples: {
      follows: {
        summary: "A sequel",
        body: { type: "follows", to: OTHER_EPISODE_ID, reason: "same customer" },
      },
    },
    answers: [{ status: 201, description: "The relationship", schema: relationshipWritten }],
    errors: ["not_found", "database_unavailable", "conflict", "limit_exceeded", "cycle"],
  },
  removeRelationship: {
    tag: "Tags and relationships",
    summary: "Remove a relationship",
    params: {
      id: { description: "The episode", example: EPISODE_ID },
      type: { description: "The kind of relationship", example: "related_to" },
      to: { description: "The other episode", example: OTHER_EPISODE_ID },
    },
    answers: [{ status: 204, description: "The relationship was removed" }],
    errors: ["not_found", "database_unavailable", "conflict", "limit_exceeded"],
  },
};
