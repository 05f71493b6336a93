/**
 * What is answered about API keys and what was granted with them, and what the document says of
 * their routes. The Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { flag, named, text, textOrNull, texts, time, timeOrNull } from "../answer-fields.ts";
import { GRANT_ID, KEY_ID, type RouteDocs } from "../route.ts";
import { SCOPES } from "../vocabulary.ts";
import type { ACCESS_ROUTES } from "./requests.ts";

const key = named(
  "Key",
  z.object({
    id: text,
    name: text,
    scopes: z.array(z.enum(SCOPES)),
    namespaces: texts.describe('Names, or "*" for all'),
    default_namespace: text,
    created_at: time,
    expires_at: timeOrNull,
    revoked_at: timeOrNull,
    last_used_at: timeOrNull.describe(
      "To the hour; null: not since instances that answer began to note it",
    ),
  }),
);
export type KeyView = z.infer<typeof key>;

const keyMade = z.object({
  ...key.shape,
  key: text.describe("The secret; it is shown once"),
});
export type KeyMade = z.infer<typeof keyMade>;
const keys = z.object({ keys: z.array(key) });

const grant = named(
  "Grant",
  z.object({
    id: text.describe("The id of its key, a colon, and an id of its own"),
    key_id: text.describe("The key with which a person granted it"),
    key_name: textOrNull.describe("null: there is no such key any more"),
    client_id: text.describe("The address of its description, or the id that it registered under"),
    client_name: text.describe("What the client called itself when it was granted"),
    namespace: text,
    scopes: z.array(z.enum(SCOPES)),
    active: flag.describe(
      "false: its key is revoked, has expired or is gone: nothing works any more",
    ),
    created_at: time,
    last_token_at: timeOrNull.describe(
      "When its client last got a token, which works for an hour: about when it was last used. null: it has got none yet",
    ),
    expires_at: timeOrNull.describe(
      "When it ends if its client gets no token before. null: within minutes",
    ),
  }),
);
export type GrantView = z.infer<typeof grant>;

const grants = z.object({
  grants: z.array(grant).describe("The order is no order of time"),
  next_cursor: textOrNull.describe(
    "null: the last page. A page may have fewer than were asked for, or none, and not be the last",
  ),
});
export type GrantsView = z.infer<typeof grants>;

export const ACCESS_DOCS: RouteDocs<typeof ACCESS_ROUTES> = {
  createKey: {
    tag: "Keys",
    summary: "Create a key",
    description: "Only its hash is kept; the key is shown in this answer and never again.",
    examples: {
      agent: {
        summary: "For an agent",
        body: {
          name: "agent",
          scopes: ["read", "write"],
          namespaces: ["my-agent"],
          expires_at: null,
        },
      },
    },
    answers: [{ status: 201, description: "The key", schema: keyMade }],
    errors: ["database_unavailable"],
  },
  listKeys: {
    tag: "Keys",
    summary: "List keys",
    answers: [{ status: 200, description: "The keys, without their secrets", schema: keys }],
    errors: ["database_unavailable"],
  },
  rotateKey: {
    tag: "Keys",
    summary: "Replace a key",
    description:
      "Makes a key that may the same, and shows it once. The old one goes on for `overlap_seconds`, and ends then.",
    params: { id: { description: "The key's id, not the key", example: KEY_ID } },
    examples: {
      day: { summary: "Both work for a day", body: { overlap_seconds: 86_400 } },
    },
    answers: [{ status: 201, description: "The new key", schema: keyMade }],
    errors: ["not_found", "conflict", "database_unavailable"],
  },
  revokeKey: {
    tag: "Keys",
    summary: "Revoke a key",
    description: "Answers once every instance knows.",
    params: { id: { description: "The key's id, not the key", example: KEY_ID } },
    answers: [{ status: 200, description: "The key, revoked", schema: key }],
    errors: ["not_found", "database_unavailable"],
  },
  listGrants: {
    tag: "Keys",
    summary: "List what was granted by OAuth",
    description:
      "Which app may act with which key, without any token. Only where OAuth is on: elsewhere 404.",
    queryExample: { limit: 50 },
    answers: [{ status: 200, description: "The grants, a page of them", schema: grants }],
    errors: ["not_found", "not_ready", "database_unavailable"],
  },
  revokeGrant: {
    tag: "Keys",
    summary: "Revoke what was granted to an app",
    description:
      "Its tokens are refused: everywhere within about a minute, because the storage of grants is cached. Revoke the key where none of them may work at once.",
    params: { id: { description: "The grant's id, as the list has it", example: GRANT_ID } },
    answers: [{ status: 204, description: "It is revoked" }],
    errors: ["not_found", "not_ready"],
  },
};
