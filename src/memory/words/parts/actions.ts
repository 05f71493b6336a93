/**
 * Says an action in words: what is done, with which values, and where they come from. Pure.
 *
 * @module
 */

import { likelyNext, percent, RUNS_FEW } from "../text/numbers.ts";
import { linesOf, type Section } from "../text/sections.ts";
import { codeOf, named } from "../text/stored-text.ts";
import type {
  ActionWords,
  NextActionWords,
  NextToolWords,
  ParameterWords,
  PlaybookWords,
  StepWords,
} from "../views.ts";

/** Characters of a tool or an action, of an error, and of a value or a path. */
export const ACTION_MAX = 120;
export const ERROR_MAX = 160;
const VALUE_MAX = 60;
/** Sources that are no path: the task's text, and nothing that was seen. */
const TASK = "task";
const ASK = "ask";
/** What a source is that ends so: a part of what stands at the path before it. */
const INSIDE = [
  ["(text)", "a word in the answer of"],
  ["{key}", "the name of a field of"],
] as const;
/** What is said of a value that nothing told. */
const UNKNOWN = "yours to choose or ask for";
/** Sources or values of a parameter, parameters of an action, and actions of a path. */
const ALTERNATIVES_MAX = 3;
/** Share of the runs from which it is not told how many had a value so. */
const SURE_MIN = 0.95;
/** Share of the runs that had a value at least, so that it is named. */
const VALUE_SUPPORT_MIN = 0.5;
const PARAMETERS_MAX = 8;
const PATH_MAX = 6;
/** Alternatives to the likeliest next action, and the probability below which one is none. */
const OTHERS_MAX = 4;
const NEXT_PROBABILITY_MIN = 0.03;

const NEXT_WORTH = 10;
const PLAYBOOK_WORTH = 6;

/** The action, or the tool where no more is known of it. */
export function actionOf({ tool, action }: ActionWords): string {
  return codeOf(action?.startsWith(tool) ? action : tool, ACTION_MAX);
}

/** The same with the sources and values of its parameters, if any of them is known. */
function actionWithParameters(action: ActionWords): string {
  const parameters = (action.parameters ?? []).filter(isUsual).slice(0, PARAMETERS_MAX);
  if (parameters.every((one) => originOf(one) === UNKNOWN)) return actionOf(action);
  return `${actionOf(action)} with ${parameters.map(parameterOf).join(", ")}`;
}

/** A value that few runs had is one of another task. */
function isUsual({ value, source, support = 1 }: ParameterWords): boolean {
  return value === undefined || source !== undefined || support >= VALUE_SUPPORT_MIN;
}

function parameterOf(parameter: ParameterWords): string {
  const { name, found = [], support } = parameter;
  const origin = originOf(parameter);
  const isSure = support === undefined || support >= SURE_MIN || origin === UNKNOWN;
  const sure = isSure ? "" : ` (${percent(support)})`;
  const value = found.length > 0 ? ` = ${anyOf(found)}` : "";
  return `${codeOf(name, VALUE_MAX)}${value} ${origin}${sure}`;
}

function originOf({ source, or = [], value, one_of: oneOf = [] }: ParameterWords): string {
  const sources = [source ?? ASK, ...or].filter((one) => one !== ASK).map(sourceOf);
  if (sources.length > 0) return `from ${sources.slice(0, ALTERNATIVES_MAX).join(" or ")}`;
  if (value !== undefined && value !== null) {
    return `= ${codeOf(typeof value === "string" ? value : JSON.stringify(value), VALUE_MAX)}`;
  }
  return oneOf.length > 0 ? `one of ${anyOf(oneOf)}` : UNKNOWN;
}

function sourceOf(source: string): string {
  if (source === TASK) return "the task";
  const [end, inside] = INSIDE.find(([mark]) => source.endsWith(mark)) ?? ["", ""];
  const path = source.slice(0, source.length - end.length);
  const place = codeOf(end !== "" && path.endsWith(".") ? path.slice(0, -1) : path, ACTION_MAX);
  return inside === "" ? place : `${inside} ${place}`;
}

