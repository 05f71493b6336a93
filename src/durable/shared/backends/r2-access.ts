/**
 * The way to R2 for those that are not the Coordinator, which has the circuit breaker: Workflows,
 * the schedule's jobs, the gateway. Whether R2 may be asked is known from the Coordinator's last
 * answer, for a moment; what requests came to goes with the next question, a failure at once. So
 * there is about one message in two seconds, however many objects are read.
 *
 * @module
 */

import { SETTINGS } from "../../../contract/settings.ts";
import { R2Fault, R2NotAsked, requestR2, type R2Guard, type R2Operation } from "./r2.ts";
import type { Log } from "../../../observability/index.ts";

/** What requests came to since the last report, the oldest first. */
export interface R2Report {
  /** Of the admission under which they were made; null: only the question is asked. */
  epoch: number | null;
  calls: { failed: boolean; ms: number }[];
  /** What the last failed one met. */
  fault: string | null;
}

/** Whether R2 may be asked. */
export interface R2Admission {
  isAdmitted: boolean;
  /** Of the breaker's state; outcomes of requests that were made in another state do not count. */
  epoch: number;
  /** Why not; null: it may be, or no reason was given. */
  reason: string | null;
  /** When it may be worth asking again, ms. */
  retry_after_ms: number;
  /** Deadline of a request, ms. */
  timeout_ms: number;
}

/** How long an admission holds; a refusal is asked for anew each time, ms. */
const ADMISSION_MS = 2_000;
/** Outcomes of one report: more than the breaker looks back. */
const CALLS_REPORTED = 20;

export interface R2AccessPorts {
  /** Tells the Coordinator, and asks it. */
  report: (report: R2Report) => Promise<R2Admission>;
  now: () => number;
  log: Log;
}

export class R2Access {
  readonly #ports: R2AccessPorts;
  #admission: { at: number; value: R2Admission } | null = null;
  #asking: Promise<R2Admission> | null = null;
  #calls: R2Report["calls"] = [];
  #fault: string | null = null;

  constructor(ports: R2AccessPorts) {
    this.#ports = ports;
  }

  /** See `R2Guard`. */
  readonly guard: R2Guard = async <T>(
    operation: R2Operation,
    request: () => Promise<T>,
  ): Promise<T> => {
    const { epoch, timeout_ms } = await this.admit();
    const { now } = this.#ports;
    const begun = now();
    try {
      const value = await requestR2(operation, request, timeout_ms);
      this.#note(epoch, { failed: false, ms: now() - begun });
      return value;
    } catch (error) {
      if (error instanceof R2Fault) {
        this.#note(epoch, { failed: true, ms: now() - begun });
        this.#fault = error.message;
        await this.#ask();
      }
      throw error;
    }
  };

  /**
   * Resolves when R2 may be asked.
   *
   * @throws R2NotAsked when it may not
   */
  async admit(): Promise<R2Admission> {
    const last = this.#admission;
    const isFresh =
      last !== null && last.value.isAdmitted && this.#ports.now() - last.at < ADMISSION_MS;
    const admission = isFresh ? last.value : await this.#ask();
    if (!admission.isAdmitted) throw new R2NotAsked(admission.reason, admission.retry_after_ms);
    return admission;
  }

  /** A request that was made before the breaker moved says nothing of how R2 is since. */
  #note(epoch: number, call: R2Report["calls"][number]): void {
    if (epoch !== this.#admission?.value.epoch) return;
    this.#calls = [...this.#calls, call].slice(-CALLS_REPORTED);
  }

  /** One question at a time, whoever asks. */
  #ask(): Promise<R2Admission> {
    this.#asking ??= this.#exchange().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #exchange(): Promise<R2Admission> {
    const { report, now, log } = this.#ports;
    const sent = { epoch: this.#admission?.value.epoch ?? null, calls: this.#calls };
    const fault = this.#fault;
    this.#calls = [];
    this.#fault = null;
    let value: R2Admission;
    try {
      value = await report({ ...sent, fault });
    } catch (error) {
      // The breaker spares R2 and its users time; nothing depends on it.
      log({ event: "bucket_breaker_unavailable", level: "warn", reason: String(error) });
      value = {
        isAdmitted: true,
        epoch: sent.epoch ?? 0,
        reason: null,
        retry_after_ms: 0,
        timeout_ms: this.#admission?.value.timeout_ms ?? SETTINGS.r2_timeout_ms.default,
      };
    }
    this.#admission = { at: now(), value };
    return value;
  }
}
