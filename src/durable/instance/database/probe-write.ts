/**
 * Whether the database takes a write from here, found out with a small one: reads stay green while
 * writes stall or are blocked. Made at most every few seconds however often it is asked for, and
 * never waited for longer than the asker may.
 *
 * @module
 */

import type { DatabaseErrorKind } from "../../../storage/index.ts";
import type { ProbeFinding } from "../../shared/protocol.ts";
import { withDeadline } from "../../../util/deadline.ts";

/** A finding is as good as a new one for this long, ms. */
const FRESH_MS = 5_000;

export class ProbeWrite {
  readonly #write: () => Promise<void>;
  readonly #kindOf: (error: unknown) => DatabaseErrorKind;
  readonly #now: () => number;
  #last: ProbeFinding | null = null;
  #flying: { begun: number; finding: Promise<ProbeFinding> } | null = null;

  /** @param write a small write @param kindOf sorts what it throws */
  constructor(
    write: () => Promise<void>,
    kindOf: (error: unknown) => DatabaseErrorKind,
    now: () => number,
  ) {
    this.#write = write;
    this.#kindOf = kindOf;
    this.#now = now;
  }

  /**
   * The last finding while it is fresh, else a new one; "late" after `waitMs`, while the write goes
   * on.
   */
  async ask(waitMs: number): Promise<ProbeFinding> {
    if (this.#last && this.#now() - this.#last.at < FRESH_MS) return this.#last;
    this.#flying ??= { begun: this.#now(), finding: this.#try() };
    const { begun, finding } = this.#flying;
    return withDeadline(finding, waitMs, (): ProbeFinding => {
      const at = this.#now();
      return { at, latency_ms: at - begun, failed: "late" };
    });
  }

  async #try(): Promise<ProbeFinding> {
    const begun = this.#now();
    let failed: ProbeFinding["failed"] = null;
    try {
      await this.#write();
    } catch (error) {
      failed = this.#kindOf(error);
    }
    const at = this.#now();
    this.#last = { at, latency_ms: at - begun, failed };
    this.#flying = null;
    return this.#last;
  }
}
