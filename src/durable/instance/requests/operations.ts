/**
 * The operations of the request pipeline itself: authorisation and rate limits.
 *
 * @module
 */

import type { InternalHandlers, OperationHandlers } from "../handlers.ts";
import type { ApiKeyCopies } from "./api-keys.ts";
import type { RateLimiter } from "./rate-limiter.ts";

export interface RequestParts {
  keys: ApiKeyCopies;
  limiter: RateLimiter;
}

/** The pipeline has authorised the caller before. */
export const requestOperations = { authorize: () => ({}) } satisfies Partial<OperationHandlers>;

export function requestInternals({ keys, limiter }: RequestParts) {
  return {
    keys: ({ keys: records, isComplete }) => {
      keys.accept(records, isComplete);
      return null;
    },
    rate_take: ({ key, wanted }) => limiter.grant(key, wanted),
  } satisfies Partial<InternalHandlers>;
}
