/**
 * A log file that does not grow beyond a bound: when it is full it becomes `NAME.1`, in place of
 * the one before, and a new one is begun. A disk that takes nothing costs lines, never the process;
 * how many bytes were lost is said once it takes some again.
 *
 * @module
 */

import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from "node:fs";

export class RotatingLog {
  readonly file: string;
  readonly #maxBytes: number;
  #descriptor: number | null = null;
  #bytes: number;
  #lostBytes = 0;

  /** @param maxBytes of one file; there are two at most. Goes on with the file that is there. */
  constructor(file: string, maxBytes: number) {
    this.file = file;
    this.#maxBytes = maxBytes;
    this.#bytes = existsSync(file) ? statSync(file).size : 0;
  }

  /** Appends at once. Never throws. */
  write(chunk: Uint8Array): void {
    try {
      if (this.#bytes > 0 && this.#bytes + chunk.length > this.#maxBytes) this.#rotate();
      if (this.#lostBytes > 0) {
        this.#append(
          Buffer.from(
            `{"level":"warn","event":"log_bytes_lost","bytes":${this.#lostBytes},"reason":"the disk did not take them"}\n`,
          ),
        );
        this.#lostBytes = 0;
      }
      this.#append(chunk);
    } catch {
      this.#lostBytes += chunk.length;
    }
  }

  #append(chunk: Uint8Array): void {
    this.#descriptor ??= openSync(this.file, "a", 0o600);
    let written = 0;
    while (written < chunk.length) {
      const bytes = writeSync(this.#descriptor, chunk, written);
      written += bytes;
      this.#bytes += bytes;
    }
  }

  #rotate(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
    renameSync(this.file, `${this.file}.1`);
    this.#bytes = 0;
  }
}
