/**
 * Asks other instances, and works on what they ask: at the home of what an operation is about,
 * wherever that is by now.
 *
 * @module
 */

import {
  type InstanceRpc,
  INTERNAL_OPERATIONS,
  type InternalInput,
  type InternalOperationName,
  type InternalOutput,
} from "../shared/instance/protocol.ts";
import { homeTextOfShard, type RowShard, type Shard } from "../shared/instance/placement.ts";
import { Moved, Refused } from "../shared/refusals.ts";
import type { InternalHandlers } from "./handlers.ts";
import type { Position } from "./position.ts";
import { callTrace } from "./requests/call-scope.ts";

/** How often something follows what it is about to another home. */
const MOVES_MAX = 4;

interface PeersDeps {
  position: Position;
  /** A new stub: one that threw must not be used again. */
  instance: (index: number) => InstanceRpc;
  /** Asked for when there is something to work on, so that handlers may ask other instances. */
  handlers: () => InternalHandlers;
  /** Makes sure that the shard is here, after a change of the number of instances. */
  ensureHere: (shard: Shard) => Promise<void>;
}

export class Peers {
  readonly #deps: PeersDeps;

  constructor(deps: PeersDeps) {
    this.#deps = deps;
  }

  /** Asks an instance, this one included. Throws `Refused`, or an Error when it is out of reach. */
  readonly ask = async <N extends InternalOperationName>(
    index: number,
    name: N,
    input: InternalInput<N>,
  ): Promise<InternalOutput<N>> => {
    const { position, instance } = this.#deps;
    if (index === position.place().index) return this.work(name, input);
    const place = position.placeOf(index);
    const result = await instance(index).internal(place, name, input, callTrace());
    if (result.ok) return result.value;
    const { code, detail, ...more } = result.error;
    throw new Refused(code, detail, more);
  };

  /** Asks every instance, this one included, all at once. Throws as `ask`. */
  readonly askAll = <N extends InternalOperationName>(
    name: N,
    input: InternalInput<N>,
  ): Promise<InternalOutput<N>[]> => {
    const length = this.#deps.position.instanceCount();
    return Promise.all(Array.from({ length }, (_, index) => this.ask(index, name, input)));
  };

  /**
   * Works on an internal operation here, or asks the home by now of what it is about. Throws as
   * `ask`.
   */
  readonly work = async <N extends InternalOperationName>(
    name: N,
    input: InternalInput<N>,
  ): Promise<InternalOutput<N>> => {
    const { position, handlers, ensureHere } = this.#deps;
    const home = INTERNAL_OPERATIONS[name].home as ((input: InternalInput<N>) => RowShard) | null;
    const shard = home?.(input) ?? null;
    for (let moves = 0; ; moves++) {
      const { index } = position.place();
      const instance = shard === null ? index : position.homeOf(homeTextOfShard(shard));
      if (instance !== index) return this.ask(instance, name, input);
      try {
        if (shard) await ensureHere(shard);
        return await handlers()[name](input);
      } catch (error) {
        if (!(error instanceof Moved) || moves >= MOVES_MAX) throw error;
      }
    }
  };
}
