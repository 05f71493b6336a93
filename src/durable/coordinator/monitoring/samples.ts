/**
 * Samples of the metrics over time, as capacity planning and incidents need them: every one of the
 * last 26 hours, one an hour of the last 90 days. The only place that reads or writes the table
 * `metric_samples`.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { MetricSample } from "../../../observability/index.ts";
import type { LocalSql } from "../../../storage/index.ts";

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS metric_samples (
    at INTEGER PRIMARY KEY, hourly INTEGER NOT NULL, body TEXT NOT NULL) STRICT`,
];

const FINE_KEPT_MS = 26 * MS.hour;
const HOURLY_KEPT_MS = 90 * MS.day;

export class SampleStore {
  readonly #sql: LocalSql;

  constructor(sql: LocalSql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.run(statement);
  }

  /** The first one of an hour is the hour's. */
  add(sample: MetricSample): void {
    const at = Date.parse(sample.at);
    const hour = at - (at % MS.hour);
    const [ofHour] = this.#sql.all(
      "SELECT 1 AS n FROM metric_samples WHERE hourly = 1 AND at >= ? AND at <= ?",
      hour,
      at,
    );
    this.#sql.run(
      "INSERT OR IGNORE INTO metric_samples (at, hourly, body) VALUES (?, ?, ?)",
      at,
      ofHour ? 0 : 1,
      JSON.stringify(sample),
    );
    this.prune(at);
  }

  /** Oldest first. */
  since(at: number, hourlyOnly = false): MetricSample[] {
    return this.#sql
      .all<{ body: string }>(
        "SELECT body FROM metric_samples WHERE at >= ? AND hourly >= ? ORDER BY at",
        at,
        hourlyOnly ? 1 : 0,
      )
      .map((row) => JSON.parse(row.body) as MetricSample);
  }

  latest(): MetricSample | null {
    const [row] = this.#sql.all<{ body: string }>(
      "SELECT body FROM metric_samples ORDER BY at DESC LIMIT 1",
    );
    return row ? (JSON.parse(row.body) as MetricSample) : null;
  }

  /** Drops what is too old; answers with how much that was. */
  prune(now: number): number {
    const where = "(hourly = 0 AND at < ?) OR at < ?";
    const bounds = [now - FINE_KEPT_MS, now - HOURLY_KEPT_MS];
    const [row] = this.#sql.all<{ n: number }>(
      `SELECT count(*) AS n FROM metric_samples WHERE ${where}`,
      ...bounds,
    );
    if (row?.n) this.#sql.run(`DELETE FROM metric_samples WHERE ${where}`, ...bounds);
    return row?.n ?? 0;
  }
}
