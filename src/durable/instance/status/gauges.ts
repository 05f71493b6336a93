/**
 * The series of an instance when the metrics are read: its counters, and gauges computed from its
 * state.
 *
 * @module
 */

import { MS, STORAGE_MAX_BYTES } from "../../../contract/limits.ts";
import { bornZero, gauge, labelled, type Sample } from "../../../observability/index.ts";
import { STATE_NUMBERS } from "../../shared/breakers.ts";
import type { OwnInstanceView } from "../../shared/instance/protocol.ts";
import type { InstanceContext } from "../context.ts";

/** What is stored is counted no more often than this, ms: it reads a row for each. */
const COUNT_INTERVAL_MS = MS.minute;

/** What is asked when the metrics are read. */
interface GaugedParts {
  metrics: { shown(): Sample[] };
  knowledge: { countPatterns(): number; countFormer(): number };
  traces: { held(): { traces: number; bytes: number } };
}

export class InstanceGauges {
  readonly #context: InstanceContext;
  readonly #parts: GaugedParts;
  #stored = { patterns: 0, former: 0, at: Number.NEGATIVE_INFINITY };

  constructor(context: InstanceContext, parts: GaugedParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Every series of this instance, with its label. */
  samples(view: OwnInstanceView): Sample[] {
    const counters = this.#parts.metrics.shown();
    const all = [...counters, ...bornZero(counters, "instance"), ...this.#gauges(view)];
    return labelled(all, "instance", String(view.instance));
  }

  #gauges(view: OwnInstanceView): Sample[] {
    const { settings, now } = this.#context;
    const { cache_max_size, cache_max_bytes, outbox_max_rows, outbox_max_bytes } = settings();
    const age = (at: string | null): number =>
      at === null ? 0 : Math.max(0, (now() - Date.parse(at)) / 1_000);
    const stored = this.#counted();
    const breaker = STATE_NUMBERS[view.breakers.turso.state];
    const traces = this.#parts.traces.held();
    const tasksDead = view.background?.tasks.dead ?? 0;
    return [
      gauge("memory_active_episodes", view.active_episodes),
      gauge("memory_oldest_active_episode_seconds", age(view.oldest_active_at)),
      gauge("memory_total_patterns", stored.patterns),
      gauge("memory_connections_in_use", view.connections.in_use),
      gauge("memory_connections_waiting", view.connections.waiting),
      gauge("memory_connections_limit", view.connections.limit),
      gauge("memory_cache_size", view.cached_episodes),
      gauge("memory_cache_max_size", cache_max_size),
      gauge("memory_cache_bytes", view.cached_bytes),
      gauge("memory_cache_max_bytes", cache_max_bytes),
      gauge("memory_circuit_breaker_state", breaker, { backend: "turso" }),
      gauge("memory_outbox_depth", view.outbox.rows),
      gauge("memory_outbox_max_rows", outbox_max_rows),
      gauge("memory_outbox_bytes", view.outbox.bytes),
      gauge("memory_outbox_max_bytes", outbox_max_bytes),
      gauge("memory_outbox_oldest_seconds", age(view.outbox.oldest_at)),
      gauge("memory_outbox_dead", view.outbox.dead),
      gauge("memory_tasks_pending", Math.max(0, (view.background?.tasks.pending ?? 0) - tasksDead)),
      gauge("memory_tasks_dead", tasksDead),
      gauge("memory_traces_held", traces.traces),
      gauge("memory_traces_held_bytes", traces.bytes),
      gauge("memory_namespaces_loading", view.background?.loading.namespaces ?? 0),
      gauge("memory_namespaces_former", stored.former),
      gauge("memory_instance_up", 1),
      gauge("memory_instance_in_flight", view.in_flight),
      gauge("memory_instance_storage_bytes", view.storage_bytes),
      gauge("memory_instance_storage_max_bytes", STORAGE_MAX_BYTES),
    ];
  }

  #counted(): { patterns: number; former: number } {
    const now = this.#context.now();
    if (now - this.#stored.at >= COUNT_INTERVAL_MS) {
      const { knowledge } = this.#parts;
      const [patterns, former] = [knowledge.countPatterns(), knowledge.countFormer()];
      this.#stored = { patterns, former, at: now };
    }
    return this.#stored;
  }
}
