/**
 * Quotas: how much a namespace may hold. The deployment has one for all namespaces, as settings; an
 * operator may give a namespace its own. Plain constants and pure: every room may import them.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";

/** What is bounded: episodes, their bytes with all steps, lessons. */
export const QUOTAS = ["episodes", "bytes", "lessons"] as const;
export type Quota = (typeof QUOTAS)[number];

/** The largest quota of each that can be set. */
export const QUOTA_MAX = {
  episodes: 100_000_000,
  bytes: 17_592_186_044_416,
  lessons: LIMITS.lessons_max,
} as const satisfies Record<Quota, number>;

/** What is in force in a namespace; null: any number, or as many as the service takes. */
export type QuotaLimits = Readonly<Record<Quota, number | null>>;

type QuotaSettings<V> = Readonly<Record<`quota_${Quota}`, V>>;

/**
 * The quotas in force in a namespace: its own where it has one, else the deployment's. 0 is none.
 *
 * @param own null: what the namespace is set to is not known
 */
export function quotaLimitsOf(
  deployment: QuotaSettings<number>,
  own: QuotaSettings<number | null> | null,
): QuotaLimits {
  const limitOf = (quota: Quota): number | null => {
    const name = `quota_${quota}` as const;
    return (own?.[name] ?? deployment[name]) || null;
  };
  return { episodes: limitOf("episodes"), bytes: limitOf("bytes"), lessons: limitOf("lessons") };
}
