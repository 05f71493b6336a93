/**
 * Newline-delimited JSON, as a stream in and out.
 *
 * @module
 */

/** What can be imported: text, bytes, a stream of bytes, or items one after another. */
export type LineSource =
  | string
  | Uint8Array<ArrayBuffer>
  | ReadableStream<Uint8Array>
  | Iterable<object>
  | AsyncIterable<object>;

/** The lines as a request's body; items are turned into text as they are asked for. */
export function bodyOf(source: LineSource): BodyInit {
  if (
    typeof source === "string" ||
    source instanceof Uint8Array ||
    source instanceof ReadableStream
  )
    return source;
  const items =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await items.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`));
    },
    async cancel() {
      await items.return?.();
    },
  });
}

/** Items of a body of lines, one at a time. Throws when the stream breaks off. */
export async function* itemsOf<T>(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<T, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
