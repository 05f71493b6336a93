/**
 * Finds what similar runs tried in vain: what failed whenever one of them tried it, and what they
 * then did without. To propose it would be to repeat a mistake because it was made often. Pure;
 * linear in the steps of the runs, a hundred of each.
 *
 * @module
 */

import { actionName } from "../../actions/index.ts";
import { isError, isFailure } from "../episode/judgement.ts";
import type { EpisodeDigest, PathStep } from "../types.ts";
import { mostFrequent, wayOutAt } from "./pitfalls.ts";

/** Steps of one run that are looked at. */
const STEPS_MAX = 100;
/** Runs that tried it, unless there is only one run, so that it is told. */
const RUNS_MIN = 2;

/** What was tried in vain. */
export interface Detour {
  tool: string;
  /** As the runs name it. */
  action: string;
  /** The runs that tried it, in their order. */
  episodes: string[];
  /** The action that most often worked next, and the runs went on from; null: none did. */
  wayOut: string | null;
}

interface Tries {
  tool: string;
  /** At least once; what is not known to have failed may have. */
  hasWorked: boolean;
  episodes: string[];
  ways: Map<string, number>;
}

/**
 * By name. A step whose result is not known may have worked.
 *
 * @param nameOf what a step is called; steps of the same name are one action
 * @param runsMin runs that tried it
 */
export function detoursOf(
  runs: readonly EpisodeDigest[],
  nameOf: (step: Pick<PathStep, "tool" | "key">) => string,
  runsMin = RUNS_MIN,
): Map<string, Detour> {
  const byName = new Map<string, Tries>();
  for (const run of runs) {
    const own = new Set<string>();
    const lastAt = new Map(run.path.map((step, at) => [nameOf(step), at]));
    for (const [at, step] of run.path.slice(0, STEPS_MAX).entries()) {
      const name = nameOf(step);
      const tries = byName.get(name) ?? triesOf(step.tool);
      byName.set(name, tries);
      if (!own.has(name)) tries.episodes.push(run.episode_id);
      own.add(name);
      if (!isError(step.result)) {
        tries.hasWorked = true;
        continue;
      }
      const way = wayAround(run, at, lastAt.get(name) ?? at);
      if (way !== null) tries.ways.set(way, (tries.ways.get(way) ?? 0) + 1);
    }
  }
  const least = Math.min(runsMin, runs.length);
  return new Map(
    [...byName]
      .filter(
        ([, { episodes, hasWorked, ways }]) =>
          !hasWorked && episodes.length >= least && ways.size > 0,
      )
      .map(([action, { tool, episodes, ways }]) => [
        action,
        { tool, action, episodes, wayOut: mostFrequent(ways) },
      ]),
  );
}

/**
 * What worked next, where the run then did without what had failed. Where it was tried again, and
 * where the run came to nothing, that was no way around it.
 *
 * @param lastAt the last place at which the run tried it
 */
function wayAround(run: EpisodeDigest, at: number, lastAt: number): string | null {
  const wayAt = wayOutAt(run, at);
  const step = run.path[wayAt];
  return step && wayAt > lastAt && !isFailure(run) ? actionName(step.tool, step.key) : null;
}

/** The name of a step by its tool alone. */
export const toolOf = ({ tool }: Pick<PathStep, "tool">): string => tool;

/** The steps without those that use one of these tools. */
export function withoutTools<S extends { tool: string }>(
  steps: readonly S[],
  tools: ReadonlyMap<string, unknown>,
): readonly S[] {
  return steps.some(({ tool }) => tools.has(tool))
    ? steps.filter(({ tool }) => !tools.has(tool))
    : steps;
}

/** The run as if it had not used these tools. */
export function digestWithout(
  digest: EpisodeDigest,
  tools: ReadonlyMap<string, unknown>,
): EpisodeDigest {
  const path = withoutTools(digest.path, tools);
  if (path === digest.path) return digest;
  const { namespace, episode_id, version, task, task_type, context, tags, status } = digest;
  const { outcome, summary, insights, success, failure, reward, started_at, ended_at } = digest;
  const { terms } = digest;
  return {
    namespace,
    episode_id,
    version,
    task,
    task_type,
    context,
    tags,
    status,
    outcome,
    summary,
    insights,
    success,
    failure,
    reward,
    started_at,
    ended_at,
    path,
    ...(terms === undefined ? {} : { terms }),
  };
}

function triesOf(tool: string): Tries {
  return { tool, hasWorked: false, episodes: [], ways: new Map() };
}
