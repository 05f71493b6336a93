/**
 * Copies incidents to R2, where they outlive the Coordinator: `incidents/<day>/<from>-<to>.ndjson`,
 * in order, once each. What R2 does not take is sent again; nothing is lost by that.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { Part } from "../../shared/parts/part.ts";
import type { IncidentLog } from "./incidents.ts";
import type { Log } from "../../../observability/index.ts";

/** What happens within this time is copied together, ms. */
const GATHER_MS = MS.second;
/** Incidents that R2 did not take are sent again after this, ms. */
const COPY_AGAIN_MS = 30_000;

export interface IncidentCopierPorts {
  incidents: IncidentLog;
  bucket: Pick<R2Bucket, "put">;
  now: () => number;
  log: Log;
}

export class IncidentCopier implements Part {
  readonly #ports: IncidentCopierPorts;
  #dueAt: number | null;

  constructor(ports: IncidentCopierPorts) {
    this.#ports = ports;
    this.#dueAt = ports.incidents.unstored().length > 0 ? ports.now() + GATHER_MS : null;
  }

  /** Something was recorded. */
  recorded(): void {
    this.#dueAt ??= this.#ports.now() + GATHER_MS;
  }

  nextAt(): number | null {
    return this.#dueAt;
  }

  /** Never throws. */
  async onAlarm(now: number): Promise<void> {
    if (this.#dueAt === null || this.#dueAt > now) return;
    this.#dueAt = null;
    try {
      await this.#copy();
    } catch (error) {
      this.#dueAt = this.#ports.now() + COPY_AGAIN_MS;
      const reason = String(error);
      this.#ports.log({ event: "incidents_keep_failed", level: "warn", reason });
    }
  }

  async #copy(): Promise<void> {
    const { incidents, bucket } = this.#ports;
    for (;;) {
      const batch = incidents.unstored();
      const [first, last] = [batch.at(0), batch.at(-1)];
      if (!first || !last) return;
      const day = first.at.slice(0, 10);
      const key = `incidents/${day}/${String(first.seq).padStart(10, "0")}-${last.seq}.ndjson`;
      await bucket.put(key, batch.map((incident) => `${JSON.stringify(incident)}\n`).join(""));
      incidents.markStored(batch);
    }
  }
}
