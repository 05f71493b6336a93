/**
 * Changes a sample: bytes, a text, or a value of JSON, and what stands in it as JSON in a text. What
 * comes out is bounded, so that a target's time can be judged by the size of its input.
 *
 * @module
 */

import type { Random } from "./random.ts";

export const INPUT_BYTES_MAX = 128 << 10;
const STACKED_MAX = 6;
const NESTED_MAX = 400;
const LONG_MAX = 20_000;

/** Texts that parsers have stumbled over. */
const TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "\ufffd",
  "\ud800",
  "\udc00x",
  "\ufeff",
  "\u202e",
  "e\u0301",
  "👩‍👩‍👧",
  "İ",
  "ß",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "length",
  "null",
  "NaN",
  "-0",
  "1e999",
  "0x10",
  "9007199254740993",
  "../../etc/passwd",
  "%00",
  "%2e%2e%2f",
  "http://127.0.0.1/",
  "file:///etc/passwd",
  "'; DROP TABLE episodes; --",
  '" OR ""="',
  "<script>alert(1)</script>",
  "${7*7}",
  "{{7*7}}",
  "\r\n\r\nX: y",
  "<private>",
  "</private>",
  "[REDACTED:secret]",
  "data: x\n\n",
  "2026-01-01T00:00:00Z",
  "2026-13-45T99:99:99Z",
  "0000-00-00",
  "[A-Z]{2}",
  "abc[0-9]{3,}",
  "abc\\d{300}",
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  "\\u0000",
  "```",
  "$(x)",
  "a|b&&c;d",
  "<<EOF",
];
/** Texts that are repeated: what is quadratic shows by them. */
const REPEATED: readonly string[] = [
  "a",
  "a-",
  "-1",
  " ",
  "\n",
  '"',
  "\\",
  "(",
  "[",
  "{",
  '{"a":',
  "<private>",
  "#",
  "_0",
  "ab ",
  "a.b",
  "a=",
  "x: y\n",
  "é",
  "文",
  "😀",
  "0",
  "/a",
  "-----BEGIN RSA PRIVATE KEY-----\n",
  "eyJ",
  "a@b.",
  "<a>",
  "&amp;",
  "SELECT * FROM ",
  "sudo ",
  "'",
];
const NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1,
  0.5,
  1e-7,
  255,
  256,
  65_535,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  1e21,
  1e308,
  Number.MIN_VALUE,
];

export type Mutated = Uint8Array<ArrayBuffer> | string | JsonValue;
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [key: string]: JsonValue };

/** @param others of which parts are taken over */
export function mutated<T>(random: Random, sample: T, others: readonly unknown[]): T {
  const times = 1 + random.below(STACKED_MAX);
  let value: unknown = sample;
  for (let i = 0; i < times; i++) value = once(random, value, others);
  return bounded(value) as T;
}

function once(random: Random, value: unknown, others: readonly unknown[]): unknown {
  if (value instanceof Uint8Array)
    return mutatedBytes(
      random,
      value,
      others.filter((one) => one instanceof Uint8Array),
    );
  if (typeof value === "string") return mutatedDocument(random, value, others);
  return mutatedValue(random, value as JsonValue, others);
}

function bounded(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value === "string")
    return value.slice(0, INPUT_BYTES_MAX);
  const text = JSON.stringify(value) ?? "null";
  return text.length <= INPUT_BYTES_MAX ? value : null;
}

export function mutatedBytes(
  random: Random,
  bytes: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.size(64));
  const joined = (...parts: Uint8Array[]) =>
    new Uint8Array(Buffer.concat(parts)) as Uint8Array<ArrayBuffer>;
  const [before, within, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, end),
    bytes.subarray(end),
  ];
  switch (random.below(7)) {
    case 0: {
      const changed = new Uint8Array(bytes);
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
      return changed;
    }
    case 1:
      return joined(before, after);
    case 2:
      return joined(before, within, within, after);
    case 3:
      return joined(before);
    case 4: {
      const noise = Uint8Array.from({ length: random.size(32) }, () =>
        random.of([0, 0x7f, 0x80, 0xff, random.below(256)]),
      );
      return joined(before, noise, after);
    }
    case 5: {
      const other = others.length > 0 ? random.of(others) : bytes;
      const from = random.below(other.length + 1);
      return joined(before, other.subarray(from, from + random.size(256)), after);
    }
    default:
      return joined(before, ...Array<Uint8Array>(random.size(200)).fill(within), after);
  }
}

