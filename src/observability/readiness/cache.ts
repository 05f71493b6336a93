/**
 * Judges whether eviction keeps up with the cache's bound.
 *
 * @module
 */

import { degraded, healthy, numbersOf, total, type Check } from "./check.ts";

/**
 * The cache may be over its bound until the next alarm; by this factor, eviction does not keep up.
 */
const OVERFULL = 1.5;

export const cache: Check = ({ limits }, answering) => {
  const hits = total(answering, ({ cache_hits }) => cache_hits);
  const reads = hits + total(answering, ({ cache_misses }) => cache_misses);
  const rate =
    reads === 0 ? "no reads yet" : `${Math.round((100 * hits) / reads)} % hits since the beginning`;
  const message = `${total(answering, ({ view }) => view.cached_episodes)} episodes, ${rate}`;

  const overfull = answering.filter(({ view }) => {
    const ended = view.cached_episodes - view.active_episodes;
    return ended > limits.cache_max_size * OVERFULL + view.outbox.rows;
  });
  return overfull.length === 0
    ? healthy(message)
    : degraded(
        `${message}; instances ${numbersOf(overfull)} hold far more than cache_max_size: eviction does not keep up. Raise it or lower the load`,
      );
};
