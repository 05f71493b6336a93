/**
 * Makes of an event what is written to disk: without its secrets, bounded, and in a time that is
 * bounded too, because the agent waits. The service takes secrets out again, by its own settings,
 * before it stores anything. Pure.
 *
 * @module
 */

import { redactBlocks, redactValue } from "../../src/memory/redaction/index.ts";
import type { HookEvent } from "./event.ts";

/** Characters of a text: its beginning and its end are kept. */
const TEXT_MAX = 8_000;
const TEXT_END = 2_000;
/** Characters of a beginning and of an end in which secrets are looked for; */
const WINDOW = 16_000;
/** of these so many, where a text was cut, are not kept: a secret that was cut in two is not found. */
const MARGIN = 4_096;
/** Characters of all texts of a field of an event in which they are looked for, and its values. */
const ALL_MAX = 150_000;
const VALUES_MAX = 5_000;
/** Characters of a text that is always kept, and of a name. */
const SHORT = 200;
/** How deep a value may be, and entries of a list or an object. */
const DEPTH_MAX = 12;
const ENTRIES_MAX = 500;
/** Between the beginning and the end of a text that was cut, with how much is missing. */
const CUT = /\0cut (\d{1,10})\0/;

/** The event as the spool may hold it. */
export function storable(event: HookEvent): HookEvent {
  const fields = Object.entries(event).map(([name, held]) => [name, new Small().value(held, 0)]);
  const small: unknown = Object.fromEntries(fields);
  return cutTexts(redactValue(small, { mode: "redact", own: [] }).value) as HookEvent;
}

/** Makes a field no larger than it may be, before secrets are looked for in it. */
class Small {
  #characters = ALL_MAX;
  #values = VALUES_MAX;

  value(value: unknown, depth: number): unknown {
    this.#values -= 1;
    if (typeof value === "string") return this.#text(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth >= DEPTH_MAX) return "[too deep]";
    if (this.#values <= 0) return "[too many]";
    if (Array.isArray(value))
      return value.slice(0, ENTRIES_MAX).map((one) => this.value(one, depth + 1));
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, ENTRIES_MAX)
        .map(([name, one]) => [name.slice(0, SHORT), this.value(one, depth + 1)]),
    );
  }

  #text(text: string): string {
    if (text.length > SHORT && this.#characters <= 0) return leftOut(text.length);
    const [short, looked] = windowOf(text);
    this.#characters -= looked;
    return short;
  }
}

function cutTexts(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cutTexts);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cutTexts(one)]));
}

/** A text's beginning and end, and how many characters those are. */
function windowOf(given: string): [short: string, looked: number] {
  if (given.length <= 2 * WINDOW) return [given, given.length];
  const text = redactBlocks(given);
  if (text.length <= 2 * WINDOW) return [text, text.length];
  const missing = text.length - 2 * WINDOW;
  return [`${text.slice(0, WINDOW)}\0cut ${missing}\0${text.slice(-WINDOW)}`, 2 * WINDOW];
}

/** A text as long as it may be. */
function cut(text: string): string {
  const place = CUT.exec(text);
  if (!place) return text.length <= TEXT_MAX ? text : shortened(text, text, text.length);
  const start = text.slice(0, place.index).slice(0, -MARGIN);
  const end = text.slice(place.index + place[0].length).slice(MARGIN);
  return shortened(start, end, start.length + end.length + Number(place[1]) + 2 * MARGIN);
}

/** @param all characters that there were */
function shortened(from: string, to: string, all: number): string {
  const start = from.slice(0, TEXT_MAX - TEXT_END);
  const end = to.slice(-TEXT_END);
  const left = leftOut(all - start.length - end.length);
  return `${start.toWellFormed()}\n${left}\n${end.toWellFormed()}`;
}

const leftOut = (characters: number): string => `[… ${characters} characters left out …]`;
