/**
 * The audit: who changed what, when, from what to what. The owner of the table `audit`. What people
 * and apps do with OAuth grants is bounded by itself, and for each key: whoever has a key may make
 * and give back as many as he likes, and displaces no entry but his own.
 *
 * @module
 */

import type { AuditEntry, AuditView } from "../../../contract/cluster/answers.ts";
import type { AuditQuery } from "../../../contract/cluster/requests.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { isoTime } from "../../../util/time.ts";
import { cursorRefused } from "../../shared/refusals.ts";

/** What an entry about an OAuth grant is called. */
export const GRANT_ENTRY = "oauth_grant";

/** Entries about grants of one key that are kept, those about all grants, and all others. */
const AUDIT_KEPT = { key: 100, grants: 10_000, others: 10_000 } as const;
/** The others, and all of grants, are counted after so many entries: until then there are more. */
const TRIM_EVERY = 100;

const OF_KEY = "json_extract(after, '$.key')";
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL) STRICT`,
  "CREATE INDEX IF NOT EXISTS audit_by_what ON audit (what, seq)",
  `CREATE INDEX IF NOT EXISTS audit_grants_by_key ON audit (${OF_KEY}, seq)
    WHERE what = '${GRANT_ENTRY}'`,
  `CREATE INDEX IF NOT EXISTS audit_others ON audit (seq) WHERE what <> '${GRANT_ENTRY}'`,
];

/** What changed, from what, to what. */
export type Change = readonly [what: string, from: unknown, to: unknown];

type AuditRow = {
  seq: number;
  at: number;
  by: string;
  what: string;
  before: string;
  after: string;
};

export class AuditLog {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  constructor(sql: LocalSql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
    for (const statement of SCHEMA) sql.run(statement);
  }

  /** Call it within a transaction. */
  write(by: string, changes: readonly Change[]): void {
    for (const [what, from, to] of changes) {
      const after = JSON.stringify(to ?? null);
      const [row] = this.#sql.all<{ seq: number }>(
        `INSERT INTO audit (at, by, what, before, after) VALUES (?, ?, ?, ?, ?) RETURNING seq`,
        this.#now(),
        by,
        what,
        JSON.stringify(from ?? null),
        after,
      );
      if (what === GRANT_ENTRY) this.#trimKey(after);
      if ((row?.seq ?? 0) % TRIM_EVERY === 0) this.#trim();
    }
  }

  /** The newest entries but those about grants, newest first. */
  newest(limit: number): AuditEntry[] {
    return this.#sql
      .all<AuditRow>(
        `SELECT * FROM audit WHERE what <> '${GRANT_ENTRY}' ORDER BY seq DESC LIMIT ?`,
        limit,
      )
      .map(entryOf);
  }

  /** A page, newest first. Throws `Refused` for a cursor that is no earlier page's. */
  list({ what, limit, cursor }: AuditQuery): AuditView {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : placeOf(cursor);
    const rows =
      what === undefined
        ? this.#sql.all<AuditRow>(
            "SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?",
            before,
            limit + 1,
          )
        : this.#sql.all<AuditRow>(
            "SELECT * FROM audit WHERE what = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
            what,
            before,
            limit + 1,
          );
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return { audit: shown.map(entryOf), next_cursor: last ? String(last.seq) : null };
  }

  /** @param after an entry about a grant of the key, as it is stored */
  #trimKey(after: string): void {
    this.#sql.run(
      `DELETE FROM audit WHERE seq IN (SELECT seq FROM audit
        WHERE what = '${GRANT_ENTRY}' AND ${OF_KEY} = json_extract(?, '$.key')
        ORDER BY seq DESC LIMIT -1 OFFSET ?)`,
      after,
      AUDIT_KEPT.key,
    );
  }

  #trim(): void {
    const { grants, others } = AUDIT_KEPT;
    for (const [condition, kept] of [
      [`what = '${GRANT_ENTRY}'`, grants],
      [`what <> '${GRANT_ENTRY}'`, others],
    ] as const)
      this.#sql.run(
        `DELETE FROM audit WHERE seq IN (
          SELECT seq FROM audit WHERE ${condition} ORDER BY seq DESC LIMIT -1 OFFSET ?)`,
        kept,
      );
  }
}

function entryOf({ at, by, what, before, after }: AuditRow): AuditEntry {
  return {
    at: isoTime(at),
    by,
    what,
    from: JSON.parse(before) as unknown,
    to: JSON.parse(after) as unknown,
  };
}

function placeOf(cursor: string): number {
  const place = Number(cursor);
  if (!Number.isSafeInteger(place) || place < 0) throw cursorRefused();
  return place;
}
