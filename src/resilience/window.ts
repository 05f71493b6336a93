/**
 * The last calls, by number or by time, and how many of them failed or were slow. Plain data: it is
 * stored as it is.
 *
 * @module
 */

export interface Rates {
  calls: number;
  failed: number;
  slow: number;
}

/** 1: failed. 2: slow. Sums of both say both. */
type Mark = 0 | 1 | 2 | 3;

export type Window =
  | { type: "count"; /** Newest last, at most the window's size. */ marks: Mark[] }
  | {
      type: "time";
      /** Oldest first, one for each second with a call. */ buckets: (Rates & { second: number })[];
    };

export function emptyWindow(type: Window["type"]): Window {
  return type === "count" ? { type, marks: [] } : { type, buckets: [] };
}

/** The window with one more call. @param size calls (count) or seconds (time) @param now ms */
export function addCall(
  window: Window,
  call: { failed: boolean; slow: boolean },
  now: number,
  size: number,
): Window {
  if (window.type === "count") {
    const mark = ((call.failed ? 1 : 0) + (call.slow ? 2 : 0)) as Mark;
    return { type: "count", marks: [...window.marks, mark].slice(-size) };
  }
  const second = Math.floor(now / 1000);
  const kept = window.buckets.filter((bucket) => bucket.second > second - size);
  const last = kept.at(-1);
  const counted = (rates: Rates): Rates => ({
    calls: rates.calls + 1,
    failed: rates.failed + (call.failed ? 1 : 0),
    slow: rates.slow + (call.slow ? 1 : 0),
  });
  if (last?.second === second)
    return { type: "time", buckets: [...kept.slice(0, -1), { second, ...counted(last) }] };
  return {
    type: "time",
    buckets: [...kept, { second, ...counted({ calls: 0, failed: 0, slow: 0 }) }],
  };
}

/** What the window holds now. */
export function ratesOf(window: Window, now: number, size: number): Rates {
  if (window.type === "count") {
    const marks = window.marks.slice(-size);
    return {
      calls: marks.length,
      failed: marks.filter((mark) => (mark & 1) !== 0).length,
      slow: marks.filter((mark) => (mark & 2) !== 0).length,
    };
  }
  const oldest = Math.floor(now / 1000) - size;
  const rates = { calls: 0, failed: 0, slow: 0 };
  for (const bucket of window.buckets) {
    if (bucket.second <= oldest) continue;
    rates.calls += bucket.calls;
    rates.failed += bucket.failed;
    rates.slow += bucket.slow;
  }
  return rates;
}
