/**
 * Long work as it goes: a line that is written over on a terminal, a line now and then elsewhere.
 * It goes to stderr, so that a pipe has the result alone.
 *
 * @module
 */

import { duration } from "./output.ts";

const REDRAW_MS = 100;
const ELSEWHERE_MS = 5_000;
const BAR = 24;

export class Progress {
  readonly #what: string;
  readonly #unit: string;
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #begun = performance.now();
  #drawnAt = -Infinity;
  #shown = false;

  constructor(
    what: string,
    unit: string,
    quiet: boolean,
    stream: NodeJS.WriteStream = process.stderr,
  ) {
    this.#what = what;
    this.#unit = unit;
    this.#quiet = quiet;
    this.#stream = stream;
  }

  /** @param total null: nobody knows */
  update(done: number, total: number | null, note = ""): void {
    const now = performance.now();
    if (this.#quiet || now - this.#drawnAt < (this.#stream.isTTY ? REDRAW_MS : ELSEWHERE_MS))
      return;
    this.#drawnAt = now;
    this.#draw(progressLine(this.#what, this.#unit, done, total, now - this.#begun, note));
  }

  /** A line of its own making. */
  say(line: string): void {
    const now = performance.now();
    if (this.#quiet || now - this.#drawnAt < (this.#stream.isTTY ? REDRAW_MS : 1_000)) return;
    this.#drawnAt = now;
    this.#draw(line);
  }

  /** Leaves the terminal clean. */
  end(): void {
    if (this.#shown && this.#stream.isTTY) this.#stream.write("\r\u001b[2K");
  }

  #draw(line: string): void {
    this.#shown = true;
    if (this.#stream.isTTY)
      this.#stream.write(`\r\u001b[2K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
    else this.#stream.write(`${line}\n`);
  }
}

/** @param elapsedMs since the work began */
export function progressLine(
  what: string,
  unit: string,
  done: number,
  total: number | null,
  elapsedMs: number,
  note = "",
): string {
  const rate = elapsedMs > 0 ? done / (elapsedMs / 1_000) : 0;
  const said = `${Math.round(rate).toLocaleString("en-US")} ${unit}/s`;
  const count = done.toLocaleString("en-US");
  const tail = note === "" ? "" : `, ${note}`;
  if (total === null || total <= 0)
    return `${what}  ${count} ${unit}, ${said}, ${duration(elapsedMs)}${tail}`;
  const share = Math.min(1, done / total);
  const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
  const left = rate > 0 ? `${duration(((total - done) / rate) * 1_000)} left` : "time left unknown";
  return `${what}  ${bar} ${Math.floor(share * 100)} %  ${count}/${total.toLocaleString("en-US")} ${unit}, ${said}, ${left}${tail}`;
}
