/**
 * Opens the source of a namespace: from where a question about it is answered.
 *
 * @module
 */

import { SearchStatistics } from "../../../storage/index.ts";
import { Refused } from "../../shared/refusals.ts";
import type { KnowledgeDeps } from "./deps.ts";
import type { Loader } from "./loading/loader.ts";
import { Source } from "./source.ts";
import type { NamespaceTags } from "./tags.ts";
import type { Vectors } from "./vectors/vectors.ts";

export class Sources {
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #tags: NamespaceTags;
  readonly #vectors: Vectors;
  readonly #statistics: SearchStatistics;

  constructor(deps: KnowledgeDeps, loader: Loader, tags: NamespaceTags, vectors: Vectors) {
    this.#deps = deps;
    this.#loader = loader;
    this.#tags = tags;
    this.#vectors = vectors;
    this.#statistics = new SearchStatistics(deps.now);
  }

  /** A source for one question. */
  async of(namespace: string, now: number): Promise<Source> {
    const tag = await this.#tags.of(namespace);
    const isReady = (await this.#loader.ensure(namespace, now)) === "ready";
    return new Source({
      deps: this.#deps,
      namespace,
      tag,
      isReady,
      statistics: this.#statistics,
      nearest: (task) => this.#vectors.nearest(namespace, task, now),
    });
  }

  /** For what only a loaded namespace can do. Throws `Refused` while it is not. */
  async mustBeLoaded(namespace: string, now: number): Promise<void> {
    if ((await this.#loader.ensure(namespace, now)) === "ready") return;
    throw new Refused("not_ready", "The namespace is being loaded. Try again in a moment.", {
      retry_after_s: 2,
    });
  }
}
