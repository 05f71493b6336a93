/**
 * Holds what advice said against what happened. Advice for a running episode is a forecast: which
 * tool comes next, and how the episode ends. What happened is in the episode's digest once it has
 * ended, so that nothing is kept beside the two, and a deleted episode counts no more. Reads only;
 * the work is bounded by the latest forecasts of a namespace.
 *
 * @module
 */

import type { StatsView } from "../../../../../contract/knowledge/answers.ts";
import type { AdviseInput } from "../../../../../contract/recall/requests.ts";
import {
  calibrationBins,
  calibrationError,
  calibrationOf,
  isJudged,
  type Calibration,
  type Forecast,
} from "../../../../../memory/learning/index.ts";
import { BoundedMap } from "../../../../../util/bounded-map.ts";
import type { ForecastRecord } from "../../records.ts";
import type { Source } from "../../source.ts";
import { latestForecasts } from "../recalls.ts";

/** Forecasts of one kind, before they were corrected and as they were shown. */
interface Forecasts {
  made: Forecast[];
  shown: Forecast[];
}

interface Known {
  next: Forecasts;
  outcome: Forecasts;
}

/** How what is said of a namespace is corrected. */
export interface Corrections {
  next: Calibration;
  outcome: Calibration;
}

/** The forecasts whose episodes have ended. */
function knownForecasts(source: Source): Known {
  const known: Known = { next: { made: [], shown: [] }, outcome: { made: [], shown: [] } };
  const forecasts = latestForecasts(source.sql, source.namespace);
  const digests = source.digests([...new Set(forecasts.map(({ episode }) => episode))]);
  for (const { episode, step, next, success } of forecasts) {
    const digest = digests.get(episode);
    if (!digest) continue;
    const taken = digest.path[step]?.tool;
    for (const [tool, made, shown] of taken === undefined ? [] : next)
      add(known.next, made, shown, tool === taken);
    if (success && isJudged(digest))
      add(known.outcome, success[0], success[1], digest.success >= digest.failure);
  }
  return known;
}

function add({ made, shown }: Forecasts, said: number, saidShown: number, happened: boolean): void {
  made.push({ said, hasHappened: happened });
  shown.push({ said: saidShown, hasHappened: happened });
}

/** What was shown beside what happened. */
export function countForecasts(source: Source): Pick<StatsView, "calibration"> {
  const { next, outcome } = knownForecasts(source);
  const view = ({ shown }: Forecasts): StatsView["calibration"]["next_tools"] => {
    const bins = calibrationBins(shown);
    return { forecasts: shown.length, error: calibrationError(bins), bins };
  };
  return { calibration: { next_tools: view(next), outcome: view(outcome) } };
}

/** Corrections are computed anew after this long. */
const KEPT_MS = 60_000;
/** Namespaces whose corrections are kept, the latest. */
const NAMESPACES_MAX = 200;

/** The corrections of namespaces, each computed once a minute at most. */
export class CorrectionCache {
  readonly #byNamespace = new BoundedMap<string, Corrections & { at: number }>(NAMESPACES_MAX);

  of(source: Source, now: number): Corrections {
    const kept = this.#byNamespace.get(source.namespace);
    if (kept && now - kept.at < KEPT_MS) return kept;
    const { next, outcome } = knownForecasts(source);
    const corrections = {
      next: calibrationOf(calibrationBins(next.made)),
      outcome: calibrationOf(calibrationBins(outcome.made)),
      at: now,
    };
    this.#byNamespace.set(source.namespace, corrections);
    return corrections;
  }
}

/** The likeliest tools that a forecast names. */
const TOOLS_MAX = 5;

/** What advice says before it is corrected, or as it is shown. */
interface Foretold {
  tools: readonly { tool: string; probability: number }[];
  success: number | null;
}

/** What advice foretells of the episode that it is asked about; null: it is asked about none. */
export function forecastOf(
  { episode_id: episode, steps_taken: step }: AdviseInput,
  made: Foretold,
  shown: Foretold,
): ForecastRecord | null {
  if (episode === undefined || step === undefined) return null;
  const next = made.tools.slice(0, TOOLS_MAX).map(({ tool, probability }, i) => {
    return [tool, probability, shown.tools[i]?.probability ?? probability] as const;
  });
  if (made.success === null || shown.success === null)
    return { episode, step, next, success: null };
  return { episode, step, next, success: [made.success, shown.success] };
}
