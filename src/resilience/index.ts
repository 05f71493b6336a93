/**
 * The front door of `resilience/`: a circuit breaker, repetition with a budget, a bulkhead and a
 * token bucket. Each is pure or has its clock handed in.
 *
 * @module
 */

export { DEFAULT_BREAKER, type BreakerConfig } from "./breaker-config.ts";
export {
  Breaker,
  type Admission,
  type BreakerSnapshot,
  type BreakerState,
  type CallResult,
  type Opened,
  type Transition,
} from "./breaker.ts";
export { Bulkhead, BulkheadFull } from "./bulkhead.ts";
export { RetryBudget, withRetry, type RetryPolicy } from "./retry.ts";
export { takeTokens, type Bucket, type BucketLimit } from "./token-bucket.ts";
