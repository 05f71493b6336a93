/**
 * What of an event is written to disk: without its secrets, and bounded. The service takes secrets
 * out again, by its own settings, before it stores anything. Pure.
 *
 * @module
 */

import { redactValue } from "../../src/memory/redaction/index.ts";
import type { HookEvent } from "./event.ts";

/** Characters of a text: its beginning and its end are kept. */
const TEXT_MAX = 8_000;
const TEXT_END = 2_000;
/** How deep a value may be, and entries of a list or an object. */
const DEPTH_MAX = 12;
const ENTRIES_MAX = 500;

/** The event as the spool may hold it. */
export function storable(event: HookEvent): HookEvent {
  // A secret that is cut in two is found no more.
  return boundedValue(redactValue(event, { mode: "redact", own: [] }).value, 0) as HookEvent;
}

function boundedValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return boundedText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEPTH_MAX) return "[too deep]";
  if (Array.isArray(value))
    return value.slice(0, ENTRIES_MAX).map((one) => boundedValue(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ENTRIES_MAX)
      .map(([name, one]) => [name, boundedValue(one, depth + 1)]),
  );
}

function boundedText(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  const left = text.length - TEXT_MAX;
  const start = text.slice(0, TEXT_MAX - TEXT_END).toWellFormed();
  return `${start}\n[… ${left} characters left out …]\n${text.slice(-TEXT_END).toWellFormed()}`;
}
