/**
 * Finds where the values of calls come from: the text of the task, or a field of what an earlier
 * step answered. Found by the values themselves, normalised; no name is compared. Pure; linear in
 * what calls and answers hold, within bounds.
 *
 * @module
 */

import { leavesOf, normalised, type Leaf } from "./leaves.ts";

/** The source of what the task's text holds. */
export const TASK_SOURCE = "task";
/** Characters of a value, and of one in a task's text: a shorter one is found anywhere. */
const TELLING_LENGTH = 2;
const WORD_LENGTH = 3;
/** Values of a run's answers that are remembered, and sources of one value that are named. */
const REMEMBERED_MAX = 20_000;
const SOURCES_MAX = 6;
/** Values of one parameter that are looked up: all of a list come from one place. */
const VALUES_MAX = 20;

/** A parameter of a call, with all its values. */
export interface Parameter {
  /** As a path: `address.city`, `item_ids[]`. */
  name: string;
  values: readonly string[];
}

/** The parameters of a call, in their order; values that stand at the same path are one's. */
export function parametersOf(parameters: unknown): Parameter[] {
  const byName = new Map<string, string[]>();
  for (const { path, value } of leavesOf(parameters)) {
    if (path === "" || path.includes("(text)") || path.endsWith("{key}")) continue;
    const values = byName.get(path);
    if (values) values.push(value);
    else byName.set(path, [value]);
  }
  return Array.from(byName, ([name, values]) => ({ name, values }));
}

/** What was seen so far in a run, by value: the task, and what its steps answered. */
export class Told {
  readonly #task: string;
  /** Normalised value → source → the place of the last step that told it. */
  readonly #sources = new Map<string, Map<string, number>>();
  #answers = 0;

  constructor(task: string) {
    this.#task = ` ${wordsOf(task)} `;
  }

  /** A step answered. @param leaves the single values of what it answered */
  add(tool: string, leaves: readonly Leaf[]): void {
    const at = this.#answers++;
    for (const { path, value } of leaves) {
      const key = normalised(value);
      if (!isTelling(key)) continue;
      let sources = this.#sources.get(key);
      if (!sources) {
        if (this.#sources.size >= REMEMBERED_MAX) continue;
        this.#sources.set(key, (sources = new Map<string, number>()));
      }
      sources.set(sourceName(tool, path), at);
    }
  }

  /**
   * The sources that have all the values of a parameter, at most six: the task, then those of the
   * shortest paths, the latest first of these.
   */
  sourcesOf({ values }: Parameter): string[] {
    const keys = [...new Set(values.slice(0, VALUES_MAX).map(normalised))];
    if (keys.length === 0 || !keys.every(isTelling)) return [];
    const [first = "", ...others] = keys;
    const shared = [...(this.#sources.get(first) ?? [])].filter(([source]) =>
      others.every((key) => this.#sources.get(key)?.has(source)),
    );
    const named = shared
      .sort(([a, x], [b, y]) => depthOf(a) - depthOf(b) || y - x || (a < b ? -1 : 1))
      .map(([source]) => source);
    const isOfTask = keys.every(
      (key) => key.length >= WORD_LENGTH && this.#task.includes(` ${wordsOf(key)} `),
    );
    return [...(isOfTask ? [TASK_SOURCE] : []), ...named].slice(0, SOURCES_MAX);
  }
}

/** `tool.path`; the tool alone where its answer is the value. */
function sourceName(tool: string, path: string): string {
  return path === "" ? tool : `${tool}.${path}`;
}

/** The distinct values that a tool's answer has at the path of a source, in order. */
export function valuesAt(source: string, tool: string, leaves: readonly Leaf[]): string[] {
  const own = leaves.filter(({ path }) => sourceName(tool, path) === source);
  return [...new Set(own.map(({ value }) => value))];
}

function isTelling(key: string): boolean {
  return key.length >= TELLING_LENGTH && !/^(?:true|false|none|null|-?\d\d?)$/.test(key);
}

/** How long the path is; that of a name of a field is a little longer than that of a value. */
function depthOf(source: string): number {
  return source.split(/[.[]/).length + (source.endsWith("{key}") ? 0.5 : 0);
}

/** Words apart by one blank each, in lower case, without punctuation. */
function wordsOf(text: string): string {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}_@.+/-]+/u)
    .map((word) => word.replace(/^\.+|(?<!\.)\.+$/g, ""))
    .filter((word) => word !== "")
    .join(" ");
}
