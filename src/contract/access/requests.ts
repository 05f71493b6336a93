/**
 * What may be asked about API keys, and about what was granted with them by OAuth. The Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { id, list, namespaceName, orNull, page, text, time, whole } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { operation, repeatable, unrepeatable, type CommandTable, type None } from "../operation.ts";
import { del, get, post, type RouteContract } from "../route.ts";
import { SCOPES, type Scope } from "../vocabulary.ts";
import type { KeyMade, KeyView } from "./answers.ts";

const keyBody = z
  .strictObject({
    name: text(LIMITS.name_max, 1),
    scopes: z.array(z.enum(SCOPES)).min(1, "must name at least one scope"),
    /** Names, or "*" for all. */
    namespaces: list(z.union([z.literal("*"), namespaceName]), LIMITS.namespaces_per_key_max).min(
      1,
      "must name at least one",
    ),
    /** Absent: the first that is named. */
    default_namespace: namespaceName.exactOptional(),
    expires_at: orNull(time),
  })
  .transform((key) => ({
    ...key,
    default_namespace:
      key.default_namespace ?? key.namespaces.find((other) => other !== "*") ?? "default",
  }));
/** A key that is asked for; `expires_at` null: it does not expire. */
export type NewKey = z.output<typeof keyBody>;

/** For how long both keys work after a rotation, at most, and when the request does not say, s. */
const OVERLAP_MAX_S = 30 * 86_400;
const OVERLAP_DEFAULT_S = 86_400;
const rotateBody = z.strictObject({
  overlap_seconds: whole(0, OVERLAP_MAX_S).default(OVERLAP_DEFAULT_S),
});

/** Characters of a name that is stored: releases may bound it otherwise. */
const STORED_NAME_MAX = 1_000;
const storedTime = z.string().refine((value) => !Number.isNaN(Date.parse(value)));

/** A key's record as a backup has it; other fields are left out. */
export const storedKey = z.object({
  id: z.string().regex(/^[0-9a-f]{1,64}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  name: text(STORED_NAME_MAX),
  scopes: z.array(z.enum(SCOPES)).max(SCOPES.length),
  namespaces: list(z.union([z.literal("*"), namespaceName]), LIMITS.namespaces_per_key_max),
  default_namespace: namespaceName,
  created_at: storedTime,
  expires_at: storedTime.nullable(),
  revoked_at: storedTime.nullable(),
});

const grantsQuery = page.extend({
  /** As the storage of grants makes it, which says nothing of its characters. */
  cursor: text(LIMITS.url_text_max, 1).exactOptional(),
  /** Those that this key granted. Not `key`, by which no key may come in an address. */
  key_id: id.exactOptional(),
  /** Those of this client: the address of its description, or the id that it registered under. */
  client_id: text(LIMITS.url_text_max, 1).exactOptional(),
});
export type GrantsQuery = z.output<typeof grantsQuery>;

export const ACCESS_ROUTES = {
  createKey: post("/admin/keys", "root", { body: keyBody }),
  listKeys: get("/admin/keys", "root"),
  rotateKey: post("/admin/keys/:id/rotate", "root", { params: { id }, body: rotateBody }),
  revokeKey: del("/admin/keys/:id", "root", { params: { id } }),
  listGrants: get("/admin/oauth/grants", "root", { query: grantsQuery }),
  revokeGrant: del("/admin/oauth/grants/:id", "root", { params: { id } }),
} as const satisfies Record<string, RouteContract>;

export const ACCESS_OPERATIONS = {
  /** Does nothing but authenticate and authorise: asked before a validation error is shown. */
  authorize: operation<{ scope: Scope }, None>("namespace", "read"),
};

/** `by` says who, for the audit. */
export const ACCESS_COMMANDS = {
  /** The key itself is in this answer only. */
  "keys.create": unrepeatable<{ key: NewKey; by: string }, KeyMade>(),
  "keys.list": repeatable<null, KeyView[]>(),
  /** As `keys.create`: a key that may the same, while the other one ends. */
  "keys.rotate": unrepeatable<{ id: string; overlap_ms: number; by: string }, KeyMade>(),
  "keys.revoke": repeatable<{ id: string; by: string }, KeyView>(),
} as const satisfies CommandTable;
