/**
 * What instances tell one another about the quotas of a namespace, and what it holds.
 *
 * @module
 */

import type { QuotaLimits } from "../../../contract/namespaces/quotas.ts";

/** Episodes of a namespace, and the UTF-8 bytes of them with all their steps. */
export interface HeldUsage {
  episodes: number;
  bytes: number;
}

/**
 * What the home of a namespace answers to one who wants to begin episodes. none: there is no quota.
 * uncounted: what is there could not be counted. granted: there is room for the first `count`; what
 * is in the way of the next is `reached`.
 */
export type QuotaAnswer =
  | { kind: "none" }
  | { kind: "uncounted"; reason: string }
  | { kind: "granted"; grant: string; count: number; reached: QuotaReached | null };

/** A quota that is in the way. */
export interface QuotaReached {
  quota: "episodes" | "bytes";
  limit: number;
  used: number;
}

export interface QuotaShare extends HeldUsage {
  /** Ids of the namespace whose rows in the database are not as they are: those do not count. */
  stale: string[];
  settled: number[];
}

/** What a namespace holds of its quotas, as its home last reckoned it. */
export interface QuotaUsed {
  namespace: string;
  limits: QuotaLimits;
  used: HeldUsage;
}
