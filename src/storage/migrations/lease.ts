/**
 * A lease in the database: who may do alone what must not be done twice at once. It lapses by the
 * database's own clock, so that clocks that differ do not matter, and a batch can insist on it.
 *
 * @module
 */

import type { Database, Statement } from "../client.ts";

const LEASES = `CREATE TABLE IF NOT EXISTS _leases (
  name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) STRICT`;

const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

export interface LeaseHolder {
  holder: string;
  /** ms since the epoch, by the database's clock. */
  until: number;
}

/**
 * Takes a free or lapsed lease, or prolongs one's own. Answers with whoever holds it afterwards.
 */
export async function takeLease(
  database: Database,
  name: string,
  holder: string,
  ms: number,
): Promise<LeaseHolder> {
  await database.write([
    { sql: LEASES, args: [] },
    {
      sql: `INSERT INTO _leases (name, holder, until) VALUES (?, ?, ${NOW} + ?)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE until <= ${NOW} OR holder = excluded.holder`,
      args: [name, holder, ms],
    },
  ]);
  const [row] = await database.all<{ holder: string; until: number }>(
    "SELECT holder, until FROM _leases WHERE name = ?",
    name,
  );
  return row ?? { holder, until: 0 };
}

/**
 * The holder of a lease that has not lapsed; null: none. Throws `DatabaseError` of kind schema when
 * there are no leases.
 */
export async function leaseHolder(
  database: Pick<Database, "all">,
  name: string,
): Promise<LeaseHolder | null> {
  const [row] = await database.all<{ holder: string; until: number }>(
    `SELECT holder, until FROM _leases WHERE name = ? AND until > ${NOW}`,
    name,
  );
  return row ?? null;
}

/**
 * Fails the batch that it is in unless the lease, once taken, is still held: a NULL breaks the
 * column's constraint.
 */
export function requireLease(name: string, holder: string): Statement {
  return {
    sql: `UPDATE _leases SET holder = CASE WHEN holder = ? AND until > ${NOW} THEN holder END WHERE name = ?`,
    args: [holder, name],
  };
}

/** The row stays, so that a batch that comes late finds the lease lapsed. */
export function giveBackLease(name: string, holder: string): Statement {
  return {
    sql: "UPDATE _leases SET until = 0 WHERE name = ? AND holder = ?",
    args: [name, holder],
  };
}
