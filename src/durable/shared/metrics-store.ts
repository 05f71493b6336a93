/**
 * A Durable Object's counters: in memory to count with, in its storage to survive eviction. What is
 * counted in a transaction is kept or taken back with it; anything else is stored before the object
 * answers whom it counted, because an answer leaves only after the writes before it. Only what a
 * read counts may be stored a moment later: a read that had to write first would take three times
 * as long.
 *
 * @module
 */

import { Meter, seriesKey, type Sample } from "../../observability/index.ts";
import type { LocalSql } from "../../storage/index.ts";

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS metrics (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT`,
  // The last delta that each sender's counts came with, so that one that is sent twice counts once.
  `CREATE TABLE IF NOT EXISTS metric_senders (
    sender TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL) STRICT`,
];

/** A sender that was silent for this long is taken to be gone, and forgotten, ms. */
const SENDER_SILENT_MS = 3_600_000;
/** What reads count, and how long it may wait to be stored, ms: a crash loses no more of it. */
const READ_COUNTS: ReadonlySet<string> = new Set(["memory_cache_hit_total"]);
const READ_COUNTS_WAIT_MS = 250;

/** What a stateless Worker counted since its last delta. */
export interface Delta {
  sender: string;
  /** Rises by one with each new delta. */
  seq: number;
  samples: Sample[];
}

export class MetricsStore {
  readonly #sql: LocalSql;
  readonly #run: <T>(work: () => T) => T;
  readonly meter: Meter;
  #saving = false;
  #waiting = false;

  /** @param transaction synchronous, all or nothing */
  constructor(sql: LocalSql, transaction: <T>(work: () => T) => T) {
    this.#sql = sql;
    this.#run = transaction;
    for (const statement of SCHEMA) sql.run(statement);
    const stored = sql
      .all<{ body: string }>("SELECT body FROM metrics")
      .map((row) => JSON.parse(row.body) as Sample);
    this.meter = new Meter(stored, (name) =>
      READ_COUNTS.has(name) ? this.#saveLater() : this.#saveSoon(),
    );
  }

  /** A transaction whose counts are taken back when it is. */
  readonly transaction = <T>(work: () => T): T => {
    this.meter.begin();
    try {
      const value = this.#run(work);
      this.meter.commit();
      this.#save();
      return value;
    } catch (error) {
      this.meter.rollback();
      throw error;
    }
  };

  /** Adds a delta, once however often it comes. */
  take({ sender, seq, samples }: Delta, now: number): void {
    this.transaction(() => {
      const [last] = this.#sql.all<{ seq: number }>(
        "SELECT seq FROM metric_senders WHERE sender = ?",
        sender,
      );
      if (last && last.seq >= seq) return;
      this.#sql.run(
        "INSERT OR REPLACE INTO metric_senders (sender, seq, at) VALUES (?, ?, ?)",
        sender,
        seq,
        now,
      );
      this.#sql.run("DELETE FROM metric_senders WHERE at < ?", now - SENDER_SILENT_MS);
      this.meter.add(samples);
    });
  }

  /**
   * With the end of what runs now: many counts are one write, and none waits for anything outside.
   */
  #saveSoon(): void {
    if (this.#saving) return;
    this.#saving = true;
    queueMicrotask(() => {
      this.#saving = false;
      this.#save();
    });
  }

  #saveLater(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => {
      this.#waiting = false;
      this.#save(new Set());
    }, READ_COUNTS_WAIT_MS);
  }

  #save(later: ReadonlySet<string> = READ_COUNTS): void {
    for (const { name, labels, ...rest } of this.meter.takeChanged(later)) {
      this.#sql.run(
        `INSERT INTO metrics (key, body) VALUES (?, ?)
          ON CONFLICT (key) DO UPDATE SET body = excluded.body`,
        seriesKey(name, labels),
        JSON.stringify({ name, labels, ...rest }),
      );
    }
  }
}
