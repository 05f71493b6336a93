/**
 * Keeps the copies of ended episodes within the bounds of the cache.
 *
 * @module
 */

import type { InstanceContext } from "../context.ts";

/** Why an ended episode left the cache: too old, too many, too large together. */
type EvictionReason = "ttl" | "size" | "bytes";
/** The cache may be over its bounds for this long, ms: what it holds is counted no more often. */
export const EVICT_AFTER_MS = 2_000;
/** Candidates that are looked at at once. */
const EVICTED_AT_ONCE = 1_000;

export class Eviction {
  readonly #context: InstanceContext;
  readonly #drop: (namespace: string, id: string) => void;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param drop forgets a copy; called in a transaction */
  constructor(context: InstanceContext, drop: (namespace: string, id: string) => void) {
    this.#context = context;
    this.#drop = drop;
  }

  /**
   * Drops ended episodes that are too old, or too many, or too large together, the longest unused
   * first; never what is open or unsent.
   */
  evict(): void {
    const { sql, now, settings, wake } = this.#context;
    const next = this.#lookedAt + EVICT_AFTER_MS;
    if (now() < next) {
      wake(next);
      return;
    }
    this.#lookedAt = now();
    const { cache_max_size, cache_max_bytes, cache_ttl_seconds } = settings();
    const evicted: Record<EvictionReason, number> = { ttl: 0, size: 0, bytes: 0 };
    const [held] = sql.all<{ n: number; bytes: number | null }>(
      "SELECT count(*) AS n, sum(bytes) AS bytes FROM cached",
    );
    let [entries, bytes] = [held?.n ?? 0, held?.bytes ?? 0];
    const expired = now() - cache_ttl_seconds * 1_000;
    const [oldest] = sql.all<{ at: number | null }>("SELECT min(loaded_at) AS at FROM cached");
    if (
      entries <= cache_max_size &&
      bytes <= cache_max_bytes &&
      (oldest?.at ?? expired + 1) > expired
    )
      return;
    const candidates = sql.all<{ namespace: string; id: string; bytes: number; loaded_at: number }>(
      `SELECT c.namespace, c.id, c.bytes, c.loaded_at FROM cached c
          JOIN episodes e ON e.namespace = c.namespace AND e.id = c.id
        WHERE e.status <> 'in_progress'
          AND NOT EXISTS (SELECT 1 FROM pending_tasks r WHERE r.namespace = c.namespace AND r.id = c.id)
          AND ${["outbox", "dead_letters"].map(unmarked).join(" AND ")}
        ORDER BY c.used_at LIMIT ?`,
      EVICTED_AT_ONCE,
    );
    this.#context.transaction(() => {
      for (const candidate of candidates) {
        const reason =
          entries > cache_max_size
            ? "size"
            : bytes > cache_max_bytes
              ? "bytes"
              : candidate.loaded_at <= expired
                ? "ttl"
                : null;
        if (!reason) continue;
        this.#drop(candidate.namespace, candidate.id);
        this.#context.meter.count("memory_cache_evictions_total", { reason });
        evicted[reason] += 1;
        entries -= 1;
        bytes -= candidate.bytes;
      }
    });
    for (const [reason, count] of Object.entries(evicted)) {
      if (count > 0) this.#context.log({ event: "episodes_evicted", level: "info", reason, count });
    }
  }
}

/**
 * A condition: nothing of the row `c` of `episodes` is in this list of marks. Keys are JSON arrays,
 * so a range holds its steps.
 */
export function unmarked(table: string): string {
  const prefix = "rtrim(json_array(c.namespace, c.id), ']')";
  return `NOT EXISTS (SELECT 1 FROM ${table} o WHERE o.table_name = 'episodes' AND o.key = json_array(c.namespace, c.id))
    AND NOT EXISTS (SELECT 1 FROM ${table} o WHERE o.table_name = 'steps'
      AND o.key >= ${prefix} || ',' AND o.key < ${prefix} || '-')`;
}
