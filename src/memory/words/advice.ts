/**
 * Puts advice into words for the moment of action: how the proposed tool looks, the way out of the
 * error, what to do next, what to avoid, lessons, what else the run will need, and how it will
 * probably end. Every line ends with its evidence. Pure.
 *
 * @module
 */

import { ACTION_MAX, actionOf, nextSection, type Lead } from "./parts/actions.ts";
import { closing, nothingKnown } from "./text/frame.ts";
import { lessonsSection } from "./parts/lessons.ts";
import { counted, likelyNext, percent } from "./text/numbers.ts";
import { leadOf, waysOutSection } from "./parts/recoveries.ts";
import {
  layOut,
  linesOf,
  UNTRUSTED_NOTE,
  type Section,
  type WordsOptions,
} from "./text/sections.ts";
import { codeOf, named, plainOf } from "./text/stored-text.ts";
import type { AdviceWords, AvoidWords } from "./views.ts";

const WHY_MAX = 200;
/** The verdict that warns of a tool. */
const AVOID = "avoid";
/** What stands around the stored name in a reason. */
const BEFORE_WAY = "; ";
const BEHIND_WAY = " worked then";
const PROPOSED_WORTH = 12;
const AVOID_WORTH = 8;
const EXPECTED_WORTH = 3;
const OUTLOOK_WORTH = 2;
/** A tool that a run will need is more likely than not used in it. */
const EXPECTED_MIN = 0.5;
const EXPECTED_MAX = 6;
/** An outlook is shown where it is at least this far from what is usual, as shares. */
const OUTLOOK_APART_MIN = 0.15;

export function adviceInWords(view: AdviceWords, { maxTokens, evidence }: WordsOptions): string {
  const lead = leadOf(view.recoveries, view.avoid);
  const sections = [
    proposedSection(view, lead),
    waysOutSection(view.recoveries, evidence),
    nextSection(view, { lead }),
    avoidSection(view, evidence),
    lessonsSection(view.lessons, evidence),
    expectedSection(view),
    outlookSection(view.outlook),
  ];
  const frame = { head: UNTRUSTED_NOTE, foot: closing(view), nothing: nothingKnown(view) };
  return layOut(frame, sections, maxTokens);
}

/** What is usual says nothing against a way out that is known, nor what is unusual of it. */
function proposedSection({ proposed, next_tools }: AdviceWords, lead: Lead | null): Section {
  const lines = linesOf(proposed ? [proposed] : [], PROPOSED_WORTH, (one) => {
    const why = one.why ? `, ${sentenceOf(one.why)}` : "";
    const tool = codeOf(one.tool, ACTION_MAX);
    if (lead?.action.tool === one.tool) return [`${tool}${why}: ${lead.evidence}`];
    const isSaid = lead === null || one.verdict === AVOID;
    const is = isSaid ? ` is ${plainOf(one.verdict, ACTION_MAX)} here` : "";
    return [`${tool}${is}${why}: ${likelyNext(one.probability, next_tools)}`];
  });
  return { title: "Your next step", lines };
}

/** Why a choice is warned of, without what is stored leaving its place. */
export function reasonOf({ pattern_id, why }: Pick<AvoidWords, "pattern_id" | "why">): string {
  // Of what has a pattern a person may have put other words in its place.
  return pattern_id === null ? sentenceOf(why) : codeOf(why, WHY_MAX);
}

/**
 * What the memory itself says of a choice, its sentence as it is; only the action that worked in
 * place of another one is stored text in it.
 */
function sentenceOf(why: string): string {
  const at = why.indexOf(BEFORE_WAY);
  if (at < 0 || !why.endsWith(BEHIND_WAY)) return plainOf(why, WHY_MAX);
  const way = codeOf(why.slice(at + BEFORE_WAY.length, -BEHIND_WAY.length), ACTION_MAX);
  return `${plainOf(why.slice(0, at), WHY_MAX)}${BEFORE_WAY}${way}${BEHIND_WAY}`;
}

/** Nothing that was learned warns of the tool that is proposed; that it fails just now does. */
function avoidSection({ avoid, next_tools }: AdviceWords, evidence: boolean): Section {
  const first = next_tools[0]?.tool;
  const isWarning = ({ tool, action, pattern_id }: AvoidWords): boolean =>
    pattern_id === null || (action ?? tool) !== first;
  const lines = linesOf(avoid.filter(isWarning), AVOID_WORTH, (one) => {
    const id = one.pattern_id === null ? "" : named(one.pattern_id, evidence);
    return [`${actionOf(one)}: ${reasonOf(one)}${id}`];
  });
  return { title: "Avoid", lines };
}

/** What the run will use beside what comes next. */
function expectedSection({ expected_tools, next_tools }: AdviceWords): Section {
  const next = next_tools[0]?.tool;
  const shown = expected_tools
    .filter(({ tool, probability }) => tool !== next && probability >= EXPECTED_MIN)
    .slice(0, EXPECTED_MAX)
    .map(({ tool, probability }) => `${codeOf(tool, ACTION_MAX)} ${percent(probability)}`);
  const lines = linesOf(shown.length > 0 ? [shown] : [], EXPECTED_WORTH, (tools) => [
    tools.join(", "),
  ]);
  return { title: "Such runs use", lines };
}

function outlookSection(outlook: AdviceWords["outlook"]): Section {
  const isTold =
    outlook !== null && Math.abs(outlook.success - outlook.base_rate) >= OUTLOOK_APART_MIN;
  const lines = linesOf(isTold ? [outlook] : [], OUTLOOK_WORTH, (one) => {
    const usual = `where ${percent(one.base_rate)} is usual`;
    const likely = `${percent(one.success)} likely to succeed`;
    return [`${likely}, ${usual}: from ${counted(one.runs, "run")}`];
  });
  return { title: "Outlook", lines };
}
