/**
 * Values for a JSON Schema, as the document uses it: such as it allows, and such as it forbids in
 * one place.
 *
 * @module
 */

import fc from "fast-check";
import type { Json } from "./document.ts";

const words = fc.stringMatching(/^[a-z]{2,9}( [a-z]{2,9}){0,4}$/);
const odd = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes("\0"));
const times = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
const anything = fc
  .jsonValue({ maxDepth: 2 })
  // No body has such a key, wherever it is: a schema cannot say so.
  .filter((value) => !/\\u0000|"__proto__":/.test(JSON.stringify(value)));

const choicesOf = (schema: Json): Json[] | undefined =>
  (schema["oneOf"] ?? schema["anyOf"]) as Json[] | undefined;
const typesOf = (schema: Json): string[] => {
  const choices = choicesOf(schema);
  if (choices) return choices.flatMap(typesOf);
  const type = schema["type"];
  return Array.isArray(type) ? type.map(String) : typeof type === "string" ? [type] : [];
};

/** Values for a field that the schema alone does not make sense of, by dotted path. */
export type Hint = (path: string) => fc.Arbitrary<unknown> | undefined;

export function valid(
  schema: Json,
  hint: Hint = () => undefined,
  path = "",
): fc.Arbitrary<unknown> {
  const known = hint(path);
  if (known) return known;
  if (schema["const"] !== undefined) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as unknown[]));
  const choices = choicesOf(schema);
  if (choices) return fc.oneof(...choices.map((choice) => valid(choice, hint, path)));
  if (Array.isArray(schema["type"])) {
    return fc.oneof(
      ...schema["type"].map((type: unknown) => valid({ ...schema, type }, hint, path)),
    );
  }
  const [min, max] = [
    schema["minimum"] as number | undefined,
    schema["maximum"] as number | undefined,
  ];
  switch (schema["type"]) {
    case "object":
      return objects(schema, hint, path);
    case "array":
      return fc.array(valid((schema["items"] ?? {}) as Json, hint, under(path, "0")), {
        minLength: (schema["minItems"] as number | undefined) ?? 0,
        maxLength: Math.min(3, (schema["maxItems"] as number | undefined) ?? 3),
      });
    case "string":
      return strings(schema);
    case "integer":
      return fc.integer({ min: min ?? 0, max: Math.min(max ?? 1_000_000, 2_000_000_000) });
    case "number":
      if (typeof schema["multipleOf"] === "number")
        return multiples(schema["multipleOf"], min ?? 0, Math.min(max ?? 1e6, 1e9));
      return fc.double({ min: min ?? 0, max: Math.min(max ?? 1e6, 1e9), noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return anything;
  }
}

/** Rounded as decimals are written: 0.29 and not 0.29000000000000004. */
function multiples(of: number, min: number, max: number): fc.Arbitrary<number> {
  const whole = fc.integer({ min: Math.ceil(min / of), max: Math.floor(max / of) });
  return whole.map((n) => Number((n * of).toFixed(9)));
}

function strings(schema: Json): fc.Arbitrary<unknown> {
  if (schema["format"] === "date-time") return times;
  if (typeof schema["pattern"] === "string")
    return fc.stringMatching(new RegExp(schema["pattern"]), { size: "small" });
  const max = (schema["maxLength"] as number | undefined) ?? 1_000;
  return fc
    .oneof({ weight: 3, arbitrary: words }, { weight: 1, arbitrary: odd })
    .map((text) => text.slice(0, max));
}

function objects(schema: Json, hint: Hint, path: string): fc.Arbitrary<unknown> {
  const properties = (schema["properties"] ?? {}) as Record<string, Json>;
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, valid(one, hint, under(path, name))]),
  );
  const required = (schema["required"] ?? []) as string[];
  if (Object.keys(fields).length > 0) {
    const least = (schema["minProperties"] as number | undefined) ?? 0;
    return fc
      .record(fields, { requiredKeys: required })
      .filter((value) => Object.keys(value).length >= least) as fc.Arbitrary<unknown>;
  }
  const values = schema["additionalProperties"];
  if (values === false || values === undefined) return fc.constant({});
  return fc.dictionary(words, valid(values as Json, hint, under(path, "*")), { maxKeys: 3 });
}

