/**
 * Says the ways out of the error that a run has just met: what mended it, how often, and what did
 * not help. Pure.
 *
 * @module
 */

import { counted, outOf, succeeded } from "../text/numbers.ts";
import { linesOf, type Section } from "../text/sections.ts";
import { codeOf, named } from "../text/stored-text.ts";
import type { RecoveryWords } from "../views.ts";
import { ACTION_MAX, pathOf, toolsInARow } from "./actions.ts";
import { ERROR_MAX } from "./patterns.ts";

/** Nothing is worth more than the way out of what stands in the way. */
const AT_HAND_WORTH = 19;
/** Ways out, tools of a path, and other attempts that did not help. */
const WAYS_OUT_MAX = 2;
const PATH_MAX = 8;
const IN_VAIN_MAX = 2;

/** Those that ever worked, best first. */
export function waysOutSection(recoveries: readonly RecoveryWords[], evidence: boolean): Section {
  const worked = recoveries.filter(
    ({ polarity, support }) => polarity !== "avoid" && support.success > 0,
  );
  const lines = linesOf(worked.slice(0, WAYS_OUT_MAX), AT_HAND_WORTH, (one) => {
    const path = one.actions ? pathOf(one.actions) : toolsInARow(one.path, PATH_MAX);
    const mended = mendedBy(one);
    const ending = `${howOften(one)}${named(one.pattern_id, evidence)}`;
    const after = ` after ${codeOf(one.error, ERROR_MAX)}${inVain(one)}`;
    return [`${mended}${path}${after}: ${ending}`, `${mended}${path}: ${ending}`];
  });
  return { title: "Way out of the error", lines };
}

/** Where it is not what the path begins with. */
function mendedBy({ mended_by: mended, actions, path }: RecoveryWords): string {
  const [first] = actions?.map(({ action, tool }) => action ?? tool) ?? path;
  return mended && mended !== first ? `${codeOf(mended, ACTION_MAX)} mended it; ` : "";
}

function howOften({ worked, in_vain: inVainOf = 0, support }: RecoveryWords): string {
  return worked === undefined ? succeeded(support) : `worked ${outOf(worked, worked + inVainOf)}`;
}

function inVain({ did_not_help: others = [] }: RecoveryWords): string {
  const said = others
    .slice(0, IN_VAIN_MAX)
    .map(({ action, episodes }) => `${codeOf(action, ACTION_MAX)} in ${counted(episodes, "run")}`);
  return said.length > 0 ? `; not by ${said.join(", ")}` : "";
}
