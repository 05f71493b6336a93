/**
 * Long work as it goes: a line that is written over on a terminal, a line now and then elsewhere.
 * It goes to stderr, so that a pipe has the result alone.
 *
 * @module
 */

import type { Output } from "./io.ts";
import { duration } from "./output.ts";

/** Between two lines, ms: on a terminal, in a file. */
const REDRAW_MS = 100;
const LOG_MS = 5_000;
const BAR_CHARS = 24;
/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;

export interface ProgressOptions {
  /** What is done: "importing". */
  what: string;
  /** What is counted: "lines". */
  unit: string;
  isQuiet: boolean;
  stream: Output;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #begun = performance.now();
  #drawnAt = -Infinity;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** @param total null when nobody knows it @param note what it is at */
  update(done: number, total: number | null, note = ""): void {
    const { what, unit } = this.#options;
    const elapsedMs = performance.now() - this.#begun;
    this.show(progressLine({ what, unit, done, total, elapsedMs, note }));
  }

  /** Shows a line of the caller's own, unless another was shown a moment ago. */
  show(line: string): void {
    const { isQuiet, stream } = this.#options;
    const now = performance.now();
    if (isQuiet || now - this.#drawnAt < (stream.isTTY ? REDRAW_MS : LOG_MS)) return;
    this.#drawnAt = now;
    if (!stream.isTTY) stream.write(`${line}\n`);
    else stream.write(`\r\u001b[2K${line.slice(0, (stream.columns || COLUMNS) - 1)}`);
  }

  /** Leaves the terminal clean. */
  end(): void {
    const { stream } = this.#options;
    if (this.#drawnAt > -Infinity && stream.isTTY) stream.write("\r\u001b[2K");
  }
}

/** The line for work that has gone on for `elapsedMs`: how much of it, how fast, how long still. */
export function progressLine({
  what,
  unit,
  done,
  total,
  elapsedMs,
  note = "",
}: {
  what: string;
  unit: string;
  done: number;
  total: number | null;
  elapsedMs: number;
  note?: string;
}): string {
  const rate = elapsedMs > 0 ? done / (elapsedMs / 1_000) : 0;
  const speed = `${Math.round(rate).toLocaleString("en-US")} ${unit}/s`;
  const count = done.toLocaleString("en-US");
  const tail = note === "" ? "" : `, ${note}`;
  if (total === null || total <= 0)
    return `${what}  ${count} ${unit}, ${speed}, ${duration(elapsedMs)}${tail}`;

  const share = Math.min(1, done / total);
  const bar = "█".repeat(Math.round(share * BAR_CHARS)).padEnd(BAR_CHARS, "░");
  const left = rate > 0 ? `${duration(((total - done) / rate) * 1_000)} left` : "time left unknown";
  const amount = `${count}/${total.toLocaleString("en-US")} ${unit}`;
  return `${what}  ${bar} ${Math.floor(share * 100)} %  ${amount}, ${speed}, ${left}${tail}`;
}
