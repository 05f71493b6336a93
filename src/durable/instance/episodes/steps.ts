/**
 * The steps of an episode that runs: they are appended, never changed. A step sent again is the
 * same step, and counts once.
 *
 * @module
 */

import { LIMITS } from "../../../contract/limits.ts";
import type { Step } from "../../../contract/episodes/record.ts";
import type { StepInput } from "../../../contract/episodes/requests.ts";
import type { Input, Output } from "../../../contract/operations.ts";
import type { EpisodeRecord } from "../../shared/episode-record.ts";
import { Refused } from "../../shared/refusals.ts";
import type { OperationScope } from "../handlers.ts";
import { checkStep, sameStep } from "./bounds.ts";
import type { EpisodeDeps } from "./deps.ts";
import { isoTime } from "../../../util/time.ts";

/** Ends the transaction: the episode must be fetched, or it has ended. */
class NotRunning extends Error {}

/** What a request adds to the steps that are there. */
interface NewSteps {
  fresh: Step[];
  duplicates: number;
  /** The highest number there is then; 0: none. */
  last: number;
}

export class EpisodeSteps {
  readonly #deps: EpisodeDeps;

  constructor(deps: EpisodeDeps) {
    this.#deps = deps;
  }

  /** Throws `Refused` when there is no such episode, it has ended, or a step is refused. */
  async append(
    input: Input<"episode.steps">,
    scope: OperationScope,
  ): Promise<Output<"episode.steps">> {
    const { store } = this.#deps;
    // A running episode is nearly always here: it is read once, in the transaction that changes it.
    try {
      return scope.commit(() => {
        const record = store.running(scope.namespace, input.id);
        if (!record) throw new NotRunning();
        return this.#append(input, record);
      });
    } catch (error) {
      if (!(error instanceof NotRunning)) throw error;
    }
    return store.write(input.id, scope, (record) => this.#append(input, record));
  }

  /** In a transaction. */
  #append({ id, steps }: Input<"episode.steps">, record: EpisodeRecord): Output<"episode.steps"> {
    const { context, store } = this.#deps;
    const { fresh, duplicates, last } = this.#newSteps(record.namespace, id, steps);
    let { version } = record;
    if (fresh.length > 0) {
      if (record.status !== "in_progress") {
        const detail = `Episode ${id} has ended (${record.status}); it takes no more steps.`;
        throw new Refused("episode_ended", detail);
      }
      const step_count = record.step_count + fresh.length;
      ({ version } = store.change(record, { step_count }, { by: "client" }, fresh));
    }
    context.meter.count("memory_step_logged_total", {}, fresh.length);
    return { episode_id: id, accepted: fresh.length, duplicates, last_number: last, version };
  }

  #newSteps(namespace: string, id: string, sent: readonly StepInput[]): NewSteps {
    const { rows } = this.#deps;
    let last = rows.lastStepNumber(namespace, id);
    const repeated = sent.flatMap(({ number }) =>
      number !== undefined && number <= last ? [number] : [],
    );
    const present = rows.stepsByNumber(namespace, id, repeated);
    const fresh: Step[] = [];
    let duplicates = 0;
    for (const [i, step] of sent.entries()) {
      const number = step.number ?? last + 1;
      const before = present.get(number);
      if (before) {
        requireSame(before, step, i);
        duplicates += 1;
        continue;
      }
      const added = this.#checked(step, number, i);
      present.set(number, added);
      fresh.push(added);
      last = Math.max(last, number);
    }
    return { fresh, duplicates, last };
  }

  /** @param index of the step in the request */
  #checked(sent: StepInput, number: number, index: number): Step {
    const { now, settings } = this.#deps.context;
    if (number > LIMITS.steps_max) {
      const detail = `An episode has at most ${LIMITS.steps_max} steps, numbered 1 to ${LIMITS.steps_max}.`;
      throw new Refused("limit_exceeded", detail, { path: `steps.${index}.number` });
    }
    checkStep(sent, index, settings().step_output_max_bytes);
    return { ...sent, number, at: sent.at ?? isoTime(now()) };
  }
}

function requireSame(before: Step, sent: StepInput, index: number): void {
  if (sameStep(before, sent)) return;
  const detail = `Step ${before.number} is already there with other content; steps are append-only.`;
  throw new Refused("conflict", detail, { path: `steps.${index}.number` });
}
