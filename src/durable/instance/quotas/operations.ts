/**
 * The internal operations on quotas: at the home of a namespace, and at the instances that it asks.
 *
 * @module
 */

import type { InternalHandlers } from "../handlers.ts";
import type { QuotaKeeper } from "./quota-keeper.ts";
import type { Quotas } from "./quotas.ts";

export function quotaInternals({ quotas, keeper }: { quotas: Quotas; keeper: QuotaKeeper }) {
  return {
    quota_take: (input) => keeper.take(input),
    quota_freed: ({ namespace }) => {
      keeper.freed(namespace);
      return null;
    },
    quota_share: (input) => quotas.share(input),
  } satisfies Partial<InternalHandlers>;
}
