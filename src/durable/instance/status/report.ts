/**
 * Reports to the Coordinator while the instance serves: how the backends look from here, and which
 * control document it has. A newer version in the answer makes it fetch the document.
 *
 * @module
 */

import type { Counting } from "../../../observability/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { PartContext } from "../../shared/context.ts";
import type { InstanceReport } from "../../shared/coordinator/views.ts";
import type { ControlCopy } from "../control-copy.ts";
import type { Breakers } from "../database/breakers.ts";
import type { Position } from "../position.ts";

/** No more often than this, ms, unless there is news. */
const REPORT_INTERVAL_MS = 1_000;

export interface ReporterDeps extends Pick<PartContext, "now" | "log"> {
  position: Position;
  control: ControlCopy;
  breakers: Pick<Breakers, "states">;
  outbox: Pick<Outbox, "state">;
  meter: Counting;
  /** Takes the report; answers with the version of the control document that is in force. */
  send: (report: InstanceReport) => Promise<number>;
}

export class Reporter {
  readonly #deps: ReporterDeps;
  #reportedAt = 0;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  /** Reports at once: something changed. Never throws. */
  reportNow(): Promise<void> {
    return this.#report();
  }

  /** Reports if the last report is old enough. Never throws. */
  async reportLater(): Promise<void> {
    if (this.#deps.now() - this.#reportedAt >= REPORT_INTERVAL_MS) await this.#report();
  }

  async #report(): Promise<void> {
    const { now, log, position, control, breakers, outbox, meter, send } = this.#deps;
    if (position.index === null) return;
    this.#reportedAt = now();
    try {
      const newest = await send({
        instance: position.index,
        control_version: control.value.version,
        breakers: breakers.states(),
        dead: outbox.state().dead,
        overloaded: meter.value("memory_refused_total", { code: "overloaded" }),
      });
      if (newest > control.value.version) await position.pull();
    } catch (error) {
      log({ event: "report_failed", level: "debug", reason: String(error) });
    }
  }
}
