/**
 * Says patterns and heuristics in words: what to avoid, the ways out of errors, and what worked
 * beside the playbook. Each finding once, none that another section says, and only where its
 * evidence stands out. Pure.
 *
 * @module
 */

import { distinctFindings, isRunIn, type Finding } from "../findings.ts";
import { besideUsual, counted, outOf, rateOf, RUNS_FEW, succeeded } from "../text/numbers.ts";
import { linesOf, type Line, type Section } from "../text/sections.ts";
import { codeOf, named } from "../text/stored-text.ts";
import type {
  DetourWords,
  HeuristicWords,
  PatternWords,
  PitfallWords,
  PlaybookWords,
  RecoveryWords,
  WayWords,
} from "../views.ts";
import {
  ACTION_MAX,
  actionOf,
  actsOf,
  ERROR_MAX,
  pathOf,
  toolsInARow,
  type Acts,
  type Proposals,
} from "./actions.ts";
import { inVain } from "./recoveries.ts";

/** Characters of a sentence. */
const SENTENCE_MAX = 200;
/** Tools of a run, and lines of each section. */
const TOOLS_MAX = 8;
const LINES_MAX = 4;
/** What is named in one line because the same worked instead. */
const DETOURS_MAX = 3;
/** Runs that met a pitfall at least. */
const PITFALL_RUNS_MIN = 2;
/** A warning's rate of success is at most this share of the usual one… */
const WARNED_LIFT_MAX = 0.6;
/** …and what worked has at least this much more, as a share of all runs. */
const WORKED_GAIN_MIN = 0.1;

/** An error as a sentence repeats it. */
const QUOTED = /"[^"]*"/;

const AVOID_WORTH = 8;
const WAY_OUT_WORTH = 7;
const WORKED_WORTH = 4;

/** What an answer has of what was learned. */
export interface LearnedWords extends Proposals {
  readonly patterns: readonly PatternWords[];
  readonly heuristics: readonly HeuristicWords[];
  readonly playbook: PlaybookWords | null;
  /** Ways out of errors that another section says. */
  readonly recoveries?: readonly RecoveryWords[] | undefined;
}

interface LearnedSections {
  readonly avoid: Section;
  readonly waysOut: Section;
  /** Of `waysOut`, the errors that failed runs met: of no use as a warning of the tool itself. */
  readonly pitfalls: readonly Line[];
  readonly worked: Section;
}

type Item = PatternWords | HeuristicWords;

export function learnedSections(learned: LearnedWords, evidence: boolean): LearnedSections {
  const found = distinctFindings<Item>([...learned.patterns, ...learned.heuristics], findingOf);
  const items = withoutSameWaysOut(found);
  const acts = actsOf(learned);
  const avoided = items.filter((item) => isWarning(item) && !isContradicted(item, acts));
  const ways = waysAside(learned.playbook);
  const recoveries = items.filter((item) => isWayOut(item) && !isToldBy(item, ways));
  const worked = distinctGains(items.filter((item) => isGain(item) && !isSaidBy(item, acts)));

  const say = (item: Item): string[] => [`${inWords(item)}${named(item.id, evidence)}`];
  const detours = linesOf(detoursByWayOut(learned.playbook), AVOID_WORTH, detourForms);
  const told = [...ways, ...recoveries.map(metBy), ...(learned.recoveries ?? []).map(metBy)];
  const pitfalls = linesOf(
    distinctPitfalls(learned.playbook).filter((one) => !isAmong(one, told)),
    WAY_OUT_WORTH,
    pitfallForms,
  );
  return {
    avoid: {
      title: "Avoid",
      lines: inTurn(linesOf(avoided, AVOID_WORTH, say), detours).slice(0, LINES_MAX),
    },
    waysOut: {
      title: "If it fails",
      lines: [
        ...linesOf(ways, WAY_OUT_WORTH, wayForms),
        ...linesOf(recoveries, WAY_OUT_WORTH, say),
        ...pitfalls,
      ].slice(0, LINES_MAX),
    },
    pitfalls,
    worked: {
      title: "Also worked",
      lines: linesOf(worked.slice(0, LINES_MAX), WORKED_WORTH, say),
    },
  };
}

const isPattern = (item: Item): item is PatternWords => typeof item.condition !== "string";
/** What it is about, in order. */
const actionsOf = ({ actions, tools = [] }: Item): readonly string[] => actions ?? tools;
const isRecovery = ({ kind }: Item): boolean => kind === "error_recovery";

function findingOf(item: Item): Finding {
  return {
    pattern_id: isPattern(item) ? item.id : item.pattern_id,
    polarity: item.polarity,
    tools: actionsOf(item),
    isConditional: item.condition !== null,
    support: item.support,
  };
}

