/**
 * Asks other instances, one or all of them, and works on what they ask: at the home of what an
 * operation is about, wherever that is by now.
 *
 * @module
 */

import type { Log } from "../../observability/index.ts";
import { Gatherer, type Merges } from "../shared/instance/gather.ts";
import { MERGES } from "../shared/instance/merges.ts";
import {
  type Gathered,
  type GatherInput,
  type InstanceRpc,
  INTERNAL_OPERATIONS,
  type InternalInput,
  type InternalOperationName,
  type InternalOutput,
  type SingleOperationName,
} from "../shared/instance/protocol.ts";
import { homeTextOfShard, type RowShard, type Shard } from "../shared/instance/placement.ts";
import { Moved, refusedOf } from "../shared/refusals.ts";
import { mergeCounts, mergeOverlays } from "./episodes/lists/merge.ts";
import { mergeTags } from "./episodes/lists/tag-counts.ts";
import { mergeWeeks } from "./episodes/lists/week-counts.ts";
import type { InternalHandlers } from "./handlers.ts";
import type { Position } from "./position.ts";
import { callTrace } from "./requests/call-scope.ts";

/** How often something follows what it is about to another home. */
const MOVES_MAX = 4;
/** How long a request waits for all instances, ms. */
const ALL_MS = 20_000;

/** What clients' requests gather beside what everybody does. */
const INSTANCE_MERGES: Merges = {
  ...MERGES,
  overlay: ({ answers }, { input, range: { first } }) => [
    {
      instance: first,
      value: mergeOverlays(
        answers.map(({ value }) => value),
        input,
      ),
    },
  ],
  tags: ({ answers }, { input: { limit }, range: { first } }) => [
    {
      instance: first,
      value: mergeTags(
        answers.map(({ value }) => value),
        limit,
      ),
    },
  ],
  weeks: ({ answers }, { range: { first } }) => [
    { instance: first, value: mergeWeeks(answers.map(({ value }) => value)) },
  ],
  counts: ({ answers }, { range: { first } }) => [
    { instance: first, value: mergeCounts(answers.map(({ value }) => value)) },
  ],
};

interface PeersDeps {
  position: Position;
  now: () => number;
  log: Log;
  /** A new stub: one that threw must not be used again. */
  instance: (index: number) => InstanceRpc;
  /** Asked for when there is something to work on, so that handlers may ask other instances. */
  handlers: () => InternalHandlers;
  /** Makes sure that the shard is here, after a change of the number of instances. */
  ensureHere: (shard: Shard) => Promise<void>;
}

export class Peers {
  readonly #deps: PeersDeps;
  readonly #gatherer: Gatherer;

  constructor(deps: PeersDeps) {
    this.#deps = deps;
    this.#gatherer = new Gatherer({
      ask: this.ask,
      now: deps.now,
      merges: INSTANCE_MERGES,
      onUnreachable: (peer, reason) => deps.log({ event: "peer_unreachable", peer, reason }),
    });
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
    throw refusedOf(result.error);
  };

  /**
   * Asks every instance, this one included; answers that can be merged come together. Throws as
   * `ask` when one does not answer.
   */
  readonly askAll = async <N extends SingleOperationName>(
    name: N,
    input: InternalInput<N>,
  ): Promise<InternalOutput<N>[]> => {
    const total = this.#deps.position.instanceCount();
    const range = { first: 0, end: total };
    const request = { name, input, range, total, within_ms: ALL_MS };
    const { answers, silent } = await this.#gatherer.ask(request);
    const [missing] = silent;
    if (missing?.refusal) throw refusedOf(missing.refusal);
    if (missing) throw new Error(`instance ${missing.instance}: ${missing.error}`);
    return answers.map(({ value }) => value);
  };

  /** Asks a range of instances, of which this is the first. */
  gather(request: GatherInput): Promise<Gathered> {
    return this.#gatherer.askAsHead(request);
  }

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
