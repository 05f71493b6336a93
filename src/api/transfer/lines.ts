/**
 * Splits a stream of bytes at newlines, one line at a time, in memory that is bounded by the longest
 * line allowed. A line that is longer is skipped and reported as null; the lines after it are read
 * as usual.
 *
 * @module
 */

import { joinBytes } from "../../util/bytes.ts";

/** A line's bytes, without the newline; null: the line was too long and was skipped. */
export type Line = Uint8Array<ArrayBuffer> | null;

const NEWLINE = 0x0a;

/** @param max bytes of a line */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  max: number,
): AsyncGenerator<Line> {
  const line = new LineBuffer(max);
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      line.add(chunk.subarray(from, end));
      yield line.take();
      from = end + 1;
    }
    if (from < chunk.length) line.add(chunk.slice(from));
  }
  if (line.size > 0) yield line.take();
}

/** The parts of the line that is being read. */
class LineBuffer {
  readonly #max: number;
  #parts: Uint8Array[] = [];
  /** Bytes of the line so far, those that are not kept included. */
  size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(part: Uint8Array): void {
    this.size += part.length;
    if (this.size <= this.#max) this.#parts.push(part);
    else this.#parts = [];
  }

  /** The line; the next one begins. */
  take(): Line {
    const line = this.size <= this.#max ? joinBytes(this.#parts) : null;
    this.#parts = [];
    this.size = 0;
    return line;
  }
}
