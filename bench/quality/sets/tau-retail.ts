/**
 * τ-bench retail (MIT, sierra-research/tau-bench): customer service, four agents, 17 tools.
 *
 * @module
 */

import { jsonLinesOf } from "./files.ts";
import { byShuffledTasks, type Run, type RunSet } from "./run-set.ts";

/** Share of the tasks, lowest numbers first, that is learned from. */
const LEARNED = 0.7;

export function tauRetail(): RunSet {
  const runs = jsonLinesOf<Run>("tau_retail_episodes.jsonl", "tau_retail_sample.jsonl").filter(
    ({ steps }) => steps.length > 0,
  );
  const tasks = [...new Set(runs.map(({ task_id }) => Number(task_id)))].sort((a, b) => a - b);
  const border = tasks[Math.floor(LEARNED * tasks.length)] ?? Number.POSITIVE_INFINITY;
  return {
    name: "tau_retail",
    learned: byShuffledTasks(runs.filter(({ task_id }) => Number(task_id) < border)),
    asked: runs.filter(({ task_id }) => Number(task_id) >= border),
    hasOutcome: true,
  };
}
