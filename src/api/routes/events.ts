/**
 * Handlers of the routes about events: the stream of a namespace, and the webhooks.
 *
 * @module
 */

import type { MemoryEvent } from "../../contract/events/answers.ts";
import type { EVENT_ROUTES } from "../../contract/events/requests.ts";
import { timeOfUuidv7, uuidv7 } from "../../memory/id.ts";
import { answer } from "../answer.ts";
import type { RequestContext } from "../request-context.ts";
import { actor, command, type Handlers, respond } from "./route.ts";

/** How often the instances are asked, and how often something is sent all the same, ms. */
const POLL_MS = 2_000;
const ALIVE_MS = 15_000;
/** Events that are asked for at once. */
const EVENTS_MAX = 200;
/** So long after a later event an event may still be sent: two clocks differ, ms. */
const LATE_MS = 3_000;
/** Characters of an id that say its time: 48 bits. */
const TIME_CHARS = 13;
/** What an id has after its time. */
const NO_BYTES = new Uint8Array(10);
const HEADERS = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" };

export const EVENT_HANDLERS: Handlers<typeof EVENT_ROUTES> = {
  async streamEvents(context, { query: { seconds } }) {
    const last = context.request.headers.get("Last-Event-ID");
    const now = context.options.now();
    const reader = new EventReader(context, last ?? idAt(now));
    // Whoever may not read gets an answer that says so, and no stream.
    const first = await reader.next(last !== null);
    const { options } = context;
    const stream = streamOf(first, reader, now + 1_000 * seconds, () => options.now());
    return new Response(stream, { headers: HEADERS });
  },

  listWebhooks: (context) =>
    respond(context.backend.command("webhooks.list", null), (webhooks) => ({ webhooks })),

  addWebhook(context, { body: webhook }) {
    const input = { webhook, by: actor(context) };
    return respond(context.backend.command("webhooks.add", input), (made) => made, 201);
  },

  async removeWebhook(context, { params: { id } }) {
    await command(context, "webhooks.remove", { id, by: actor(context) });
    return answer(null, { status: 204 });
  },

  testWebhook: (context, { params: { id } }) => command(context, "webhooks.test", { id }),

  listUndelivered: (context, { query: { limit } }) =>
    respond(context.backend.command("webhooks.dead", { limit }), (undelivered) => ({
      undelivered,
    })),

  retryUndelivered: (context) => command(context, "webhooks.retry", null),
};

/** The least id of a moment, ms since the epoch. */
function idAt(ms: number): string {
  return uuidv7(ms, NO_BYTES).slice(0, TIME_CHARS);
}

/** Reads the events of a namespace as they come, each once as long as it reads. */
class EventReader {
  readonly #context: RequestContext;
  /** Those that were sent, of so long ago that they may come again. */
  #sent: MemoryEvent[] = [];
  #after: string;

  constructor(context: RequestContext, after: string) {
    this.#context = context;
    this.#after = after;
  }

  /** As text of the stream; "" when there is nothing new. @throws Problem */
  async next(tellsGap: boolean): Promise<string> {
    const input = { after: this.#from(), limit: EVENTS_MAX };
    const { events, hasGap } = (await this.#context.run("events.list", input)).value;
    const known = new Set(this.#sent.map(({ id }) => id));
    const fresh = events.filter(({ id }) => !known.has(id) && (known.size > 0 || id > this.#after));
    const last = events.at(-1);
    if (last && last.id > this.#after) this.#after = last.id;
    const from = this.#from();
    this.#sent = [...this.#sent, ...fresh].filter(({ id }) => id > from);
    const gap = tellsGap && hasGap ? "event: gap\ndata: {}\n\n" : "";
    return gap + fresh.map(textOf).join("");
  }

  #from(): string {
    const time = timeOfUuidv7(this.#after);
    return time === null ? this.#after : idAt(time - LATE_MS);
  }
}

function textOf(event: MemoryEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A stream that ends at a time, or when the memory refuses: then a client connects again. */
function streamOf(
  first: string,
  reader: EventReader,
  until: number,
  now: () => number,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isClosed = false;
  let pending = `retry: ${POLL_MS}\n\n${first}`;
  return new ReadableStream({
    async pull(controller) {
      const aliveAt = now() + ALIVE_MS;
      while (pending === "" && !isClosed && now() < Math.min(until, aliveAt)) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        pending = isClosed ? "" : await reader.next(true).catch(() => END);
      }
      if (isClosed) return;
      const isEnd = pending === END || (pending === "" && now() >= until);
      if (isEnd) return controller.close();
      controller.enqueue(encoder.encode(pending === "" ? ": alive\n\n" : pending));
      pending = "";
    },
    cancel() {
      isClosed = true;
    },
  });
}

/** In place of events: there is no more to come. */
const END = "end";
