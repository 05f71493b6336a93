/**
 * Keeps the copies of ended episodes within the bounds of the cache: drops what is too old, or too
 * many, or too large together, the longest unused first; never what runs, is unsent or is still to
 * be learned from.
 *
 * @module
 */

import type { Part } from "../../../shared/context.ts";
import type { InstanceContext } from "../../context.ts";
import type { EpisodeStore } from "./episode-store.ts";
import type { CachedRows, EvictableEpisode } from "./cached-rows.ts";

/** Why a copy left the cache: too many, too large together, too old. */
type EvictionReason = "size" | "bytes" | "ttl";

/** The cache may be over its bounds for this long, ms: what it holds is counted no more often. */
const EVICT_INTERVAL_MS = 2_000;
/** Copies that are gone through at once. */
const CANDIDATES_MAX = 1_000;

interface EvictionDeps {
  context: InstanceContext;
  cached: CachedRows;
  store: EpisodeStore;
}

export class Eviction implements Part {
  readonly #deps: EvictionDeps;
  #evictedAt = Number.NEGATIVE_INFINITY;
  /** The alarm came too early to count again; null: it did not. */
  #nextAt: number | null = null;

  constructor(deps: EvictionDeps) {
    this.#deps = deps;
  }

  nextAt(): number | null {
    return this.#nextAt;
  }

  onAlarm(now: number): void {
    const due = this.#evictedAt + EVICT_INTERVAL_MS;
    this.#nextAt = now < due ? due : null;
    if (now < due) return;
    this.#evictedAt = now;
    this.#evict(now);
  }

  #evict(now: number): void {
    const { context, cached } = this.#deps;
    const { cache_max_size, cache_max_bytes, cache_ttl_seconds } = context.settings();
    let { episodes, bytes } = cached.totals();
    const expired = now - cache_ttl_seconds * 1_000;
    const isFull = episodes > cache_max_size || bytes > cache_max_bytes;
    if (!isFull && (cached.oldestLoadedAt() ?? now) > expired) return;

    const reasonFor = ({ loaded_at }: EvictableEpisode): EvictionReason | null => {
      if (episodes > cache_max_size) return "size";
      if (bytes > cache_max_bytes) return "bytes";
      return loaded_at <= expired ? "ttl" : null;
    };
    const evicted: Record<EvictionReason, number> = { ttl: 0, size: 0, bytes: 0 };
    const candidates = cached.evictable(CANDIDATES_MAX);
    context.transaction(() => {
      for (const candidate of candidates) {
        const reason = reasonFor(candidate);
        if (!reason) continue;
        this.#deps.store.drop(candidate.namespace, candidate.id);
        context.meter.count("memory_cache_evictions_total", { reason });
        evicted[reason] += 1;
        episodes -= 1;
        bytes -= candidate.bytes;
      }
    });

    for (const [reason, count] of Object.entries(evicted)) {
      if (count > 0) context.log({ event: "episodes_evicted", level: "info", reason, count });
    }
  }
}
