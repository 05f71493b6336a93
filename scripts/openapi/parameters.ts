/**
 * The parameters of an operation: of its path, its query, and the headers that its kind of route
 * takes.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../../src/contract/limits.ts";
import type { RouteContract, RouteDoc } from "../../src/contract/route.ts";
import { requestSchema, type Json } from "./json-schema.ts";

const header = (name: string, description: string, schema: Json): Json => ({
  name,
  in: "header",
  required: false,
  description,
  schema,
});

/** The headers that several routes take, by the name of the component. */
export const HEADERS = {
  Namespace: header("X-Memory-Namespace", "The namespace; the key's default when absent.", {
    type: "string",
    pattern: NAMESPACE_PATTERN.source,
  }),
  IdempotencyKey: header(
    "Idempotency-Key",
    "The same key and body, in the same namespace, get the same answer for 24 hours; with another body 422. Of very many answers the oldest are dropped sooner: an instance keeps 16 MiB of a key's.",
    { type: "string", pattern: "^[\\x21-\\x7e]{1,200}$" },
  ),
  Prefer: header("Prefer", "wait=stored waits until the write is in the database.", {
    type: "string",
  }),
  IfMatch: header("If-Match", "The ETag that the resource must still have; * for any.", {
    type: "string",
    pattern: '^(\\*|"\\d{1,15}")$',
  }),
  RequestTimeout: header(
    "Request-Timeout",
    "How long the caller waits, ms; beyond it 408 deadline_exceeded.",
    { type: "string", pattern: "^([1-9]\\d{0,3}|[1-5]\\d{4}|60000)$" },
  ),
} as const;

export function parametersOf(route: RouteContract, doc: RouteDoc): Json[] {
  return [...pathParameters(route, doc), ...queryParameters(route, doc), ...headersOf(route)];
}

function pathParameters({ path, params = {} }: RouteContract, doc: RouteDoc): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => {
    const [schema, about] = [params[name], doc.params?.[name]];
    if (!schema || !about) {
      throw new Error(`${path} has a parameter "${name}" without a schema or a description.`);
    }
    const { description, example } = about;
    const parameter = { name, in: "path", required: true, description };
    return { ...parameter, schema: requestSchema(schema), example };
  });
}

function queryParameters({ query }: RouteContract, doc: RouteDoc): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = requestSchema(query) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    const example = doc.queryExample?.[name];
    return {
      name,
      in: "query",
      required: required.includes(name),
      schema,
      ...(example === undefined ? {} : { example }),
    };
  });
}

function headersOf({ scope, method, ifMatch }: RouteContract): Json[] {
  if (scope === null || scope === "root") return [];
  const names: (keyof typeof HEADERS)[] = ["RequestTimeout"];
  // A path that names the namespace needs no header that does.
  if (scope !== "admin") names.unshift("Namespace");
  if (scope === "write") names.push("Prefer");
  // Reads take any such header and ignore it.
  if (method === "POST" && scope !== "read") names.push("IdempotencyKey");
  if (ifMatch) names.push("IfMatch");
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}
