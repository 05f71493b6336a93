/**
 * An instance's circuit breaker, which is before the database: kept in its storage, told what
 * operators and the cluster want, and watched. R2, which instances do not use, has its own in the
 * Coordinator.
 *
 * @module
 */

import type { BreakerView } from "../../../contract/cluster/answers.ts";
import type { Settings } from "../../../contract/settings.ts";
import type { Counting } from "../../../observability/index.ts";
import type { BreakerSnapshot, BreakerState, Transition } from "../../../resilience/index.ts";
import type { Database, LocalSql } from "../../../storage/index.ts";
import { breakerConfigOf, breakerViewOf } from "../../shared/backends/breakers.ts";
import type { Control } from "../../shared/control.ts";
import { GuardedDatabase } from "./guarded-database.ts";

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
      onTransition: (transition) => this.#changed(transition),
      meter: ports.meter,
      log: ports.log,
    });
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
    const { turso } = JSON.parse(stored) as { turso?: BreakerSnapshot };
    if (turso) this.guard.breaker.restore(turso);
  }

  /** Takes over settings, orders and what the cluster found. */
  applyControl(control: Control, index: number | null): void {
    const now = Date.now();
    const { breaker } = this.guard;
    breaker.configure(breakerConfigOf(this.#ports.settings()));
    const until = control.cluster.turso;
    if (until !== null && until > now) breaker.openForCluster(now);
    if (index === null) return;
    for (const order of control.orders) {
      if (order.id <= this.#appliedOrder) continue;
      this.#appliedOrder = order.id;
      if (order.backend !== "turso") continue;
      if (order.instance !== null && order.instance !== index) continue;
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

  states(): { turso: BreakerState } {
    return { turso: this.guard.breaker.state(Date.now()) };
  }

  views(): { turso: BreakerView } {
    return { turso: breakerViewOf(this.guard.breaker, Date.now()) };
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
    const text = JSON.stringify({ turso: this.guard.breaker.toJSON() });
    if (text === this.#saved) return;
    this.#saved = text;
    this.#ports.sql.run("INSERT OR REPLACE INTO meta (name, value) VALUES ('breakers', ?)", text);
  }

  #changed(transition: Transition): void {
    const backend = "turso";
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
