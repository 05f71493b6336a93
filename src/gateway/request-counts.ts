/**
 * The requests that this isolate answered, and the lines that it logged. An isolate may end at any
 * time, so both are sent to an instance within a moment, many together; what could not be sent is
 * sent again with the same number, and counts once. Of lines the newest are kept, within the bound
 * of a ring.
 *
 * @module
 */

import { LogRing, METHODS, Meter, type OAuthEvent, RING_BYTES } from "../observability/index.ts";
import type { Delta } from "../durable/shared/metrics-store.ts";

/**
 * How long counts are gathered before they are sent, ms. An isolate that crashes loses no more than
 * these.
 */
const GATHER_MS = 250;
/** A sender that is silent for longer than this was cut short, ms. */
const STUCK_MS = 10_000;

export interface CountedRequest {
  method: string;
  /** The pattern of the route; "none" when no route was found. */
  route: string;
  status: number;
  seconds: number;
  /** How long the instance took to recall; null: it was no recall. */
  recallSeconds: number | null;
}

/** Batches of counts that one sender sends at most: the next request makes another sender. */
const BATCHES_MAX = 3;

export class RequestCounts {
  readonly #now: () => number;
  #name: string | null = null;
  #seq = 0;
  #meter = new Meter();
  #lines: LogRing;
  #unsent: Delta | null = null;
  /** Since when somebody sends, ms since the epoch; null: nobody does. */
  #sending: number | null = null;

  constructor(now: () => number) {
    this.#now = now;
    this.#lines = new LogRing(now);
  }

  /** Keeps a line of the log, to be sent with the counts. */
  logged(line: string): void {
    this.#lines.add(line);
  }

  add({ method, route, status, seconds, recallSeconds }: CountedRequest): void {
    const counted = method === "HEAD" ? "GET" : method;
    this.#meter.count("memory_http_requests_total", {
      method: METHODS.find((name) => name === counted) ?? "other",
      route,
      status: String(status),
    });
    this.#meter.observe("memory_http_request_duration_seconds", seconds, { route });
    if (recallSeconds !== null)
      this.#meter.observe("memory_recall_duration_seconds", recallSeconds);
  }

  addOAuth(event: OAuthEvent): void {
    this.#meter.count("memory_oauth_total", { event });
  }

  /**
   * Sends what was counted; null when somebody is about to, so that most requests leave nothing to
   * wait for.
   * @param instances asks how many there are to choose from
   */
  sendSoon(
    instances: () => Promise<number>,
    send: (index: number, delta: Delta) => Promise<unknown>,
  ): Promise<void> | null {
    const now = this.#now();
    if (this.#sending !== null && now - this.#sending < STUCK_MS) return null;
    this.#sending = now;
    return this.#send(instances, send);
  }

  async #send(
    instances: () => Promise<number>,
    send: (index: number, delta: Delta) => Promise<unknown>,
  ): Promise<void> {
    // An isolate may not draw random numbers before its first request.
    this.#name ??= crypto.randomUUID();
    try {
      await scheduler.wait(GATHER_MS);
      const count = await instances();
      // What failed before goes first, as it was: the instance may have counted it.
      for (let batches = 0; batches < BATCHES_MAX; batches++) {
        this.#unsent ??= this.#next();
        if (!this.#unsent) return;
        // One sender always counts at one instance, where its numbers are known.
        await send(indexOf(this.#name, count), this.#unsent);
        this.#unsent = null;
      }
    } catch {
      // The next request tries again.
    } finally {
      this.#sending = null;
    }
  }

  #next(): Delta | null {
    const samples = this.#meter.samples();
    const lines = this.#lines.since(0, RING_BYTES);
    if (samples.length + lines.length === 0) return null;
    this.#meter = new Meter();
    this.#lines = new LogRing(this.#now);
    this.#seq += 1;
    return { sender: this.#name ?? "", seq: this.#seq, samples, lines };
  }
}

function indexOf(name: string, instances: number): number {
  return Number.parseInt(name.slice(0, 8), 16) % instances;
}
