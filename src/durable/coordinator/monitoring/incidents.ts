/**
 * What happened to the service, in order, and the last state of what is watched. The only place
 * that reads or writes the tables `incidents` and `watched`; `incident-copier.ts` copies what is
 * here to R2.
 *
 * @module
 */

import type { Incident, IncidentKind, Severity } from "../../../observability/index.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { isoTime } from "../../../util/time.ts";

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS incidents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL,
    severity TEXT NOT NULL, title TEXT NOT NULL, detail TEXT NOT NULL,
    stored INTEGER NOT NULL DEFAULT 0) STRICT`,
  `CREATE INDEX IF NOT EXISTS incidents_time ON incidents (at)`,
  `CREATE INDEX IF NOT EXISTS incidents_unstored ON incidents (seq) WHERE stored = 0`,
  // The last state of what is watched, so that a change is seen across restarts.
  `CREATE TABLE IF NOT EXISTS watched (
    name TEXT PRIMARY KEY, value TEXT NOT NULL, at INTEGER NOT NULL) STRICT`,
];

/** Entries in one object of R2, and in one answer. */
const COPIED_TOGETHER = 200;
const ANSWERED = 2_000;
/** Entries that are kept here; the older ones are in R2. */
const ENTRIES_KEPT = 20_000;
/** Characters of a title, and of its details as JSON. */
const TITLE_CHARS = 500;
const DETAIL_CHARS = 20_000;

interface Row extends Record<string, string | number | null> {
  seq: number;
  at: number;
  kind: string;
  severity: string;
  title: string;
  detail: string;
}

export class IncidentLog {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  constructor(sql: LocalSql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
    for (const statement of SCHEMA) sql.run(statement);
  }

  record(
    kind: IncidentKind,
    severity: Severity,
    title: string,
    detail: Record<string, unknown> = {},
  ): void {
    this.#sql.run(
      "INSERT INTO incidents (at, kind, severity, title, detail) VALUES (?, ?, ?, ?, ?)",
      this.#now(),
      kind,
      severity,
      title.slice(0, TITLE_CHARS),
      JSON.stringify(detail).slice(0, DETAIL_CHARS),
    );
    this.#sql.run(
      "DELETE FROM incidents WHERE stored = 1 AND seq <= (SELECT max(seq) FROM incidents) - ?",
      ENTRIES_KEPT,
    );
  }

  /**
   * Remembers a state. Returns the one before when it differs, undefined when it is the same; null:
   * the first one.
   */
  changed(name: string, value: string): string | null | undefined {
    const [before] = this.#sql.all<{ value: string }>(
      "SELECT value FROM watched WHERE name = ?",
      name,
    );
    if (before?.value === value) return undefined;
    this.#sql.run(
      "INSERT OR REPLACE INTO watched (name, value, at) VALUES (?, ?, ?)",
      name,
      value,
      this.#now(),
    );
    return before?.value ?? null;
  }

  /** Oldest first; the newest when there are too many. */
  since(at: number): Incident[] {
    return this.#sql
      .all<Row>("SELECT * FROM incidents WHERE at >= ? ORDER BY seq DESC LIMIT ?", at, ANSWERED)
      .reverse()
      .map(viewOf);
  }

  /** The oldest entries that R2 does not have. */
  unstored(): Incident[] {
    return this.#sql
      .all<Row>("SELECT * FROM incidents WHERE stored = 0 ORDER BY seq LIMIT ?", COPIED_TOGETHER)
      .map(viewOf);
  }

  markStored(incidents: readonly Incident[]): void {
    const last = incidents.at(-1);
    if (last)
      this.#sql.run("UPDATE incidents SET stored = 1 WHERE stored = 0 AND seq <= ?", last.seq);
  }

  /** Drops what R2 has and what is older than this. */
  prune(before: number): number {
    const [row] = this.#sql.all<{ n: number }>(
      "SELECT count(*) AS n FROM incidents WHERE stored = 1 AND at < ?",
      before,
    );
    this.#sql.run("DELETE FROM incidents WHERE stored = 1 AND at < ?", before);
    return row?.n ?? 0;
  }
}

function viewOf({ seq, at, kind, severity, title, detail }: Row): Incident {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(detail) as Record<string, unknown>;
  } catch {
    // It was too long to be kept whole.
    parsed = { text: detail };
  }
  return {
    seq,
    at: isoTime(at),
    kind: kind as IncidentKind,
    severity: severity as Severity,
    title,
    detail: parsed,
  };
}
