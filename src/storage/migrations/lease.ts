/**
 * Leases in the database: who holds one may do alone what must not be done twice at once. A lease
 * lapses by the database's own clock, so clocks that differ do not matter, and a batch can demand
 * in its own transaction that a lease is still held.
 *
 * @module
 */

import type { Database, Statement } from "../sql.ts";

const LEASES = `CREATE TABLE IF NOT EXISTS _leases (
  name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) STRICT`;

const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

export interface LeaseHolder {
  holder: string;
  /** ms since the epoch, by the database's clock. */
  until: number;
}

/**
 * Acquires a free or lapsed lease, or renews the holder's own. Returns who holds it afterwards,
 * which is another when the lease was not free. Throws `DatabaseError`.
 *
 * @param ms how long it is held unless it is renewed
 */
export async function acquireLease(
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

/** Releases a lease. The row stays, so that a batch that comes late finds the lease lapsed. */
export function releaseLease(name: string, holder: string): Statement {
  return {
    sql: "UPDATE _leases SET until = 0 WHERE name = ? AND holder = ?",
    args: [name, holder],
  };
}
