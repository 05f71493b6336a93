/**
 * Finds out whether the database takes a write from here, with a small one: reads stay green while
 * writes stall or are blocked. A write is made at most every few seconds however often it is asked
 * for, and nobody waits for it longer than they asked to.
 *
 * @module
 */

import type { DatabaseErrorKind } from "../../../storage/index.ts";
import { withDeadline } from "../../../util/deadline.ts";
import type { ProbeFinding } from "../../shared/instance/views.ts";

/** A finding is as good as a new one for this long, ms. */
const FRESH_MS = 5_000;

export interface ProbeWriteDeps {
  /** A small write. */
  write: () => Promise<void>;
  /** Sorts what it throws. */
  kindOf: (error: unknown) => DatabaseErrorKind;
  now: () => number;
}

export class ProbeWrite {
  readonly #deps: ProbeWriteDeps;
  #last: ProbeFinding | null = null;
  #running: { begun: number; finding: Promise<ProbeFinding> } | null = null;

  constructor(deps: ProbeWriteDeps) {
    this.#deps = deps;
  }

  /**
   * The last finding while it is fresh, else a new one; "late" after `waitMs`, while the write goes
   * on.
   */
  ask(waitMs: number): Promise<ProbeFinding> {
    const { now } = this.#deps;
    if (this.#last && now() - this.#last.at < FRESH_MS) return Promise.resolve(this.#last);
    this.#running ??= { begun: now(), finding: this.#try() };
    const { begun, finding } = this.#running;
    return withDeadline(finding, waitMs, (): ProbeFinding => {
      const at = now();
      return { at, latency_ms: at - begun, failed: "late" };
    });
  }

  async #try(): Promise<ProbeFinding> {
    const { write, kindOf, now } = this.#deps;
    const begun = now();
    let failed: ProbeFinding["failed"] = null;
    try {
      await write();
    } catch (error) {
      failed = kindOf(error);
    }
    const at = now();
    this.#last = { at, latency_ms: at - begun, failed };
    this.#running = null;
    return this.#last;
  }
}
