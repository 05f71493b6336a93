/**
 * Evidence as a reader takes it in: whole counts where there are any, else whole percents. Pure.
 *
 * @module
 */

/** Of how many it is said, and what came of them; decayed, so that they need not be whole. */
export interface Support {
  readonly success: number;
  readonly failure: number;
  /** Ever counted. */
  readonly episodes: number;
}

/** `4 of 5`. */
export function outOf(part: number, whole: number): string {
  return `${Math.min(Math.round(part), Math.round(whole))} of ${Math.round(whole)}`;
}

/** Runs that succeeded of all that were counted; the decayed share of all that ever were. */
export function succeeded({ success, failure, episodes }: Support): string {
  return `${outOf(rateOf({ success, failure }) * episodes, episodes)} succeeded`;
}

export function rateOf({ success, failure }: Omit<Support, "episodes">): number {
  return success + failure > 0 ? success / (success + failure) : 0;
}

export function percent(share: number): string {
  const whole = Math.round(100 * share);
  if (whole <= 0 && share > 0) return "under 1 %";
  return whole >= 100 && share < 1 ? "over 99 %" : `${whole} %`;
}

/** Runs below which a share is that of a few, and may be chance. */
export const RUNS_FEW = 3;

/**
 * How likely a choice is to come next, which is foretold, and no share of what runs did: of few runs
 * it says how many they are.
 *
 * @param choices all of the choice, each with the runs that say so most, `RUNS_FEW` at most
 */
export function likelyNext(
  probability: number,
  choices: readonly { readonly episodes?: readonly string[] | undefined }[],
): string {
  const runs = new Set(choices.flatMap(({ episodes = [] }) => episodes)).size;
  return runs > 0 && runs < RUNS_FEW
    ? `${percent(probability)} likely next, from ${counted(runs, "similar run")}`
    : `${percent(probability)} likely next here`;
}

/** `, usual success rate 57 %`; "": it is not known. */
export function besideUsual(rate: number): string {
  return rate > 0 ? `, usual success rate ${percent(rate)}` : "";
}

/** `1 run`, `3 runs`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
