/**
 * Admits calls: a bounded number at once, and new work only while there is room for it. Who has
 * less than an even share of the calls that are worked on is let in beyond the bound, so that one
 * tenant cannot shut out another: a share for each key, which its namespaces have evenly. Running
 * episodes always go on.
 *
 * @module
 */

import type { Failure } from "../../../contract/call.ts";
import { OPERATIONS, type OperationName } from "../../../contract/operations.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { isInForce } from "../../shared/control.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { Eraser } from "../episodes/eraser.ts";
import type { Tenant } from "./fair-turns.ts";

/** After how long a client may begin something new again, s. */
const MAINTENANCE_RETRY_S = 60;
const OUTBOX_RETRY_S = 10;
/** Calls that are worked on, as a multiple of the bound, whatever their shares. */
const BEYOND_MAX = 2;

/** Operations that begin something new. */
const BEGINNING: ReadonlySet<OperationName> = new Set([
  "episode.start",
  "episode.import",
  "spans.take",
]);

export class Admission {
  readonly #context: InstanceContext;
  readonly #outbox: Outbox;
  readonly #eraser: Eraser;
  #inFlight = 0;
  /** Calls that are worked on now, by their keys and namespaces. */
  readonly #byKey = new Map<string, Map<string, number>>();

  constructor(context: InstanceContext, outbox: Outbox, eraser: Eraser) {
    this.#context = context;
    this.#outbox = outbox;
    this.#eraser = eraser;
  }

  /** Calls that are worked on now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a call of this tenant in, until it is left; or says why not. */
  enter(tenant: Tenant): Failure | null {
    const most = this.#context.settings().instance_in_flight_max;
    const ofKey = this.#byKey.get(tenant.key) ?? new Map<string, number>();
    const own = ofKey.get(tenant.namespace) ?? 0;
    if (this.#inFlight >= most && !this.#isBelowShare(ofKey, own, most)) {
      const detail = `The instance works on ${most} requests already, ${own} of them of this key and namespace. Try again in a moment.`;
      return { code: "overloaded", detail, retry_after_s: 1 };
    }
    this.#inFlight += 1;
    this.#byKey.set(tenant.key, ofKey.set(tenant.namespace, own + 1));
    return null;
  }

  leave({ key, namespace }: Tenant): void {
    this.#inFlight -= 1;
    const ofKey = this.#byKey.get(key);
    const own = ofKey?.get(namespace) ?? 0;
    if (own > 1) ofKey?.set(namespace, own - 1);
    else ofKey?.delete(namespace);
    if (ofKey?.size === 0) this.#byKey.delete(key);
  }

  /** Whether a key has less than an even share, and a namespace less than one of its key's. */
  #isBelowShare(ofKey: ReadonlyMap<string, number>, own: number, most: number): boolean {
    const all = [...ofKey.values()].reduce((sum, calls) => sum + calls, 0);
    const share = most / (this.#byKey.size + (all === 0 ? 1 : 0));
    const namespaces = ofKey.size + (own === 0 ? 1 : 0);
    return all < share && own < share / namespaces && this.#inFlight < most * BEYOND_MAX;
  }

  /** Throws `Refused` where the operation may not begin now. */
  check(name: OperationName, namespace: string): void {
    if (OPERATIONS[name].scope !== "read" && this.#eraser.isErasing(namespace)) {
      const detail = "The namespace is being erased. Try again in a moment.";
      throw new Refused("not_ready", detail, { retry_after_s: 1 });
    }
    if (!BEGINNING.has(name)) return;
    this.#checkMaintenance();
    this.#checkOutbox();
  }

  #checkMaintenance(): void {
    const { control, now } = this.#context;
    const { maintenance } = control();
    if (!isInForce(maintenance, now())) return;
    const detail = `${maintenance.message} Running episodes go on; new ones can be started afterwards.`;
    const left_s = maintenance.until ? secondsUntil(maintenance.until, now()) : Infinity;
    const retry_after_s = Math.min(MAINTENANCE_RETRY_S, left_s);
    throw new Refused("maintenance", detail, { retry_after_s });
  }

  #checkOutbox(): void {
    const { rows, bytes } = this.#outbox.size();
    const { outbox_max_rows, outbox_max_bytes } = this.#context.settings();
    if (rows < outbox_max_rows && bytes < outbox_max_bytes) return;
    const detail = `${rows} rows (${bytes} bytes) wait for the database, at most ${outbox_max_rows} (${outbox_max_bytes}) may. Running episodes go on; new ones can be started when it has caught up.`;
    throw new Refused("outbox_full", detail, { retry_after_s: OUTBOX_RETRY_S });
  }
}

/** @param now ms since the epoch */
function secondsUntil(time: string, now: number): number {
  return Math.ceil((Date.parse(time) - now) / 1_000);
}
