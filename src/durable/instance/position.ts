/**
 * This instance's position: its number, the topology in force, and by these which home texts hash
 * to it. It learns its number from its calls, and asks the Coordinator for the control document
 * when a caller has heard of a newer topology.
 *
 * @module
 */

import { homeOf } from "../../memory/rendezvous.ts";
import type { Control } from "../shared/control.ts";
import type { PartContext } from "../shared/context.ts";
import type { Place } from "../shared/instance/protocol.ts";
import { Refused } from "../shared/refusals.ts";
import type { ControlCopy } from "./control-copy.ts";
import type { InstanceIndex } from "./instance-index.ts";

export interface PositionDeps extends Pick<PartContext, "log"> {
  index: InstanceIndex;
  control: ControlCopy;
  /** Asks the Coordinator for the present control document. */
  fetchControl: () => Promise<Control>;
  /** Called when a newer document is in force, and when this instance learns its number. */
  applyControl: (control: Control, index: number | null) => void;
  /** Called after a newer document was applied. */
  onNewControl: () => void;
}

export class Position {
  readonly #deps: PositionDeps;
  /** The last home text that hashed to this instance, and by which topology. */
  #lastHome: { home: string; version: number } | null = null;
  #pulling: Promise<void> | null = null;

  constructor(deps: PositionDeps) {
    this.#deps = deps;
  }

  /** null: nobody has called yet. */
  get index(): number | null {
    return this.#deps.index.value;
  }

  place(): Place {
    return this.placeOf(this.index ?? 0);
  }

  /** How a call to this instance names it. */
  placeOf(instance: number): Place {
    const { version, count } = this.#deps.control.value.topology;
    return { index: instance, count, version };
  }

  /** Instances of an earlier topology count until they have handed over. */
  instanceCount(): number {
    const { count, previous } = this.#deps.control.value.topology;
    return Math.max(count, previous ?? 0);
  }

  /** The number of the instance that a home text hashes to. */
  homeOf(text: string): number {
    return homeOf(text, this.#deps.control.value.topology.count);
  }

  /** Whether what has this home text is this instance's to change; null: it is. */
  isHome(home: string | null): boolean {
    const { version } = this.#deps.control.value.topology;
    const last = this.#lastHome;
    // Rows come in long runs of one namespace.
    if (home === null || (last?.home === home && last.version === version)) return true;
    if (this.homeOf(home) !== (this.index ?? 0)) return false;
    this.#lastHome = { home, version };
    return true;
  }

  /**
   * Learns this instance's number, and what the caller has heard of and it has not. Throws
   * `Refused` when that cannot be had.
   */
  async catchUp(place: Place): Promise<void> {
    const { index, control, log, applyControl } = this.#deps;
    if (index.learn(place.index)) {
      this.#lastHome = null;
      applyControl(control.value, place.index);
    }
    if (control.isHeard && place.version <= control.value.topology.version) return;
    try {
      await this.pull();
      // What was asked for before the change has nothing of it.
      if (place.version > control.value.topology.version) await this.pull();
    } catch (error) {
      log({ event: "control_pull_failed", level: "warn", reason: String(error) });
      const detail = "The instance does not know yet what is in force. Try again in a moment.";
      if (place.version > 0) throw new Refused("not_ready", detail, { retry_after_s: 1 });
    }
  }

  /** Asks the Coordinator what is in force; once, however many ask. */
  pull(): Promise<void> {
    this.#pulling ??= this.#deps
      .fetchControl()
      .then((control) => this.accept(control))
      .finally(() => {
        this.#pulling = null;
      });
    return this.#pulling;
  }

  /** Takes a control document over, if it is newer. */
  accept(control: Control): void {
    if (!this.#deps.control.accept(control)) return;
    this.#deps.applyControl(control, this.index);
    this.#deps.onNewControl();
  }
}
