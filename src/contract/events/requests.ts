/**
 * What may be asked about events: what happened, as a stream, and webhooks, which send it. The
 * Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { id, list, namespaceName, text } from "../fields.ts";
import { operation, repeatable, unrepeatable, type CommandTable } from "../operation.ts";
import { del, get, post, type RouteContract } from "../route.ts";
import type {
  DeadDelivery,
  EventShare,
  WebhookMade,
  WebhookTested,
  WebhookView,
} from "./answers.ts";

const EVENT_TYPES = [
  "episode.completed",
  "pattern.promoted",
  "lesson.added",
  "incident",
  "backup",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const URL_MAX = 2_000;
const NAMESPACES_MAX = 100;
/** A stream stays open for so long at most, s. */
const STREAM_SECONDS_MAX = 600;
const DEAD_MAX = 200;

const webhookBody = z.strictObject({
  url: text(URL_MAX, 1),
  /** What it is sent; absent: everything. */
  types: list(z.enum(EVENT_TYPES), EVENT_TYPES.length)
    .min(1, "must name at least one")
    .exactOptional(),
  /** Whose; "*" for all, and for what is of the service itself. */
  namespaces: list(z.union([z.literal("*"), namespaceName]), NAMESPACES_MAX)
    .min(1, "must name at least one")
    .default(["*"]),
});
export type NewWebhook = z.output<typeof webhookBody>;

const streamQuery = z.strictObject({
  /** How long it stays open; 0: it ends with what there is. */
  seconds: z.coerce
    .number({ error: "must be a number" })
    .int()
    .min(0, "must not be negative")
    .max(STREAM_SECONDS_MAX, `must be at most ${STREAM_SECONDS_MAX}`)
    .default(STREAM_SECONDS_MAX),
});

export const EVENT_ROUTES = {
  streamEvents: get("/v1/events", "read", { query: streamQuery }),
  listWebhooks: get("/admin/webhooks", "root"),
  addWebhook: post("/admin/webhooks", "root", { body: webhookBody }),
  removeWebhook: del("/admin/webhooks/:id", "root", { params: { id } }),
  testWebhook: post("/admin/webhooks/:id/test", "root", { params: { id } }),
  listUndelivered: get("/admin/undelivered", "root", {
    query: z.strictObject({
      limit: z.coerce.number({ error: "must be a number" }).int().min(1).max(DEAD_MAX).default(50),
    }),
  }),
  retryUndelivered: post("/admin/undelivered/retry", "root"),
} as const satisfies Record<string, RouteContract>;

export const EVENT_OPERATIONS = {
  /** Those behind an id, in the order of time; at most so many. */
  "events.list": operation<{ after: string; limit: number }, EventShare>("namespace", "read"),
};

export const EVENT_COMMANDS = {
  "webhooks.list": repeatable<null, WebhookView[]>(),
  /** The secret is in this answer only. */
  "webhooks.add": unrepeatable<{ webhook: NewWebhook; by: string }, WebhookMade>(),
  "webhooks.remove": repeatable<{ id: string; by: string }, null>(),
  "webhooks.test": unrepeatable<{ id: string }, WebhookTested>(),
  "webhooks.dead": repeatable<{ limit: number }, DeadDelivery[]>(),
  "webhooks.retry": unrepeatable<null, { retried: number }>(),
} as const satisfies CommandTable;
