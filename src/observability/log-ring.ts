/**
 * The last log lines of one object, for who looks after the fact: within a bound in bytes, none older
 * than an hour. In memory: they are lost with the object. A line comes as the log writes it, without
 * its secrets.
 *
 * @module
 */

import { MS } from "../contract/limits.ts";
import { byteLength } from "../util/bytes.ts";

const KEPT_MS = MS.hour;
/** UTF-8 bytes of all lines; a line that is longer alone is not kept. */
export const RING_BYTES = 256 * 1_024;
/** Lines that have left are freed together, so that an addition does not move the others. */
const FREED_TOGETHER = 1_000;

export interface LoggedLine {
  /** ms since the epoch. */
  at: number;
  line: string;
}

export class LogRing {
  readonly #now: () => number;
  #kept: (LoggedLine & { bytes: number })[] = [];
  /** Where the oldest one that is still kept is. */
  #first = 0;
  #bytes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param at when it was logged, ms since the epoch; now by default */
  add(line: string, at = this.#now()): void {
    const bytes = byteLength(line);
    if (bytes > RING_BYTES) return;
    this.#kept.push({ at, line, bytes });
    this.#bytes += bytes;
    this.#drop(this.#now() - KEPT_MS);
  }

  /**
   * Oldest first; the newest of them when they are more than so many bytes.
   *
   * @param since ms since the epoch
   */
  since(since: number, maxBytes: number): LoggedLine[] {
    this.#drop(this.#now() - KEPT_MS);
    const found: LoggedLine[] = [];
    let bytes = 0;
    for (let i = this.#kept.length - 1; i >= this.#first; i--) {
      const one = this.#kept[i];
      if (!one || one.at < since || (bytes += one.bytes) > maxBytes) break;
      found.push({ at: one.at, line: one.line });
    }
    return found.reverse();
  }

  #drop(before: number): void {
    for (;;) {
      const oldest = this.#kept[this.#first];
      if (!oldest || (oldest.at >= before && this.#bytes <= RING_BYTES)) break;
      this.#bytes -= oldest.bytes;
      this.#first += 1;
    }
    if (this.#first < FREED_TOGETHER) return;
    this.#kept = this.#kept.slice(this.#first);
    this.#first = 0;
  }
}
