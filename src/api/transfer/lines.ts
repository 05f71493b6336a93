/**
 * Lines of a stream of bytes, one at a time.
 *
 * @module
 */

/** A line's bytes; null: the line was longer than the bound and was skipped. */
export type Line = Uint8Array<ArrayBuffer> | null;

const NEWLINE = 0x0a;

/** Splits at newlines, in memory that is bounded by the longest line allowed. */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  max: number,
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array): void => {
    size += part.length;
    if (size <= max) parts.push(part);
    else parts = [];
  };
  const line = (): Line => {
    let joined: Line = null;
    if (size <= max) {
      joined = new Uint8Array(size);
      let at = 0;
      for (const part of parts) {
        joined.set(part, at);
        at += part.length;
      }
    }
    parts = [];
    size = 0;
    return joined;
  };
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    if (from < chunk.length) take(chunk.slice(from));
  }
  if (size > 0) yield line();
}
