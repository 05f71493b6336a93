/**
 * What is answered about events and webhooks, and what the document says of their routes. The
 * Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, flag, named, text, textOrNull, texts, time } from "../answer-fields.ts";
import { WEBHOOK_ID, type RouteDocs } from "../route.ts";
import type { EVENT_ROUTES } from "./requests.ts";

const event = named(
  "MemoryEvent",
  z.object({
    id: text.describe("The same however often it comes: what was seen is left out by it"),
    type: text,
    timestamp: time,
    namespace: textOrNull.describe("null: it is of the service itself"),
    data: z.record(text, z.unknown()).describe("Ids, states and counts; no stored text"),
  }),
);
export type MemoryEvent = z.infer<typeof event>;

/** Events of an instance, or of several. */
export interface EventShare {
  events: MemoryEvent[];
  /** Some may be missing before the first: what was kept does not reach back so far. */
  hasGap: boolean;
}

const webhook = named(
  "Webhook",
  z.object({
    id: text,
    url: text,
    types: texts.nullable().describe("null: all"),
    namespaces: texts.describe('Names, or "*" for all and for the service itself'),
    created_at: time,
  }),
);
export type WebhookView = z.infer<typeof webhook>;
const webhookMade = z.object({
  ...webhook.shape,
  secret: text.describe("What it signs with (Standard Webhooks, whsec_…); it is shown once"),
});
export type WebhookMade = z.infer<typeof webhookMade>;
const webhooks = z.object({ webhooks: z.array(webhook) });

const tested = z.object({
  delivered: flag,
  status: z.number().int().nullable().describe("What the receiver answered; null: nothing"),
  error: textOrNull,
});
export type WebhookTested = z.infer<typeof tested>;

const deadDelivery = named(
  "UndeliveredEvent",
  z.object({
    webhook: text,
    event_id: text,
    type: text,
    namespace: textOrNull,
    tries: count,
    error: textOrNull,
    created_at: time,
  }),
);
export type DeadDelivery = z.infer<typeof deadDelivery>;
const undelivered = z.object({ undelivered: z.array(deadDelivery) });
const retried = z.object({ retried: count });

export const EVENT_DOCS: RouteDocs<typeof EVENT_ROUTES> = {
  streamEvents: {
    tag: "Events",
    summary: "What happens in a namespace, as it happens",
    description:
      "Server-sent events: episodes that were completed, patterns that became heuristics, lessons. Each comes at least once; `Last-Event-ID` goes on behind one. What is kept is bounded, and not beyond a restart of an instance: `event: gap` says that some may be missing. A comment comes every 15 s; after `seconds` the stream ends, and a client connects again.",
    queryExample: { seconds: 0 },
    answers: [{ status: 200, description: "The stream", type: "text/event-stream" }],
  },
  listWebhooks: {
    tag: "Events",
    summary: "List webhooks",
    answers: [{ status: 200, description: "The webhooks, without secrets", schema: webhooks }],
  },
  addWebhook: {
    tag: "Events",
    summary: "Add a webhook",
    description:
      "What happens is sent to the address, at least once, signed as Standard Webhooks have it. The address is public and has TLS; redirects are not followed.",
    examples: {
      all: { summary: "Everything", body: { url: "https://hooks.example.com/memory" } },
      some: {
        summary: "Lessons of a namespace",
        body: {
          url: "https://hooks.example.com/lessons",
          types: ["lesson.added"],
          namespaces: ["my-agent"],
        },
      },
    },
    answers: [{ status: 201, description: "The webhook, with its secret", schema: webhookMade }],
    errors: ["limit_exceeded"],
  },
  removeWebhook: {
    tag: "Events",
    summary: "Remove a webhook",
    description: "What waits for it is not sent any more.",
    params: { id: { description: "The webhook", example: WEBHOOK_ID } },
    answers: [{ status: 204, description: "It is gone" }],
    errors: ["not_found"],
  },
  testWebhook: {
    tag: "Events",
    summary: "Send a test to a webhook",
    params: { id: { description: "The webhook", example: WEBHOOK_ID } },
    answers: [{ status: 200, description: "What came of it", schema: tested }],
    errors: ["not_found"],
  },
  listUndelivered: {
    tag: "Events",
    summary: "Events that were sent in vain",
    description: "After nine tries in a day they are set aside, and kept within bounds.",
    queryExample: { limit: 50 },
    answers: [{ status: 200, description: "The newest first", schema: undelivered }],
  },
  retryUndelivered: {
    tag: "Events",
    summary: "Send again what was set aside",
    answers: [{ status: 200, description: "How many", schema: retried }],
  },
};
