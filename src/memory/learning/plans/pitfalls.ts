/**
 * Finds what went wrong with a tool in similar runs that failed, and what led out of it where one
 * did. Pure; linear in the runs' steps.
 *
 * @module
 */

import { actionName } from "../../actions/index.ts";
import { isFailure } from "../episode/judgement.ts";
import type { EpisodeDigest } from "../types.ts";

/** Errors of a tool that are named. */
const PITFALLS_MAX = 3;
/** Steps after an error in which a success led out of it. */
const WAY_OUT_STEPS = 4;

export interface Pitfall {
  description: string;
  episodes: string[];
  /** The action that most often succeeded next after it; absent: none did. */
  way_out?: string;
}

/** By tool, the errors that most of the failed runs met first. */
export function pitfallsByTool(digests: readonly EpisodeDigest[]): Map<string, Pitfall[]> {
  const byTool = new Map<string, Map<string, Set<string>>>();
  const ways = new Map<string, Map<string, number>>();
  for (const digest of digests) {
    for (const [at, { tool, error }] of digest.path.entries()) {
      if (error === null) continue;
      const way = wayOutOf(digest, at);
      if (way !== null) raise(ways, `${tool}\n${error}`, way);
      if (!isFailure(digest)) continue;
      const errors = byTool.get(tool) ?? new Map<string, Set<string>>();
      byTool.set(tool, errors);
      errors.set(error, (errors.get(error) ?? new Set()).add(digest.episode_id));
    }
  }
  return new Map(
    [...byTool].map(([tool, errors]) => [
      tool,
      [...errors]
        .sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1))
        .slice(0, PITFALLS_MAX)
        .map(([error, met]): Pitfall => {
          const way = mostFrequent(ways.get(`${tool}\n${error}`));
          return {
            description: `failed with "${error}"`,
            episodes: [...met],
            ...(way === null ? {} : { way_out: way }),
          };
        }),
    ]),
  );
}

/** The first action behind an error that succeeded. */
function wayOutOf(digest: EpisodeDigest, at: number): string | null {
  const next = digest.path[wayOutAt(digest, at)];
  return next ? actionName(next.tool, next.key) : null;
}

/** The place of the first step behind an error that succeeded; -1: none did. */
export function wayOutAt({ path }: EpisodeDigest, at: number): number {
  const next = path
    .slice(at + 1, at + 1 + WAY_OUT_STEPS)
    .findIndex(({ result }) => result === "success");
  return next < 0 ? -1 : at + 1 + next;
}

function raise(counts: Map<string, Map<string, number>>, key: string, item: string): void {
  const own = counts.get(key) ?? new Map<string, number>();
  counts.set(key, own.set(item, (own.get(item) ?? 0) + 1));
}

/** The first by its name where several are; null: there is none. */
export function mostFrequent(counts: ReadonlyMap<string, number> | undefined): string | null {
  const [best] = [...(counts ?? [])].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return best?.[0] ?? null;
}
