/**
 * Detects damage to an instance's own storage: a page of its SQLite file that cannot be read. The
 * statement that meets it throws `LocalDamage`; it is counted and logged, and readiness names it.
 * Nothing here repairs it: a reader of rows that the database has too catches `LocalDamage` and
 * reads them from there.
 *
 * @module
 */

import type { Log } from "../../../observability/index.ts";

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
  log: Log;
}

/** Watches the statements of one storage. */
export class DamageDetector {
  #listener: DamageListener | null = null;
  #loggedAt: number | null = null;

  /**
   * Sets who hears of damage from now on. Damage that is met earlier, while the object is made,
   * ends the object, and the platform logs that.
   */
  listen(listener: DamageListener): void {
    this.#listener = listener;
  }

  /**
   * Runs a statement. Throws `LocalDamage` where it met a damaged page, else what the statement
   * throws.
   */
  readonly guard = <T>(work: () => T): T => this.#run(work, true);

  /**
   * The same for the statements that store counts: what they meet is logged and not counted, for
   * each count would be followed by the next one without end.
   */
  readonly guardOfCounts = <T>(work: () => T): T => this.#run(work, false);

  #run<T>(work: () => T, isCounted: boolean): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error) || !DAMAGED.test(error.message)) throw error;
      if (this.#listener) this.#met(error, this.#listener, isCounted);
      throw new LocalDamage(error.message, { cause: error });
    }
  }

  #met(error: Error, { now, count, log }: DamageListener, isCounted: boolean): void {
    // The transaction that may run now is going to be taken back, and the count must not go with
    // it.
    if (isCounted) queueMicrotask(count);
    const at = now();
    if (this.#loggedAt !== null && at - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = at;
    log({ event: "local_storage_corrupt", level: "error", reason: error.message });
  }
}
