/**
 * How an episode begins, whichever way the request comes.
 *
 * @module
 */

import { uuidv7 } from "../memory/id.ts";
import type { Input, Output } from "../contract/operations.ts";
import { homeOf } from "../memory/rendezvous.ts";
import type { Context, Success } from "./context.ts";

/** How often an id is drawn until it lives where it must. */
const DRAWS_MAX = 10_000;

/** A new id; with an idempotency key one that lives where the key's answer is kept. */
async function newId(
  context: Context,
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

/** Throws a Problem when the memory says no. */
export async function startEpisode(
  context: Context,
  body: Omit<Input<"episode.start">, "id">,
): Promise<Success<Output<"episode.start">>> {
  const { id, instance } = await newId(context, context.isBatch ? null : context.idempotencyKey());
  return context.run("episode.start", { id, ...body }, instance);
}

/** Leaves out what was not asked for: the filters are exact about absent fields. */
export function omitUndefined<T extends object>(
  value: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
