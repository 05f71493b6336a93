/**
 * Emits what happened: to streams, and to the webhooks that ask for it. An event is kept in the
 * transaction of what it says, and is taken back with it; webhooks are sent afterwards, at least
 * once each, in no promised order. Nothing that a receiver does keeps the object from its work.
 *
 * @module
 */

import type {
  DeadDelivery,
  EventShare,
  MemoryEvent,
  WebhookTested,
} from "../../contract/events/answers.ts";
import type { EventType } from "../../contract/events/requests.ts";
import type { Counting } from "../../observability/index.ts";
import type { LocalSql } from "../../storage/index.ts";
import type { Part, PartContext } from "../shared/context.ts";
import type { WebhookRecord } from "../shared/control.ts";
import { isoTime } from "../../util/time.ts";
import { refusalOf } from "../../util/public-address.ts";
import { Deliveries, DELIVERIES_SCHEMA, type Delivery } from "./deliveries.ts";
import { RecentEvents } from "./recent-events.ts";
import { signatureOf } from "./signature.ts";

/** Deadline of a receiver, ms. */
const DEADLINE_MS = 10_000;
/** Sent at once. */
const TOGETHER_MAX = 6;
/** While some are on their way the alarm looks again after this, in case they are lost, ms. */
const ON_THE_WAY_MS = DEADLINE_MS + 5_000;
/** A receiver that answers so wants no more of it. */
const GONE = 410;

export interface WebhooksDeps extends Omit<PartContext, "sql"> {
  sql: LocalSql;
  meter: Counting;
  onRollback: (undo: () => void) => void;
  webhooks: () => readonly WebhookRecord[];
  /** Whether addresses need not be public, for tests on one's own machine. */
  isPrivateAllowed: () => boolean;
  /** An id whose order is that of time. */
  uuid: (now: number) => string;
  /** 0…1, for jitter. */
  random: () => number;
  /** The way to public addresses alone; absent: that of the platform, which has no other. */
  publicNetwork?: Pick<Fetcher, "fetch"> | undefined;
  /** Sees to it that the alarm fires at this time or before. */
  wake: (at: number) => void;
}

/** What happened: no stored text. @param namespace null: of the service itself */
export interface NewEvent {
  type: EventType;
  namespace: string | null;
  data: Readonly<Record<string, string | number | boolean | null>>;
}

export class Webhooks implements Part {
  readonly schema = DELIVERIES_SCHEMA;
  readonly #deps: WebhooksDeps;
  readonly #deliveries: Deliveries;
  readonly #recent: RecentEvents;
  /** When what is on its way was sent, ms since the epoch; null: nothing is. */
  #sentAt: number | null = null;
  /** When the next is due; undefined: to be read. */
  #nextAt: number | null | undefined;

  constructor(deps: WebhooksDeps) {
    this.#deps = deps;
    this.#deliveries = new Deliveries(deps);
    this.#recent = new RecentEvents(deps.uuid(deps.now()));
  }

