/**
 * How long a stream waits for a memory that has no room or no time: a client that sends thousands of lines cannot be
 * told to send one of them again in a second.
 *
 * @module
 */

import type { ProblemCode } from "./problem.ts";

/** What passes by itself, and mostly because of the stream. */
const PASSING: ReadonlySet<ProblemCode> = new Set(["outbox_full", "overloaded", "rate_limited", "not_ready"]);
/** A line is tried again after this, ms. */
const AGAIN_MS = 1_000;
/** When nothing was taken for this long, no more is waited for, ms. */
const PATIENCE_MS = 60_000;

export interface PatiencePorts {
  /** ms since the epoch. */
  now(): number;
  wait(ms: number): Promise<void>;
}

/** Shared by the lines of one stream. */
export class Patience {
  readonly #ports: PatiencePorts;
  #refusedSince: number | null = null;

  constructor(ports: PatiencePorts) {
    this.#ports = ports;
  }

  /** A line was taken. */
  took(): void {
    this.#refusedSince = null;
  }

  /** Waits, if that may help; false: the refusal stands. */
  async again(code: ProblemCode): Promise<boolean> {
    if (!PASSING.has(code)) return false;
    const now = this.#ports.now();
    this.#refusedSince ??= now;
    if (now - this.#refusedSince >= PATIENCE_MS) return false;
    await this.#ports.wait(AGAIN_MS);
    return true;
  }
}