/** Of ways out of the same error by the same path the one that was taken most, whatever had failed. */
function withoutSameWaysOut(items: readonly Item[]): Item[] {
  const most = new Map<string, Item>();
  const wayOf = (item: Item): string => JSON.stringify([errorOf(item), actionsOf(item).slice(1)]);
  for (const item of items.filter(isRecovery)) {
    const other = most.get(wayOf(item));
    if (!other || item.support.episodes > other.support.episodes) most.set(wayOf(item), item);
  }
  return items.filter((item) => !isRecovery(item) || most.get(wayOf(item)) === item);
}

/** The error that a way out is of; of a heuristic it stands in its condition. */
function errorOf(item: Item): string {
  if (isPattern(item)) return item.condition?.["error"] ?? "";
  return errorIn(item.condition);
}

/** The rate of success that is usual where its runs come from; 0: not known. */
function usualRate({ support, lift }: Item): number {
  return lift > 0 ? Math.min(1, rateOf(support) / lift) : 0;
}

function isWarning({ polarity, lift, support }: Item): boolean {
  return polarity === "avoid" && lift <= WARNED_LIFT_MAX && support.episodes >= RUNS_FEW;
}

/**
 * Whether it warns of what the answer itself proposes. After an error even that is a warning, but
 * for what is proposed first.
 */
function isContradicted(item: Item, { first, all }: Acts): boolean {
  const last = actionsOf(item).at(-1);
  if (last === undefined) return false;
  if (first.includes(last)) return true;
  const result = isPattern(item) ? item.condition?.["after_result"] : undefined;
  const isAfterError = result === "error" || result === "timeout" || isRecovery(item);
  return !isAfterError && all.includes(last);
}

/** A way out that worked, and is not the same tool once more. */
function isWayOut(item: Item): boolean {
  const [failed, ...path] = actionsOf(item);
  return (
    isRecovery(item) &&
    item.polarity !== "avoid" &&
    item.support.success > 0 &&
    path.some((tool) => tool !== failed)
  );
}

function isGain(item: Item): boolean {
  const { polarity, support } = item;
  const gain = rateOf(support) - usualRate(item);
  const isMuch = gain >= WORKED_GAIN_MIN && support.episodes >= RUNS_FEW;
  return polarity === "do" && !isRecovery(item) && isMuch;
}

/** Of those that end with the same action, in as many runs and with as many successes, the first. */
function distinctGains(items: readonly Item[]): Item[] {
  const first = new Map<string, Item>();
  for (const item of items) {
    const { success, failure, episodes } = item.support;
    const key = JSON.stringify([actionsOf(item).at(-1), success, failure, episodes]);
    if (!first.has(key)) first.set(key, item);
  }
  return [...first.values()];
}

/** Whether the next action or the playbook says what it says. */
function isSaidBy(item: Item, { first, all }: Acts): boolean {
  const actions = actionsOf(item);
  const last = actions.at(-1);
  return (last !== undefined && first.includes(last)) || isRunIn(actions, all);
}

/** What it says, and how its runs ended beside what is usual. */
function inWords(item: Item): string {
  return `${said(item)}: ${succeeded(item.support)}${besideUsual(usualRate(item))}`;
}

function said(item: Item): string {
  if (isRecovery(item) && errorOf(item) !== "") return wayOutOf(item);
  if (!isPattern(item)) return codeOf(`${item.condition}: ${item.action}`, SENTENCE_MAX);
  const { kind, condition, description } = item;
  const actions = actionsOf(item);
  const [first = "", ...others] = actions;
  if (kind === "tool_sequence") return toolsInARow(actions, TOOLS_MAX);
  if (kind === "decision_point" && others.length === 1) {
    const result = condition?.["after_result"];
    const after = result === undefined ? "" : ` (${codeOf(result, ACTION_MAX)})`;
    return `after ${codeOf(first, ACTION_MAX)}${after}: ${toolsInARow(others, TOOLS_MAX)}`;
  }
  return codeOf(description, SENTENCE_MAX);
}

/** A pattern and the heuristic made of one alike; what a person put in its place is said as it is. */
function wayOutOf(item: Item): string {
  const [failing = "", ...path] = actionsOf(item);
  const edited = isPattern(item) ? null : item.curation?.text;
  const way = edited ? codeOf(edited, SENTENCE_MAX) : toolsInARow(path, TOOLS_MAX);
  return `${codeOf(failing, ACTION_MAX)} fails with ${codeOf(errorOf(item), ERROR_MAX)}: ${way}`;
}

/** A way out of the playbook, with the action that failed. */
interface Way extends WayWords {
  readonly action: string;
}

