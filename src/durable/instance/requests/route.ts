/**
 * Chooses the home at which a call is worked on. Pure.
 *
 * @module
 */

import { OPERATIONS, type OperationName } from "../../../contract/operations.ts";
import {
  homeTextOfNamespace,
  homeTextOfShard,
  type Shard,
} from "../../shared/instance/placement.ts";
import type { AuthorizedCall } from "./authorized-call.ts";

/** The shard that a call is about, and its home text. */
export interface Route {
  home: string;
  shard: Shard;
}

export function routeOf<N extends OperationName>({
  name,
  input,
  call,
  namespace,
}: AuthorizedCall<N>): Route {
  // The answer to a repetition is kept where the request finds it again: a new episode's id is
  // not in it.
  if (name === "episode.start" && call.idempotency) {
    const home = `idem:${call.key_hash}:${call.idempotency.key}`;
    return { home, shard: { kind: "idempotency", home } };
  }
  if (OPERATIONS[name].home === "episode" && "id" in input) {
    const shard: Shard = { kind: "episode", namespace, id: String(input.id) };
    return { home: homeTextOfShard(shard), shard };
  }
  return { home: homeTextOfNamespace(namespace), shard: { kind: "namespace", namespace } };
}
