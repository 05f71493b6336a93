/**
 * The only way from an instance to the database: circuit breaker, bulkhead, one retry loop for
 * reads, one deadline, which the caller's bounds. It throws nothing but `DatabaseError`; the kind
 * `not_asked` means that the breaker or the bulkhead was shut, or the mode is degraded, and that
 * nothing was sent.
 *
 * @module
 */

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
import { breakerConfigOf } from "../../shared/breakers.ts";
import type { PartContext } from "../../shared/context.ts";
import { isInForce } from "../../shared/control.ts";
import { withDeadline } from "../../../util/deadline.ts";
import type { Position } from "../position.ts";
import { deadlineOfCall } from "../requests/call-scope.ts";

export interface GuardedDatabaseDeps extends Pick<PartContext, "now" | "log"> {
  database: Database;
  /** What is in force, and the name under which it writes. */
  position: Pick<Position, "settings" | "control" | "writer">;
  /** 0…1, for jitter. */
  random: () => number;
  wait: (ms: number) => Promise<void>;
  /** Called after each transition of the breaker. */
  onTransition: (transition: Transition) => void;
  meter: Counting;
}

/** The first wait before a repetition, and the longest, ms. */
const RETRY_BASE_MS = 50;
const RETRY_MAX_MS = 500;
/**
 * For how long readiness names that a damaged part of the database was met, ms: it may be a while
 * until it is met again.
 */
const DAMAGE_NAMED_MS = 24 * 3_600_000;
/** When a caller may try again, while the mode is degraded, ms. */
const DEGRADED_RETRY_MS = 5_000;

/** When a caller may try again whom the queue had no room for, ms. */
const BULKHEAD_RETRY_MS = 1_000;

type Permit = Parameters<Breaker["record"]>[0];

/** Until when a request is waited for, ms since the epoch; isCallers: earlier than we would. */
interface DeadlineBound {
  deadline: number;
  isCallers: boolean;
}

/** The kind of an error; one that is no `DatabaseError` counts as a database out of reach. */
export function kindOf(error: unknown): DatabaseErrorKind {
  return error instanceof DatabaseError ? error.kind : "unreachable";
}

export class GuardedDatabase implements Database {
  readonly #deps: GuardedDatabaseDeps;
  readonly #budget = new RetryBudget();
  #damagedAt: number | null = null;
  #lastFault: DatabaseErrorKind | null = null;
  readonly bulkhead: Bulkhead;
  readonly breaker: Breaker;

  constructor(deps: GuardedDatabaseDeps) {
    this.#deps = deps;
    this.bulkhead = new Bulkhead(() => ({
      concurrent: deps.position.settings.max_connections,
      queued: deps.position.settings.connection_queue_max,
    }));
    this.breaker = new Breaker(
      breakerConfigOf(deps.position.settings),
      deps.random,
      deps.onTransition,
    );
  }

  /**
   * When the database last reported a damaged part, ms since the epoch; null: not recently.
   */
  get damageSeenAt(): number | null {
    const at = this.#damagedAt;
    return at !== null && this.#deps.now() - at < DAMAGE_NAMED_MS ? at : null;
  }

  /** By which the last call failed that found the database unwell; null: none did yet. */
  get lastFault(): DatabaseErrorKind | null {
    return this.#lastFault;
  }

