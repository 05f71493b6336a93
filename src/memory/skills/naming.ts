/**
 * Names a family of runs by what it does that others do not: actions and words. A name is a folder's,
 * and a description stands in every prompt of an agent, so both are made of single words, and hold
 * no sentence that was stored. Pure.
 *
 * @module
 */

import { contentTokens } from "../text/tokens.ts";
import { plainOf } from "../words/index.ts";
import { hashOf } from "./document.ts";
import type { Family } from "./families.ts";
import { TASK_READ, type Features, type FamilyRun } from "./features.ts";

/** Characters of a name and of a description, as Agent Skills have them. */
const NAME_MAX = 64;
const DESCRIPTION_MAX = 1_024;
/** Characters of an action and of a word in a description. */
const LABEL_MAX = 60;
const WORD_MIN = 3;
const WORD_MAX = 24;
const ACTIONS_MAX = 2;
const WORDS_MAX = 4;
/** Tasks that share a word at least: fewer may share a name. */
const TASKS_MIN = 3;
/** Hexadecimal digits that tell families of one name apart. */
const MARK = 6;
/** What a family is known by most of its runs do, or most of its tasks say. */
const SHARE_MIN = 0.5;
/** …and this much more often than all runs. */
const RATIO_MIN = 1.5;

/** What a family is known by. */
export interface Character {
  /** The actions that tell it from others, in the order of the runs; at least one. */
  actions: readonly string[];
  /** The words that its tasks share and others do not, the most telling first. */
  words: readonly string[];
}

/** The share of runs that do something, and of tasks that say it, by action and by term. */
interface Usual {
  actions: ReadonlyMap<string, number>;
  terms: ReadonlyMap<string, number>;
}

/** Of each family, beside all runs that were looked at. */
export function charactersOf(
  families: readonly Family[],
  all: readonly FamilyRun[],
  features: Features,
): Character[] {
  const tasks = [...new Set(all.map(({ task }) => task))];
  const usual: Usual = {
    actions: sharesIn(all.map((run) => features.kindsOf(run))),
    terms: sharesIn(tasks.map((task) => features.termsOf(task))),
  };
  return families.map((family) => characterOf(family, usual, features));
}

function characterOf(family: Family, usual: Usual, features: Features): Character {
  const own = family.runs.map((run) => features.actionsOf(run));
  const sets = family.runs.map((run) => features.kindsOf(run));
  const distinctive = tellingIn(sets, usual.actions, ACTIONS_MAX);
  const place = (action: string): number =>
    own.reduce((sum, actions) => sum + Math.max(0, actions.indexOf(action)), 0);
  const actions = distinctive.length > 0 ? distinctive : mostFrequentIn(sets);
  return {
    actions: actions.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1)),
    words: wordsOf(family, usual, features),
  };
}

/** Of several families of the same name the later ones have a mark of their own. */
export function namesOf(
  families: readonly { domain: string; character: Character }[],
): readonly string[] {
  const taken = new Set<string>();
  return families.map(({ domain, character }) => {
    const name = nameOf(domain, character, taken);
    taken.add(name);
    return name;
  });
}

function nameOf(domain: string, { actions, words }: Character, taken: ReadonlySet<string>): string {
  const field = slugOf(domain.split("/").at(-1) ?? "");
  const parts = actions.map((action) => slugOf(labelOf(action)));
  const name = cut([field, ...new Set(parts)].filter((part) => part !== "").join("-"), NAME_MAX);
  if (name !== "" && !taken.has(name)) return name;

  const word = words.map(slugOf).find((one) => one !== "" && !name.includes(one));
  const longer = `${cut(name, NAME_MAX - WORD_MAX - 1)}-${word}`;
  if (name !== "" && word !== undefined && !taken.has(longer)) return longer;
  for (let turn = 0; ; turn++) {
    const mark = hashOf(JSON.stringify([domain, actions, words, turn])).slice(0, MARK);
    const marked = `${name === "" ? "family" : cut(name, NAME_MAX - mark.length - 1)}-${mark}`;
    if (!taken.has(marked)) return marked;
  }
}

/** Letters, digits and single hyphens between them. */
function slugOf(text: string): string {
  return plainOf(text, LABEL_MAX)
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .split("-")
    .filter((part) => part !== "")
    .join("-");
}

