/**
 * The way to the memory over the Model Context Protocol. The server behind it, with its tools and
 * the protocol's library, is loaded with the first message.
 *
 * @module
 */

import type { RequestContext } from "../request-context.ts";

/** @param message a JSON-RPC message; what is in it the protocol judges */
export async function serveMcp(context: RequestContext, message: unknown): Promise<Response> {
  await context.authorize("read");
  // Its calls are several, which an Idempotency-Key of the request is not about.
  context.isBatch = true;
  // The protocol's library makes all its schemas when it is loaded, which no other request should
  // wait for.
  const { answerTo } = await import("./server.ts");
  return answerTo(context, message);
}
