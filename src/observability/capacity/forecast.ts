/**
 * Extrapolates when a resource reaches its limit, from samples over time: a straight line by
 * ordinary least squares, with the prediction interval of Draper & Smith, Applied Regression
 * Analysis, §1.4. Pure.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { SampleName } from "../../contract/vocabulary.ts";
import type { ForecastView, MetricSample } from "../../contract/watching/answers.ts";
import { isoTime } from "../../util/time.ts";

interface Point {
  /** ms since the epoch. */
  at: number;
  value: number;
}

interface Line {
  /** The expected value at a time, ms since the epoch. */
  at(time: number): number;
  /** Half the width of the 95 % interval of one new value. */
  margin(time: number): number;
  /** Per ms. */
  slope: number;
}

/** Fewer points than this say nothing of the spread. */
const POINTS_MIN = 6;

/** The least-squares line through the points; null when there are too few, or all at one time. */
export function fitLine(points: readonly Point[]): Line | null {
  const n = points.length;
  if (n < POINTS_MIN) return null;
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / n;
  const meanValue = points.reduce((sum, { value }) => sum + value, 0) / n;
  const sxx = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  if (sxx === 0) return null;

  const sxy = points.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0);
  const slope = sxy / sxx;
  const at = (time: number): number => meanValue + slope * (time - meanAt);
  const squares = points.reduce((sum, point) => sum + (point.value - at(point.at)) ** 2, 0);
  const residual = Math.sqrt(squares / (n - 2));
  const margin = (time: number): number =>
    studentT975(n - 2) * residual * Math.sqrt(1 + 1 / n + (time - meanAt) ** 2 / sxx);
  return { at, margin, slope };
}

/**
 * The 97.5 % quantile of Student's t (Abramowitz & Stegun 26.7.5, an expansion; within 1 % from 4
 * degrees on).
 */
export function studentT975(degrees: number): number {
  const z = 1.959963985;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  const d = degrees;
  return (
    z +
    (z3 + z) / (4 * d) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * d ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * d ** 3)
  );
}

/** What is forecast, and what it is compared with. */
export interface Resource {
  /** For a person. */
  resource: string;
  /** What samples call it. */
  sample: SampleName;
  limit: number;
  unit: ForecastView["unit"];
  /** What to do when the limit is near. */
  remedy: string;
}

const HORIZON_MS = 30 * MS.day;
/** A limit that is reached later than this is never reached, ms. */
const NEVER_MS = 3_650 * MS.day;
/** A resource of which this share is used needs somebody to act. */
const NEARLY_FULL = 0.8;
/** Halvings of `NEVER_MS`, by which the time of reaching a limit is found: to a millisecond. */
const HALVINGS = 50;

/** null: no sample has the resource. */
export function forecast(
  samples: readonly MetricSample[],
  { resource, sample, limit, unit, remedy }: Resource,
): ForecastView | null {
  const points = pointsOf(samples, sample);
  const last = points.at(-1);
  if (!last) return null;

  const line = throughLast(fitLine(points), last);
  const reached_at = reachedAt(line, last, limit);
  const used = last.value / limit;
  const isSoon =
    reached_at.earliest !== null && Date.parse(reached_at.earliest) < last.at + HORIZON_MS;
  const calm = line ? "enough room" : "too few samples for a forecast yet";
  return {
    resource,
    now: last.value,
    limit,
    unit,
    used,
    per_day: line ? line.slope * MS.day : null,
    in_30_days: line ? valueAt(line, last.at + HORIZON_MS) : null,
    reached_at,
    advice: used >= NEARLY_FULL || isSoon ? `act: ${remedy}` : calm,
  };
}

/** Samples in which an instance was silent lack its part, and are left out. */
function pointsOf(samples: readonly MetricSample[], name: SampleName): Point[] {
  return samples.flatMap(({ at, totals, silent }): Point[] => {
    const value = totals[name];
    return value === undefined || silent > 0 ? [] : [{ at: Date.parse(at), value }];
  });
}

/** Moves the line to the last value: what there is is known, only the growth is estimated. */
function throughLast(line: Line | null, last: Point): Line | null {
  if (!line) return null;
  const shift = last.value - line.at(last.at);
  return { ...line, at: (time) => line.at(time) + shift };
}

function valueAt(line: Line, time: number): NonNullable<ForecastView["in_30_days"]> {
  const [expected, margin] = [line.at(time), line.margin(time)];
  return {
    expected: Math.max(0, expected),
    low: Math.max(0, expected - margin),
    high: Math.max(0, expected + margin),
  };
}

function reachedAt(line: Line | null, last: Point, limit: number): ForecastView["reached_at"] {
  if (!line) {
    const expected = last.value >= limit ? isoTime(last.at) : null;
    return { expected, earliest: null, latest: null };
  }
  return {
    expected: crossing(last, limit, (time) => line.at(time)),
    earliest: crossing(last, limit, (time) => line.at(time) + line.margin(time)),
    latest: crossing(last, limit, (time) => line.at(time) - line.margin(time)),
  };
}

/** When a rising value reaches the limit; null: not before `NEVER_MS`. */
function crossing(last: Point, limit: number, value: (time: number) => number): string | null {
  if (last.value >= limit) return isoTime(last.at);
  if (value(last.at + NEVER_MS) < limit) return null;

  let [low, high] = [last.at, last.at + NEVER_MS];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (value(middle) >= limit) high = middle;
    else low = middle;
  }
  return isoTime(high);
}
