/**
 * Takes secrets out of texts and of values of JSON: `[REDACTED:kind]` stands where they were. What
 * else there was stays as it was, and a text that fits into a bound of the contract still does. Pure.
 *
 * @module
 */

import type { RedactionKind, RedactionMode, SecretPattern } from "../../contract/redaction.ts";
import { byteLength } from "../../util/bytes.ts";
import { privateKeys, privateParts } from "./blocks.ts";
import { apart, findSecrets } from "./find.ts";
import { isValueName, secretName } from "./named/names.ts";
import type { Secret } from "./secret.ts";
import { isSecretValue } from "./named/values.ts";

/**
 * Up to which length a text may grow by its marks: the bounds that texts have. One that is longer
 * than all of them does not grow.
 */
const ROOMS = [200, 1_000, 2_000, 10_000] as const;
/** Names under which a value of JSON stands that has a bound of its own, bytes. */
const JSON_BOUNDS: Readonly<Record<string, number>> = { parameters: 65_536, state: 16_384 };
/** Where there is no room for a mark. */
const SHORT = "*";

/** Characters of the shortest text that can hold a secret: a name, a sign and a value. */
const SHORTEST = 8;

/** Names whose values say what something is, and are no text. */
const IDENTIFIERS: ReadonlySet<string> = new Set([
  "id",
  "episode_id",
  "recall_id",
  "checkpoint_id",
  "pattern_id",
  "lesson_id",
  "supersedes",
  "to",
  "cursor",
  "used",
]);
/** Under these stands what a client made up, identifiers and all. */
const FREE: ReadonlySet<string> = new Set(["parameters", "metadata", "state"]);

/** What is taken out. */
export interface RedactionRules {
  mode: RedactionMode;
  own: readonly SecretPattern[];
}

/** What was found in a value. */
export interface Found {
  kind: RedactionKind;
  /** Dotted, of the field that held it. */
  path: string;
}

export interface Redacted<T> {
  /** The value itself where nothing was found. */
  value: T;
  found: readonly Found[];
}

/** The text without its secrets. */
export function redactText(text: string, rules: RedactionRules): Redacted<string> {
  const walk = new Walk(rules);
  return { value: walk.text(text, ""), found: walk.found };
}

/**
 * The text without what is taken out as a whole, private parts and keys, before it is cut: where one
 * began or ended could not be seen then. Costs little, however long the text is.
 */
export function redactBlocks(text: string): string {
  const blocks = apart([...privateParts(text), ...privateKeys(text)]);
  return blocks.length === 0 ? text : replaced(text, blocks, false);
}

/** The value without the secrets of its texts, the names of its fields included. */
export function redactValue<T>(value: T, rules: RedactionRules): Redacted<T> {
  const walk = new Walk(rules);
  return { value: walk.value(value, "", false) as T, found: walk.found };
}

class Walk {
  readonly found: Found[] = [];
  readonly #rules: RedactionRules;
  /** Marks are one character: there is no room. */
  #isShort = false;

  constructor(rules: RedactionRules) {
    this.#rules = rules;
  }

  /** @param isFree a client made its fields up */
  value(value: unknown, path: string, isFree: boolean): unknown {
    if (typeof value === "string") return this.text(value, path);
    if (Array.isArray(value)) return this.#list(value, path, isFree);
    if (typeof value === "object" && value !== null) return this.#fields(value, path, isFree);
    return value;
  }

  text(text: string, path: string): string {
    const { mode, own } = this.#rules;
    if (text.length < SHORTEST && own.length === 0) return text;
    const marked = privateParts(text);
    const found = mode === "off" ? [] : findSecrets(text, own);
    if (marked.length + found.length === 0) return text;
    const secrets = apart([...marked, ...found]);
    for (const { kind } of secrets) this.found.push({ kind, path });
    return replaced(text, secrets, this.#isShort);
  }

  /** The list itself where nothing changed, as for fields: nearly always nothing does. */
  #list(list: readonly unknown[], path: string, isFree: boolean): readonly unknown[] {
    let made: unknown[] | null = null;
    for (const [i, item] of list.entries()) {
      const one = this.value(item, `${path}.${i}`, isFree);
      if (one !== item) made ??= list.slice(0, i);
      made?.push(one);
    }
    return made ?? list;
  }