/** Without what is warned of anyway. */
function waysAside(playbook: PlaybookWords | null): Way[] {
  const warned = new Set((playbook?.detours ?? []).map(({ tool, action }) => action ?? tool));
  return (playbook?.steps ?? []).flatMap(({ tool, action, ways_out = [] }) =>
    ways_out.map((way) => ({
      ...way,
      action: action ?? tool,
      did_not_help: way.did_not_help?.filter((one) => !warned.has(one.action)),
    })),
  );
}

/** Whether the playbook says how the same error of the same action was left. */
function isToldBy(item: Item, ways: readonly Way[]): boolean {
  const [failing] = actionsOf(item);
  return ways.some(({ action, error }) => action === failing && error === errorOf(item));
}

function wayForms(way: Way): string[] {
  const met = `${codeOf(way.action, ACTION_MAX)} fails with ${codeOf(way.error, ERROR_MAX)}`;
  const worked = way.episodes.length;
  const ending = `worked ${outOf(worked, worked + way.in_vain)}`;
  const bare = way.actions.map(({ tool, action }) => ({ tool, action }));
  return [
    `${met}: ${pathOf(way.actions, " → ")}: ${ending}${inVain(way)}`,
    `${met}: ${pathOf(bare, " → ")}: ${ending}`,
  ];
}

/** An error that several failed runs met on the playbook's path, with the tool that met it. */
interface Pitfall extends PitfallWords {
  readonly tool: string;
}

/** An action, and the error that it fails with. */
type Met = Pick<Way, "action" | "error">;

function metBy(way: Item | RecoveryWords): Met {
  if ("path" in way) return { action: way.tool, error: way.error };
  return { action: actionsOf(way)[0] ?? "", error: errorOf(way) };
}

function isAmong({ tool, description }: Pitfall, told: readonly Met[]): boolean {
  return told.some(
    ({ action, error }) =>
      (action === tool || action.startsWith(`${tool}: `)) && errorIn(description) === error,
  );
}

/** What stands in quotes in it; where nothing does, all of it. */
function errorIn(description: string): string {
  const [from, to] = [description.indexOf('"'), description.lastIndexOf('"')];
  return from < to ? description.slice(from + 1, to) : description;
}

const MASKS = /<[^<>]*>/g;
const WORD = /\p{L}{3}/u;

/** Those that say something beside what is masked in them, the most frequent first. */
function distinctPitfalls(playbook: PlaybookWords | null): Pitfall[] {
  const byText = new Map<string, Pitfall>();
  for (const { tool, pitfalls } of playbook?.steps ?? []) {
    for (const pitfall of pitfalls) {
      const error = QUOTED.exec(pitfall.description)?.[0] ?? pitfall.description;
      const isTelling = WORD.test(error.replaceAll(MASKS, ""));
      const key = JSON.stringify([tool, pitfall.description]);
      if (isTelling && pitfall.episodes.length >= PITFALL_RUNS_MIN)
        byText.set(key, { ...pitfall, tool });
    }
  }
  return [...byText.values()].sort((a, b) => b.episodes.length - a.episodes.length);
}

function pitfallForms({ tool, description, episodes, way_out }: Pitfall): string[] {
  const met = `${codeOf(tool, ACTION_MAX)} fails with ${codeOf(errorIn(description), ERROR_MAX)}`;
  const wayOut = way_out ? `: ${codeOf(way_out, ACTION_MAX)} worked next` : "";
  return [`${met}${wayOut}: met in ${counted(episodes.length, "failed run")}`];
}

/** What the same action worked after is one finding, however many ways there are to miss it. */
function detoursByWayOut(playbook: PlaybookWords | null): DetourWords[][] {
  return [...Map.groupBy(playbook?.detours ?? [], ({ way_out }) => way_out ?? null).values()];
}

/** The detours of one way out: the one that most runs made first. */
function detourForms(detours: readonly DetourWords[]): string[] {
  const [most, ...others] = detours.toSorted((a, b) => b.episodes.length - a.episodes.length);
  if (!most) return [];
  const runsOf = ({ episodes }: DetourWords): string => counted(episodes.length, "run");
  const instead = most.way_out ? `; ${codeOf(most.way_out, ACTION_MAX)} worked then` : "";
  const first = `${actionOf(most)} failed each time, in ${runsOf(most)}`;
  const named = others.slice(0, DETOURS_MAX - 1).map((one) => `${actionOf(one)} in ${runsOf(one)}`);
  const also = named.length === 0 ? "" : `, so did ${named.join(", ")}`;
  return [`${first}${also}${instead}`, `${first}${instead}`];
}

/** Two ranked lists as one, of each in turn. */
function inTurn(some: readonly Line[], others: readonly Line[]): Line[] {
  return Array.from({ length: Math.max(some.length, others.length) }).flatMap((_, at) =>
    [some[at], others[at]].filter((line) => line !== undefined),
  );
}
