/**
 * Chooses the lessons that a task or a step calls for. A lesson counts by the words that it shares
 * with the task, by the tools that it applies to or names, by its domain and tags, and by what its
 * uses came to. Of two that are near each other the later word comes first, and says that it amends
 * the other. Pure.
 *
 * @module
 */

import type { LessonEvidence } from "../../contract/lessons/answers.ts";
import type { AppliesTo } from "../../contract/lessons/requests.ts";
import { queryTokens } from "../text/index.ts";
import { isCompatible, nearness } from "./likeness.ts";
import { namesTool } from "./named-tools.ts";
import { sharedCount, type LessonTerms, type TermWeights } from "./terms.ts";

/** A lesson, as far as choosing goes. */
export interface Choosable {
  id: string;
  text: string;
  applies_to: AppliesTo;
  /** Of its text. */
  terms: LessonTerms;
  /** Terms by which it is found: of its text, its tags and task, and of what it superseded. */
  subject: ReadonlySet<string>;
  /** When it was said last, RFC 3339. */
  said_at: string;
  pinned: boolean;
}

export interface LessonQuestion {
  task: string;
  domain: string | null;
  tags: readonly string[];
  /** Tools of the last steps, the last one last. */
  tools: readonly string[];
  /** The tool that is about to be called; null: not known. */
  next_tool: string | null;
  /** Tools of the steps that are proposed, each once. */
  planned: readonly string[];
  /** The error that the agent looks at; null: none. */
  error: string | null;
}

export interface Choice<L extends Choosable> {
  lesson: L;
  score: number;
  evidence: LessonEvidence;
  /** The older lesson that it amends; null: none that would be shown. */
  amends: string | null;
}

/** Which lessons there are, and what is known of them. */
export interface Choosing<L extends Choosable> {
  lessons: readonly L[];
  weights: TermWeights;
  evidence: (ids: readonly string[]) => ReadonlyMap<string, LessonEvidence>;
  /** The success rate that is usual where the question comes from, 0…1. */
  usual: number;
}

export interface LessonBounds {
  lessons: number;
  /** Characters of their texts together; the first is always there. */
  characters: number;
}

/** A lesson that fits the task less is not shown. */
const RELEVANCE_MIN = 0.2;
/** A lesson that has one word of the task alone must fit it so well. */
const ONE_WORD_FIT_MIN = 0.3;
/** A task counts as no longer than this many times a lesson: it says more than one thing. */
const TASK_LENGTH_MAX = 2;
/** What it is worth that the tool, the domain or a tag is named by the lesson. */
const NEXT_TOOL_FITS = 0.5;
const TOOL_FITS = 0.15;
const DOMAIN_FITS = 0.1;
const TAG_FITS = 0.1;
/** How much of the score evidence decides. */
const EVIDENCE_SHARE = 0.3;
/** Of how many successes a repeated statement counts as one, and how many statements count. */
const SAID_WORTH = 0.5;
const SAID_MAX = 4;
/** From which nearness on the later word comes before the other one, and amends it. */
const NEAR = 0.2;
const AMENDING = 0.45;
/** Lessons whose evidence is looked at, the most relevant. */
const CANDIDATES_MAX = 50;
/** Lessons, the most relevant, of which a later word is looked for. */
const LEADING_MAX = 10;

/** The best first; those that are pinned before others. */
export function chooseLessons<L extends Choosable>(
  question: LessonQuestion,
  choosing: Choosing<L>,
  bounds: LessonBounds,
): Choice<L>[] {
  const found = relevantLessons(question, choosing);
  const evidence = choosing.evidence(found.map(({ lesson }) => lesson.id));
  const scored = found
    .flatMap(({ lesson, relevance }) => {
      const known = evidence.get(lesson.id);
      if (!known || (isMisleading(known, choosing.usual) && !lesson.pinned)) return [];
      const share = 1 - EVIDENCE_SHARE + EVIDENCE_SHARE * worthOf(known);
      return [{ lesson, evidence: known, score: relevance * share, amends: null }];
    })
    .sort(byScore);
  return bounded(laterFirst(scored, choosing.weights), bounds);
}