  #fields(fields: object, path: string, isFree: boolean): object {
    const named = isFree ? nameBeside(fields) : null;
    const entries: [string, unknown][] = [];
    let isSame = true;
    for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
      const under = path === "" ? name : `${path}.${name}`;
      const key = isFree ? this.text(name, path) : name;
      const said = named !== null && isValueName(name) ? named : name;
      const one = this.#field(said, value, under, isFree || FREE.has(name));
      isSame &&= key === name && one === value;
      entries.push([key, one]);
    }
    return isSame ? fields : fromEntries(entries);
  }

  #field(name: string, value: unknown, path: string, isFree: boolean): unknown {
    if (!isFree && IDENTIFIERS.has(name)) return value;
    if (isFree && this.#rules.mode !== "off" && typeof value === "string") {
      const kind = this.#kindByName(name, value);
      if (kind !== null) {
        this.found.push({ kind, path });
        return this.#isShort ? SHORT : `[REDACTED:${kind}]`;
      }
    }
    const bound = JSON_BOUNDS[name];
    return bound === undefined
      ? this.value(value, path, isFree)
      : this.#bounded(value, path, bound);
  }

  /** With marks of one character where it would not fit otherwise. */
  #bounded(value: unknown, path: string, bound: number): unknown {
    const before = this.found.length;
    const made = this.value(value, path, true);
    if (made === value || byteLength(JSON.stringify(made)) <= bound) return made;
    this.found.length = before;
    this.#isShort = true;
    const short = this.value(value, path, true);
    this.#isShort = false;
    return short;
  }

  /** The kind of secret that a field's value is by its name; null: it is none. */
  #kindByName(name: string, value: string): RedactionKind | null {
    const said = secretName(name);
    if (said === null || said === "signature") return null;
    if (value.startsWith("[REDACTED:")) return null;
    const isCookie = said === "cookie";
    const given = isCookie
      ? value.slice(value.indexOf("=") + 1)
      : value.slice(value.indexOf(" ") + 1);
    const as = said === "password" || isCookie ? "password" : "secret";
    const judged = as === "password" && !isCookie ? value : given;
    if (!isSecretValue(judged, as, { isQuoted: true, isEnvironment: false })) return null;
    return said === "header" ? "bearer_token" : said;
  }
}

/** In a list of pairs, the name that a value beside it goes by; null: it says nothing of a secret. */
function nameBeside(fields: object): string | null {
  if (!("value" in fields || "Value" in fields)) return null;
  for (const key of ["name", "Name", "key", "Key", "header"]) {
    const name: unknown = Reflect.get(fields, key);
    if (typeof name === "string" && secretName(name) !== null) return name;
  }
  return null;
}

/** Two names that were one secret each do not become one. */
function fromEntries(entries: readonly [string, unknown][]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [i, [key, value]] of entries.entries())
    made[key in made ? `${key} ${i}` : key] = value;
  return made;
}

/** @param secrets in their order, apart from each other */
function replaced(text: string, secrets: readonly Secret[], isShort: boolean): string {
  const room = ROOMS.find((most) => text.length <= most) ?? text.length;
  let left = room - text.length;
  let [made, at] = ["", 0];
  for (const { from, to, kind } of secrets) {
    const whole = `[REDACTED:${kind}]`;
    const mark = !isShort && whole.length - (to - from) <= left ? whole : SHORT;
    left -= mark.length - (to - from);
    made += text.slice(at, from) + mark;
    at = to;
  }
  return made + text.slice(at);
}
