/**
 * An instance's circuit breakers: kept in its storage, told what operators and the cluster want, and
 * watched.
 *
 * @module
 */

import type { BreakerView } from "../../../contract/operations.ts";
import type { Settings } from "../../../contract/settings.ts";
import type { Counting } from "../../../observability/index.ts";
import {
  Breaker,
  type BreakerSnapshot,
  type BreakerState,
  type Transition,
} from "../../../resilience/index.ts";
import type { Database, LocalSql } from "../../../storage/index.ts";
import { BACKENDS, type BackendName, type Control } from "../../shared/control.ts";
import { breakerConfigOf, GuardedDatabase } from "./guarded-database.ts";
import { isoTimeOrNull } from "../../../util/time.ts";

export interface BreakersPorts {
  sql: LocalSql;
  settings: () => Settings;
  degraded: () => boolean;
  database: Database;
  writer: () => string;
  meter: Counting;
  log: (event: Record<string, unknown>) => void;
  /** Told after each transition. */
  moved: () => void;
}

export class Breakers {
  readonly #ports: BreakersPorts;
  readonly guard: GuardedDatabase;
  readonly #breakers: Record<BackendName, Breaker>;
  #saved = "";
  #appliedOrder: number;

  constructor(ports: BreakersPorts) {
    this.#ports = ports;
    this.guard = new GuardedDatabase({
      database: ports.database,
      settings: ports.settings,
      degraded: ports.degraded,
      writer: ports.writer,
      now: Date.now,
      random: Math.random,
      wait: (ms) => scheduler.wait(ms),
      onTransition: (transition) => this.#changed("turso", transition),
      meter: ports.meter,
      log: ports.log,
    });
    const r2 = new Breaker(breakerConfigOf(ports.settings()), Math.random, (transition) =>
      this.#changed("r2", transition),
    );
    this.#breakers = { turso: this.guard.breaker, r2 };
    const meta = new Map(
      ports.sql
        .all<{ name: string; value: string }>(
          "SELECT name, value FROM meta WHERE name IN ('breakers', 'orders')",
        )
        .map(({ name, value }) => [name, value]),
    );
    this.#appliedOrder = Number(meta.get("orders") ?? 0);
    const stored = meta.get("breakers");
    if (stored === undefined) return;
    const snapshots = JSON.parse(stored) as Partial<Record<BackendName, BreakerSnapshot>>;
    for (const backend of BACKENDS) {
      const snapshot = snapshots[backend];
      if (snapshot) this.#breakers[backend].restore(snapshot);
    }
  }

  /** Takes over settings, orders and what the cluster found. */
  applyControl(control: Control, index: number | null): void {
    const now = Date.now();
    const config = breakerConfigOf(this.#ports.settings());
    for (const backend of BACKENDS) {
      this.#breakers[backend].configure(config);
      const until = control.cluster[backend];
      if (until !== null && until > now) this.#breakers[backend].openForCluster(now);
    }
    if (index === null) return;
    for (const order of control.orders) {
      if (order.id <= this.#appliedOrder) continue;
      this.#appliedOrder = order.id;
      if (order.instance !== null && order.instance !== index) continue;
      const breaker = this.#breakers[order.backend];
      if (order.action === "reset") breaker.reset(now);
      else if (order.until !== null && order.until <= now) continue;
      else if (order.action === "open") breaker.forceOpen(order.until, order.reason, now);
      else breaker.disable(order.until, order.reason, now);
    }
    this.#ports.sql.run(
      "INSERT OR REPLACE INTO meta (name, value) VALUES ('orders', ?)",
      String(this.#appliedOrder),
    );
    this.save();
  }

  /** Makes the trials that are due. */
  async probe(): Promise<void> {
    const state = this.guard.breaker.state(Date.now());
    if (state !== "closed" && state !== "disabled") await this.guard.probe();
  }

  /** When the next trial is due, ms; null: none is. */
  trialAt(): number | null {
    return this.guard.breaker.trialAt(Date.now());
  }

  states(): Record<BackendName, BreakerState> {
    const now = Date.now();
    return { turso: this.#breakers.turso.state(now), r2: this.#breakers.r2.state(now) };
  }

  views(): Record<BackendName, BreakerView> {
    const view = (backend: BackendName): BreakerView => {
      const now = Date.now();
      const breaker = this.#breakers[backend];
      const forced = breaker.forced(now);
      return {
        state: breaker.state(now),
        until: isoTimeOrNull(forced?.until),
        reason: forced?.reason ?? null,
        ...breaker.rates(now),
      };
    };
    return { turso: view("turso"), r2: view("r2") };
  }

  /** Requests to the database: in use, waiting, and how many there may be. */
  connections(): { in_use: number; waiting: number; limit: number } {
    const { running, waiting } = this.guard.bulkhead;
    return { in_use: running, waiting, limit: this.#ports.settings().max_connections };
  }

  /**
   * Stores them when they changed: at each transition and with each alarm, never with each call.
   */
  save(): void {
    const text = JSON.stringify({
      turso: this.#breakers.turso.toJSON(),
      r2: this.#breakers.r2.toJSON(),
    });
    if (text === this.#saved) return;
    this.#saved = text;
    this.#ports.sql.run("INSERT OR REPLACE INTO meta (name, value) VALUES ('breakers', ?)", text);
  }

  #changed(backend: BackendName, transition: Transition): void {
    const { from, to, cause, rates, epoch } = transition;
    const level = to === "closed" || to === "half_open" ? "info" : "warn";
    this.#ports.meter.count("memory_circuit_breaker_transitions_total", { backend, to });
    this.#ports.log({
      event: "breaker_transition",
      level,
      backend,
      from,
      to,
      cause,
      epoch,
      ...rates,
    });
    this.save();
    this.#ports.moved();
  }
}
