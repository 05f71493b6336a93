/**
 * What webhooks are still to be sent: a row for each event and webhook, written in the transaction
 * of what it tells, and gone when its receiver took it. Tried again with growing waits, and set
 * aside after the last. The owner of the table `webhook_deliveries`, whose rows are bounded.
 *
 * @module
 */

import type { DeadDelivery, MemoryEvent } from "../../contract/events/answers.ts";
import type { LocalSql } from "../../storage/index.ts";
import { isoTime } from "../../util/time.ts";

export const DELIVERIES_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS webhook_deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, webhook TEXT NOT NULL, event TEXT NOT NULL,
    type TEXT NOT NULL, namespace TEXT, body TEXT NOT NULL, created_at INTEGER NOT NULL,
    due_at INTEGER, tries INTEGER NOT NULL, error TEXT) STRICT`,
];

/** Rows that wait, beyond which what is new is left out; and that were set aside. */
const WAITING_MAX = 5_000;
const DEAD_MAX = 1_000;
/** Waits after each try in vain, s; after the last a row is set aside. */
const WAITS_S = [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200];
/** Of a wait, what chance adds at most. */
const JITTER = 0.2;
const ERROR_CHARS = 200;

export interface Delivery {
  seq: number;
  webhook: string;
  event: string;
  body: string;
  tries: number;
}

export class Deliveries {
  readonly #sql: LocalSql;
  readonly #random: () => number;

  constructor({ sql, random }: { sql: LocalSql; random: () => number }) {
    this.#sql = sql;
    this.#random = random;
  }

  /** In a transaction. false: too many wait. */
  add(webhook: string, event: MemoryEvent, now: number): boolean {
    if (this.#count("due_at IS NOT NULL") >= WAITING_MAX) return false;
    this.#sql.run(
      `INSERT INTO webhook_deliveries
        (webhook, event, type, namespace, body, created_at, due_at, tries, error)
        VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL)`,
      webhook,
      event.id,
      event.type,
      event.namespace,
      JSON.stringify(event),
      now,
      now,
    );
    return true;
  }

  /** ms since the epoch; null: nothing waits. */
  nextAt(): number | null {
    const text = "SELECT min(due_at) AS at FROM webhook_deliveries WHERE due_at IS NOT NULL";
    return this.#sql.all<{ at: number | null }>(text)[0]?.at ?? null;
  }

  /** Those that are due, the longest due first. */
  due(now: number, limit: number): Delivery[] {
    return this.#sql.all<Delivery & Record<string, string | number>>(
      `SELECT seq, webhook, event, body, tries FROM webhook_deliveries
        WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?`,
      now,
      limit,
    );
  }

  done(seq: number): void {
    this.#sql.run("DELETE FROM webhook_deliveries WHERE seq = ?", seq);
  }

  /** In a transaction. True: that was its last try. @param isFinal the receiver wants no more */
  failed({ seq, tries }: Delivery, error: string, now: number, isFinal = false): boolean {
    const wait = isFinal ? undefined : WAITS_S[tries];
    const due = wait === undefined ? null : now + wait * 1_000 * (1 + JITTER * this.#random());
    this.#sql.run(
      "UPDATE webhook_deliveries SET due_at = ?, tries = tries + 1, error = ? WHERE seq = ?",
      due === null ? null : Math.round(due),
      error.slice(0, ERROR_CHARS),
      seq,
    );
    if (due !== null) return false;
    this.#sql.run(
      `DELETE FROM webhook_deliveries WHERE due_at IS NULL AND seq NOT IN
        (SELECT seq FROM webhook_deliveries WHERE due_at IS NULL ORDER BY seq DESC LIMIT ?)`,
      DEAD_MAX,
    );
    return true;
  }

  /** Those that were set aside, the newest first. */
  dead(limit: number): DeadDelivery[] {
    type Found = Omit<DeadDelivery, "created_at" | "event_id"> & { at: number; event: string };
    return this.#sql
      .all<Found>(
        `SELECT webhook, event, type, namespace, tries, error, created_at AS at
          FROM webhook_deliveries WHERE due_at IS NULL ORDER BY seq DESC LIMIT ?`,
        limit,
      )
      .map(({ at, event, ...row }) => ({ ...row, event_id: event, created_at: isoTime(at) }));
  }

  /** They are due again. Returns how many. */
  retry(now: number): number {
    const count = this.#count("due_at IS NULL");
    const text = "UPDATE webhook_deliveries SET due_at = ?, tries = 0 WHERE due_at IS NULL";
    if (count > 0) this.#sql.run(text, now);
    return count;
  }

  /** Nothing is sent to a webhook that is gone. */
  dropOf(webhook: string): void {
    this.#sql.run("DELETE FROM webhook_deliveries WHERE webhook = ?", webhook);
  }

  #count(condition: "due_at IS NULL" | "due_at IS NOT NULL"): number {
    const text = `SELECT count(*) AS n FROM webhook_deliveries WHERE ${condition}`;
    return this.#sql.all<{ n: number }>(text)[0]?.n ?? 0;
  }
}
