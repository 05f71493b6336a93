/**
 * Says what a tool takes, and reads its arguments. An agent reads it at every start, and the models
 * behind it know only plain JSON Schema: so bounds that the memory checks anyway are left out,
 * everything has a type, and lists and objects that come as a text of JSON are read as what they
 * are.
 *
 * @module
 */

import * as z from "zod";
import { parseJson } from "../body.ts";
import { Problem } from "../problem.ts";
import { validate } from "../validate.ts";

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  [keyword: string]: unknown;
}

/** Keywords that say nothing by which an agent would do better. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "$schema",
  "propertyNames",
  "pattern",
  "format",
  "maxLength",
  "minLength",
  "maxItems",
  "minItems",
  "minProperties",
  "maximum",
  "minimum",
]);

/** As the protocol's library takes a schema: https://standardschema.dev. */
export interface ArgumentsSchema<T> {
  "~standard": {
    version: 1;
    vendor: string;
    validate(value: unknown): StandardResult<T> | Promise<StandardResult<T>>;
    jsonSchema: { input(): Record<string, unknown>; output(): Record<string, unknown> };
    types?: { input: unknown; output: T };
  };
}
type StandardResult<T> =
  | { value: T; issues?: undefined }
  | {
      issues: readonly {
        message: string;
        path?: readonly (PropertyKey | { key: PropertyKey })[];
      }[];
    };

/** The arguments of a tool: validated as `input` says, described in few words. */
export function argumentsSchema<S extends z.ZodObject>(input: S): ArgumentsSchema<z.output<S>> {
  const schema = describedArguments(input);
  const described = (): Record<string, unknown> => schema;
  return {
    "~standard": {
      version: 1,
      vendor: "memory-service",
      validate: (value) => validated(input, readTexts(value, schema)),
      jsonSchema: { input: described, output: described },
    },
  } as ArgumentsSchema<z.output<S>>;
}

/** What is wrong is said as it is of a body: within its bounds, with the field that was meant. */
function validated<S extends z.ZodObject>(input: S, value: unknown): StandardResult<z.output<S>> {
  try {
    return { value: validate(input, value) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const issues = error.errors.map(({ path, message }) => ({
      message,
      ...(path === "" ? {} : { path: path.split(".") }),
    }));
    return { issues };
  }
}

/** Plain JSON Schema of a tool's arguments. */
export function describedArguments(input: z.ZodObject): JsonSchema {
  return plain(z.toJSONSchema(input, { io: "input" }) as JsonSchema);
}

function plain(schema: JsonSchema): JsonSchema {
  const choices = (schema.anyOf ?? schema.oneOf)?.filter(({ type }) => type !== "null");
  const [only, ...more] = choices ?? [];
  if (only && more.length === 0) {
    const { anyOf: _any, oneOf: _one, ...rest } = schema;
    return plain({ ...only, ...rest });
  }

  const made: JsonSchema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (LEFT_OUT.has(keyword)) continue;
    if (keyword === "default" && (typeof value === "object" || value === "")) continue;
    if (keyword === "additionalProperties" && value === false) continue;
    made[keyword] = value;
  }
  if (schema.properties) made.properties = mapped(schema.properties);
  if (schema.items) made.items = plain(schema.items);
  if (typeof schema.additionalProperties === "object")
    made.additionalProperties = plain(schema.additionalProperties);
  if (choices) {
    delete made.anyOf;
    made.oneOf = choices.map(plain);
  }
  // Any value is allowed: most are objects, and a text of JSON is read as what it says.
  const isUntyped = !(choices || made.type || "const" in made || "enum" in made);
  if (isUntyped || choices?.every(({ type }) => type === "object")) made.type = "object";
  return made;
}

function mapped(properties: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, plain(schema)]),
  );
}

/** The value with texts read as JSON where a list or an object is wanted. */
function readTexts(value: unknown, schema: JsonSchema): unknown {
  const wanted = schema.type;
  const read = wanted === "array" || wanted === "object" ? fromText(value) : value;
  if (Array.isArray(read)) {
    const { items } = schema;
    return items ? read.map((item) => readTexts(item, items)) : read;
  }
  if (typeof read !== "object" || read === null || !schema.properties) return read;
  const { properties } = schema;
  return Object.fromEntries(
    Object.entries(read).map(([name, field]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return [name, known ? readTexts(field, known) : field];
    }),
  );
}

/** What a text of JSON says; any other value, and a text that is none, as it is. */
function fromText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const start = value.trimStart()[0];
  if (start !== "{" && start !== "[") return value;
  try {
    return parseJson(new TextEncoder().encode(value));
  } catch (error) {
    if (error instanceof Problem) return value;
    throw error;
  }
}
