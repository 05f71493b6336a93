/**
 * What may be asked about tags, of an episode and of all, and about an episode's relationships. The Worker evaluates
 * this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { cursor, id, name, orNull, page, tags, text } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { operation, type Page } from "../operation.ts";
import { del, get, post, type RouteContract } from "../route.ts";
import { RELATIONSHIP_TYPES, type RelationshipType } from "../vocabulary.ts";
import type { Relationship, TagCount, TagsRenamed } from "./answers.ts";

const tagsBody = z.strictObject({ tags: tags.min(1, "must have at least 1 entry") });
const relationshipBody = z.strictObject({
  type: z.enum(RELATIONSHIP_TYPES),
  to: id,
  reason: orNull(text(LIMITS.text_max)),
});
const relationshipType = z.enum(RELATIONSHIP_TYPES, {
  error: `must be one of ${RELATIONSHIP_TYPES.join(", ")}`,
});

/** Tags of a namespace come by name: the last one of a page is where the next one begins. */
const tagsQuery = page.extend({ cursor: name.exactOptional() });
const renameBody = z
  .strictObject({
    from: name,
    to: name,
    /** The `next_cursor` of the answer before; absent: from the beginning. */
    cursor,
  })
  .refine(({ from, to }) => from !== to, { path: ["to"], error: "must be another tag" });

const byId = { id };

export const TIE_ROUTES = {
  countTags: get("/v1/tags", "read", { query: tagsQuery }),
  renameTag: post("/v1/tags/rename", "write", { body: renameBody }),
  listTags: get("/v1/episodes/:id/tags", "read", { params: byId }),
  addTags: post("/v1/episodes/:id/tags", "write", { params: byId, body: tagsBody }),
  removeTag: del("/v1/episodes/:id/tags/:tag", "write", { params: { id, tag: z.string().min(1) } }),
  listRelationships: get("/v1/episodes/:id/relationships", "read", { params: byId }),
  addRelationship: post("/v1/episodes/:id/relationships", "write", {
    params: byId,
    body: relationshipBody,
  }),
  removeRelationship: del("/v1/episodes/:id/relationships/:type/:to", "write", {
    params: { id, type: relationshipType, to: id },
  }),
} as const satisfies Record<string, RouteContract>;

interface Tags {
  tags: string[];
}

export const TIE_OPERATIONS = {
  "tags.count": operation<{ limit: number; cursor: string | null }, Page<TagCount>>(
    "namespace",
    "read",
  ),
  /** Renames in a slice of episodes; what could not be changed is named. */
  "tags.rename": operation<{ from: string; to: string; cursor: string | null }, TagsRenamed>(
    "namespace",
    "write",
  ),
  "episode.tags.get": operation<{ id: string }, Tags>("episode", "read"),
  "episode.tags.add": operation<{ id: string } & Tags, Tags>("episode", "write"),
  "episode.tags.remove": operation<{ id: string; tag: string }, Tags>("episode", "write"),
  "relationships.list": operation<{ episode_id: string }, { relationships: Relationship[] }>(
    "namespace",
    "read",
  ),
  "relationships.add": operation<
    { episode_id: string } & z.output<typeof relationshipBody>,
    Relationship
  >("namespace", "write"),
  "relationships.remove": operation<
    { episode_id: string; to: string; type: RelationshipType },
    { deleted: true }
  >("namespace", "write"),
};