/** The lessons that some words fit, the best first, whatever was counted for them. */
export function searchLessons<L extends Choosable>(
  words: string,
  lessons: readonly L[],
  weights: TermWeights,
): L[] {
  const asked = termsOf(words);
  return lessons
    .map((lesson) => ({ lesson, fit: fitOf(asked, lesson, weights) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit || (a.lesson.id < b.lesson.id ? -1 : 1))
    .map(({ lesson }) => lesson);
}

interface Relevant<L> {
  lesson: L;
  relevance: number;
}

function relevantLessons<L extends Choosable>(
  question: LessonQuestion,
  { lessons, weights }: Choosing<L>,
): Relevant<L>[] {
  const asked = termsOf(`${question.task}\n${question.error ?? ""}`);
  const fitting = lessons
    .filter(({ applies_to }) => isCompatible(applies_to.domain, question.domain))
    .map((lesson) => ({ lesson, relevance: relevanceOf(question, asked, lesson, weights) }));
  const found = fitting
    .filter(({ lesson, relevance }) => lesson.pinned || relevance >= RELEVANCE_MIN)
    .sort(byRelevance)
    .slice(0, CANDIDATES_MAX);
  // A later word about the same comes along, although it says it in words that the task has not.
  const least = Math.min(RELEVANCE_MIN, found.at(-1)?.relevance ?? 0);
  const known = new Set(found);
  const leading = found.slice(0, LEADING_MAX);
  const later = fitting.filter(
    (one) =>
      !known.has(one) &&
      leading.some(({ lesson }) => isLater(one.lesson, lesson, weights, AMENDING)),
  );
  return [...found, ...later.map(({ lesson }) => ({ lesson, relevance: least }))];
}

function byRelevance<L extends Choosable>(a: Relevant<L>, b: Relevant<L>): number {
  return b.relevance - a.relevance || (a.lesson.id < b.lesson.id ? -1 : 1);
}

function relevanceOf(
  { domain, tags, tools, next_tool, planned }: LessonQuestion,
  asked: ReadonlySet<string>,
  lesson: Choosable,
  weights: TermWeights,
): number {
  const { applies_to } = lesson;
  let relevance = fitOf(asked, lesson, weights);
  if (next_tool !== null && namesTool(lesson, next_tool)) relevance += NEXT_TOOL_FITS;
  // About a step that is proposed it is relevant; what fits the task itself comes before it.
  if (planned.some((tool) => namesTool(lesson, tool)))
    relevance = Math.max(RELEVANCE_MIN, relevance + TOOL_FITS);
  // What else fits says something only of a lesson that is about the task at all.
  if (relevance === 0) return 0;
  if (tools.some((tool) => applies_to.tools.includes(tool))) relevance += TOOL_FITS;
  if (domain !== null && applies_to.domain !== null) relevance += DOMAIN_FITS;
  if (applies_to.tags.some((tag) => tags.includes(tag))) relevance += TAG_FITS;
  return Math.min(1, relevance);
}

/** How well the words fit the lesson, 0…1: cosine of the weighted terms. */
function fitOf(asked: ReadonlySet<string>, lesson: Choosable, weights: TermWeights): number {
  const shared = sharedCount(asked, lesson.subject);
  if (shared === 0) return 0;
  const own = weights.sum(lesson.subject);
  const task = Math.min(weights.sum(asked), TASK_LENGTH_MAX * own);
  const fit = weights.sumShared(asked, lesson.subject) / Math.sqrt(own * task);
  // One word in common is chance, unless it is most of what was asked or of what the lesson has.
  return shared === 1 && fit < ONE_WORD_FIT_MIN ? 0 : Math.min(1, fit);
}

function termsOf(text: string): ReadonlySet<string> {
  return new Set(queryTokens(text).map(({ term }) => term));
}

/** Whether its uses went worse than what is usual, beyond doubt. */
function isMisleading({ success, failure, high }: LessonEvidence, usual: number): boolean {
  return success + failure > 0 && high < usual;
}

/** 0…1; a half for what was said once and never used. */
function worthOf({ said, success, failure }: LessonEvidence): number {
  const repeated = SAID_WORTH * Math.min(SAID_MAX, Math.max(0, said - 1));
  return (success + repeated + 1) / (success + failure + repeated + 2);
}

function byScore<L extends Choosable>(a: Choice<L>, b: Choice<L>): number {
  return (
    Number(b.lesson.pinned) - Number(a.lesson.pinned) ||
    b.score - a.score ||
    (a.lesson.said_at > b.lesson.said_at ? -1 : a.lesson.said_at < b.lesson.said_at ? 1 : 0) ||
    (a.lesson.id < b.lesson.id ? -1 : 1)
  );
}

function isLater(a: Choosable, b: Choosable, weights: TermWeights, from: number): boolean {
  return a.said_at > b.said_at && nearness(a.terms, b.terms, weights) >= from;
}

/** The same, each later word before what it is near to. */
function laterFirst<L extends Choosable>(
  choices: readonly Choice<L>[],
  weights: TermWeights,
): Choice<L>[] {
  const ordered: Choice<L>[] = [];
  for (const choice of choices) {
    const older = ordered.findIndex(
      (one) =>
        one.lesson.pinned === choice.lesson.pinned &&
        isLater(choice.lesson, one.lesson, weights, NEAR),
    );
    ordered.splice(older < 0 ? ordered.length : older, 0, choice);
  }
  return ordered.map((choice, i) => {
    const amended = ordered
      .slice(i + 1)
      .find((one) => isLater(choice.lesson, one.lesson, weights, AMENDING));
    return { ...choice, amends: amended?.lesson.id ?? null };
  });
}

function bounded<L extends Choosable>(
  choices: readonly Choice<L>[],
  { lessons, characters }: LessonBounds,
): Choice<L>[] {
  const shown: Choice<L>[] = [];
  let length = 0;
  for (const choice of choices.slice(0, lessons)) {
    length += choice.lesson.text.length;
    if (shown.length > 0 && length > characters) break;
    shown.push(choice);
  }
  const ids = new Set(shown.map(({ lesson }) => lesson.id));
  return shown.map((choice) => ({
    ...choice,
    amends: choice.amends !== null && ids.has(choice.amends) ? choice.amends : null,
  }));
}
