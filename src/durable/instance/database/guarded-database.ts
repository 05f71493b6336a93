/**
 * The only way from an instance to the database: circuit breaker, bulkhead, one retry loop, one
 * deadline.
 *
 * @module
 */

import type { Settings } from "../../../contract/settings.ts";
import type { Counting } from "../../../observability/index.ts";
import {
  Breaker,
  Bulkhead,
  BulkheadFull,
  RetryBudget,
  withRetry,
  type Transition,
} from "../../../resilience/index.ts";
import {
  DATABASE_ERRORS,
  DatabaseError,
  probeWrite,
  type Database,
  type DatabaseErrorKind,
  type Row,
  type SqlValue,
} from "../../../storage/index.ts";
import { breakerConfigOf } from "../../shared/backends/breakers.ts";
import { deadlineOfCall } from "../requests/call-scope.ts";
import { withDeadline } from "../../../util/deadline.ts";

export interface GuardedDatabasePorts {
  database: Database;
  settings: () => Settings;
  /** The mode is degraded by hand: the database is not asked. */
  degraded: () => boolean;
  /** The name under which it writes. */
  writer: () => string;
  now: () => number;
  random: () => number;
  wait: (ms: number) => Promise<void>;
  onTransition: (transition: Transition) => void;
  meter: Counting;
  log: (event: Record<string, unknown>) => void;
}

/** The first wait before a repetition, and the longest, ms. */
const RETRY_BASE_MS = 50;
const RETRY_MAX_MS = 500;
/**
 * For how long it is told that a damaged part of the database was met, ms: it may be a while until
 * it is met again.
 */
const DAMAGE_TOLD_MS = 24 * 3_600_000;
/** Told to a client when nothing better is known, ms. */
const RETRY_AFTER_MS = 5_000;

/** An error that nobody sorted says that the database was not reached. */
export function kindOf(error: unknown): DatabaseErrorKind {
  return error instanceof DatabaseError ? error.kind : "unreachable";
}

export class GuardedDatabase implements Database {
  readonly #ports: GuardedDatabasePorts;
  readonly #budget = new RetryBudget();
  #damagedAt: number | null = null;
  readonly bulkhead: Bulkhead;
  readonly breaker: Breaker;

  constructor(ports: GuardedDatabasePorts) {
    this.#ports = ports;
    this.bulkhead = new Bulkhead(() => ({
      concurrent: ports.settings().max_connections,
      queued: ports.settings().connection_queue_max,
    }));
    this.breaker = new Breaker(breakerConfigOf(ports.settings()), ports.random, ports.onTransition);
  }

  /**
   * When the database last said that a part of it is damaged, ms since the epoch; null: not lately.
   */
  get damageSeenAt(): number | null {
    const at = this.#damagedAt;
    return at !== null && this.#ports.now() - at < DAMAGE_TOLD_MS ? at : null;
  }

