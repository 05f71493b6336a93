/**
 * A Durable Object's counters: in memory to count with, in its storage to survive eviction. What is
 * counted in a transaction is kept or taken back with it; anything else is stored before the object
 * answers the request that it counted, because an answer leaves only after the writes before it.
 * Stored a moment later are what a read counts, because a read that had to write first would take
 * three times as long, and what is measured of requests to the database, which answers nobody. What
 * is shown is stored before it is shown, so that none falls.
 *
 * @module
 */

import { Meter, seriesKey, type LoggedLine, type Sample } from "../../observability/index.ts";
import type { LocalSql } from "../../storage/index.ts";

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS metrics (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT`,
  // Series that changed lately, all in one row, which is newer than their rows in `metrics`: most
  // calls count some, and each would be a row that is written.
  `CREATE TABLE IF NOT EXISTS metrics_recent (
    one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT`,
  // The last delta that each sender's counts came with, so that one that is sent twice counts once.
  `CREATE TABLE IF NOT EXISTS metric_senders (
    sender TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL) STRICT`,
];

/** A sender that was silent for this long is taken to be gone, and forgotten, ms. */
const SENDER_SILENT_MS = 3_600_000;
/**
 * What a read counts, and what is measured of requests to the database; and how long these may wait
 * to be stored, ms: a crash loses no more of them.
 */
const LATER_COUNTS: ReadonlySet<string> = new Set([
  "memory_cache_hit_total",
  "memory_storage_operation_duration_seconds",
  "memory_flush_batch_size",
  "memory_last_flush_timestamp_seconds",
]);
const LATER_COUNTS_WAIT_MS = 250;

/**
 * Characters of the row of recent series: what was not changed for longest goes to a row of its own
 * beyond that. Less than a page of the storage.
 */
const RECENT_CHARS_MAX = 2_000;

/** What a stateless Worker counted since its last delta. */
export interface Delta {
  sender: string;
  /** Rises by one with each new delta. */
  seq: number;
  samples: Sample[];
  /** What it logged; absent from an earlier release. */
  lines?: LoggedLine[];
}

export class MetricsStore {
  readonly #sql: LocalSql;
  readonly #run: <T>(work: () => T) => T;
  readonly meter: Meter;
  /** The series of `metrics_recent`, each as JSON under its key, the last changed at the end. */
  readonly #recent: Map<string, string>;
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
    const recent = this.#storedRecent();
    this.#recent = new Map(recent.map((sample) => [keyOf(sample), JSON.stringify(sample)]));
    const older = stored.filter((sample) => !this.#recent.has(keyOf(sample)));
    this.meter = new Meter([...older, ...recent], (name) =>
      LATER_COUNTS.has(name) ? this.#saveLater() : this.#saveSoon(),
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

  /**
   * The present totals of all series, for an answer that shows them: each is stored before the
   * answer leaves, so that after an eviction none is below what was shown. A storage that takes
   * nothing is no reason to show nothing: what it did not take goes with the next counts.
   */
  shown(): Sample[] {
    try {
      this.#save(new Set());
    } catch {
      // An instance's guard of statements has noted the damage; a Coordinator's next write fails aloud.
    }
    return this.meter.samples();
  }

  /** Adds a delta, once however often it comes. @returns whether this was the first time */
  take({ sender, seq, samples }: Delta, now: number): boolean {
    return this.transaction(() => {
      const [last] = this.#sql.all<{ seq: number }>(
        "SELECT seq FROM metric_senders WHERE sender = ?",
        sender,
      );
      if (last && last.seq >= seq) return false;
      this.#sql.run(
        "INSERT OR REPLACE INTO metric_senders (sender, seq, at) VALUES (?, ?, ?)",
        sender,
        seq,
        now,
      );
      this.#sql.run("DELETE FROM metric_senders WHERE at < ?", now - SENDER_SILENT_MS);
      this.meter.add(samples);
      return true;
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
    }, LATER_COUNTS_WAIT_MS);
  }

  #save(later: ReadonlySet<string> = LATER_COUNTS): void {
    const changed = this.meter.takeChanged(later);
    if (changed.length === 0) return;
    for (const sample of changed) {
      const key = keyOf(sample);
      this.#recent.delete(key);
      this.#recent.set(key, JSON.stringify(sample));
    }
    this.#makeRoom();
    this.#sql.run(
      `INSERT INTO metrics_recent (one, body) VALUES (1, ?)
        ON CONFLICT (one) DO UPDATE SET body = excluded.body`,
      `[${[...this.#recent.values()].join(",")}]`,
    );
  }

  /** Gives series rows of their own, until the others are few enough for one. */
  #makeRoom(): void {
    let chars = 0;
    for (const body of this.#recent.values()) chars += body.length;
    for (const [key, body] of this.#recent) {
      if (chars <= RECENT_CHARS_MAX) return;
      this.#sql.run(
        `INSERT INTO metrics (key, body) VALUES (?, ?)
          ON CONFLICT (key) DO UPDATE SET body = excluded.body`,
        key,
        body,
      );
      chars -= body.length;
      this.#recent.delete(key);
    }
  }

  #storedRecent(): Sample[] {
    const text = "SELECT body FROM metrics_recent WHERE one = 1";
    const [row] = this.#sql.all<{ body: string }>(text);
    return row ? (JSON.parse(row.body) as Sample[]) : [];
  }
}

function keyOf({ name, labels }: Sample): string {
  return seriesKey(name, labels);
}
