/**
 * Loads namespaces from the instance's alarm, slice by slice, and then learns what waited for them.
 *
 * @module
 */

import type { Part } from "../../../shared/context.ts";
import { Moved } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { Learning } from "../learning/learning.ts";
import type { NamespaceTags } from "../tags.ts";
import type { Loader, LoadingView } from "./loader.ts";

/**
 * Loading goes on for about this long in one alarm, ms, and for so many slices: what else the alarm
 * does must not be late.
 */
const LOAD_MS = 2_000;
const SLICES_MAX = 40;

export class Loading implements Part {
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #learning: Learning;
  readonly #tags: NamespaceTags;

  constructor(deps: KnowledgeDeps, loader: Loader, learning: Learning, tags: NamespaceTags) {
    this.#deps = deps;
    this.#loader = loader;
    this.#learning = learning;
    this.#tags = tags;
  }

  /** When a namespace should be loaded further; null: none waits. */
  nextAt(): number | null {
    return this.#loader.nextAt();
  }

  /**
   * Loads slices, each of the namespace whose turn it is. A namespace that fails waits, and the
   * others go on. Never throws for what the database does.
   */
  async onAlarm(now: number): Promise<void> {
    const until = now + LOAD_MS;
    for (let slices = 0; slices < SLICES_MAX && this.#deps.now() < until; slices++) {
      const namespace = this.#loader.next(this.#deps.now());
      if (namespace === null) return;
      try {
        await this.#slice(namespace, this.#deps.now());
      } catch (error) {
        if (error instanceof Moved) continue;
        this.#loader.failed(namespace, error, this.#deps.now());
      }
    }
  }

  /** How loading goes. */
  view(): LoadingView {
    return this.#loader.view();
  }

  /** One slice of loading, or of learning what waited for it. Throws `DatabaseError`, `Moved`. */
  async #slice(namespace: string, now: number): Promise<void> {
    const tag = await this.#tags.of(namespace);
    const state = await this.#loader.ensure(namespace, now);
    if (state === "cold") return this.#loader.askLater(namespace, now);
    if (state === "loading" && !(await this.#loader.slice(namespace))) return;

    this.#learning.absorb(namespace, tag, now);
    this.#deps.transaction(() => this.#loader.finishIfLearned(namespace, now));
  }
}