/** A value that the schema forbids in one place. */
export interface Violation {
  /** The field at fault, dotted. */
  path: string;
  /** What was done to it. */
  what: string;
  value: unknown;
}

const sampleOf = (schema: Json, hint?: Hint, path?: string): unknown =>
  fc.sample(valid(schema, hint, path), { numRuns: 1, seed: 1 })[0];

/**
 * Every way to break what the schema describes, one field at a time; the rest is as it should be.
 */
export function violations(schema: Json, hint?: Hint, path = ""): Violation[] {
  const say = (what: string, value: unknown): Violation => ({ path, what, value });
  const types = typesOf(schema);
  const wrong = types.includes("string") ? 17.5 : "not this";
  const choices = choicesOf(schema);
  if (choices) {
    const inside = choices
      .flatMap((choice) => violations(choice, hint, path))
      .filter((one) => one.path !== path);
    return types.length === 0 ? inside : [say("none of its kinds", wrong), ...inside];
  }
  if (schema["const"] !== undefined || Array.isArray(schema["enum"])) {
    return [say("not one of the choices", "no-such-choice")];
  }
  if (types.length === 0) return [];
  const found = [say("of another type", wrong)];
  const bound = (key: string): number | undefined => schema[key] as number | undefined;
  const [min, max, shortest, longest] = [
    bound("minimum"),
    bound("maximum"),
    bound("minLength"),
    bound("maxLength"),
  ];
  if (min !== undefined) found.push(say("below its minimum", min - 1));
  if (max !== undefined) found.push(say("above its maximum", max + 1));
  const step = bound("multipleOf");
  if (step !== undefined) found.push(say("between two steps", (min ?? 0) + step / 4));
  if (types.includes("integer")) found.push(say("not whole", (min ?? 0) + 0.5));
  if (shortest !== undefined && shortest > 0) found.push(say("too short", ""));
  if (longest !== undefined) found.push(say("too long", "x".repeat(longest + 1)));
  if (typeof schema["pattern"] === "string")
    found.push(say("against its pattern", "-not such a thing-"));
  if (schema["format"] === "date-time") found.push(say("no time", "yesterday"));
  if (types.includes("array")) found.push(...arrayViolations(schema, hint, path));
  if (types.includes("object")) found.push(...objectViolations(schema, hint, path));
  return found;
}

function arrayViolations(schema: Json, hint: Hint | undefined, path: string): Violation[] {
  const items = (schema["items"] ?? {}) as Json;
  const found: Violation[] = [];
  const [least, most] = [
    schema["minItems"] as number | undefined,
    schema["maxItems"] as number | undefined,
  ];
  if (least !== undefined && least > 0) found.push({ path, what: "too few", value: [] });
  if (most !== undefined) {
    const item = sampleOf(items, hint, under(path, "0"));
    found.push({ path, what: "too many", value: Array.from({ length: most + 1 }, () => item) });
  }
  for (const one of violations(items, hint, under(path, "0")))
    found.push({ ...one, value: [one.value] });
  return found;
}

function objectViolations(schema: Json, hint: Hint | undefined, path: string): Violation[] {
  const properties = (schema["properties"] ?? {}) as Record<string, Json>;
  const whole = sampleOf(schema, hint, path) as Json;
  const found: Violation[] = [];
  if (schema["additionalProperties"] === false) {
    found.push({
      path: under(path, "no_such_field"),
      what: "unknown",
      value: { ...whole, no_such_field: 1 },
    });
  }
  for (const name of (schema["required"] ?? []) as string[]) {
    const { [name]: _gone, ...rest } = whole;
    found.push({ path: under(path, name), what: "missing", value: rest });
  }
  for (const [name, property] of Object.entries(properties)) {
    for (const one of violations(property, hint, under(path, name))) {
      found.push({ ...one, value: { ...whole, [name]: one.value } });
    }
  }
  return found;
}

function under(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
