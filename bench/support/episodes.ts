/**
 * What the benchmarks store: the runs of τ-bench that the tests have, over and over, each with
 * words of its own so that a large store is no heap of copies.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tauEpisodeLine, type TauEpisode } from "../quality/tau.ts";
import { ROOT } from "./bundle.ts";

interface Line {
  task: string;
  context: Record<string, unknown>;
  steps: Record<string, unknown>[];
  outcome?: Record<string, unknown>;
}

const RUNS = readFileSync(join(ROOT, "test/fixtures/tau_retail_sample.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => tauEpisodeLine(JSON.parse(line) as TauEpisode) as unknown as Line)
  .filter(({ steps }) => steps.length > 0);

/**
 * Words of the language that the further words of tasks are drawn from, the frequent ones first.
 */
const VOCABULARY = 30_000;
/** Words of its own that a task has. */
const OWN_WORDS = 12;
/** Of the words of the run that it was made from, every so manieth is kept. */
const EVERY_NTH = 2;

/** 0…1, the same for the same number. */
function scattered(n: number): number {
  let x = Math.imul(n + 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

const SYLLABLES = [
  "ba",
  "ce",
  "di",
  "fo",
  "gu",
  "ha",
  "ke",
  "li",
  "mo",
  "nu",
  "pa",
  "re",
  "si",
  "to",
  "vu",
  "za",
];

/** A word by its rank: Zipf's law, as languages have it. */
function word(seed: number): string {
  let rank = Math.floor(VOCABULARY ** scattered(seed));
  let text = "";
  do {
    text += SYLLABLES[rank % SYLLABLES.length];
    rank = Math.floor(rank / SYLLABLES.length);
  } while (rank > 0);
  return text.length < 4 ? `${text}lo` : text;
}

/** A task of the size of the real ones: every other word of one, and others. */
export function taskOf(n: number): string {
  const words = (RUNS[n % RUNS.length]?.task ?? "")
    .split(" ")
    .filter((_, i) => i % EVERY_NTH === n % EVERY_NTH);
  return [...words, ...Array.from({ length: OWN_WORDS }, (_, i) => word(n * OWN_WORDS + i))].join(
    " ",
  );
}

/** A sentence of a task. */
export function sentenceOf(n: number): string {
  const words = taskOf(n).split(" ");
  return [...words.slice(2, 10), ...words.slice(-2)].join(" ");
}

/** An episode as `POST /v1/import` takes it. */
export function lineOf(n: number): Record<string, unknown> {
  const run = RUNS[n % RUNS.length];
  return { ...run, type: "episode", id: `run-${n}`, task: taskOf(n) };
}

/** The steps of a run, as `POST /v1/episodes/:id/steps` takes them. */
export function stepsOf(n: number): Record<string, unknown>[] {
  return RUNS[n % RUNS.length]?.steps ?? [];
}

/** Steps of an episode of which rows and prices are counted. */
export const COUNTED_STEPS = 7;

const LONG_RUNS = RUNS.filter(({ steps }) => steps.length >= COUNTED_STEPS);

/** Seven steps: the first of a run that has as many or more. */
export function sevenStepsOf(n: number): Record<string, unknown>[] {
  return LONG_RUNS[n % LONG_RUNS.length]?.steps.slice(0, COUNTED_STEPS) ?? [];
}

/** Steps that an agent has behind it when it asks for advice. */
const STEPS_BEFORE_ADVICE = 3;

/** A request for advice in the middle of a run, as `POST /v1/advise` takes it. */
export function adviceOf(n: number): Record<string, unknown> {
  const recent_steps = stepsOf(n)
    .slice(0, STEPS_BEFORE_ADVICE)
    .map(({ tool, parameters, result }) => ({
      tool,
      parameters,
      result: (result as { type: string }).type,
    }));
  return { task: sentenceOf(n), recent_steps };
}

export function outcomeOf(n: number): Record<string, unknown> {
  return RUNS[n % RUNS.length]?.outcome ?? { type: "success", verdict: "done" };
}

/** One step of the size of a real one. */
export function stepOf(number: number): Record<string, unknown> {
  return { number, tool: "work", result: { type: "success", output: "x".repeat(500) } };
}
