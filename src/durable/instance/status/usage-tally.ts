/**
 * Tallies what was counted of one namespace, or one key, in the present clock hour and day and in
 * those before, and what that makes of the last hour and day. Pure.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { UsageSpan } from "../../../contract/vocabulary.ts";

/** What a request adds. */
export interface Counted {
  requests: number;
  refusals: number;
  episodes: number;
  rows: number;
  bytes: number;
}

export const NOTHING: Counted = { requests: 0, refusals: 0, episodes: 0, rows: 0, bytes: 0 };
const MEASURES = Object.keys(NOTHING) as (keyof Counted)[];

const SPAN_MS: Readonly<Record<UsageSpan, number>> = { hour: MS.hour, day: MS.day };

/** Clock time of one span, and of the span before it. */
interface Window {
  /** Of the span, since the epoch. */
  number: number;
  now: Counted;
  before: Counted;
}

export type Tally = Readonly<Record<UsageSpan, Window>>;

export function emptyTally(at: number): Tally {
  const empty = (span: UsageSpan): Window => ({
    number: Math.floor(at / SPAN_MS[span]),
    now: NOTHING,
    before: NOTHING,
  });
  return { hour: empty("hour"), day: empty("day") };
}

/** The tally with what was counted at this time, ms since the epoch. */
export function counted(tally: Tally, added: Counted, at: number): Tally {
  const grown = (span: UsageSpan): Window => {
    const window = rolled(tally[span], span, at);
    return { ...window, now: sum(window.now, added) };
  };
  return { hour: grown("hour"), day: grown("day") };
}

/** Both as one. */
export function joined(a: Tally, b: Tally, at: number): Tally {
  const both = (span: UsageSpan): Window => {
    const [one, other] = [rolled(a[span], span, at), rolled(b[span], span, at)];
    return { ...one, now: sum(one.now, other.now), before: sum(one.before, other.before) };
  };
  return { hour: both("hour"), day: both("day") };
}

/**
 * What came in the span until this time: all of the present clock hour (day), and of the one before
 * the share that makes it full, as if it had come evenly.
 */
export function lately(tally: Tally, span: UsageSpan, at: number): Counted {
  const { now, before } = rolled(tally[span], span, at);
  const share = 1 - (at % SPAN_MS[span]) / SPAN_MS[span];
  return sum(now, before, share);
}

function rolled(window: Window, span: UsageSpan, at: number): Window {
  const number = Math.floor(at / SPAN_MS[span]);
  if (number <= window.number) return window;
  const before = number === window.number + 1 ? window.now : NOTHING;
  return { number, now: NOTHING, before };
}

/** Both as one. @param share of the second, 0 to 1 */
export function sum(a: Counted, b: Counted, share = 1): Counted {
  const all = { ...NOTHING };
  for (const measure of MEASURES) all[measure] = a[measure] + Math.round(share * b[measure]);
  return all;
}