function anyOf(values: readonly string[]): string {
  const shown = values.slice(0, ALTERNATIVES_MAX).map((value) => codeOf(value, VALUE_MAX));
  return shown.join(" or ");
}

/** Actions one after the other. */
export function pathOf(actions: readonly ActionWords[], between = ", then "): string {
  const shown = actions.slice(0, PATH_MAX).map(actionWithParameters);
  return [...shown, ...(actions.length > PATH_MAX ? ["…"] : [])].join(between);
}

/** Tools in a row, the same one several times as one. */
export function toolsInARow(tools: readonly string[], max: number): string {
  const runs: { tool: string; times: number }[] = [];
  for (const tool of tools) {
    const last = runs.at(-1);
    if (last?.tool === tool) last.times += 1;
    else runs.push({ tool, times: 1 });
  }
  const shown = runs
    .slice(0, max)
    .map(({ tool, times }) => `${codeOf(tool, ACTION_MAX)}${times > 1 ? ` ×${times}` : ""}`);
  return [...shown, ...(runs.length > max ? ["…"] : [])].join(" → ");
}

/** What an answer proposes to do. */
export interface Proposals {
  readonly next_tools: readonly NextToolWords[];
  readonly next_actions?: readonly NextActionWords[] | undefined;
}

/** What is done first whatever is likeliest: the way out of the error at hand, and how it went. */
export interface Lead {
  readonly action: ActionWords;
  readonly evidence: string;
}

/**
 * What to do next, the likeliest and then the others: actions where they are known, else tools.
 * What led out of the error at hand goes before them: runs that met no error, or another one, say
 * what is likely too.
 *
 * @param about.playbook refers to its first step, where that says more of the tool
 */
export function nextSection(
  { next_tools, next_actions = [] }: Proposals,
  { playbook = null, lead = null }: { playbook?: PlaybookWords | null; lead?: Lead | null } = {},
): Section {
  const proposals: readonly NextActionWords[] = next_actions.length > 0 ? next_actions : next_tools;
  if (lead)
    return { title: "Do next", lines: linesOf(ledForms(lead, proposals), NEXT_WORTH, asIs) };
  const [first, ...rest] = proposals;
  const others = rest.filter(({ probability }) => probability >= NEXT_PROBABILITY_MIN);
  const like = first && `: ${likelyNext(first.probability, next_tools)}`;
  const step = next_actions.length === 0 ? refinedBy(playbook, first) : "";
  const forms = [
    first ? [`${actionWithParameters(first)}${step}${like}`, `${actionOf(first)}${like}`] : [],
    alternativesIn(others.slice(0, OTHERS_MAX)),
  ];
  return { title: "Do next", lines: linesOf(forms, NEXT_WORTH, asIs) };
}

const asIs = (forms: string[]): string[] => forms;

/** The lead, as the present run would do it where that is known, and then what is likely. */
function ledForms({ action, evidence }: Lead, proposals: readonly NextActionWords[]): string[][] {
  const isLead = (one: ActionWords): boolean => actionOf(one) === actionOf(action);
  const first = proposals.find(isLead) ?? action;
  const others = proposals.filter((one) => !isLead(one) && one.probability >= NEXT_PROBABILITY_MIN);
  return [
    [`${actionWithParameters(first)}: ${evidence}`, `${actionOf(first)}: ${evidence}`],
    alternativesIn(others.slice(0, OTHERS_MAX)).map((one) => `${one} likely next`),
  ];
}

function refinedBy(playbook: PlaybookWords | null, first: ActionWords | undefined): string {
  const [step] = playbook?.steps ?? [];
  if (!step || !first || step.tool !== first.tool) return "";
  return stepInWords(step) === actionOf(first) ? "" : ", as in step 1 of the playbook";
}

