/**
 * Reads the body that a client sends, within bounds and only as far as its caller may make us; and
 * what its bytes say: JSON, well-formed, so that nothing in it breaks a later step.
 *
 * @module
 */

import { requireExactNumbers } from "./edge/exact-numbers.ts";
import { Problem } from "./problem.ts";
import { invalid } from "./validate.ts";
import { LIMITS } from "../contract/limits.ts";
import { joinBytes } from "../util/bytes.ts";

/**
 * Bytes of a body that are read before the caller is known to be allowed: a call that only judges the
 * key would double the way of every write.
 */
export const UNJUDGED_MAX_BYTES = 65_536;

/**
 * The body's bytes. Counts what comes, whatever Content-Length says.
 *
 * @param judge called once, before more than `UNJUDGED_MAX_BYTES` are read. Throws a Problem when
 *   the caller may not
 * @throws Problem body_too_large, request_cut_off, and what `judge` throws
 */
export async function readBody(
  request: Request,
  judge: () => Promise<void>,
  max: number = LIMITS.body_max_bytes,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!request.body) return new Uint8Array();

  // Where HTTP holds the client to the length that it announced, the runtime may gather the parts
  // itself.
  const announced = request.headers.get("Content-Length");
  const length = announced !== null && /^\d{1,15}$/.test(announced) ? Number(announced) : null;
  if (length !== null && length > UNJUDGED_MAX_BYTES) await judge();

  if (length !== null && length <= max) {
    const whole = new Uint8Array(await unlessCut(request.arrayBuffer()));
    if (whole.length <= max) return whole;
    throw tooLarge(max);
  }
  if (length !== null) throw tooLarge(max);
  return readParts(request.body, judge, max);
}

async function readParts(
  body: ReadableStream<Uint8Array>,
  judge: () => Promise<void>,
  max: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let [size, isJudged] = [0, false];
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await unlessCut(reader.read());
      if (done) break;
      size += value.length;
      if (size > UNJUDGED_MAX_BYTES && !isJudged) {
        isJudged = true;
        await judge();
      }
      if (size > max) throw tooLarge(max);
      parts.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    throw error;
  }
  return joinBytes(parts);
}

/** Reading touches nothing of ours: where it fails, the client went away. */
async function unlessCut<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch {
    throw new Problem("request_cut_off", "The connection ended before the body did.");
  }
}

function tooLarge(max: number): Problem {
  return new Problem("body_too_large", `The body has more than ${max} bytes.`);
}

/** Characters of the parser's reason that an answer repeats. */
const REASON_MAX = 200;

/** What of a body could not be kept as it is, and was taken as something else. */
export interface Replacements {
  /** Characters U+0000, each of which became U+FFFD. */
  characters: number;
}

/**
 * @param replaced counts what was replaced
 * @param numbers nearest: those that a double cannot hold become the nearest that it can
 * @throws Problem validation_failed for what is not UTF-8, not JSON, or could not be kept
 */
export function parseJson(
  bytes: Uint8Array,
  replaced: Replacements = { characters: 0 },
  numbers: "exact" | "nearest" = "exact",
): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw invalid("", "The body is not UTF-8: it has bytes that are no character.");
  }

  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw invalid("", `The body is not JSON: ${reason.slice(0, REASON_MAX)}`);
  }
  if (numbers === "exact") requireExactNumbers(text);
  return isWellFormed(text, value) ? value : wellFormed(value, "", replaced);
}

/** What JSON can have only where it is written so: a character by its number, and the key. */
const NEEDS_A_LOOK = /\\u|__proto__/;

/** Whether JSON that was read is what `wellFormed` would make of it; most is, and needs no copy. */
function isWellFormed(text: string, value: unknown): boolean {
  return !NEEDS_A_LOOK.test(text) && isWithinDepth(value, 0);
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  if (typeof value !== "object" || value === null) return true;
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const item of items) if (!isWithinDepth(item, depth + 1)) return false;
  return true;
}

/** Nesting beyond which JSON is refused, so that no later step overflows. */
const DEPTH_MAX = 100;

/**
 * The value with whole characters only: the database refuses a whole batch for one lone surrogate.
 * It keeps no U+0000 either, which the output of a tool may have: that becomes U+FFFD, and is
 * counted.
 *
 * @param path of the value in the request, for the error
 * @throws Problem for what a map cannot keep, the key __proto__, and for nesting beyond a bound
 */
export function wellFormed(
  value: unknown,
  path: string,
  replaced: Replacements = { characters: 0 },
  depth = 0,
): unknown {
  if (depth > DEPTH_MAX)
    throw invalid(path.slice(0, 100), `is nested deeper than ${DEPTH_MAX} levels`);
  if (typeof value === "string") return wholeCharacters(value, replaced);
  const under = (key: string | number): string => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value))
    return value.map((item, i) => wellFormed(item, under(i), replaced, depth + 1));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => {
      if (key === "__proto__") throw invalid(path, "must not have the key __proto__");
      const name = wholeCharacters(key, replaced);
      return [name, wellFormed(item, under(name), replaced, depth + 1)] as const;
    });
    return Object.fromEntries(entries);
  }
  return value;
}

function wholeCharacters(text: string, replaced: Replacements): string {
  if (!text.includes("\0")) return text.toWellFormed();
  const parts = text.split("\0");
  replaced.characters += parts.length - 1;
  return parts.join("\ufffd").toWellFormed();
}
