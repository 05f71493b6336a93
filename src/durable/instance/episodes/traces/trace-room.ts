/**
 * Room for spans that wait: a namespace has its own bounds, and all namespaces of an instance have
 * common ones. Where there is none, traces whose episodes have all of them give way, the longest
 * untouched first; of those that wait, the quiet ones become episodes early. What is refused is
 * refused for a moment, so that nothing is lost: exporters send it again.
 *
 * @module
 */

import { LIMITS, MS } from "../../../../contract/limits.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { InstanceContext } from "../../context.ts";
import type { HeldTraces, TraceRows } from "./trace-rows.ts";

/** Whole traces that are dropped at once where room is needed, and quiet ones that become due. */
const DROPPED_MAX = 50;
const EARLY_MAX = 20;
const ROOM_RETRY_S = 2;

interface Bound {
  of: "namespace" | "instance";
  traces: number;
  bytes: number;
}

const OWN: Bound = {
  of: "namespace",
  traces: LIMITS.traces_max,
  bytes: LIMITS.traces_bytes_max,
};

export class TraceRoom {
  readonly #rows: TraceRows;
  readonly #context: InstanceContext;

  constructor(rows: TraceRows, context: InstanceContext) {
    this.#rows = rows;
    this.#context = context;
  }

  /**
   * Makes room for spans of a namespace; outside of a transaction. Throws `Refused` where there is
   * none by now.
   *
   * @param isNew whether they are of a trace that is not here
   */
  make(namespace: string, isNew: boolean): void {
    const lacking = (): Bound | null => this.#lacking(namespace, isNew);
    const bound = lacking();
    if (bound === null) return;
    this.#giveWay(bound.of === "namespace" ? namespace : this.#largest());
    const left = lacking();
    if (left === null) return;
    this.#context.meter.count("memory_trace_requests_refused_total", { bound: left.of });
    const whose = left.of === "namespace" ? "The namespace has" : "All namespaces together have";
    const detail = `${whose} ${left.traces} traces here that run, or ${left.bytes} bytes of them. Try again in a moment.`;
    throw new Refused("overloaded", detail, { retry_after_s: ROOM_RETRY_S });
  }

  /** Of all namespaces together. */
  held(): { traces: number; bytes: number } {
    return totalOf(this.#rows.held());
  }

  /** The bound that leaves no room; null: there is some. */
  #lacking(namespace: string, isNew: boolean): Bound | null {
    const held = this.#rows.held();
    const none = { namespace, traces: 0, bytes: 0 };
    const own = held.find((one) => one.namespace === namespace) ?? none;
    const added = isNew ? 1 : 0;
    if (!hasRoom(own, OWN, added)) return OWN;

    const all = this.#all();
    if (hasRoom(totalOf(held), all, added)) return null;
    // Nobody is kept out by what others send: who has less than an even share is let in.
    const holders = held.length + (own === none ? 1 : 0);
    const share = { ...all, traces: all.traces / holders, bytes: all.bytes / holders };
    return hasRoom(own, share, added) ? null : all;
  }

  #all(): Bound {
    const { instance_traces_max, instance_traces_max_bytes } = this.#context.settings();
    return { of: "instance", traces: instance_traces_max, bytes: instance_traces_max_bytes };
  }

  /** The namespace that holds most. */
  #largest(): string {
    const all = this.#all();
    const weight = ({ traces, bytes }: HeldTraces): number =>
      Math.max(traces / all.traces, bytes / all.bytes);
    const [first] = this.#rows.held().sort((a, b) => weight(b) - weight(a));
    return first?.namespace ?? "";
  }

  #giveWay(namespace: string): void {
    const { meter, now, settings, transaction, wake } = this.#context;
    const whole = this.#rows.whole(namespace, DROPPED_MAX);
    const quietSince = now() - settings().trace_quiet_seconds * MS.second;
    const early =
      whole.length < DROPPED_MAX ? this.#rows.quiet(namespace, quietSince, EARLY_MAX) : [];
    transaction(() => {
      for (const { id } of whole) this.#rows.drop(namespace, id);
      for (const row of early) this.#rows.put({ ...row, dueAt: now() });
      meter.count("memory_traces_displaced_total", { how: "dropped" }, whole.length);
      meter.count("memory_traces_displaced_total", { how: "early" }, early.length);
    });
    if (early.length > 0) wake(now());
  }
}

const totalOf = (held: readonly HeldTraces[]): { traces: number; bytes: number } => ({
  traces: held.reduce((sum, { traces }) => sum + traces, 0),
  bytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
});

const hasRoom = (
  { traces, bytes }: Pick<HeldTraces, "traces" | "bytes">,
  bound: Bound,
  added: number,
): boolean => traces + added <= bound.traces && bytes <= bound.bytes;
