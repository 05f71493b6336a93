/**
 * Ends the modes that an operator switched on for a time, maintenance and degraded mode, when that
 * time is over. Instances see by themselves that it is; this takes the mode out of the control
 * document, so that readiness, the metrics and the timeline say so too.
 *
 * @module
 */

import type { CoordinatorContext } from "./context.ts";
import type { ControlStore } from "./control-store.ts";
import type { Instances } from "./instances.ts";
import type { Part } from "../shared/context.ts";
import { isInForce } from "../shared/control.ts";

const MODES = ["maintenance", "degraded"] as const;
/** Who ends a mode whose time is over, for the audit. */
const BY = "its time is over";

interface ModesPorts extends Pick<CoordinatorContext, "log"> {
  controlStore: Pick<ControlStore, "control" | "setMode">;
  instances: Pick<Instances, "push">;
}

export class Modes implements Part {
  readonly #ports: ModesPorts;

  constructor(ports: ModesPorts) {
    this.#ports = ports;
  }

  /** When the next mode ends by itself, ms since the epoch; null: none does. */
  nextAt(): number | null {
    const { control } = this.#ports.controlStore;
    const ends = MODES.map((name) => control[name]?.until ?? null)
      .filter((until) => until !== null)
      .map((until) => Date.parse(until));
    return ends.length === 0 ? null : Math.min(...ends);
  }

  async onAlarm(now: number): Promise<void> {
    const { controlStore, instances, log } = this.#ports;
    const { control } = controlStore;
    const over = MODES.filter((name) => control[name] !== null && !isInForce(control[name], now));
    if (over.length === 0) return;
    for (const name of over) {
      controlStore.setMode({ name, enabled: false, message: "", by: BY });
      log({ event: `${name}_mode`, level: "warn", enabled: false, by: BY });
    }
    await instances.push();
  }
}
