/**
 * Times and texts of other systems. Pure.
 *
 * @module
 */

import { object, textOf } from "../calls/values.ts";

/** RFC 3339, or nothing when it is no time. @param value text, seconds, ms or ns since the epoch */
export function timeOf(value: unknown): string | undefined {
  const isNumber =
    typeof value === "number" || (typeof value === "string" && /^\d{9,20}(\.\d+)?$/.test(value));
  if (isNumber) {
    let ms = Number(value);
    if (ms > 1e17) ms /= 1e6;
    else if (ms > 1e14) ms /= 1e3;
    else if (ms < 1e11) ms *= 1e3;
    return isoOf(new Date(ms));
  }
  // What engines make of other texts is a guess: "12" would be a day in 2001.
  if (typeof value !== "string" || !/^\s*\d{4}-\d\d/.test(value)) return undefined;
  // LangSmith leaves the zone out, and means UTC.
  const zoned = /([zZ]|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`;
  return isoOf(new Date(zoned));
}

/** Years of four digits: the service takes no others. */
const isoOf = (date: Date): string | undefined => {
  const time = date.getTime();
  return Number.isNaN(time) || time < 0 || time > 253_402_300_799_999
    ? undefined
    : date.toISOString();
};

/** Texts of a list; a single one is a list of one. */
export function textsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  return items.filter((item) => item !== null && item !== "").map(textOf);
}

/** The values that are text, numbers or truths, as texts; and how many others there are. */
export function plainOf(value: unknown): { plain: Record<string, string>; others: number } {
  const entries = Object.entries(object(value)).filter(
    ([, held]) => held !== null && held !== undefined,
  );
  const plain = entries.filter(([, held]) => PLAIN.has(typeof held));
  return {
    plain: Object.fromEntries(plain.map(([name, held]) => [name, String(held)])),
    others: entries.length - plain.length,
  };
}
const PLAIN = new Set(["string", "number", "boolean", "bigint"]);
