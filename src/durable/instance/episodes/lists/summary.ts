/**
 * Computes the statistics of a namespace's episodes from counts by status, outcome and domain.
 * Pure.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type { Learned, StatsView } from "../../../../contract/knowledge/answers.ts";
import type { EpisodeCounts } from "../../../shared/instance/views.ts";

type CountsRow = EpisodeCounts["rows"][number];

/** @param rows of every source; the same kind may come several times */
export function summarize(
  namespace: string,
  rows: readonly CountsRow[],
  degraded: boolean,
): Omit<StatsView, Learned> {
  const sum = (matches: (row: CountsRow) => boolean): number =>
    rows.reduce((total, row) => total + (matches(row) ? row.episodes : 0), 0);
  const rewarded = rows.reduce((total, row) => total + row.rewarded, 0);
  const reward = rows.reduce((total, row) => total + (row.reward ?? 0), 0);
  const domains = [...new Set(rows.map((row) => row.domain))].map((domain) => ({
    domain,
    episodes: sum((row) => row.domain === domain),
    success_rate: successRate(rows.filter((row) => row.domain === domain)),
  }));

  return {
    namespace,
    episodes: {
      total: sum(() => true),
      in_progress: sum((row) => row.status === "in_progress"),
      completed: sum((row) => row.status === "completed"),
      failed: sum((row) => row.status === "failed"),
      abandoned: sum((row) => row.status === "abandoned"),
    },
    outcomes: {
      success: sum((row) => row.outcome === "success"),
      partial_success: sum((row) => row.outcome === "partial_success"),
      failure: sum((row) => row.outcome === "failure"),
      abstained: sum((row) => row.outcome === "abstained"),
    },
    success_rate: successRate(rows),
    mean_reward: rewarded === 0 ? null : reward / rewarded,
    steps: rows.reduce((total, row) => total + row.steps, 0),
    domains: domains.sort((a, b) => b.episodes - a.episodes).slice(0, LIMITS.page_default),
    degraded,
  };
}

/** Share of the judged episodes that succeeded; null: none was judged. */
function successRate(rows: readonly CountsRow[]): number | null {
  const count = (matches: (row: CountsRow) => boolean): number =>
    rows.reduce((total, row) => total + (matches(row) ? row.episodes : 0), 0);
  const judged = count(({ outcome }) => outcome !== null && outcome !== "abstained");
  return judged === 0 ? null : count(({ outcome }) => outcome === "success") / judged;
}