function cut(slug: string, max: number): string {
  const parts = slug.slice(0, max).split("-");
  const isWhole = slug.length <= max || slug[max] === "-" || parts.length === 1;
  return (isWhole ? parts : parts.slice(0, -1)).filter((part) => part !== "").join("-");
}

/** An action without its tool, where what is done with it says enough: `npm test`. */
function labelOf(action: string): string {
  const [, key = ""] = action.split(/: (.*)/s);
  return /^[A-Za-z]/.test(key) ? key : action;
}

/** When to use it, for an agent that has not read it. */
export function describe(domain: string, { actions, words }: Character): string {
  const labels = actions.map((action) => quoted(plainOf(labelOf(action), LABEL_MAX)));
  const field = domain === "" ? "Tasks" : `Tasks of ${quoted(plainOf(domain, LABEL_MAX))}`;
  const about = words.length === 0 ? "" : ` about ${words.join(", ")}`;
  const done = labels.join(" and ");
  const any = labels.join(" or ");
  return (
    `${field}${about}, done with ${done}: the steps that worked in earlier runs, where their values ` +
    `come from, what to avoid and what led out of errors. Use it for such a task, before ${any}, ` +
    `and when ${labels.length > 1 ? "one of them" : "it"} fails.`
  ).slice(0, DESCRIPTION_MAX);
}

const quoted = (text: string): string => `"${text.replaceAll('"', "'")}"`;

function wordsOf(family: Family, usual: Usual, features: Features): string[] {
  const tasks = [...new Set(family.runs.map(({ task }) => task))];
  if (tasks.length < TASKS_MIN) return [];
  const terms = tasks.map((task) => features.termsOf(task));
  const distinctive = tellingIn(terms, usual.terms, Number.POSITIVE_INFINITY).filter(
    (term) => terms.filter((own) => own.has(term)).length >= TASKS_MIN,
  );
  const written = writtenAs(tasks, new Set(distinctive));
  return distinctive.flatMap((term) => written.get(term) ?? []).slice(0, WORDS_MAX);
}

/** What most of these sets hold, and fewer anywhere; the most telling first. */
function tellingIn(
  own: readonly ReadonlySet<string>[],
  anywhere: ReadonlyMap<string, number>,
  max: number,
): string[] {
  const here = sharesIn(own);
  return [...here]
    .map(([item, share]) => ({ item, share, ratio: share / (anywhere.get(item) ?? share) }))
    .filter(({ share, ratio }) => share >= SHARE_MIN && ratio >= RATIO_MIN)
    .sort(
      (a, b) =>
        b.share * Math.log(b.ratio) - a.share * Math.log(a.ratio) || (a.item < b.item ? -1 : 1),
    )
    .slice(0, max)
    .map(({ item }) => item);
}

function mostFrequentIn(sets: readonly ReadonlySet<string>[]): string[] {
  const [most] = [...sharesIn(sets)].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return most ? [most[0]] : [];
}

/** Small letters, with what ends a word or a sentence around them. */
function isPlainWord(piece: string): boolean {
  return /^["'(]?[\p{Ll}\p{Lo}]+["')]?[.,;:!?]?$/u.test(piece);
}

function sharesIn(sets: readonly ReadonlySet<string>[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const set of sets)
    for (const item of set) shares.set(item, (shares.get(item) ?? 0) + 1 / sets.length);
  return shares;
}

/** Terms as most tasks write them; those that are a plain word, in small letters: no name. */
function writtenAs(tasks: readonly string[], terms: ReadonlySet<string>): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const task of tasks) {
    const plain = task.slice(0, TASK_READ).split(/\s+/).filter(isPlainWord).join(" ");
    for (const { term, word } of contentTokens(plain)) {
      if (!terms.has(term) || word.length < WORD_MIN || word.length > WORD_MAX) continue;
      const own = counts.get(term) ?? new Map<string, number>();
      counts.set(term, own.set(word, (own.get(word) ?? 0) + 1));
    }
  }
  const most = [...counts].flatMap(([term, words]) => {
    const [best] = [...words].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return best ? [[term, best[0]] as const] : [];
  });
  return new Map(most);
}
