/**
 * Extrapolates when a resource reaches its limit, from samples over time. Pure.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import { isoTime } from "../../util/time.ts";
import type { SampleName } from "../../contract/vocabulary.ts";
import type { ForecastView, MetricSample } from "../../contract/watching/answers.ts";
import { fitLine, type Line, type Point } from "./line.ts";

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
