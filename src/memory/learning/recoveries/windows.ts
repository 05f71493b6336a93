/**
 * Reads from runs how an error was left: what was done between the error and the success that
 * followed, and what was tried before in vain. Pure; linear in the runs' steps.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import { actionName } from "../../actions/index.ts";
import { DIGEST_FORMAT, type EpisodeDigest, type PathStep } from "../types.ts";
import { wayOutEnd } from "./ending.ts";

/** Steps before an error in which the same error may have been met already. */
const TRIED_STEPS_MAX = 12;

/** How an error was left once. */
export interface Window {
  episode: string;
  /** The steps from behind the error to the success. */
  path: readonly PathStep[];
  /** The success is that of the very action that failed. */
  isRetried: boolean;
  /** Names of actions that were tried before, after which it failed in the same way. */
  inVain: readonly string[];
}

/** The name of a step's action. */
export function nameOf({ tool, key }: Pick<PathStep, "tool" | "key">): string {
  return actionName(tool, key);
}

/** Where a run left the error in this way, first; null: nowhere that is still known. */
export function windowIn(
  { episode_id, path }: EpisodeDigest,
  content: ContentOf<"error_recovery">,
): Window | null {
  const length = content.path.length;
  const steps = {
    tools: path.map(({ tool }) => tool),
    keys: path.map(({ key }) => key ?? null),
    results: path.map(({ result }) => result),
    errors: path.map(({ error }) => error),
  };
  for (const [at, step] of path.entries()) {
    if (step.tool !== content.tool || step.error !== content.error) continue;
    if ((step.key ?? undefined) !== content.key) continue;
    if (wayOutEnd(steps, at, DIGEST_FORMAT) !== at + length) continue;
    const own = path.slice(at + 1, at + 1 + length);
    const isSame = own.every(
      ({ tool, key }, i) =>
        tool === content.path[i] && (!content.keys || (key ?? null) === content.keys[i]),
    );
    if (!isSame) continue;
    const last = own.at(-1);
    const isRetried = last !== undefined && step.key !== undefined && nameOf(last) === nameOf(step);
    return { episode: episode_id, path: own, isRetried, inVain: inVainBefore(path, at) };
  }
  return null;
}

/** What was done between failures of the same kind, one right after the other, up to this one. */
function inVainBefore(path: readonly PathStep[], at: number): string[] {
  const failed = path[at];
  if (!failed) return [];
  const inVain = new Set<string>();
  let tried: string[] | null = null;
  for (const step of path.slice(Math.max(0, at - TRIED_STEPS_MAX), at + 1)) {
    const name = nameOf(step);
    if (name !== nameOf(failed)) {
      tried?.push(name);
      continue;
    }
    const isSame = step.error === failed.error;
    if (isSame) for (const one of tried ?? []) inVain.add(one);
    tried = isSame ? [] : null;
  }
  return [...inVain];
}
