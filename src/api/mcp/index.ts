/**
 * The memory over the Model Context Protocol: what its messages are, and the way to the server,
 * which is made ready with the first of them.
 *
 * @module
 */

import * as z from "zod";
import type { Context } from "../context.ts";

/** A JSON-RPC 2.0 message; what is in it the protocol judges. */
export const rpcMessage = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string().max(200), z.number().int()]).optional(),
  method: z
    .string()
    .min(1, "must have at least 1 character")
    .max(200, "must have at most 200 characters"),
  params: z.looseObject({}).optional(),
});
/** What it is answered with. */
export const rpcAnswer = z.looseObject({ jsonrpc: z.literal("2.0") });

export async function serveMcp(context: Context): Promise<Response> {
  const message = await context.body(rpcMessage);
  await context.authorize("read");
  // Its calls are several, which an Idempotency-Key of the request is not about.
  context.isBatch = true;
  // The protocol's library makes all its schemas when it is loaded, which no other request should
  // wait for.
  const { answerTo } = await import("./server.ts");
  return answerTo(context, message);
}
