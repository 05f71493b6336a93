/**
 * `GET /v1/export`: a namespace as a stream of lines that import again: its episodes, the
 * feedback on its recalls, its lessons, and what people decided. A failure before the first line is a Problem, a later one breaks the
 * stream off: an export that ends is complete. Where the namespace is still being loaded, which
 * feedback needs, the stream pauses.
 *
 * @module
 */

import { Problem } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";

/** What is exported, in this order: the operation that reads it, and the type of its lines. */
const PARTS = [
  { name: "episodes.export", type: "episode" },
  { name: "feedback.export", type: "feedback" },
  { name: "lessons.export", type: "lesson" },
  { name: "curation.export", type: "curation" },
] as const;

/** The pause before a page that is not ready yet is asked for again, ms, and how often it is. */
const NOT_READY_MS = 1_000;
const NOT_READY_MAX = 300;

interface ExportPage {
  items: object[];
  next_cursor: string | null;
}

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
      const page: ExportPage = await readyPage(context, name, cursor);
      const lines = page.items.map((item) => `${JSON.stringify({ type, ...item })}\n`).join("");
      if (lines !== "") yield lines;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
}

/** A page, waited for while its namespace is being loaded. Throws `Problem`. */
async function readyPage(
  context: RequestContext,
  name: (typeof PARTS)[number]["name"],
  cursor: string | null,
): Promise<ExportPage> {
  for (let waits = 0; ; waits++) {
    try {
      return (await context.run(name, { cursor })).value;
    } catch (error) {
      const isNotReady = error instanceof Problem && error.code === "not_ready";
      if (!isNotReady || waits >= NOT_READY_MAX) throw error;
      await context.options.wait(NOT_READY_MS);
    }
  }
}
