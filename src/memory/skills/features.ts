/**
 * Reads what runs are compared and named by: their actions, and the terms of their tasks. Each run
 * and each task is read once, however many families it is looked at for. Pure; it holds what it
 * read, so that it lives as long as one question.
 *
 * @module
 */

import { actionName } from "../actions/index.ts";
import type { EpisodeDigest } from "../learning/types.ts";
import { queryTokens } from "../text/tokens.ts";

/** Characters of a task, and steps of a run, that are read. */
export const TASK_READ = 2_000;
const STEPS_READ = 200;

/** What of a run it is compared by. */
export type FamilyRun = Pick<
  EpisodeDigest,
  "episode_id" | "ended_at" | "task" | "context" | "path"
>;

export class Features {
  readonly #actions = new Map<FamilyRun, readonly string[]>();
  readonly #kinds = new Map<FamilyRun, ReadonlySet<string>>();
  readonly #terms = new Map<string, ReadonlySet<string>>();

  /** What a run does, each time it does it. */
  actionsOf(run: FamilyRun): readonly string[] {
    const known = this.#actions.get(run);
    if (known) return known;
    const read = run.path.slice(0, STEPS_READ).map(({ tool, key }) => actionName(tool, key));
    this.#actions.set(run, read);
    return read;
  }

  /** The same, each action once. */
  kindsOf(run: FamilyRun): ReadonlySet<string> {
    const known = this.#kinds.get(run);
    if (known) return known;
    const read = new Set(this.actionsOf(run));
    this.#kinds.set(run, read);
    return read;
  }

  /** The terms of what is asked for. */
  termsOf(task: string): ReadonlySet<string> {
    const known = this.#terms.get(task);
    if (known) return known;
    const read = new Set(queryTokens(task.slice(0, TASK_READ)).map(({ term }) => term));
    this.#terms.set(task, read);
    return read;
  }
}