/** Without their parameters, which would take more room than what is likeliest. */
function alternativesIn(others: readonly NextActionWords[]): string[] {
  const each = others.map((one) => `${actionOf(one)} ${percent(one.probability)}`);
  return each.length === 0 ? [] : [`or ${each.join(", ")}`];
}

/** What an answer proposes: what to do next, and all of its playbook; tools and actions alike. */
export interface Acts {
  readonly first: readonly string[];
  readonly all: readonly string[];
}

export function actsOf({
  next_tools,
  next_actions = [],
  playbook,
}: Proposals & { readonly playbook: PlaybookWords | null }): Acts {
  const [next] = [...next_actions, ...next_tools];
  const namesOf = ({ tool, action }: ActionWords): string[] => [tool, action ?? tool];
  return { first: next ? namesOf(next) : [], all: (playbook?.steps ?? []).flatMap(namesOf) };
}

/**
 * The steps of a playbook, in order, each with the runs that took it.
 *
 * @param about.next what is said to be done next: a playbook that has nothing else says nothing new
 */
export function playbookSection(
  playbook: PlaybookWords | null,
  { next, evidence }: { next?: ActionWords | undefined; evidence: boolean },
): Section {
  const rows = inARow(playbook?.steps ?? []);
  const proposed = next && actionOf(next);
  const begins = rows[0] && stepInWords(rows[0].step);
  if (!playbook || (rows.length === 1 && begins === proposed)) {
    return { title: "Playbook", lines: [] };
  }

  const runs = playbook.based_on.length;
  const isElsewhere = next !== undefined && rows[0]?.step.tool !== next.tool;
  const whole = isElsewhere && !playbook.continues_after ? " from its beginning" : "";
  const others = runs === 1 ? "the one similar run" : `${runs} similar runs`;
  const title = `Playbook${whole}: what ${others} that succeeded did${named(playbook.id, evidence)}`;
  const lines = linesOf(rows, PLAYBOOK_WORTH, (one) => stepForms(one, runs));
  return { title, lines, isNumbered: true };
}

/** Steps one after the other that are the same action, as one. */
interface RepeatedStep {
  readonly step: StepWords;
  readonly times: number;
  /** Runs that took it so often. */
  readonly took: number;
}

function inARow(steps: readonly StepWords[]): RepeatedStep[] {
  const rows: RepeatedStep[] = [];
  for (const step of steps) {
    const last = rows.at(-1);
    const took = step.episodes.length;
    const isSame = last !== undefined && stepInWords(last.step) === stepInWords(step);
    if (isSame) rows[rows.length - 1] = { ...last, times: last.times + 1, took };
    else rows.push({ step, times: 1, took });
  }
  return rows;
}

function stepForms({ step, times, took }: RepeatedStep, runs: number): string[] {
  const often = times > 1 ? `, ${times} times` : "";
  const evidence = `${Math.min(took, runs)} of ${runs}${failureOf(step)}`;
  return [`${stepInWords(step)}${often}: ${evidence}`, `${actionOf(step)}${often}: ${evidence}`];
}

/** How its calls went, where as many failed as worked, or more: else a reader takes it for success. */
function failureOf({ success_rate: rate, episodes }: StepWords): string {
  if (rate === null || rate === undefined || rate > 0.5) return "";
  if (rate === 0) return episodes.length === 1 ? ", it failed" : ", it failed each time";
  return episodes.length < RUNS_FEW ? "" : `, ${percent(1 - rate)} of its calls failed`;
}

function stepInWords(step: StepWords): string {
  const loop = step.for_each ? `, for each of ${sourceOf(step.for_each)}` : "";
  const when = step.when ? `, when ${codeOf(step.when, ACTION_MAX)}` : "";
  return `${actionWithParameters(step)}${loop}${when}`;
}
