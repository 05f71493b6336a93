/**
 * What is due of a schedule after a span of time. No clock: the times are passed in.
 *
 * @module
 */

import { nextRun } from "../../src/observability/jobs.ts";

/** What was missed for longer is not made up for: the schedule of a day has come round by then. */
const CATCH_UP_MAX_MS = 86_400_000;

/** An expression, and the time that it names, ms since the epoch. */
export interface Due {
  cron: string;
  at: number;
}

/**
 * Of each expression the last time that it names after `since` and not after `until`, the oldest
 * first: whoever slept through several runs of a job does it once. Nothing older than a day.
 */
export function dueOf(crons: readonly string[], since: number, until: number): Due[] {
  const from = Math.max(since, until - CATCH_UP_MAX_MS);
  return crons
    .flatMap((cron) => {
      let last: Due | null = null;
      for (let at = nextRun(cron, from); at <= until; at = nextRun(cron, at)) last = { cron, at };
      return last ?? [];
    })
    .sort((a, b) => a.at - b.at);
}
