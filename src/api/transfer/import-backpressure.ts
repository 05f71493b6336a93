/**
 * Decides whether a line of an import that was refused is sent again: what passes by itself is waited
 * for, as long as lines are accepted now and then.
 *
 * @module
 */

import type { ProblemCode } from "../../contract/call.ts";

/** Refusals that pass by themselves, and that the stream itself mostly causes. */
const TRANSIENT: ReadonlySet<ProblemCode> = new Set([
  "outbox_full",
  "overloaded",
  "rate_limited",
  "not_ready",
]);
/** A line is tried again after this, ms. */
const RETRY_MS = 1_000;
/** When no line was accepted for this long, no line is tried again, ms. */
const GIVE_UP_MS = 60_000;

interface ImportBackpressurePorts {
  /** ms since the epoch. */
  now(): number;
  wait(ms: number): Promise<void>;
  log(event: Record<string, unknown>): void;
}

export class ImportBackpressure {
  readonly #ports: ImportBackpressurePorts;
  readonly #requestId: string;
  #refusedSince: number | null = null;
  #isLogged = false;

  constructor(ports: ImportBackpressurePorts, requestId: string) {
    this.#ports = ports;
    this.#requestId = requestId;
  }

  /** A line was accepted. */
  accepted(): void {
    this.#refusedSince = null;
  }

  /** Waits until the line may be sent again; false, at once: the refusal stands. */
  async waitToRetry(code: ProblemCode): Promise<boolean> {
    if (!TRANSIENT.has(code)) return false;

    const now = this.#ports.now();
    // Every refusal is counted where it was made; one log line a stream says why it is slow.
    if (!this.#isLogged) {
      this.#isLogged = true;
      this.#ports.log({ event: "import_waits", request_id: this.#requestId, code });
    }
    this.#refusedSince ??= now;
    if (now - this.#refusedSince >= GIVE_UP_MS) return false;

    await this.#ports.wait(RETRY_MS);
    return true;
  }
}
