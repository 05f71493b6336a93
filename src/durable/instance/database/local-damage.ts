/**
 * Damage to an instance's own storage: a page of its SQLite file that cannot be read. What the
 * database has too is read from there; the damage is counted, logged and told by readiness. Nothing
 * here mends it.
 *
 * @module
 */

import type { LocalSql } from "../../../storage/index.ts";

/** A statement met a damaged page of the instance's own storage. */
export class LocalDamage extends Error {
  override readonly name = "LocalDamage";
}

/** What the platform says of a damaged page; it has no code of its own. */
const DAMAGED = /\bSQLITE_(?:CORRUPT|NOTADB)\b/;
/** The log names it no more often than this, ms. */
const LOG_EVERY_MS = 60_000;

export interface DamageListener {
  now: () => number;
  /** Counts it, outside of any transaction. */
  count: () => void;
  log: (event: Record<string, unknown>) => void;
}

/** Watches the statements of one storage. */
export class DamageDetector {
  #listener: DamageListener | null = null;
  #loggedAt: number | null = null;

  /**
   * Whom to tell. What is met before, while the object is still made, ends the object, and the
   * platform logs that.
   */
  tell(listener: DamageListener): void {
    this.#listener = listener;
  }

  /**
   * Runs a statement. Throws `LocalDamage` where it met a damaged page, else what the statement
   * throws.
   */
  readonly guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error) || !DAMAGED.test(error.message)) throw error;
      if (this.#listener) this.#met(error, this.#listener);
      throw new LocalDamage(error.message, { cause: error });
    }
  };

  #met(error: Error, { now, count, log }: DamageListener): void {
    // The transaction that may run now is going to be taken back, and the count must not go with
    // it.
    queueMicrotask(count);
    if (this.#loggedAt !== null && now() - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = now();
    log({ event: "local_storage_corrupt", level: "error", reason: error.message });
  }
}

/**
 * Whether something of the episode is here that the database does not have, parked rows included.
 */
export function hasUnsent(sql: LocalSql, namespace: string, id: string): boolean {
  const key = JSON.stringify([namespace, id]);
  // Keys are JSON arrays, so a range holds the steps.
  const prefix = key.slice(0, -1);
  return ["outbox", "dead_letters"].some((table) => {
    const marked = sql.all(
      `SELECT 1 AS n FROM ${table} WHERE (table_name = 'episodes' AND key = ?)
        OR (table_name = 'steps' AND key >= ? || ',' AND key < ? || '-') LIMIT 1`,
      key,
      prefix,
      prefix,
    );
    return marked.length > 0;
  });
}
