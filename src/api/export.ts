/**
 * `GET /v1/export`: a namespace as a stream of import lines.
 *
 * @module
 */

import type { Context } from "./context.ts";
import { validate } from "./body.ts";
import { nothing } from "./schemas.ts";

export async function exportNamespace(context: Context): Promise<Response> {
  validate(nothing, Object.fromEntries(context.url.searchParams));
  // The first page is read before the answer begins, so that a refusal is a status and not a broken stream.
  let page = (await context.run("episodes.export", { cursor: null })).value;
  const encoder = new TextEncoder();
  let done = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (done) return controller.close();
      const lines = page.items.map((episode) => `${JSON.stringify({ type: "episode", ...episode })}\n`).join("");
      if (lines !== "") controller.enqueue(encoder.encode(lines));
      if (page.next_cursor === null) {
        done = true;
        if (lines === "") controller.close();
        return;
      }
      // A failure here breaks the stream off: an export that looks whole is whole.
      page = (await context.run("episodes.export", { cursor: page.next_cursor })).value;
    },
  });
  return new Response(stream, { headers: { "Content-Type": "application/x-ndjson" } });
}
