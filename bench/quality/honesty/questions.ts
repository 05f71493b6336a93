/**
 * Questions that a memory of one domain has nothing to do with: tasks of the other sets of a folder,
 * and gibberish.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TauEpisode } from "../tau.ts";

/** By domain, in the order in which the files have them; the same task once. */
export type Tasks = ReadonlyMap<string, readonly string[]>;

const RUNS = [
  ["customer service", "tau_retail_episodes.jsonl"],
  ["sql", "intercode_sql_episodes.jsonl"],
  ["shell", "intercode_bash_episodes.jsonl"],
] as const;

/** Every set of the folder that is there. */
export function tasksOf(folder: string): Tasks {
  const tasks = new Map<string, readonly string[]>();
  for (const [name, file] of RUNS) {
    const runs = runsOf(folder, file);
    if (runs.length > 0) tasks.set(name, [...new Set(runs.map(({ task }) => task))]);
  }
  const routing = linesOf(join(folder, "metatool_queries.csv")).slice(1);
  // The tool behind the last comma is the label; what is before it may be quoted.
  const asked = routing.map((line) => line.slice(0, line.lastIndexOf(",")).replaceAll('"', ""));
  if (asked.length > 0) tasks.set("routing", [...new Set(asked)]);
  const claims = linesOf(join(folder, "retrieval/scifact_train/queries.jsonl"));
  const texts = claims.map((line) => (JSON.parse(line) as { text: string }).text);
  if (texts.length > 0) tasks.set("claims", [...new Set(texts)]);
  return tasks;
}

/** Runs that took a step. */
export function runsOf(folder: string, file: string): TauEpisode[] {
  return linesOf(join(folder, file))
    .map((line) => JSON.parse(line) as TauEpisode)
    .filter(({ steps }) => steps.length > 0);
}

function linesOf(path: string): string[] {
  const zipped = `${path}.gz`;
  if (!existsSync(path) && !existsSync(zipped)) return [];
  const bytes = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(zipped));
  return bytes.toString("utf8").trim().split(/\r?\n/);
}

/** So many of a list, evenly spread over it. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return Array.from({ length: Math.min(count, items.length) }, (_, i) => {
    return items[Math.floor(i * step)];
  }).filter((item) => item !== undefined);
}

/** Questions of all domains but one, so many together. */
export function foreignTo(domain: string, tasks: Tasks, count: number): string[] {
  const others = [...tasks].filter(([name]) => name !== domain);
  return others.flatMap(([, own]) => spread(own, Math.ceil(count / others.length))).slice(0, count);
}

/** Texts that say nothing: keys at random, words that are none, and words that go with nothing. */
export const GIBBERISH: readonly string[] = [
  "asdf qwer zxcv",
  "lorem ipsum dolor sit amet",
  "xkcd blorp frabjous",
  "jjjjjjjj kkkkk",
  "42 1337 9001",
  "!!! ??? ...",
  "qwertyuiop asdfghjkl",
  "foo bar baz qux",
  "zzyzx vorpal snicker snack",
  "aaaa bbbb cccc dddd",
  "ph'nglui mglw'nafh cthulhu",
  "colorless green ideas sleep furiously",
  "twas brillig and the slithy toves",
  "0xdeadbeef 0xcafebabe",
  "blah blah blah yada yada",
];
