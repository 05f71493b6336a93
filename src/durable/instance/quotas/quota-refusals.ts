/**
 * Counts what quotas refuse, and logs it at times. Outside of a transaction that is taken back:
 * what is counted in one is taken back with it.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { Quota } from "../../../contract/namespaces/quotas.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";

/** A quota of a namespace is logged no more often, ms. */
const LOG_EVERY_MS = MS.minute;
/** Quotas of namespaces of which it is known when they were logged. */
const LOGGED_MAX = 2_000;

/** A quota that is in the way. */
export interface RefusedBy {
  quota: Quota;
  limit: number;
  used: number;
}

/** A namespace is at a quota: says which, its value, and what to do. */
export class QuotaRefused extends Refused {
  readonly by: RefusedBy;

  constructor(by: RefusedBy) {
    super("quota_exceeded", detailOf(by));
    this.by = by;
  }
}

export class QuotaRefusals {
  readonly #context: Pick<InstanceContext, "meter" | "log" | "now">;
  readonly #loggedAt = new BoundedMap<string, number>(LOGGED_MAX);

  constructor(context: Pick<InstanceContext, "meter" | "log" | "now">) {
    this.#context = context;
  }

  /** @param count of episodes or lessons that are not taken */
  add(namespace: string, { quota, limit, used }: RefusedBy, count: number): void {
    const { meter, log, now } = this.#context;
    if (count <= 0) return;
    meter.count("memory_quota_refused_total", { quota }, count);
    const key = `${quota} ${namespace}`;
    const last = this.#loggedAt.get(key);
    if (last !== undefined && now() - last < LOG_EVERY_MS) return;
    this.#loggedAt.set(key, now());
    log({ event: "quota_reached", namespace, quota, limit, used });
  }
}

const UNITS: Readonly<Record<Quota, string>> = {
  episodes: "episodes",
  bytes: "bytes of episodes",
  lessons: "lessons",
};

function detailOf({ quota, limit, used }: RefusedBy): string {
  const present = `The namespace holds ${used} ${UNITS[quota]}, and its quota is ${limit} (quota_${quota}).`;
  const way = quota === "lessons" ? "" : " Running episodes go on.";
  const what = quota === "lessons" ? "lessons" : "episodes";
  return `${present}${way} Delete ${what} that are not needed, or ask the operator for a larger quota.`;
}
