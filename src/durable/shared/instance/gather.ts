/**
 * Asks many instances the same thing, through the tree of `tree.ts`: no object asks more than
 * `FAN_OUT` others at once while all of them answer. Every question has a deadline, which is shorter
 * with each level, so that an answer with whatever there is comes in time. A head that does not
 * answer costs only its own answer: those below it are asked directly. An instance that does not
 * answer, or refuses, is a value; nothing is thrown. What is asked may be asked twice.
 *
 * @module
 */

import { withDeadline } from "../../../util/deadline.ts";
import { failureOf } from "../refusals.ts";
import { retried } from "../retried.ts";
import type {
  Gathered,
  GatherInput,
  InstanceRange,
  InternalInput,
  InternalOperationName,
  InternalOutput,
  SilentInstance,
  SingleOperationName,
} from "./protocol.ts";
import { FAN_OUT, rangeBelow, splitRange } from "./tree.ts";

/** A head is waited for this share of the time; the rest is for asking those below it directly. */
const HEAD_SHARE = 0.75;
/** What a question and its answer are given for their way, ms. */
const WAY_MS = 150;

/** What a merge is given beside the answers. */
export type GatheredOf<N extends SingleOperationName> = Pick<
  GatherInput<N>,
  "input" | "range" | "total"
>;

/**
 * By operation: how the answers of a range become fewer on the way up, and stay bounded. Answers
 * that were merged below are merged again. What a merge throws, the range does not answer.
 */
export type Merges = {
  readonly [N in SingleOperationName]?: (
    gathered: Gathered<N>,
    of: GatheredOf<N>,
  ) => Gathered<N>["answers"];
};

export interface GathererPorts {
  /**
   * Asks one instance, by a new stub each time. Throws `Refused` when it refuses, and what the
   * connection throws.
   */
  ask: <N extends InternalOperationName>(
    instance: number,
    name: N,
    input: InternalInput<N>,
  ) => Promise<InternalOutput<N>>;
  /** ms since the epoch. */
  now: () => number;
  merges: Merges;
  /** Called for each instance that could not be reached, with why. */
  onUnreachable?: (instance: number, reason: string) => void;
}

export class Gatherer {
  readonly #ports: GathererPorts;

  constructor(ports: GathererPorts) {
    this.#ports = ports;
  }

  /** Asks this range of all instances. Answers within `within_ms`, whoever is silent. */
  ask<N extends SingleOperationName>(request: GatherInput<N>): Promise<Gathered<N>> {
    return this.#askAll(request, splitRange(request.range));
  }

  /** As the first instance of the range: asks the rest of it, and itself. */
  askAsHead<N extends SingleOperationName>(request: GatherInput<N>): Promise<Gathered<N>> {
    const { first } = request.range;
    const self = { first, end: first + 1 };
    return this.#askAll(request, [self, ...splitRange(rangeBelow(request.range))]);
  }

  async #askAll<N extends SingleOperationName>(
    request: GatherInput<N>,
    parts: readonly InstanceRange[],
  ): Promise<Gathered<N>> {
    const gathered = joined(
      await Promise.all(parts.map((range) => this.#askPart({ ...request, range }))),
    );
    const merge = this.#ports.merges[request.name] as
      | ((gathered: Gathered<N>, of: GatheredOf<N>) => Gathered<N>["answers"])
      | undefined;
    return merge ? { ...gathered, answers: merge(gathered, request) } : gathered;
  }

  #askPart<N extends SingleOperationName>(request: GatherInput<N>): Promise<Gathered<N>> {
    const { first, end } = request.range;
    return end - first === 1 ? this.#askOne(request) : this.#askHead(request);
  }

  async #askOne<N extends SingleOperationName>(request: GatherInput<N>): Promise<Gathered<N>> {
    const { name, range, within_ms } = request;
    const { first: instance } = range;
    const answer = await this.#answerOf(instance, name, inputFor(request), within_ms);
    return "value" in answer
      ? { answers: [{ instance, value: answer.value }], silent: [] }
      : { answers: [], silent: [answer] };
  }

  async #askHead<N extends SingleOperationName>(request: GatherInput<N>): Promise<Gathered<N>> {
    const { range, within_ms } = request;
    const begun = this.#ports.now();
    const waitMs = Math.floor(within_ms * HEAD_SHARE);
    const headMs = Math.floor(Math.max(waitMs - WAY_MS, waitMs / 2));
    const told = { ...request, within_ms: headMs } as unknown;
    const answer = await this.#answerOf(range.first, "gather", told as GatherInput, waitMs);
    if ("value" in answer) return answer.value as Gathered<N>;

    const leftMs = Math.max(0, within_ms - (this.#ports.now() - begun));
    const below = await this.ask({ ...request, range: rangeBelow(range), within_ms: leftMs });
    return { ...below, silent: [answer, ...below.silent] };
  }

  async #answerOf<N extends InternalOperationName>(
    instance: number,
    name: N,
    input: InternalInput<N>,
    ms: number,
  ): Promise<{ value: InternalOutput<N> } | SilentInstance> {
    const silent = (error: string): SilentInstance => ({ instance, error, refusal: null });
    const { ask, onUnreachable } = this.#ports;
    try {
      const asked = retried(async () => ({ value: await ask(instance, name, input) }));
      return await withDeadline(asked, ms, () => silent(`no answer within ${ms} ms`));
    } catch (error) {
      const refusal = failureOf(error);
      if (refusal) return { instance, error: refusal.detail, refusal };
      onUnreachable?.(instance, String(error));
      return silent("the instance is out of reach");
    }
  }
}

/**
 * What one instance is asked that has this long for its answer: a health check's small write must
 * end before. Of many instances few make one, because the database has one writer.
 */
function inputFor<N extends SingleOperationName>(request: GatherInput<N>): InternalInput<N> {
  const { name, input, range, total, within_ms } = request;
  if (name !== "health") return input;
  const { wait_ms } = input as InternalInput<"health">;
  const isWriting = range.first % Math.ceil(total / FAN_OUT) === 0;
  const deadlines: InternalInput<"health"> = {
    wait_ms:
      isWriting && wait_ms !== null ? Math.min(wait_ms, Math.max(0, within_ms - WAY_MS)) : null,
  };
  return deadlines as InternalInput<N>;
}

function joined<N extends SingleOperationName>(parts: readonly Gathered<N>[]): Gathered<N> {
  return {
    answers: parts.flatMap(({ answers }) => answers),
    silent: parts.flatMap(({ silent }) => silent),
  };
}
