/**
 * Reads the OpenAPI document as a test needs it: its operations one by one, and a judge of answers.
 *
 * @module
 */

import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

export type Json = { [key: string]: unknown };

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  schema: Json;
  example?: string | number;
}

export interface Operation {
  id: string;
  /** "POST /v1/episodes/{id}/steps" */
  name: string;
  method: string;
  path: string;
  /** null: open to everybody */
  scope: "read" | "write" | "admin" | "root" | null;
  parameters: Parameter[];
  body: {
    type: string;
    schema: Json;
    examples: Record<string, { summary: string; value: unknown }>;
  } | null;
  responses: Record<string, Json>;
}

export function operationsOf(document: Json): Operation[] {
  const components = document["components"] as Record<string, Record<string, Json>>;
  const resolved = (one: Json): Json => {
    const [, kind, name] = /^#\/components\/(\w+)\/(.+)$/.exec(String(one["$ref"])) ?? [];
    return kind === undefined || name === undefined ? one : (components[kind]?.[name] ?? one);
  };
  return Object.entries(document["paths"] as Record<string, Record<string, Json>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([verb, about]): Operation => {
        const security = (about["security"] as Record<string, string[]>[])[0];
        const scope =
          security === undefined ? null : "root" in security ? "root" : security["key"]?.[0];
        const [content] = Object.entries(
          (about["requestBody"] as { content?: Record<string, Json> } | undefined)?.content ?? {},
        );
        return {
          id: String(about["operationId"]),
          name: `${verb.toUpperCase()} ${path}`,
          method: verb.toUpperCase(),
          path,
          scope: scope as Operation["scope"],
          parameters: ((about["parameters"] ?? []) as Json[]).map(
            (one) => inlined(resolved(one), components) as unknown as Parameter,
          ),
          body: content
            ? {
                type: content[0],
                schema: inlined(lineOf(content[1]), components),
                examples: content[1]["examples"] as Record<
                  string,
                  { summary: string; value: unknown }
                >,
              }
            : null,
          responses: Object.fromEntries(
            Object.entries(about["responses"] as Record<string, Json>).map(([status, one]) => [
              status,
              resolved(one),
            ]),
          ),
        };
      }),
  );
}

/** The schema with what it refers to in its place. */
function inlined<T>(schema: T, components: Record<string, Record<string, Json>>): T {
  if (Array.isArray(schema)) return schema.map((one) => inlined(one, components)) as T;
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref, ...rest } = schema as Json;
  const [, name = ""] = /^#\/components\/schemas\/(.+)$/.exec(String($ref)) ?? [];
  const all = { ...components["schemas"]?.[name], ...rest };
  return Object.fromEntries(
    Object.entries(all).map(([key, value]) => [key, inlined(value, components)]),
  ) as T;
}

/** The schema of a body; of lines that of one. */
const lineOf = (media: Json): Json => (media["x-item-schema"] ?? media["schema"]) as Json;

export interface Answered {
  status: number;
  type: string;
  text: string;
}

/** Says what is wrong with an answer; null: it is as the document says, without a field more. */
export type Judge = (operation: Operation, answer: Answered) => string | null;

export function judgeOf(document: Json): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  formats.default(ajv);
  const { schemas } = document["components"] as { schemas: Record<string, Json> };
  ajv.addSchema({ $id: "api", components: { schemas: closed(schemas) } });
  const known = new Map<string, ReturnType<typeof ajv.compile>>();
  return (operation, { status, type, text }) => {
    const response = operation.responses[String(status)];
    if (!response) return `status ${status} is not in the document: ${text.slice(0, 300)}`;
    const content = response["content"] as Record<string, Json> | undefined;
    if (!content) return text === "" ? null : "a body where the document has none";
    const media = type.split(";")[0] ?? "";
    const schema = content[media] && lineOf(content[media]);
    if (!schema) return `media type ${media} is not in the document`;
    // Not JSON: the page, the metrics, a stream of events.
    if (media.startsWith("text/")) return null;
    const key = `${operation.name} ${status}`;
    let check = known.get(key);
    if (!check) known.set(key, (check = ajv.compile(referring(closed(schema)))));
    const values = media.includes("ndjson") ? text.trim().split("\n").filter(Boolean) : [text];
    for (const value of values) {
      if (!check(JSON.parse(value)))
        return `${ajv.errorsText(check.errors)} in ${value.slice(0, 600)}`;
    }
    return null;
  };
}

/**
 * Where a schema allows fields that it does not name, only because clients must bear new ones, a
 * test does not.
 */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  ) as Json;
  const about =
    copy["type"] === "object" && "properties" in copy && !("additionalProperties" in copy);
  if (about) copy["additionalProperties"] = false;
  return copy as T;
}

function referring<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')) as T;
}
