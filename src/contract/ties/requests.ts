/**
 * What may be asked about an episode's tags and its relationships to others. The Worker evaluates
 * this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { id, orNull, tags, text } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { operation } from "../operation.ts";
import { del, get, post, type RouteContract } from "../route.ts";
import { RELATIONSHIP_TYPES, type RelationshipType } from "../vocabulary.ts";
import type { Relationship } from "./answers.ts";

const tagsBody = z.strictObject({ tags: tags.min(1, "must have at least 1 entry") });
const relationshipBody = z.strictObject({
  type: z.enum(RELATIONSHIP_TYPES),
  to: id,
  reason: orNull(text(LIMITS.text_max)),
});
const relationshipType = z.enum(RELATIONSHIP_TYPES, {
  error: `must be one of ${RELATIONSHIP_TYPES.join(", ")}`,
});

const byId = { id };

export const TIE_ROUTES = {
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
