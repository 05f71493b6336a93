/**
 * Keeps a digest within its bounds in bytes, whatever an episode holds: a digest is a row, goes
 * from instance to instance, and is read by the dozen for a recall. What is left out is counted, so
 * that it can be told. Pure.
 *
 * @module
 */

import { byteLength } from "../bytes.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Contribution, Digest } from "./types.ts";

type PathStep = Digest["path"][number];

/** Characters of an action that stay when the path is too long with all of them. */
const ACTION_SHORT = 40;
/**
 * Worth most first: what is general, what mends, what decides, and then runs, the short ones first.
 */
const KINDS = ["context_pattern", "error_recovery", "decision_point", "tool_sequence"] as const;

const sizeOf = (value: unknown): number => byteLength(JSON.stringify(value)) + 1;

/**
 * The steps that fit, from the beginning on; with shortened actions when they do not all fit with
 * theirs.
 *
 * @param most UTF-8 bytes of their JSON
 */
export function boundPath(
  path: readonly PathStep[],
  most: number = LIMITS.digest_path_bytes,
): { path: PathStep[]; omitted: number } {
  const whole = path.reduce((sum, step) => sum + sizeOf(step), 0);
  if (whole <= most) return { path: [...path], omitted: 0 };

  const kept: PathStep[] = [];
  let bytes = 0;
  for (const step of path) {
    const short = { ...step, action: step.action.slice(0, ACTION_SHORT) };
    bytes += sizeOf(short);
    if (bytes > most) break;
    kept.push(short);
  }
  return { path: kept, omitted: path.length - kept.length };
}

/**
 * The contributions that fit, in their order; where they do not all fit, those worth most are kept.
 *
 * @param most UTF-8 bytes of their JSON
 */
export function boundContributions(
  contributions: readonly Contribution[],
  most: number = LIMITS.digest_contribution_bytes,
): { contributions: Contribution[]; omitted: number } {
  const sizes = new Map(contributions.map((contribution) => [contribution, sizeOf(contribution)]));
  const whole = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (whole <= most) return { contributions: [...contributions], omitted: 0 };

  const rank = ({ content }: Contribution): number =>
    KINDS.indexOf(content.kind) * 10 +
    (content.kind === "tool_sequence" ? content.tools.length : 0);
  const kept = new Set<Contribution>();
  let bytes = 0;
  for (const contribution of contributions.toSorted((a, b) => rank(a) - rank(b))) {
    bytes += sizes.get(contribution) ?? 0;
    if (bytes > most) break;
    kept.add(contribution);
  }
  return {
    contributions: contributions.filter((contribution) => kept.has(contribution)),
    omitted: contributions.length - kept.size,
  };
}
