/**
 * Zod schemas as the JSON Schema of the document, without what says nothing.
 *
 * @module
 */

import * as z from "zod";
import { COMPONENTS } from "../../src/contract/answer-fields.ts";

export type Json = { [key: string]: unknown };

/** What a client may send: unknown fields are refused. */
export function requestSchema(schema: z.ZodType): Json {
  return tidy(z.toJSONSchema(schema, { io: "input" }), false);
}

/**
 * As `requestSchema`, for a body: what a field is when it is not given is said in words. Generators
 * take a default for a field that is always there.
 */
export function bodySchema(schema: z.ZodType): Json {
  const walk = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(walk);
    if (typeof item !== "object" || item === null) return item;
    const { default: preset, ...rest } = item as Json;
    const walked = Object.fromEntries(Object.entries(rest).map(([key, one]) => [key, walk(one)]));
    if (preset === undefined || "default" in walked) return walked;
    const said = `Default: ${JSON.stringify(preset)}`;
    const { description } = walked as { description?: string };
    return { ...walked, description: description ? `${description}. ${said}` : said };
  };
  return walk(requestSchema(schema)) as Json;
}

/** Where a media type of lines has the schema of a line. */
export const LINE_SCHEMA = "x-item-schema";

/** A media type with its schema: of lines of JSON, the whole is text. */
export function mediaOf(type: string, schema: Json): Json {
  if (!type.endsWith("ndjson")) return { schema };
  return { schema: { type: "string", description: "JSON, a line each" }, [LINE_SCHEMA]: schema };
}

/** What is answered, or a reference to it where it has a name. */
export function answerSchema(schema: z.ZodType): Json {
  const name = COMPONENTS.get(schema);
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.values(answerSchemas([schema]))[0] ?? {};
}

/** Every answer that has a name, by it. */
export function componentSchemas(): Record<string, Json> {
  return answerSchemas([...COMPONENTS.keys()]);
}

/** Fields may be added to answers: a client must not refuse those that it does not know. */
function answerSchemas(schemas: readonly z.ZodType[]): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of COMPONENTS) registry.add(schema, { id });
  const names = schemas.map((schema, i) => {
    const name = COMPONENTS.get(schema) ?? `_${i}`;
    registry.add(schema, { id: name });
    return name;
  });
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` }).schemas;
  return Object.fromEntries(names.map((name) => [name, tidy(made[name], true)]));
}

const SAFE = Number.MAX_SAFE_INTEGER;
const NOISE: readonly (readonly [key: string, value: unknown])[] = [
  ["maximum", SAFE],
  ["minimum", -SAFE],
  ["minLength", 0],
];

/** @param isOpen the refusal of unknown fields is left out */
function tidy(value: unknown, isOpen: boolean): Json {
  const walk = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(walk);
    if (typeof item !== "object" || item === null) return item;

    const { format, ...rest } = item as Json;
    const kept = Object.entries(rest).filter(
      ([key, one]) =>
        key !== "$schema" &&
        key !== "$id" &&
        !(isOpen && key === "additionalProperties" && one === false) &&
        !(key === "pattern" && format === "date-time") &&
        !NOISE.some(([noise, noisy]) => key === noise && one === noisy),
    );
    if (format !== undefined) kept.push(["format", format]);
    return Object.fromEntries(
      kept.map(([key, one]) => [key, key === "enum" || key === "default" ? one : walk(one)]),
    );
  };
  return walk(value) as Json;
}
