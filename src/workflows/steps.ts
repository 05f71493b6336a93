/**
 * A Workflow's steps as jobs use them: each piece of work is done until it succeeded once, and its
 * result is kept, so that a job that is begun again goes on where it stopped.
 *
 * @module
 */

import type { WorkflowStep } from "cloudflare:workers";
import { BackupFault, NoParent, type Steps } from "../backup/index.ts";

/** How often a step is tried, and how long one try may take. */
const STEP = {
  retries: { limit: 5, delay: "2 seconds", backoff: "exponential" },
  timeout: "15 minutes",
} as const;

/** What a step came to. What no retry mends is a result too. */
type Kept<T> =
  | { value: T }
  | { fault: { kind: "BackupFault" | "NoParent"; object: string; message: string } };

export class KeptSteps implements Steps {
  readonly #step: WorkflowStep;
  #executed = 0;
  #hasNew = false;

  constructor(step: WorkflowStep) {
    this.#step = step;
  }

  /** Steps that were executed in this run, retries included. */
  get executed(): number {
    return this.#executed;
  }

  /** Whether a step was executed since this was last asked: steps of an earlier run are not. */
  takeHasNew(): boolean {
    const hasNew = this.#hasNew;
    this.#hasNew = false;
    return hasNew;
  }

  /**
   * See `Steps`. Throws `BackupFault` and `NoParent` as they are; anything else is retried, and
   * loses its class.
   */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const kept = (await this.#step.do(name, STEP, async () => {
      this.#executed += 1;
      this.#hasNew = true;
      return (await keep(work)) as never;
    })) as Kept<T>;
    if ("value" in kept) return kept.value;
    const { kind, object, message } = kept.fault;
    throw kind === "NoParent"
      ? new NoParent(message)
      : new BackupFault(object, message.slice(object.length + 2));
  }
}

async function keep<T>(work: () => Promise<T>): Promise<Kept<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof BackupFault)
      return { fault: { kind: "BackupFault", object: error.object, message: error.message } };
    if (error instanceof NoParent)
      return { fault: { kind: "NoParent", object: "", message: error.message } };
    throw error;
  }
}

/** The same steps, with a word before their names: work that is done twice in a job. */
export function prefixed(steps: Steps, prefix: string): Steps {
  return { run: (name, work) => steps.run(`${prefix}: ${name}`, work) };
}
