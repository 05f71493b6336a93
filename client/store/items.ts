/**
 * Items of a store as facts of the memory. Where an item is stands in the fact's source, which is
 * never changed; its namespace is the fact's domain. Pure.
 *
 * @module
 */

import { object, parsed } from "../calls/values.ts";
import type { Lesson } from "../schema.ts";

export type Value = Record<string, unknown>;

/** Where an item is, and which field of its value the fact says; none: all of it, as JSON. */
export interface Place {
  namespace: string[];
  key: string;
  field: string;
}

export interface Item {
  namespace: string[];
  key: string;
  value: Value;
  createdAt: Date;
  updatedAt: Date;
}

const MARK = "langgraph:";

/** A value that is one text is said in its own words, as those who read the memory want it. */
export function factOf(
  namespace: readonly string[],
  key: string,
  value: Value,
): { text: string; source: string } {
  const [[field, text] = ["", ""], ...others] = Object.entries(value);
  const isText = others.length === 0 && typeof text === "string" && text.trim() !== "";
  const said = isText ? text : JSON.stringify(value);
  const source = MARK + JSON.stringify([isText ? field : "", key, ...namespace]);
  return { text: said, source };
}

/** Where the item is that a fact is; null: it is none of a store. */
export function placeOf({ source }: Pick<Lesson, "source">): Place | null {
  if (!source.startsWith(MARK)) return null;
  const place = parsed(source.slice(MARK.length));
  if (!Array.isArray(place) || !place.every((one) => typeof one === "string")) return null;
  const [field = "", key = "", ...namespace] = place as string[];
  return { namespace, key, field };
}

/** What a person edited in a fact is there in the value. */
export function itemOf(lesson: Lesson, { namespace, key, field }: Place): Item {
  const { text, created_at, updated_at } = lesson;
  const whole = field === "" ? parsed(text) : { [field]: text };
  const isValue = typeof whole === "object" && whole !== null && !Array.isArray(whole);
  const value = isValue ? object(whole) : { text };
  const [createdAt, updatedAt] = [new Date(created_at), new Date(updated_at)];
  return { namespace, key, value, createdAt, updatedAt };
}
