/**
 * The circuit breaker before R2: one for the whole service, because nothing but backups, incidents
 * and reports use R2, and they are few. It opens on real faults (errors, requests without an answer
 * in time), whoever made the request; while it is open nobody asks R2. When the open time, or a
 * forced state, is over, the Coordinator's alarm makes trial requests, which close it or keep it
 * open. Its state is stored, so that it outlives the object. The only place that reads or writes
 * the table `breakers`.
 *
 * @module
 */

import type { CoordinatorContext } from "./context.ts";
import type { ControlStore } from "./control-store.ts";
import type { BreakerView } from "../../contract/cluster/answers.ts";
import type { BreakerCommand } from "../../contract/cluster/requests.ts";
import type { Settings } from "../../contract/settings.ts";
import {
  Breaker,
  type BreakerConfig,
  type BreakerSnapshot,
  type Transition,
} from "../../resilience/index.ts";
import { breakerConfigOf, breakerViewOf } from "../shared/breakers.ts";
import {
  type R2Admission,
  R2Fault,
  type R2Guard,
  R2NotAsked,
  type R2Operation,
  type R2Report,
  requestR2,
} from "../shared/r2.ts";
import type { Part } from "../shared/context.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS breakers (
  backend TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT`;

/**
 * How far it looks back, and how many requests decide something at least. R2 is asked seldom, and
 * a job gives up after six tries: three failures in a row must be enough.
 */
const WINDOW_CALLS = 6;
const CALLS_MIN = 3;
/** A request of this time is slow: an object of some megabytes takes a second or two, ms. */
const SLOW_MS = 10_000;
/** A trial, which writes a few bytes and reads them back, is waited for at most this long, ms. */
const TRIAL_DEADLINE_MS = 5_000;
/** Written and read back by a trial. */
const TRIAL_KEY = "health/trial";

/** What is stored: the breaker, and what the last failed request met. */
interface Stored {
  breaker: BreakerSnapshot;
  fault: string | null;
}

export interface R2BreakerPorts extends Pick<
  CoordinatorContext,
  "sql" | "now" | "random" | "meter" | "log"
> {
  /** The bucket itself, for trials. */
  bucket: Pick<R2Bucket, "get" | "put">;
  controlStore: Pick<ControlStore, "settings">;
  /** Called after each change of its state. */
  moved: (transition: Transition) => void;
}

export class R2Breaker implements Part {
  readonly #ports: R2BreakerPorts;
  readonly #breaker: Breaker;
  #fault: string | null = null;
  #saved = "";

  constructor(ports: R2BreakerPorts) {
    const { sql, controlStore, random } = ports;
    this.#ports = ports;
    sql.run(SCHEMA);
    this.#breaker = new Breaker(r2ConfigOf(controlStore.settings), random, (transition) =>
      this.#moved(transition),
    );
    const [row] = sql.all<{ body: string }>("SELECT body FROM breakers WHERE backend = 'r2'");
    if (!row) return;
    const stored = JSON.parse(row.body) as Stored;
    this.#breaker.restore(stored.breaker);
    this.#fault = stored.fault;
  }

  /** The guard of the Coordinator's own requests; see `R2Guard`. */
  readonly guard: R2Guard = async <T>(
    operation: R2Operation,
    request: () => Promise<T>,
  ): Promise<T> => {
    const admission = this.#breaker.acquire(this.#ports.now(), "call");
    if (!admission.ok) throw new R2NotAsked(this.view().reason, admission.retry_after_ms);
    return this.#request(admission.permit, operation, this.#timeoutMs(), request);
  };

  /** Takes what others' requests came to, and says whether they may make more. */
  report({ epoch, calls, fault }: R2Report): R2Admission {
    const { now } = this.#ports;
    if (fault !== null) this.#fault = fault;
    if (epoch !== null) {
      for (const { failed, ms } of calls)
        this.#breaker.record({ epoch, trial: null }, failed ? "failure" : "success", ms, now());
    }
    const admission = this.#breaker.acquire(now(), "call");
    this.#save();
    return {
      isAdmitted: admission.ok,
      epoch: this.#breaker.epoch,
      reason: admission.ok ? null : this.view().reason,
      retry_after_ms: admission.ok ? 0 : admission.retry_after_ms,
      timeout_ms: this.#timeoutMs(),
    };
  }

  /** Carries out what an operator wants. */
  order({ action, until, reason }: Pick<BreakerCommand, "action" | "until" | "reason">): void {
    const now = this.#ports.now();
    if (action === "reset") this.#breaker.reset(now);
    else if (until !== null && until <= now) return;
    else if (action === "open") this.#breaker.forceOpen(until, reason, now);
    else this.#breaker.disable(until, reason, now);
    this.#save();
  }

  /** Takes over changed settings. */
  configure(): void {
    this.#breaker.configure(r2ConfigOf(this.#ports.controlStore.settings));
  }

  /** Whether it lets nobody through, or trials alone. */
  isOpen(): boolean {
    return !["closed", "disabled"].includes(this.#breaker.state(this.#ports.now()));
  }

  view(): BreakerView {
    return breakerViewOf(this.#breaker, this.#ports.now(), this.#fault);
  }

  /** When a forced state ends or a trial is due, ms since the epoch; null: neither. */
  nextAt(now: number): number | null {
    return this.#breaker.forced(now)?.until ?? this.#breaker.trialAt(now);
  }

  /** Makes the trials that are due. Never throws. */
  async onAlarm(): Promise<void> {
    for (;;) {
      const now = this.#ports.now();
      const due = this.#breaker.trialAt(now);
      if (due === null || due > now) break;
      const admission = this.#breaker.acquire(now, "trial");
      if (!admission.ok) break;
      const trial = () => this.#trial();
      const deadlineMs = Math.min(this.#timeoutMs(), TRIAL_DEADLINE_MS);
      await this.#request(admission.permit, "write", deadlineMs, trial).catch(() => undefined);
    }
    this.#save();
  }

  #timeoutMs(): number {
    return this.#ports.controlStore.settings.r2_timeout_ms;
  }

  /** Writes a little and reads it back. */
  async #trial(): Promise<void> {
    const { bucket, now } = this.#ports;
    await bucket.put(TRIAL_KEY, String(now()));
    const object = await bucket.get(TRIAL_KEY);
    if (object === null) throw new Error("what was written is not there");
    await object.text();
  }

  async #request<T>(
    permit: { epoch: number; trial: number | null },
    operation: R2Operation,
    deadlineMs: number,
    request: () => Promise<T>,
  ): Promise<T> {
    const { now, meter } = this.#ports;
    const labels = { operation, backend: "r2" } as const;
    const begun = now();
    try {
      const value = await requestR2(operation, request, deadlineMs);
      this.#breaker.record(permit, "success", now() - begun, now());
      return value;
    } catch (error) {
      const isFault = error instanceof R2Fault;
      if (isFault) {
        this.#fault = error.message;
        meter.count("memory_storage_errors_total", { ...labels, kind: "unreachable" });
      }
      // An answer to a trial, a refusal too, says that R2 is there.
      const otherwise = permit.trial === null ? "ignored" : "success";
      this.#breaker.record(permit, isFault ? "failure" : otherwise, now() - begun, now());
      throw error;
    } finally {
      meter.observe("memory_storage_operation_duration_seconds", (now() - begun) / 1_000, labels);
    }
  }

  #moved(transition: Transition): void {
    const { from, to, cause, epoch, rates } = transition;
    const level = to === "closed" || to === "half_open" ? "info" : "warn";
    const { meter, log, moved } = this.#ports;
    meter.count("memory_circuit_breaker_transitions_total", { backend: "r2", to });
    log({ event: "breaker_transition", level, backend: "r2", from, to, cause, epoch, ...rates });
    this.#save();
    moved(transition);
  }

  /** After each change of its state, each report and each order. */
  #save(): void {
    const stored: Stored = { breaker: this.#breaker.toJSON(), fault: this.#fault };
    const text = JSON.stringify(stored);
    if (text === this.#saved) return;
    this.#saved = text;
    this.#ports.sql.run("INSERT OR REPLACE INTO breakers (backend, body) VALUES ('r2', ?)", text);
  }
}

function r2ConfigOf(settings: Settings): BreakerConfig {
  return {
    ...breakerConfigOf(settings),
    window_size: WINDOW_CALLS,
    minimum_calls: CALLS_MIN,
    slow_call_ms: SLOW_MS,
    trial_lease_ms: 2 * TRIAL_DEADLINE_MS,
  };
}
