/**
 * Learns and forgets episodes: at once where the namespace is loaded, else when it is. An episode
 * counts once, however often it comes.
 *
 * @module
 */

import type { CompletionView } from "../../../../contract/episodes/answers.ts";
import { baselineOf, type Baseline } from "../../../../memory/learning/index.ts";
import type { Digest, DomainRow } from "../../../../memory/learning/types.ts";
import { Moved } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { Loader } from "../loading/loader.ts";
import { duePending, removePending, type PendingEpisode } from "../rows/pending.ts";
import { localBody } from "../rows/write.ts";
import type { NamespaceTags } from "../tags.ts";
import type { Vectors } from "../vectors/vectors.ts";
import { forgetLater, forgetNow, learnLater, learnNow, patternsOf } from "./learner.ts";

export class Learning {
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #tags: NamespaceTags;
  readonly #vectors: Vectors;

  constructor(deps: KnowledgeDeps, loader: Loader, tags: NamespaceTags, vectors: Vectors) {
    this.#deps = deps;
    this.#loader = loader;
    this.#tags = tags;
    this.#vectors = vectors;
  }

  /** What is usual in a domain, as far as this instance knows. */
  async baseline(namespace: string, domain: string, now: number): Promise<Baseline> {
    await this.#loader.ensure(namespace, now);
    return baselineOf(localBody<DomainRow>(this.#deps.sql, "domains", namespace, domain), now);
  }

  /** The patterns that the episode contributes to. Throws `Moved`. */
  async learn(digest: Digest, now: number): Promise<Pick<CompletionView, "patterns" | "learning">> {
    const { namespace } = digest;
    const tag = await this.#tags.of(namespace);
    await this.#loader.ensure(namespace, now);

    return this.#deps.transaction(() => {
      this.#mustBeHome(namespace);
      if (!this.#loader.isReady(namespace)) {
        learnLater(this.#deps, digest, tag);
        return { patterns: patternsOf(digest), learning: "queued" };
      }
      this.#vectors.learned(digest);
      return { patterns: learnNow(this.#deps, digest, tag, now), learning: "done" };
    });
  }

  /** Takes an episode's evidence back. Throws `Moved`. */
  async forget(namespace: string, episodeId: string, now: number): Promise<void> {
    await this.#loader.ensure(namespace, now);
    this.#deps.transaction(() => {
      this.#mustBeHome(namespace);
      if (this.#loader.isReady(namespace)) forgetNow(this.#deps, namespace, episodeId);
      else forgetLater(this.#deps, namespace, episodeId);
    });
  }

  /**
   * Learns and forgets what waited for the namespace to be loaded, a slice of it; what cannot be
   * learned is set aside for a later try. Throws `Moved`.
   *
   * @param tag of the namespace in the search index
   */
  absorb(namespace: string, tag: string, now: number): void {
    for (const pending of duePending(this.#deps.sql, namespace, this.#deps.now())) {
      const task = { kind: "absorb", namespace, id: pending.episode_id } as const;
      try {
        this.#deps.transaction(() => {
          this.#mustBeHome(namespace);
          this.#absorbOne(namespace, pending, tag, now);
          this.#deps.failures.done(task);
        });
      } catch (error) {
        if (error instanceof Moved) throw error;
        this.#deps.failures.failed(task, error);
      }
    }
  }

  #absorbOne(
    namespace: string,
    { episode_id, digest }: PendingEpisode,
    tag: string,
    now: number,
  ): void {
    if (digest) {
      learnNow(this.#deps, digest, tag, now);
      this.#vectors.learned(digest);
    } else forgetNow(this.#deps, namespace, episode_id);
    removePending(this.#deps.sql, namespace, episode_id);
  }

  #mustBeHome(namespace: string): void {
    if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
  }
}
