/**
 * Reports to the Coordinator while the instance serves: how the backends look from here, and which
 * control document it has. A newer version in the answer makes it fetch the document.
 *
 * @module
 */

import type { Outbox } from "../../outbox/outbox.ts";
import type { InstanceContext } from "../context.ts";
import type { Breakers } from "../database/breakers.ts";
import type { InstancePlatform } from "../platform.ts";
import type { Position } from "../position.ts";

/** No more often than this, ms, unless there is news. */
const REPORT_INTERVAL_MS = 1_000;

interface ReporterDeps {
  platform: InstancePlatform;
  context: InstanceContext;
  outbox: Outbox;
  position: Position;
  breakers: Breakers;
}

export class Reporter {
  readonly #deps: ReporterDeps;
  #reportedAt = 0;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  /** Reports if the last report is old enough. Never throws. */
  async reportLater(): Promise<void> {
    if (this.#deps.context.now() - this.#reportedAt >= REPORT_INTERVAL_MS) await this.reportNow();
  }

  /** Reports at once: something changed. Never throws. */
  async reportNow(): Promise<void> {
    const { platform, context, outbox, position, breakers } = this.#deps;
    const { now, log, meter } = context;
    if (position.index === null) return;
    this.#reportedAt = now();
    try {
      const newest = await platform.coordinator().report({
        instance: position.index,
        control_version: position.control.version,
        breakers: breakers.states(),
        dead: outbox.state().dead,
        overloaded: meter.value("memory_refused_total", { code: "overloaded" }),
      });
      if (newest > position.control.version) await position.pull();
    } catch (error) {
      log({ event: "report_failed", level: "debug", reason: String(error) });
    }
  }
}