  /** Throws `DatabaseError`. Repeated while that may help and the call's deadline allows. */
  all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]> {
    return this.#repeated((database) => database.all<T>(sql, ...args));
  }

  /** Throws `DatabaseError`. Not repeated here: the outbox tries again with what is new by then. */
  write(statements: Parameters<Database["write"]>[0]): Promise<void> {
    return this.#once("write", this.#longest(), (database) => database.write(statements));
  }

  /** Writes a little, past the circuit breaker, which it tells nothing. Throws `DatabaseError`. */
  async check(): Promise<void> {
    const { database, writer, now } = this.#ports;
    const begun = now();
    try {
      await this.#bounded(database.write([probeWrite(writer(), begun)]), this.#longest());
      this.#measure("probe", null, begun);
    } catch (error) {
      this.#measure("probe", kindOf(error), begun);
      throw error;
    }
  }

  /** Makes the trial calls that are due. Called by the alarm only. */
  async probe(): Promise<void> {
    const { now, writer, database } = this.#ports;
    for (;;) {
      const due = this.breaker.trialAt(now());
      if (due === null || due > now()) break;
      const admission = this.breaker.acquire(now(), "trial");
      if (!admission.ok) break;
      const { permit } = admission;
      const begun = now();
      try {
        await this.#bounded(database.write([probeWrite(writer(), begun)]), this.#longest());
        this.breaker.record(permit, "success", now() - begun, now());
        this.#measure("probe", null, begun);
      } catch (error) {
        const kind = kindOf(error);
        this.#measure("probe", kind, begun);
        // The database answered, though not with what we want: it is there, and what it says is
        // seen elsewhere.
        this.breaker.record(
          permit,
          DATABASE_ERRORS[kind].unwell ? "failure" : "success",
          now() - begun,
          now(),
        );
      }
    }
  }

  #repeated<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const { settings, now, random, wait } = this.#ports;
    const own = this.#longest();
    const deadline = Math.min(own, deadlineOfCall() ?? own);
    return withRetry(() => this.#once("read", deadline, work, deadline < own), {
      policy: {
        attempts: settings().database_attempts,
        base_ms: RETRY_BASE_MS,
        max_ms: RETRY_MAX_MS,
      },
      budget: this.#budget,
      deadline,
      decide: (error) => ({
        retry: error instanceof DatabaseError && DATABASE_ERRORS[error.kind].retry,
        after_ms: (error instanceof DatabaseError ? error.retryAfterMs : null) ?? 0,
      }),
      now,
      random,
      wait,
    });
  }

  /** @param cut the deadline is the caller's, and earlier than ours */
  async #once<T>(
    operation: "read" | "write",
    deadline: number,
    work: (database: Database) => Promise<T>,
    cut = false,
  ): Promise<T> {
    const { now, degraded, database } = this.#ports;
    if (degraded()) {
      this.#ports.meter.count("memory_storage_not_asked_total", { reason: "degraded" });
      throw new DatabaseError("not_asked", "degraded", null, RETRY_AFTER_MS);
    }
    const admission = this.breaker.acquire(now(), "call");
    if (!admission.ok) {
      this.#ports.meter.count("memory_storage_not_asked_total", { reason: "breaker" });
      throw new DatabaseError(
        "not_asked",
        `circuit breaker ${admission.state}`,
        null,
        admission.retry_after_ms,
      );
    }
    let begun: number | null = null;
    try {
      const value = await this.bulkhead.run(
        () => {
          begun = now();
          return this.#bounded(work(database), deadline);
        },
        Math.max(1, deadline - now()),
      );
      this.#record(operation, admission.permit, null, begun ?? now());
      return value;
    } catch (error) {
      if (error instanceof BulkheadFull) {
        this.breaker.record(admission.permit, "ignored", 0, now());
        this.#ports.meter.count("memory_storage_not_asked_total", { reason: "queue" });
        throw new DatabaseError("not_asked", error.message, error, 1_000);
      }
      const kind = error instanceof DatabaseError ? error.kind : null;
      // A caller in a hurry says nothing of the database, and must not close it to the others.
      const hurried =
        cut &&
        kind === "timeout" &&
        now() - (begun ?? now()) < this.#ports.settings().breaker_slow_call_ms;
      if (hurried) this.breaker.record(admission.permit, "ignored", 0, now());
      else this.#record(operation, admission.permit, kind, begun ?? now());
      throw error;
    }
  }

  #record(
    operation: "read" | "write",
    permit: Parameters<Breaker["record"]>[0],
    kind: DatabaseErrorKind | null,
    begun: number,
  ): void {
    const { now } = this.#ports;
    this.#measure(operation, kind, begun);
    // A constraint or a bad statement is an answer: the database is well.
    this.breaker.record(
      permit,
      kind !== null && DATABASE_ERRORS[kind].unwell ? "failure" : "success",
      now() - begun,
      now(),
    );
  }

  #measure(
    operation: "read" | "write" | "probe",
    kind: DatabaseErrorKind | null,
    begun: number,
  ): void {
    const { meter, now, log } = this.#ports;
    const labels = { operation, backend: "turso" } as const;
    meter.observe("memory_storage_operation_duration_seconds", (now() - begun) / 1_000, labels);
    if (kind !== null && kind !== "not_asked")
      meter.count("memory_storage_errors_total", { ...labels, kind });
    if (kind === "corrupt") this.#damagedAt = now();
    const level = kind === null ? "debug" : "warn";
    log({ event: "storage_operation", level, ...labels, kind, duration_ms: now() - begun });
  }

  /** What the outbox and the alarm send is nobody's call, and has all of our time. */
  #longest(): number {
    return this.#ports.now() + this.#ports.settings().database_timeout_ms;
  }

  /** The request itself ends by its own timeout; nobody waits for it beyond the deadline. */
  #bounded<T>(request: Promise<T>, deadline: number): Promise<T> {
    return withDeadline(request, Math.max(1, deadline - this.#ports.now()), () => {
      throw new DatabaseError("timeout", "deadline", null);
    });
  }
}
