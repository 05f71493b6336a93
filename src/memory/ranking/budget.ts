/**
 * Keeps a recall within the tokens that its reader can afford. Pure.
 *
 * @module
 */

import { tokensOf } from "./tokens.ts";
import { chooseByWorth, type Kind } from "./worth.ts";

/** A step of a playbook, a lesson, a tool: what is kept or left out as a whole. */
type Item = unknown;
type List = readonly Item[];

/** What of an answer is items; whatever else it has stays as it is. */
export interface Fittable {
  readonly playbook: { readonly steps: List } | null;
  readonly truncated: number;
}

/**
 * The lists of an answer with what their best item is worth, in the order of use. A list that an
 * answer does not have is passed over.
 */
const WORTHS: Readonly<Record<string, number>> = {
  recoveries: 11,
  next_actions: 10,
  next_tools: 9,
  lessons: 8,
  heuristics: 7,
  patterns: 5,
  episodes: 4,
};
const PLAYBOOK_WORTH = 6;
/** An item is worth this share of the one before it in its list. */
const WORTH_DECAY = 0.8;
/** Lists of ids that items name as their evidence, and ids of each that are left of them. */
const EVIDENCE = new Set(["episodes", "based_on"]);
const EVIDENCE_MAX = 2;

/**
 * An answer that fits: first with fewer ids of evidence and three digits of each number, then with
 * the items that are worth most for their tokens, of each kind its best before anything else. A
 * playbook is shortened to its first steps before it is left out. What is left out is counted in
 * `truncated`. What is not an item stays, so that a very small budget may still be exceeded.
 *
 * @param maxTokens null: without a bound
 */
export function fitToTokens<V extends Fittable>(view: V, maxTokens: number | null): V {
  if (maxTokens === null || jsonTokens(view) <= maxTokens) return view;
  const short = shortened(view) as V;
  if (jsonTokens(short) <= maxTokens) return short;

  const names = Object.keys(WORTHS).filter((name) => listOf(short, name).length > 0);
  const steps = short.playbook?.steps ?? [];
  const empty = Object.fromEntries(names.map((name) => [name, []]));
  const bare = { ...short, ...empty, playbook: null };
  const shell = short.playbook ? jsonTokens({ ...short.playbook, steps: [] }) : 0;
  const kinds = [
    ...names.map((name) => kindOf(listOf(short, name), WORTHS[name] ?? 0, 0)),
    kindOf(steps, PLAYBOOK_WORTH, shell),
  ];

  const taken = chooseByWorth(kinds, maxTokens - jsonTokens(bare)).map(({ length }) => length);
  const lists = names.map((name, at) => [name, listOf(short, name).slice(0, taken[at])] as const);
  const stepsTaken = taken.at(-1) ?? 0;
  const left = kinds.reduce((sum, { items }, at) => sum + items.length - (taken[at] ?? 0), 0);
  return {
    ...short,
    ...Object.fromEntries(lists),
    playbook:
      short.playbook && stepsTaken > 0
        ? { ...short.playbook, steps: steps.slice(0, stepsTaken) }
        : null,
    truncated: view.truncated + left,
  };
}

function kindOf(items: List, worth: number, opening: number): Kind {
  const choices = items.map((item, rank) => ({
    worth: worth * WORTH_DECAY ** rank,
    costs: [jsonTokens(item)],
  }));
  return { opening, items: choices };
}

function listOf(view: object, name: string): List {
  const list: unknown = Reflect.get(view, name);
  return Array.isArray(list) ? list : [];
}

/** As JSON, with what stands between it and the next. */
function jsonTokens(value: unknown): number {
  return tokensOf(`${JSON.stringify(value)},`);
}

function shortened(value: unknown, name = ""): unknown {
  if (typeof value === "number") return Math.round(value * 1000) / 1000;
  if (Array.isArray(value)) {
    const isEvidence = EVIDENCE.has(name) && value.every((one) => typeof one === "string");
    return isEvidence ? value.slice(0, EVIDENCE_MAX) : value.map((one) => shortened(one));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shortened(one, key)]));
}
