/**
 * JSON as tools write it: a document, a line an item, several items on a line, wrapped into an
 * envelope or into a text, below what a program said first, with `NaN`. An item that is none is told
 * with its place, and the rest goes on.
 *
 * @module
 */

import { object, type Json } from "../../../client/calls/values.ts";
import type { Notes } from "../../../client/runs/notes.ts";

/** A file that is being read. */
export interface SourceFile {
  /** Its path below the folder that is imported, or its name. */
  name: string;
  text: string;
}

/** An object of a file, and where it stands. */
export interface Item {
  value: Json;
  /** For messages: `line 3`, or `item 3` of a list. */
  place: string;
}

/** Names under which exports wrap their items. */
const ENVELOPES = ["runs", "results", "memories", "data", "items", "traces"];

/** Each line's objects. */
export function* lineItems(file: SourceFile, notes: Notes): Generator<Item> {
  let line = 0;
  for (const one of file.text.split("\n")) {
    line += 1;
    if (one.trim() === "") continue;
    try {
      yield* itemsOf(one, `line ${line}`, file.name, notes);
    } catch (error) {
      notes.odd(file.name, `line ${line}`, `no JSON: ${(error as Error).message}`);
    }
  }
}

function* itemsOf(text: string, place: string, name: string, notes: Notes): Generator<Item> {
  for (const value of several(text)) {
    if (isObject(value)) yield { value, place };
    else notes.odd(name, place, "no JSON object");
  }
}

/** The values of a line: mostly one; more when two writers were not apart. */
function several(text: string): unknown[] {
  try {
    return [parse(text)];
  } catch (error) {
    const values: unknown[] = [];
    for (let rest = text.trim(); rest !== "";) {
      const end = objectEnd(rest);
      if (end === null) throw error;
      values.push(parse(rest.slice(0, end)));
      rest = rest.slice(end).trimStart();
    }
    return values;
  }
}

/** Where the object that a text begins with ends; null: it begins with none, or does not end. */
function objectEnd(text: string): number | null {
  if (!text.startsWith("{")) return null;
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text[i];
    if (inText) {
      if (unit === "\\") i += 1;
      else if (unit === '"') inText = false;
    } else if (unit === '"') inText = true;
    else if (unit === "{") depth += 1;
    else if (unit === "}" && --depth === 0) return i + 1;
  }
  return null;
}

/** The objects of a file that is a document, a list, an envelope of a list, or a line an item. */
export function* fileItems(file: SourceFile, notes: Notes): Generator<Item> {
  let whole: unknown;
  try {
    whole = document(file, notes);
  } catch {
    for (const { value, place } of apart(file, notes)) yield* unwrapped(value, place);
    return;
  }
  const isList = Array.isArray(whole);
  for (const [i, value] of (isList ? (whole as unknown[]) : [whole]).entries()) {
    const place = isList ? `item ${i + 1}` : "line 1";
    if (isObject(value)) yield* unwrapped(value, place);
    else notes.odd(file.name, place, "no JSON object");
  }
}

/** Programs say something before the document, on lines of their own; throws: it is none. */
function document(file: SourceFile, notes: Notes): unknown {
  const from = /^[[{"]/m.exec(file.text)?.index ?? 0;
  const whole = parse(file.text.slice(from));
  const said = file.text.slice(0, from).trim();
  if (said !== "") notes.odd(file.name, "line 1", "no JSON, but what a program said");
  // Some write the text of the document as a text.
  return typeof whole === "string" ? parse(whole) : whole;
}

/** One object after another: on lines of their own, or each over several, as consoles print them. */
function* apart(file: SourceFile, notes: Notes): Generator<Item> {
  if (/^\s*\{[ \t]*\n/.test(file.text)) {
    try {
      const values = several(file.text);
      for (const [i, value] of values.entries())
        yield { value: object(value), place: `item ${i + 1}` };
      return;
    } catch {
      // Then what can be read is on lines.
    }
  }
  yield* lineItems(file, notes);
}

function* unwrapped(value: Json, place: string): Generator<Item> {
  const list = ENVELOPES.map((name) => value[name]).find(Array.isArray);
  if (!list || isItself(value)) yield { value, place };
  else
    for (const [i, item] of (list as unknown[]).entries())
      yield { value: object(item), place: `item ${i + 1}` };
}

/** Whether it is an item that happens to have a field of an envelope's name. */
const isItself = (value: Json): boolean =>
  ["id", "trace_id", "memory", "name", "type", "task_description"].some((name) => name in value);

/** JSON, and what Python writes for numbers that are none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!text.includes("NaN") && !text.includes("Infinity")) throw error;
    return JSON.parse(withoutNaN(text)) as unknown;
  }
}

const NO_NUMBERS = ["-Infinity", "Infinity", "NaN"];

/** `NaN` and `Infinity` outside of texts become null. */
function withoutNaN(text: string): string {
  let made = "";
  let taken = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text[i];
    if (unit === '"') inText = !inText;
    else if (inText && unit === "\\") i += 1;
    if (inText || !(unit === "-" || unit === "I" || unit === "N")) continue;
    const found = NO_NUMBERS.find((word) => text.startsWith(word, i));
    if (found === undefined) continue;
    made += `${text.slice(taken, i)}null`;
    i += found.length - 1;
    taken = i + 1;
  }
  return made + text.slice(taken);
}

const isObject = (value: unknown): value is Json => value !== null && object(value) === value;