  /** Repeated while that may help and the call's deadline allows. Throws `DatabaseError`. */
  all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]> {
    const { position, now, random, wait } = this.#deps;
    const own = this.#ownDeadline();
    const deadline = Math.min(own, deadlineOfCall() ?? own);
    const bound = { deadline, isCallers: deadline < own };
    return withRetry(() => this.#once("read", bound, (database) => database.all<T>(sql, ...args)), {
      policy: {
        attempts: position.settings.database_attempts,
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

  /** Not repeated here: the outbox tries again with what is new by then. Throws `DatabaseError`. */
  write(statements: Parameters<Database["write"]>[0]): Promise<void> {
    const bound = { deadline: this.#ownDeadline(), isCallers: false };
    return this.#once("write", bound, (database) => database.write(statements));
  }

  /**
   * Writes a little, past the circuit breaker, which learns nothing of it. Throws `DatabaseError`.
   */
  async probeWrite(): Promise<void> {
    const begun = this.#deps.now();
    try {
      await this.#probe(begun);
      this.#measure("probe", null, begun);
    } catch (error) {
      this.#measure("probe", kindOf(error), begun);
      throw error;
    }
  }

  /** Makes the breaker's trial calls that are due. Called by the alarm only. */
  async makeTrials(): Promise<void> {
    const { now } = this.#deps;
    for (;;) {
      const due = this.breaker.trialAt(now());
      if (due === null || due > now()) return;
      const admission = this.breaker.acquire(now(), "trial");
      if (!admission.ok) return;
      const begun = now();
      const kind = await this.#probe(begun).then(() => null, kindOf);
      // An error by which the database is not unwell is an answer: it is there, and the error shows
      // elsewhere.
      this.#record("probe", admission.permit, kind, begun);
    }
  }

  #probe(begun: number): Promise<void> {
    const { database, position } = this.#deps;
    return this.#bounded(database.write([probeWrite(position.writer, begun)]), this.#ownDeadline());
  }

  async #once<T>(
    operation: "read" | "write",
    bound: DeadlineBound,
    work: (database: Database) => Promise<T>,
  ): Promise<T> {
    const { now, database } = this.#deps;
    const permit = this.#admit();
    let begun: number | null = null;
    try {
      const value = await this.bulkhead.run(
        () => {
          begun = now();
          return this.#bounded(work(database), bound.deadline);
        },
        Math.max(1, bound.deadline - now()),
      );
      this.#record(operation, permit, null, begun ?? now());
      return value;
    } catch (error) {
      if (error instanceof BulkheadFull) {
        this.breaker.record(permit, "ignored", 0, now());
        throw this.#notAsked("queue", error.message, BULKHEAD_RETRY_MS, error);
      }
      const kind = error instanceof DatabaseError ? error.kind : null;
      if (this.#isHurried(bound, kind, begun ?? now()))
        this.breaker.record(permit, "ignored", 0, now());
      else this.#record(operation, permit, kind, begun ?? now());
      throw error;
    }
  }

  /** The breaker's permit for a call. Throws `DatabaseError` where there is none. */
  #admit(): Permit {
    const { now, position } = this.#deps;
    const { degraded, restore } = position.control;
    // The mode is degraded by hand, or a restore has the database.
    if (isInForce(degraded, now()) || restore !== null)
      throw this.#notAsked("degraded", "degraded", DEGRADED_RETRY_MS);
    const admission = this.breaker.acquire(now(), "call");
    if (admission.ok) return admission.permit;
    const code = `circuit breaker ${admission.state}`;
    throw this.#notAsked("breaker", code, admission.retry_after_ms);
  }

  #notAsked(
    reason: "degraded" | "breaker" | "queue",
    code: string,
    retryAfterMs: number | null,
    cause: unknown = null,
  ): DatabaseError {
    this.#deps.meter.count("memory_storage_not_asked_total", { reason });
    return new DatabaseError("not_asked", code, cause, retryAfterMs);
  }

  /**
   * Whether a caller in a hurry gave up: that is no failure of the database, and must not close it
   * to the others.
   */
  #isHurried({ isCallers }: DeadlineBound, kind: DatabaseErrorKind | null, begun: number): boolean {
    const { now, position } = this.#deps;
    return (
      isCallers && kind === "timeout" && now() - begun < position.settings.breaker_slow_call_ms
    );
  }

  #record(
    operation: "read" | "write" | "probe",
    permit: Permit,
    kind: DatabaseErrorKind | null,
    begun: number,
  ): void {
    const { now } = this.#deps;
    this.#measure(operation, kind, begun);
    // A constraint or a bad statement is an answer: the database is well.
    const isUnwell = kind !== null && DATABASE_ERRORS[kind].unwell;
    if (isUnwell) this.#lastFault = kind;
    this.breaker.record(permit, isUnwell ? "failure" : "success", now() - begun, now());
  }

  #measure(
    operation: "read" | "write" | "probe",
    kind: DatabaseErrorKind | null,
    begun: number,
  ): void {
    const { meter, now, log } = this.#deps;
    const labels = { operation, backend: "turso" } as const;
    meter.observe("memory_storage_operation_duration_seconds", (now() - begun) / 1_000, labels);
    if (kind !== null && kind !== "not_asked") {
      meter.count("memory_storage_errors_total", { ...labels, kind });
    }
    if (kind === "corrupt") this.#damagedAt = now();
    const level = kind === null ? "debug" : "warn";
    log({ event: "storage_operation", level, ...labels, kind, duration_ms: now() - begun });
  }

  /** What the outbox and the alarm send is nobody's call, and has all of our time. */
  #ownDeadline(): number {
    return this.#deps.now() + this.#deps.position.settings.database_timeout_ms;
  }

  /** The request itself ends by its own timeout; nobody waits for it beyond the deadline. */
  #bounded<T>(request: Promise<T>, deadline: number): Promise<T> {
    return withDeadline(request, Math.max(1, deadline - this.#deps.now()), () => {
      throw new DatabaseError("timeout", "deadline", null);
    });
  }
}