/** A text as such, or, where it is JSON or lines of it, a value in it. */
function mutatedDocument(random: Random, text: string, others: readonly unknown[]): string {
  if (random.chance(0.4)) return mutatedText(random, text, others);
  const lines = text.split("\n");
  const isWhole = lines.length > 1 && random.chance(0.2);
  const at = random.below(lines.length);
  const read = parsed(isWhole ? text : (lines[at] ?? ""));
  if (read === undefined) return mutatedText(random, text, others);
  const pool = others.map((one) => (typeof one === "string" ? (parsed(one) ?? one) : one));
  const written = JSON.stringify(mutatedValue(random, read, pool)) ?? "null";
  if (isWhole) return written;
  lines[at] = written;
  return lines.join("\n");
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

export function mutatedText(random: Random, text: string, others: readonly unknown[]): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.size(64));
  const [before, within, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  switch (random.below(7)) {
    case 0:
      return before + after;
    case 1:
      return before + random.of(TEXTS) + after;
    case 2:
      return before + longText(random) + after;
    case 3:
      return before + within.repeat(random.size(100)) + after;
    case 4:
      return before + String.fromCharCode(random.below(0x10000)) + after;
    case 5: {
      const texts = others.filter((one) => typeof one === "string");
      const other = texts.length > 0 ? random.of(texts) : text;
      const from = random.below(other.length + 1);
      return before + other.slice(from, from + random.size(400)) + after;
    }
    default:
      return before;
  }
}

const longText = (random: Random): string => {
  const unit = random.of(REPEATED);
  return unit.repeat(Math.ceil(random.size(LONG_MAX) / unit.length));
};

/** The value with one part of it changed, wherever it stands. */
export function mutatedValue(
  random: Random,
  value: JsonValue,
  others: readonly unknown[],
): JsonValue {
  const isInner = typeof value === "object" && value !== null;
  const keys = isInner ? Object.keys(value) : [];
  if (keys.length > 0 && random.chance(0.8)) {
    const key = random.of(keys);
    if (Array.isArray(value)) {
      if (random.chance(0.2)) return mutatedList(random, value);
      return value.map((item, i) =>
        String(i) === key ? mutatedValue(random, item, others) : item,
      );
    }
    if (random.chance(0.2)) return mutatedRecord(random, value as Record<string, JsonValue>, key);
    return withEntry(value as Record<string, JsonValue>, key, (item) =>
      mutatedValue(random, item, others),
    );
  }
  return replacement(random, value, others);
}

function replacement(random: Random, value: JsonValue, others: readonly unknown[]): JsonValue {
  if (typeof value === "string" && random.chance(0.6)) return mutatedText(random, value, others);
  switch (random.below(8)) {
    case 0:
      return random.of(TEXTS);
    case 1:
      return random.of(NUMBERS);
    case 2:
      return random.of([null, true, false, [], {}, ""]);
    case 3:
      return longText(random);
    case 4: {
      let nested: JsonValue = value;
      const depth = random.size(NESTED_MAX);
      for (let i = 0; i < depth; i++) nested = random.chance(0.5) ? [nested] : { a: nested };
      return nested;
    }
    case 5:
      return Array<JsonValue>(random.size(500)).fill(value);
    case 6:
      return partOf(random, others) ?? value;
    default:
      return typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? "null");
  }
}

/** Some part of some other sample. */
function partOf(random: Random, others: readonly unknown[]): JsonValue | undefined {
  const values = others.filter((one) => typeof one === "object" && !(one instanceof Uint8Array));
  if (values.length === 0) return undefined;
  let part = random.of(values) as JsonValue;
  for (let depth = random.below(6); depth > 0 && typeof part === "object" && part; depth--) {
    const items: JsonValue[] = Object.values(part);
    if (items.length === 0) break;
    part = random.of(items);
  }
  return part;
}

function mutatedList(random: Random, list: readonly JsonValue[]): JsonValue[] {
  const at = random.below(list.length);
  const item = list[at] ?? null;
  if (random.chance(0.3)) return list.toSpliced(at, 1);
  if (random.chance(0.3)) return list.toReversed();
  return list.toSpliced(at, 0, ...Array<JsonValue>(random.size(50)).fill(item));
}

function mutatedRecord(
  random: Random,
  record: Record<string, JsonValue>,
  key: string,
): Record<string, JsonValue> {
  const { [key]: value = null, ...rest } = record;
  if (random.chance(0.4)) return rest;
  const name = random.chance(0.5) ? random.of(TEXTS) : key + random.of(["s", "Id", " ", "_id"]);
  const added = random.chance(0.5) ? rest : record;
  // Through entries, so that __proto__ is a name as in JSON.
  return Object.fromEntries([...Object.entries(added), [name, value]]);
}

function withEntry(
  record: Record<string, JsonValue>,
  key: string,
  change: (value: JsonValue) => JsonValue,
): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(record).map(([name, item]) => [name, name === key ? change(item) : item]),
  );
}
