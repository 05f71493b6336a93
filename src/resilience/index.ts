/**
 * The front door of `resilience/`: pure parts that keep a fault from spreading.
 *
 * @module
 */

export {
  Breaker,
  DEFAULT_BREAKER,
  type Admission,
  type BreakerConfig,
  type BreakerSnapshot,
  type BreakerState,
  type CallResult,
  type Opened,
  type Transition,
} from "./breaker.ts";
export { Bulkhead, BulkheadFull } from "./bulkhead.ts";
export { RetryBudget, withRetry, type RetryPolicy } from "./retry.ts";
export { takeTokens, type Bucket, type BucketLimit } from "./token-bucket.ts";
