/**
 * Learns and forgets episodes. An episode counts once, however often it comes. Also where the
 * namespace is still being loaded: what comes in this way is newer than what is loaded.
 *
 * @module
 */

import type { CompletionView } from "../../../contract/episodes/answers.ts";
import { baselineOf, type Baseline } from "../../../memory/learning/index.ts";
import type { Digest } from "../../../memory/learning/types.ts";
import type { Part } from "../../shared/context.ts";
import { Moved } from "../../shared/refusals.ts";
import type { KnowledgeDeps } from "./deps.ts";
import type { Holdout } from "./holdout/holdout.ts";
import type { LearnedNamespace, ShownPattern } from "./learned/namespace.ts";
import type { Loader } from "./loading/loader.ts";
import { forgetUsage } from "./rows/usage.ts";
import { forgetVectors, type Vectors } from "./vectors/vectors.ts";

/** Episodes that one alarm forgets for want of room. */
const FORGOTTEN_PER_ALARM = 200;

export class Learning implements Part {
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #vectors: Vectors;
  readonly #holdout: Holdout;

  constructor(deps: KnowledgeDeps, loader: Loader, vectors: Vectors, holdout: Holdout) {
    this.#deps = deps;
    this.#holdout = holdout;
    this.#loader = loader;
    this.#vectors = vectors;
  }

  /** What is usual in a domain, as far as this instance knows. */
  baseline(namespace: string, domain: string, now: number): Baseline {
    this.#loader.ensure(namespace, now);
    return baselineOf(this.#deps.learned.of(namespace)?.domains.get(domain) ?? null, now);
  }

  /**
   * The patterns that the episode contributes to; in a transaction. Throws `Moved`.
   *
   * @param isUnknown as `LearnedNamespace.unknownAmong` says
   */
  learn(digest: Digest, now: number, isUnknown = false): CompletionView["patterns"] {
    const learned = this.#here(digest.namespace, now);
    if (this.#isForgottenFirst(learned, digest)) return [];
    const shown = learned.learn(digest, now, isUnknown);
    if (!shown) return shownOf(learned, digest);

    const { meter, embedder } = this.#deps;
    if (embedder) this.#vectors.learned(digest);
    const patterns = shown.map(({ row, isNew }) => ({
      id: row.id,
      kind: row.content.kind,
      is_new: isNew,
    }));
    for (const { kind, is_new } of patterns)
      if (is_new) meter.count("memory_pattern_extracted_total", { kind });
    this.#tellPromoted(digest.namespace, shown);
    if (learned.isCheckpointOverdue) this.#deps.learned.checkpoint(learned);
    this.#afterChange(learned, now);
    return patterns;
  }

  /** Whether it is what a full namespace, which does not have it, would forget before all else. */
  #isForgottenFirst(learned: LearnedNamespace, { archived, episode_id }: Digest): boolean {
    if (!archived || learned.episodes < this.#deps.capacity()) return false;
    return learned.digests.byEpisode(episode_id) === null;
  }

  #tellPromoted(namespace: string, shown: readonly ShownPattern[]): void {
    for (const { row, isPromoted } of shown) {
      const data = { pattern_id: row.id, kind: row.content.kind };
      if (isPromoted) this.#deps.emit({ type: "pattern.promoted", namespace, data });
    }
  }

  /** Takes an episode's evidence back; in a transaction. Throws `Moved`. */
  forget(namespace: string, episode: string, now: number): void {
    const learned = this.#here(namespace, now);
    learned.forget(episode);
    if (!this.#loader.isReady(namespace)) this.#deps.learned.rememberForgotten(namespace, episode);
    forgetVectors(this.#deps, namespace, episode);
    forgetUsage(this.#deps.sql, namespace, episode);
    this.#holdout.forget(namespace, episode);
    this.#afterChange(learned, now);
  }

  /** When there is something to store, to merge or to forget; null: nothing. */
  nextAt(now: number): number | null {
    return this.#deps.learned.opened().some((learned) => this.#isDue(learned)) ? now : null;
  }

  /** One slice for each namespace that is open. */
  onAlarm(): void {
    const { learned, transaction, isHome } = this.#deps;
    for (const { namespace } of learned.opened()) {
      transaction(() => {
        const open = learned.of(namespace);
        if (!open) return;
        if (isHome(namespace)) this.#makeRoom(open);
        if (open.isCheckpointDue) learned.checkpoint(open);
        else if (open.isMergeDue) open.merge();
      });
    }
  }

  #isDue(learned: LearnedNamespace): boolean {
    const { capacity, isHome } = this.#deps;
    const isFull = learned.episodes > capacity() && isHome(learned.namespace);
    return isFull || learned.isCheckpointDue || learned.isMergeDue;
  }

  #afterChange(learned: LearnedNamespace, now: number): void {
    if (this.#isDue(learned)) this.#deps.wake(now);
  }

  /**
   * Forgets what is least relevant beyond the capacity: it is no longer recalled and its evidence
   * is taken back. The episode itself stays in the database until it is deleted.
   */
  #makeRoom(learned: LearnedNamespace): void {
    const { capacity, log, sql } = this.#deps;
    const least = learned.excess(capacity(), FORGOTTEN_PER_ALARM);
    for (const episode of least) {
      learned.forget(episode);
      forgetVectors(this.#deps, learned.namespace, episode);
      forgetUsage(sql, learned.namespace, episode);
    }
    if (least.length > 0) log({ event: "episodes_forgotten", level: "info", count: least.length });
  }

  /** The namespace, to be changed. Throws `Moved`. */
  #here(namespace: string, now: number): LearnedNamespace {
    const { isHome, learned } = this.#deps;
    if (!isHome(namespace)) throw new Moved(namespace);
    this.#loader.ensure(namespace, now);
    const here = learned.of(namespace);
    if (!here) throw new Moved(namespace);
    return here;
  }
}

/** The patterns that a digest contributes to, which was learned before. */
function shownOf(learned: LearnedNamespace, { episode_id }: Digest): CompletionView["patterns"] {
  const before = learned.digests.byEpisode(episode_id);
  return learned.patterns
    .byNumbers(before?.digest.patterns ?? [])
    .map(({ row }) => ({ id: row.id, kind: row.content.kind, is_new: false }));
}