  /** In a transaction. */
  emit({ type, namespace, data }: NewEvent): void {
    const { now, uuid, webhooks, onRollback, log, meter } = this.#deps;
    const at = now();
    const event = { id: uuid(at), type, timestamp: isoTime(at), namespace, data: { ...data } };
    onRollback(this.#recent.add(event));
    for (const webhook of webhooks()) {
      if (!isWanted(webhook, event)) continue;
      if (!this.#deliveries.add(webhook.id, event, at)) {
        meter.count("memory_webhook_dropped_total");
        log({ event: "webhook_dropped", webhook: webhook.id, type });
      }
      this.#changed();
      onRollback(() => this.#changed());
      this.#deps.wake(at);
    }
  }

  /** What happened in a namespace lately. */
  events(namespace: string, after: string, limit: number): EventShare {
    return this.#recent.after(namespace, after, limit);
  }

  nextAt(): number | null {
    if (this.#sentAt !== null) return this.#sentAt + ON_THE_WAY_MS;
    this.#nextAt ??= this.#deliveries.nextAt();
    return this.#nextAt;
  }

  /** Sends what is due, and does not wait for it. */
  onAlarm(now: number): void {
    if (this.#sentAt !== null && now < this.#sentAt + ON_THE_WAY_MS) return;
    void this.flush(now);
  }

  /** Sends what is due; settles when it is answered. Never throws. */
  async flush(now: number): Promise<void> {
    const due = this.#deliveries.due(now, TOGETHER_MAX);
    if (due.length === 0) return;
    this.#sentAt = now;
    const noted = await Promise.all(due.map((delivery) => this.#delivered(delivery)));
    // What could not be noted is still due: without a wait it would be sent again and again.
    this.#sentAt = noted.every(Boolean) ? null : now;
    this.#changed();
    const next = this.nextAt();
    if (next !== null) this.#deps.wake(next);
  }

  dead(limit: number): DeadDelivery[] {
    return this.#deliveries.dead(limit);
  }

  /** What was set aside is due again. Returns how many. */
  retry(): number {
    const { now, transaction, wake } = this.#deps;
    const retried = transaction(() => this.#deliveries.retry(now()));
    this.#changed();
    if (retried > 0) wake(now());
    return retried;
  }

  /** Sends a message that says nothing, at once. */
  async test(webhook: WebhookRecord): Promise<WebhookTested> {
    const { now, uuid } = this.#deps;
    const [id, timestamp] = [uuid(now()), isoTime(now())];
    const event = { id, type: "webhook.test", timestamp, namespace: null, data: {} };
    const { status, error } = await this.#send(webhook, id, JSON.stringify(event));
    return { delivered: error === null, status, error };
  }

  /** As `#deliver`; false: the storage did not take what became of it. Never throws. */
  async #delivered(delivery: Delivery): Promise<boolean> {
    try {
      await this.#deliver(delivery);
      return true;
    } catch (error) {
      const { webhook } = delivery;
      this.#deps.log({ event: "webhook_failed", level: "warn", webhook, reason: String(error) });
      return false;
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { now, webhooks, transaction, log, meter } = this.#deps;
    const webhook = webhooks().find(({ id }) => id === delivery.webhook);
    if (!webhook) return transaction(() => this.#deliveries.dropOf(delivery.webhook));
    const { status, error } = await this.#send(webhook, delivery.event, delivery.body);
    if (error === null) return transaction(() => this.#deliveries.done(delivery.seq));
    const isLast = transaction(() => {
      const isDead = this.#deliveries.failed(delivery, error, now(), status === GONE);
      if (isDead) meter.count("memory_webhook_dead_total");
      return isDead;
    });
    log({
      event: "webhook_failed",
      level: isLast ? "warn" : "info",
      webhook: webhook.id,
      reason: error,
    });
  }

  /** error null: the receiver took it. Never throws. */
  async #send(
    { url, secret }: WebhookRecord,
    id: string,
    body: string,
  ): Promise<Pick<WebhookTested, "status" | "error">> {
    const refusal = refusalOf(url, this.#deps.isPrivateAllowed());
    if (refusal !== null) return { status: null, error: `the address ${refusal}` };
    try {
      const timestamp = Math.floor(this.#deps.now() / 1_000);
      const { publicNetwork, isPrivateAllowed } = this.#deps;
      const network = isPrivateAllowed() ? undefined : publicNetwork;
      const sent = new Request(url, {
        method: "POST",
        redirect: "manual",
        signal: AbortSignal.timeout(DEADLINE_MS),
        headers: {
          "Content-Type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          "webhook-signature": await signatureOf(secret, { id, timestamp, body }),
        },
        body,
      });
      const response = await (network ? network.fetch(sent) : fetch(sent));
      const { status, ok } = response;
      void response.body?.cancel().catch(() => undefined);
      return { status, error: ok ? null : `it answered ${status}` };
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message : String(error) };
    }
  }

  #changed(): void {
    this.#nextAt = undefined;
  }
}

function isWanted({ types, namespaces }: WebhookRecord, { type, namespace }: MemoryEvent): boolean {
  const isType = types === null || types.includes(type);
  return (
    isType && (namespaces.includes("*") || (namespace !== null && namespaces.includes(namespace)))
  );
}
