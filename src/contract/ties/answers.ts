/**
 * What is answered about tags and relationships, and what the document says of their routes. The
 * Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, named, page, text, textOrNull, texts, time, written } from "../answer-fields.ts";
import { LIMITS } from "../limits.ts";
import { EPISODE_ID, OTHER_EPISODE_ID, type RouteDocs } from "../route.ts";
import { RELATIONSHIP_TYPES } from "../vocabulary.ts";
import type { TIE_ROUTES } from "./requests.ts";

const tagsRead = z.object({ tags: texts });
const tagsWritten = z.object({ tags: texts, ...written });

const tagCount = named(
  "TagCount",
  z.object({
    tag: text.describe("Written by an agent or a person: untrusted"),
    episodes: count.describe("Episodes that have it, of their own or of their context"),
    started_at: time.describe("When the newest of them began"),
  }),
);
export type TagCount = z.infer<typeof tagCount>;
const tagPage = page("tags", tagCount);

const tagsRenamed = named(
  "TagsRenamed",
  z.object({
    renamed: count.describe("Episodes that were changed by this request"),
    refused: z
      .array(z.object({ id: text, code: text, detail: text }))
      .describe("Episodes that kept the old tag, each with why"),
    next_cursor: textOrNull.describe("There is more to rename: send it with the same names"),
  }),
);
export type TagsRenamed = z.infer<typeof tagsRenamed>;

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
  countTags: {
    tag: "Tags and relationships",
    summary: "Count the tags of the namespace",
    description:
      "Each tag with how many episodes have it, by name. Shows what was acknowledged, also what the database does not have yet.",
    queryExample: { limit: 20 },
    answers: [{ status: 200, description: "A page", schema: tagPage }],
    errors: ["database_unavailable"],
  },
  renameTag: {
    tag: "Tags and relationships",
    summary: "Rename a tag across the namespace",
    description:
      "In slices of 50 episodes: repeat it with `next_cursor` until that is null. Each episode is changed at once, with its tags, those of its context, what was learned from it and what finds it. An episode that has both tags has the new one. Cut short, it is finished by sending it again from the beginning; an episode that began meanwhile with the old tag keeps it until then.",
    examples: { typo: { summary: "A typo", body: { from: "suport", to: "support" } } },
    answers: [{ status: 200, description: "What was renamed", schema: tagsRenamed }],
    errors: ["database_unavailable"],
  },
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
    description: `parent_child, depends_on and blocks stay acyclic, each on its own. Where more than ${LIMITS.relationships_walked_max} episodes lead to this one, and more follow the other, that cannot be checked: 422 limit_exceeded.`,
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
