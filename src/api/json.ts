/**
 * JSON from the bytes that a client sent, well-formed: nothing in it breaks a later step.
 *
 * @module
 */

import { invalid } from "./validate.ts";

/** Characters of the parser's reason that an answer repeats. */
const REASON_MAX = 200;

/** @throws Problem validation_failed for what is not UTF-8, not JSON, or could not be kept as it is */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw invalid("", "The body is not UTF-8: it has bytes that are no character.");
  }

  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw invalid("", `The body is not JSON: ${reason.slice(0, REASON_MAX)}`);
  }
  return wellFormed(value, "");
}

/** Nesting beyond which JSON is refused, so that no later step overflows. */
const DEPTH_MAX = 100;

/**
 * The value with whole characters only: the database refuses a whole batch for one lone surrogate.
 *
 * @param path of the value in the request, for the error
 * @throws Problem for what the database or a map cannot keep: the character U+0000, the key
 *   __proto__, and nesting beyond a bound
 */
export function wellFormed(value: unknown, path: string, depth = 0): unknown {
  if (depth > DEPTH_MAX)
    throw invalid(path.slice(0, 100), `is nested deeper than ${DEPTH_MAX} levels`);
  if (typeof value === "string") {
    if (value.includes("\0")) throw invalid(path, "must not contain the character U+0000");
    return value.toWellFormed();
  }
  const under = (key: string | number): string => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((item, i) => wellFormed(item, under(i), depth + 1));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => {
      if (key.includes("\0")) throw invalid(path, "must not have a key with the character U+0000");
      if (key === "__proto__") throw invalid(path, "must not have the key __proto__");
      return [key.toWellFormed(), wellFormed(item, under(key), depth + 1)] as const;
    });
    return Object.fromEntries(entries);
  }
  return value;
}
