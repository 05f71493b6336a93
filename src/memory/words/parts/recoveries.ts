/**
 * Says the ways out of the error that a run has just met: what mended it, how often, and what did
 * not help. Pure.
 *
 * @module
 */

import { counted, outOf, succeeded } from "../text/numbers.ts";
import { linesOf, type Section } from "../text/sections.ts";
import { codeOf, named } from "../text/stored-text.ts";
import type { ActionWords, RecoveryWords } from "../views.ts";
import { ACTION_MAX, ERROR_MAX, pathOf, toolsInARow, type Lead } from "./actions.ts";

/** Nothing is worth more than the way out of what stands in the way. */
const AT_HAND_WORTH = 19;
/** Ways out, tools of a path, and other attempts that did not help. */
const WAYS_OUT_MAX = 2;
const PATH_MAX = 8;
const IN_VAIN_MAX = 2;
/** A way out leads that worked in at least this many episodes, as they count now … */
const WORKED_MIN = 1;
/** … for at least this share of those who went it, after an error that is so much like this one. */
const WORKED_SHARE_MIN = 0.5;
const LIKENESS_MIN = 0.7;

/** Those that ever worked, best first. */
export function waysOutSection(recoveries: readonly RecoveryWords[], evidence: boolean): Section {
  const worked = recoveries.filter(isWay).slice(0, WAYS_OUT_MAX);
  const lines = linesOf(worked, AT_HAND_WORTH, (one) => {
    const [way, ending] = [wayIn(one), endingOf(one, evidence)];
    const after = ` after ${codeOf(one.error, ERROR_MAX)}`;
    return [`${way}${after}: ${ending}`, `${way}: ${ending}`];
  });
  return { title: "Way out of the error", lines };
}

/** Whether a way out is worth being told alone, and gone before what is likely. */
export function leadsOut({
  likeness = 0,
  support: { success, failure },
}: Pick<RecoveryWords, "likeness" | "support">): boolean {
  const hasWorked = success >= WORKED_MIN && success >= WORKED_SHARE_MIN * (success + failure);
  return likeness >= LIKENESS_MIN && hasWorked;
}

/**
 * What the best way out of the error at hand begins with, from what mended it on; null: none leads.
 *
 * @param avoided tools that are warned of here
 */
export function leadOf(
  recoveries: readonly RecoveryWords[],
  avoided: readonly { readonly tool: string }[] = [],
): Lead | null {
  const best = recoveries.find((one) => isWay(one) && leadsOut(one));
  if (!best) return null;
  const { path, mended_by: mended } = best;
  const actions: readonly ActionWords[] = best.actions ?? path.map((tool) => ({ tool }));
  const action = actions.find((one) => (one.action ?? one.tool) === mended) ?? actions[0];
  if (!action || avoided.some(({ tool }) => tool === action.tool)) return null;
  return { action, evidence: `the way out of this error, ${howOften(best)}` };
}

/** The ways out of errors that may be met, each with the action that fails and its error. */
export function waysOutOfAny(recoveries: readonly RecoveryWords[], evidence: boolean): Section {
  const lines = linesOf(recoveries.filter(isWay), AT_HAND_WORTH, (one) => {
    const failing = codeOf(
      one.key === undefined ? one.tool : `${one.tool}: ${one.key}`,
      ACTION_MAX,
    );
    const met = `${failing} fails with ${codeOf(one.error, ERROR_MAX)}`;
    const way = isSameAgain(one) ? "the same again with other values" : wayIn(one);
    return [`${met}: ${way}: ${endingOf(one, evidence)}`];
  });
  return { title: "If it fails", lines };
}

function isWay({ polarity, support }: RecoveryWords): boolean {
  return polarity !== "avoid" && support.success > 0;
}

/** Whether all that is known of the way out is that what failed was done once more. */
function isSameAgain({ tool, key, actions = [] }: RecoveryWords): boolean {
  const failing = key === undefined ? tool : `${tool}: ${key}`;
  return (
    actions.length > 0 &&
    actions.every(({ action, parameters = [] }) => action === failing && parameters.length === 0)
  );
}

function wayIn(one: RecoveryWords): string {
  const path = one.actions ? pathOf(one.actions) : toolsInARow(one.path, PATH_MAX);
  return `${mendedBy(one)}${path}`;
}

function endingOf(one: RecoveryWords, evidence: boolean): string {
  return `${howOften(one)}${inVain(one)}${named(one.pattern_id, evidence)}`;
}

/** Where it is not what the path begins with. */
function mendedBy({ mended_by: mended, actions, path }: RecoveryWords): string {
  const [first] = actions?.map(({ action, tool }) => action ?? tool) ?? path;
  return mended && mended !== first ? `${codeOf(mended, ACTION_MAX)} mended it; ` : "";
}

function howOften({ worked, in_vain: inVainOf = 0, support }: RecoveryWords): string {
  return worked === undefined ? succeeded(support) : `worked ${outOf(worked, worked + inVainOf)}`;
}

/** `; tried in vain: X in 2 runs`, behind how often the way worked. */
export function inVain({ did_not_help: others = [] }: Pick<RecoveryWords, "did_not_help">): string {
  const said = others
    .slice(0, IN_VAIN_MAX)
    .map(({ action, episodes }) => `${codeOf(action, ACTION_MAX)} in ${counted(episodes, "run")}`);
  return said.length > 0 ? `; tried in vain: ${said.join(", ")}` : "";
}
