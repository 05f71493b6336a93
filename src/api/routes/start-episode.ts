/**
 * Starts an episode, for HTTP and for MCP alike: draws its id, so that it hashes to the instance
 * that keeps the answer for a repetition.
 *
 * @module
 */

import { uuidv7 } from "../../memory/id.ts";
import type { Input, Output } from "../../contract/operations.ts";
import { homeOf } from "../../memory/rendezvous.ts";
import type { RequestContext, Success } from "../request-context.ts";

/** How often an id is drawn until it hashes to the instance that it must. */
const DRAWS_MAX = 10_000;

/** A new id; with an idempotency key one that hashes to where the key's answer is kept. */
async function newId(
  context: RequestContext,
  key: string | null,
): Promise<{ id: string; instance: number }> {
  const count = await context.backend.instanceCount();
  const wanted = key === null ? null : homeOf(`idem:${context.caller.key_hash}:${key}`, count);
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const drawn = uuidv7(context.options.now(), crypto.getRandomValues(new Uint8Array(10)));
    const instance = homeOf(drawn, count);
    if (wanted === null || instance === wanted) return { id: drawn, instance };
  }
  throw new Error("no id for this instance was drawn");
}

/** @throws Problem when the memory refuses */
export async function startEpisode(
  context: RequestContext,
  body: Omit<Input<"episode.start">, "id">,
): Promise<Success<Output<"episode.start">>> {
  const { id, instance } = await newId(context, context.isBatch ? null : context.idempotencyKey());
  return context.run("episode.start", { id, ...body }, instance);
}
