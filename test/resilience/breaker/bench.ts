/**
 * A breaker to be tried: its settings, its clock, its calls and what it announced.
 *
 * @module
 */

import { expect } from "vitest";
import {
  Breaker,
  DEFAULT_BREAKER,
  type BreakerConfig,
  type Transition,
} from "../../../src/resilience/index.ts";

/** Small and without chance, so that each row can say what it expects. */
export const CONFIG: BreakerConfig = {
  ...DEFAULT_BREAKER,
  window_size: 4,
  minimum_calls: 4,
  failure_rate: 0.5,
  slow_call_rate: 0.75,
  slow_call_ms: 100,
  trial_calls: 2,
  trial_lease_ms: 500,
  open_ms: 1_000,
  open_backoff: 2,
  open_max_ms: 3_000,
  open_jitter: 0,
};

/** The outcome of a call. */
export type Kind = "ok" | "fail" | "slow" | "slow_fail" | "ignored";

/** A breaker with a clock that is set by hand, and what it announced. */
export class Bench {
  now = 1_000_000;
  readonly events: Transition[] = [];
  breaker: Breaker;

  constructor(more: Partial<BreakerConfig> = {}, random = () => 0) {
    this.breaker = new Breaker({ ...CONFIG, ...more }, random, (event) => this.events.push(event));
  }

  get state() {
    return this.breaker.state(this.now);
  }
  get moves(): string[] {
    return this.events.map(({ from, to }) => `${from}→${to}`);
  }
  begin(purpose: "call" | "trial" = "call") {
    const admission = this.breaker.acquire(this.now, purpose);
    return admission.ok ? admission.permit : null;
  }
  /** false: refused. */
  call(kind: Kind, purpose: "call" | "trial" = "call"): boolean {
    const permit = this.begin(purpose);
    if (!permit) return false;
    this.end(permit, kind);
    return true;
  }
  end(permit: { epoch: number; trial: number | null }, kind: Kind): void {
    const result =
      kind === "ignored"
        ? "ignored"
        : kind === "fail" || kind === "slow_fail"
          ? "failure"
          : "success";
    this.breaker.record(permit, result, kind.startsWith("slow") ? 100 : 1, this.now);
  }
  calls(...kinds: Kind[]): void {
    for (const kind of kinds) this.call(kind);
  }
  open(): this {
    this.calls("fail", "fail", "fail", "fail");
    expect(this.state).toBe("open");
    return this;
  }
  halfOpen(): this {
    this.open();
    this.now += 1_000;
    this.breaker.trialAt(this.now);
    return this;
  }
  retryAfter(): number {
    const admission = this.breaker.acquire(this.now, "call");
    return admission.ok ? -1 : admission.retry_after_ms;
  }
}

/** Another breaker that goes on from what this one stores. */
export function moved(bench: Bench, more: Partial<BreakerConfig> = {}): Bench {
  const next = new Bench(more);
  next.now = bench.now;
  next.breaker.restore(JSON.parse(JSON.stringify(bench.breaker)) as ReturnType<Breaker["toJSON"]>);
  return next;
}
