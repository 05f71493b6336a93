/**
 * The loop that sends what is due to the database, one flush at a time, and when it is tried again
 * after a failure. Rows go in the order in which they became dirty, and an episode's new steps
 * in theirs and before it, so the database never has a later step without an earlier one.
 *
 * @module
 */

import { DatabaseError } from "../../storage/index.ts";
import { backoffMs, isWaitOver } from "../../util/backoff.ts";
import { bytesOfRow, type DivideDeps, type Loaded, loadRows, sendDivided } from "./batch.ts";
import { BatchProgress } from "./batch-progress.ts";
import type { BatchWriter } from "./batch-writer.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { OutboxDeps, OutboxTable } from "./outbox-table.ts";

/** A row beyond this is not sent: the database would refuse the batch with it, UTF-8 bytes. */
const ROW_BYTES_MAX = 20_000_000;
/** The wait after a failure: at least this, and at most, ms. */
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30_000;
const WAIT_MAX_MS = BACKOFF_MIN_MS + BACKOFF_MAX_MS;
/** A flush that was refused for its number is repeated with a higher one at most this often. */
const FENCED_TRIES_MAX = 3;

export class Flusher {
  readonly #deps: OutboxDeps;
  readonly #table: OutboxTable;
  readonly #deadLetters: DeadLetters;
  readonly #writer: BatchWriter;
  readonly #divide: DivideDeps;
  /** Of the batch that is sent. */
  #progress = new BatchProgress([]);
  #flushing: Promise<void> | null = null;
  #failures = 0;
  #retryAt = 0;
  /**
   * Until then the database is not asked, whoever calls: rows read for it would be read for
   * nothing, ms since the epoch.
   */
  #heldUntil = 0;
  #lastError: string | null = null;

  constructor(deps: OutboxDeps, table: OutboxTable, deadLetters: DeadLetters, writer: BatchWriter) {
    this.#deps = deps;
    this.#table = table;
    this.#deadLetters = deadLetters;
    this.#writer = writer;
    this.#divide = {
      write: (rows) => writer.write(rows),
      writeNone: (rows) => writer.writeNone(rows),
      onTaken: (rows) => this.#taken(rows),
      setAside: (row, { kind, code }) => this.#setAside(row, kind, code),
      stillDirty: (rows) => this.#stillDirty(rows),
    };
  }

  /** Not before this is anything tried again, ms since the epoch; 0: at once. */
  get retryAt(): number {
    return isWaitOver(this.#retryAt, this.#deps.now(), WAIT_MAX_MS) ? 0 : this.#retryAt;
  }

  /** Why the last flush failed; null: it did not. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /**
   * Sends what is due; joins a flush that runs. Forced: what is dirty by now is sent without
   * waiting for its time.
   */
  async flush(force: boolean): Promise<void> {
    if (force && this.#flushing) await this.#flushing;
    await this.#flush(force);
  }

  /** Resolves when no batch is in flight. */
  async whenIdle(): Promise<void> {
    await this.#flushing;
  }

  /** What failed before is tried again without waiting. */
  resetBackoff(): void {
    this.#failures = 0;
    this.#retryAt = 0;
    this.#heldUntil = 0;
  }

  #flush(force: boolean): Promise<void> {
    this.#flushing ??= (async () => {
      try {
        await this.#drain(force);
      } finally {
        await this.#writer.release();
        this.#flushing = null;
      }
    })();
    return this.#flushing;
  }

  async #drain(force: boolean): Promise<void> {
    const { now } = this.#deps;
    if (force) this.#table.makeAllDue();
    else if (!isWaitOver(this.#heldUntil, now(), WAIT_MAX_MS)) return;

    let fenced = 0;
    for (;;) {
      const rows = this.#nextBatch();
      if (rows.length === 0) return this.#table.noneDue();
      try {
        await sendDivided(rows, this.#divide);
        this.#failures = 0;
        fenced = 0;
        this.#lastError = null;
      } catch (error) {
        // What was fenced off may be another instance's by now: only what is still dirty is sent
        // again.
        const isFenced = error instanceof DatabaseError && error.kind === "fenced";
        if (isFenced && ++fenced < FENCED_TRIES_MAX) continue;
        return this.#failed(error, rows.length);
      }
    }
  }

  /** What is due, without rows that are too large to be sent at all: those are set aside. */
  #nextBatch(): Loaded[] {
    const { sql, batch } = this.#deps;
    for (;;) {
      const { together, rows } = batch();
      const limit = together ? rows : 1;
      const loaded = loadRows(sql, this.#table.due(limit), limit);
      this.#progress = new BatchProgress(loaded);
      const tooLarge = loaded.findIndex((row) => bytesOfRow(row) > ROW_BYTES_MAX);
      const [first] = loaded;
      if (tooLarge < 0 || !first) return loaded;
      // Those before it go first, so that an episode is passed up to it.
      if (tooLarge > 0) return loaded.slice(0, tooLarge);
      this.#setAside(first, "too_large", `${bytesOfRow(first)} bytes`);
    }
  }

  #failed(error: unknown, rows: number): void {
    const { now, random, log } = this.#deps;
    const failure = error instanceof DatabaseError ? error : null;
    this.#lastError = failure ? `${failure.kind}: ${failure.code}` : String(error);
    if (failure?.kind === "not_asked") {
      // Nothing was sent; whoever refused it gave the time after which it may be worth trying.
      const wait = Math.min(BACKOFF_MAX_MS, failure.retryAfterMs ?? BACKOFF_MIN_MS);
      this.#retryAt = now() + wait;
      this.#heldUntil = this.#retryAt;
      return;
    }
    this.#failures += 1;
    const ceiling = backoffMs(this.#failures + 1, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
    this.#retryAt = now() + BACKOFF_MIN_MS + Math.floor(random() * ceiling);
    log({
      event: "outbox_flush_failed",
      failures: this.#failures,
      error: this.#lastError,
      rows,
    });
  }

  /** Rows that the database took are no longer dirty, and not set aside any more. */
  #taken(rows: readonly Loaded[]): void {
    const { transaction, onBatchTaken } = this.#deps;
    onBatchTaken(rows.length);
    transaction(() => {
      this.#dealtWith(rows);
      if (this.#deadLetters.count() === 0) return;
      for (const { table, key } of rows) this.#deadLetters.revive(table, JSON.stringify(key));
    });
  }

  #setAside(row: Loaded, reason: string, detail: string): void {
    const { transaction, log } = this.#deps;
    const { table, key } = row;
    transaction(() => {
      this.#deadLetters.park(table, JSON.stringify(key), reason, detail);
      this.#dealtWith([row]);
    });
    log({ event: "outbox_dead_letter", table, reason, code: detail });
  }

  /** Sent or set aside: neither is to be sent any more. In a transaction. */
  #dealtWith(rows: readonly Loaded[]): void {
    const { whole, steps } = this.#progress.done(rows);
    const cleared = this.#table.clearSent(whole);
    for (const sent of steps) if (!cleared.has(sent.seq)) this.#table.clearSteps(sent);
  }

  /** Without what went to another instance, or was erased, while others were sent. */
  #stillDirty(rows: readonly Loaded[]): Loaded[] {
    const dirty = this.#table.stillDirty(rows.map((row) => row.dirty.seq));
    return rows.filter((row) => dirty.has(row.dirty.seq));
  }
}
