/**
 * An instance's circuit breaker, which is before the database: stored, so that it survives the
 * object; it carries out the orders of operators, opens when most of the cluster found the database
 * down, and shows operators how it is. R2, which instances do not use, has its own in the
 * Coordinator.
 *
 * @module
 */

import type { BreakerView } from "../../../contract/cluster/answers.ts";
import type { BreakerSnapshot, BreakerState, Transition } from "../../../resilience/index.ts";
import { breakerConfigOf, breakerViewOf } from "../../shared/breakers.ts";
import type { BreakerOrder } from "../../shared/control.ts";
import type { Part } from "../../shared/context.ts";
import type { Meta } from "../meta.ts";
import type { Position } from "../position.ts";
import { GuardedDatabase, type GuardedDatabaseDeps } from "./guarded-database.ts";

const BACKEND = "turso";

interface BreakersDeps extends Omit<GuardedDatabaseDeps, "onTransition"> {
  meta: Meta;
  position: Position;
  /** Called after each transition, when it is stored. */
  onTransition: () => void;
}

export class Breakers implements Part {
  readonly #deps: BreakersDeps;
  readonly guard: GuardedDatabase;
  /** What the storage has of it. */
  #saved = "";
  /** The number of the last order that was carried out. */
  #lastOrder: number;

  constructor(deps: BreakersDeps) {
    this.#deps = deps;
    this.guard = new GuardedDatabase({
      ...deps,
      onTransition: (transition) => this.#transitioned(transition),
    });
    this.#lastOrder = Number(deps.meta.get("orders") ?? 0);
    const stored = deps.meta.get("breakers");
    if (stored === null) return;
    const { turso } = JSON.parse(stored) as { turso?: BreakerSnapshot };
    if (turso) this.guard.breaker.restore(turso);
  }

  /**
   * Takes over settings, orders and what the cluster found. While this instance does not know its
   * number, orders wait.
   */
  applyControl(): void {
    const { now, position, meta } = this.#deps;
    const { index, control } = position;
    const { cluster, orders } = control;
    const { breaker } = this.guard;
    breaker.configure(breakerConfigOf(position.settings));
    if (cluster.turso !== null && cluster.turso > now()) breaker.openForCluster(now());
    if (index === null) return;
    for (const order of orders) {
      if (order.id <= this.#lastOrder) continue;
      this.#lastOrder = order.id;
      const isMeant = order.instance === null || order.instance === index;
      if (order.backend === BACKEND && isMeant) this.#carryOut(order);
    }
    meta.set("orders", String(this.#lastOrder));
    this.save();
  }

  /** When the next trial is due, ms since the epoch; null: none is. */
  nextAt(now: number): number | null {
    return this.guard.breaker.trialAt(now);
  }

  /** Makes the trials that are due. */
  async onAlarm(now: number): Promise<void> {
    const state = this.guard.breaker.state(now);
    if (state !== "closed" && state !== "disabled") await this.guard.makeTrials();
  }

  states(): { turso: BreakerState } {
    return { turso: this.guard.breaker.state(this.#deps.now()) };
  }

  views(): { turso: BreakerView } {
    const { breaker, lastFault } = this.guard;
    return { turso: breakerViewOf(breaker, this.#deps.now(), lastFault) };
  }

  /** Requests to the database: in use, waiting, and how many there may be. */
  connections(): { in_use: number; waiting: number; limit: number } {
    const { running, waiting } = this.guard.bulkhead;
    return { in_use: running, waiting, limit: this.#deps.position.settings.max_connections };
  }

  /** Stores it when it changed: at each transition and with each alarm, never with each call. */
  save(): void {
    const text = JSON.stringify({ turso: this.guard.breaker.toJSON() });
    if (text === this.#saved) return;
    this.#saved = text;
    this.#deps.meta.set("breakers", text);
  }

  #carryOut({ action, until, reason }: BreakerOrder): void {
    const now = this.#deps.now();
    const { breaker } = this.guard;
    if (action === "reset") breaker.reset(now);
    else if (until !== null && until <= now) return;
    else if (action === "open") breaker.forceOpen(until, reason, now);
    else breaker.disable(until, reason, now);
  }

  #transitioned({ from, to, cause, rates, epoch }: Transition): void {
    const level = to === "closed" || to === "half_open" ? "info" : "warn";
    const { meter, log, onTransition } = this.#deps;
    const backend = BACKEND;
    meter.count("memory_circuit_breaker_transitions_total", { backend, to });
    log({ event: "breaker_transition", level, backend, from, to, cause, epoch, ...rates });
    this.save();
    onTransition();
  }
}
