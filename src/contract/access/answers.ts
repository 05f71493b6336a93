/**
 * What is answered about API keys, and what the document says of their routes. The Worker imports
 * only types from here.
 *
 * @module
 */

import * as z from "zod";
import { named, text, texts, time, timeOrNull } from "../answer-fields.ts";
import { KEY_ID, type RouteDocs } from "../route.ts";
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
};
