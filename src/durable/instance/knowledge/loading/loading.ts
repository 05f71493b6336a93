/**
 * Loads namespaces from the instance's alarm, slice by slice, and for the first question about one
 * as much as it may wait for; and when none is to be loaded, looks for those to be indexed again.
 *
 * @module
 */

import { withDeadline } from "../../../../util/deadline.ts";
import type { Part } from "../../../shared/context.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { Loader, LoadingView } from "./loader.ts";
import type { Reindexing } from "./reindexing.ts";

/**
 * Loading goes on for about this long in one alarm, ms, and for so many slices: what else the alarm
 * does must not be late.
 */
const LOAD_MS = 2_000;
const SLICES_MAX = 40;
/** How long a question waits for the first episodes of a namespace, ms, and for how many. */
const QUESTION_MS = 1_000;
const FIRST_EPISODES = 200;

export class Loading implements Part {
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #reindexing: Reindexing;

  constructor(deps: KnowledgeDeps, loader: Loader, reindexing: Reindexing) {
    this.#deps = deps;
    this.#loader = loader;
    this.#reindexing = reindexing;
  }

  /** When a namespace should be loaded further, or looked at; null: none waits. */
  nextAt(): number | null {
    return this.#loader.nextAt() ?? this.#reindexing.nextAt(this.#deps.now());
  }

  /**
   * Loads slices, each of the namespace whose turn it is. A namespace that fails waits, and the
   * others go on. Never throws for what the database does.
   */
  async onAlarm(now: number): Promise<void> {
    const until = now + LOAD_MS;
    for (let slices = 0; slices < SLICES_MAX && this.#deps.now() < until; slices++) {
      const namespace = this.#loader.next(this.#deps.now());
      if (namespace === null) {
        if (this.#loader.nextAt() === null) this.#reindexing.onAlarm(this.#deps.now());
        return;
      }
      await this.#loader.slice(namespace);
    }
  }

  /**
   * Waits, within bounds, until enough of a namespace is here for a useful answer, or all of it.
   */
  async forQuestion(namespace: string): Promise<void> {
    const { learned, now } = this.#deps;
    const until = now() + QUESTION_MS;
    while (!this.#loader.isReady(namespace) && !this.#loader.isFailing(namespace)) {
      if ((learned.of(namespace)?.episodes ?? 0) >= FIRST_EPISODES) return;
      const left = until - now();
      if (left <= 0) return;
      await withDeadline(this.#loader.slice(namespace), left, () => undefined);
    }
  }

  /** What failed before is tried again without waiting: the database is back. */
  resetBackoff(): void {
    this.#loader.resetBackoff();
  }

  /** How loading goes. */
  view(): LoadingView {
    return this.#loader.view();
  }
}
