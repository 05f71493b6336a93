/**
 * How long a stream waits for a memory that has no room or no time: a client that sends thousands
 * of lines cannot be told to send one of them again in a second.
 *
 * @module
 */

import type { ProblemCode } from "../../contract/errors.ts";

/** What passes by itself, and mostly because of the stream. */
const PASSING: ReadonlySet<ProblemCode> = new Set([
  "outbox_full",
  "overloaded",
  "rate_limited",
  "not_ready",
]);
/** A line is tried again after this, ms. */
const AGAIN_MS = 1_000;
/** When nothing was taken for this long, no more is waited for, ms. */
const PATIENCE_MS = 60_000;

export interface ImportBackpressurePorts {
  /** ms since the epoch. */
  now(): number;
  wait(ms: number): Promise<void>;
  log(event: Record<string, unknown>): void;
}

/** Shared by the lines of one stream. */
export class ImportBackpressure {
  readonly #ports: ImportBackpressurePorts;
  readonly #requestId: string;
  #refusedSince: number | null = null;
  #told = false;

  constructor(ports: ImportBackpressurePorts, requestId: string) {
    this.#ports = ports;
    this.#requestId = requestId;
  }

  /** A line was taken. */
  took(): void {
    this.#refusedSince = null;
  }

  /** Waits, if that may help; false: the refusal stands. */
  async again(code: ProblemCode): Promise<boolean> {
    if (!PASSING.has(code)) return false;
    const now = this.#ports.now();
    // Every refusal is counted where it was made; one line a stream says why it is slow.
    if (!this.#told) {
      this.#told = true;
      this.#ports.log({ event: "import_waits", level: "info", request_id: this.#requestId, code });
    }
    this.#refusedSince ??= now;
    if (now - this.#refusedSince >= PATIENCE_MS) return false;
    await this.#ports.wait(AGAIN_MS);
    return true;
  }
}
