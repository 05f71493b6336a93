/**
 * `GET /v1/export`: a namespace as a stream of lines that import again: its episodes, then the
 * feedback on its recalls. A failure before the first line is a Problem, a later one breaks the
 * stream off: an export that ends is complete.
 *
 * @module
 */

import type { RequestContext } from "../request-context.ts";

/** What is exported, in this order: the operation that reads it, and the type of its lines. */
const PARTS = [
  { name: "episodes.export", type: "episode" },
  { name: "feedback.export", type: "feedback" },
] as const;

export async function exportNamespace(context: RequestContext): Promise<Response> {
  const pages = readPages(context);
  // The first page is read before the answer begins, so that a refusal is a status.
  let next = await pages.next();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done) return controller.close();
      controller.enqueue(encoder.encode(next.value));
      next = await pages.next();
    },
  });
  return new Response(stream, { headers: { "Content-Type": "application/x-ndjson" } });
}

/** Lines, a page at a time; pages without lines are left out. */
async function* readPages(context: RequestContext): AsyncGenerator<string, void> {
  for (const { name, type } of PARTS) {
    let cursor: string | null = null;
    do {
      const page: { items: object[]; next_cursor: string | null } = (
        await context.run(name, { cursor })
      ).value;
      const lines = page.items.map((item) => `${JSON.stringify({ type, ...item })}\n`).join("");
      if (lines !== "") yield lines;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
}
