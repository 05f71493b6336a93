/**
 * The OpenAPI 3.1 document, made of the route table, the schemas that validate, and the shapes of
 * the answers.
 *
 * @module
 */

import * as z from "zod";
import { NAMESPACE_PATTERN } from "../../contract/limits.ts";
import { PROBLEMS, type ProblemCode } from "../problem.ts";
import type { Route } from "../routes/route.ts";
import answers from "./answers.json" with { type: "json" };
import { BACKUP_DOCS } from "./docs-backups.ts";
import { EPISODE_DOCS } from "./docs-episodes.ts";
import { MEMORY_DOCS } from "./docs-memory.ts";
import { OBSERVABILITY_DOCS } from "./docs-observability.ts";
import { OPERATIONS_DOCS } from "./docs-operations.ts";
import type { RouteDoc } from "./route-doc.ts";
import { COMPONENTS } from "./component.ts";

export type Json = { [key: string]: unknown };

/**
 * Answers to the first example of each operation, as a run of them gave (`npm run
 * openapi:answers`).
 */
const EXAMPLES: Readonly<Record<string, unknown>> = answers;

const DOCS: Readonly<Record<string, RouteDoc>> = {
  ...EPISODE_DOCS,
  ...MEMORY_DOCS,
  ...OPERATIONS_DOCS,
  ...BACKUP_DOCS,
  ...OBSERVABILITY_DOCS,
};

/**
 * What the document says of a route. Throws an Error that says where to write it when it is
 * missing.
 */
export function docOf(route: Route): RouteDoc {
  const name = `${route.method} ${route.path}`;
  const doc = DOCS[name];
  if (doc) return doc;
  throw new Error(
    `The route "${name}" is not in the OpenAPI document: write its entry in a src/api/openapi/docs-*.ts, and the schema of its answer in a shapes*.ts beside it; then run: npm run openapi`,
  );
}

/** Entries of the document that no route has. */
export function orphans(routes: readonly Route[]): string[] {
  const names = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  return Object.keys(DOCS).filter((name) => !names.has(name));
}

export function buildDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  const tags = new Map<string, Json>();
  const shared: Record<string, Json> = {};
  for (const route of routes) {
    const doc = docOf(route);
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route, doc, shared);
    tags.set(doc.tag, { name: doc.tag });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "memory-service",
      version,
      description:
        "A self-learning episodic memory for AI agents. Bodies are JSON in UTF-8. No text and no name of a field may hold the character U+0000, and no field may be named `__proto__`; lone surrogates become U+FFFD. A query parameter is given once.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [...tags.values()],
    paths,
    components: {
      schemas: {
        ...outputs([...COMPONENTS.keys()]),
        Problem: problem(),
      },
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description: "A key with the scopes read, write, admin or metrics.",
        },
        root: { type: "http", scheme: "bearer", description: "The ADMIN_TOKEN." },
      },
      parameters: HEADERS,
      responses: shared,
    },
  };
}

const header = (name: string, description: string, schema: Json, example?: string): Json => ({
  name,
  in: "header",
  required: false,
  description,
  schema,
  ...(example === undefined ? {} : { example }),
});

const HEADERS = {
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
    {
      type: "string",
      pattern: "^([1-9]\\d{0,3}|[1-5]\\d{4}|60000)$",
    },
  ),
} as const;

function operation(route: Route, doc: RouteDoc, shared: Record<string, Json>): Json {
  const parameters: Json[] = [];
  for (const [, name] of route.path.matchAll(/:(\w+)/g)) {
    const parameter = doc.params?.[String(name)];
    if (!parameter)
      throw new Error(`The entry of ${route.method} ${route.path} lacks its parameter "${name}".`);
    const { schema, description, example } = parameter;
    parameters.push({
      name,
      in: "path",
      required: true,
      description,
      schema: input(schema),
      example,
    });
  }
  parameters.push(...queryParameters(doc), ...headerParameters(route, doc));
  return {
    operationId: doc.id,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    security:
      route.scope === null ? [] : [route.scope === "root" ? { root: [] } : { key: [route.scope] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(doc.body ? { requestBody: requestBody(doc.body) } : {}),
    responses: responses(route, doc, shared),
  };
}

function queryParameters(doc: RouteDoc): Json[] {
  if (!doc.query) return [];
  const { properties = {}, required = [] } = input(doc.query) as {
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

function headerParameters({ scope, method }: Route, doc: RouteDoc): Json[] {
  if (scope === null || scope === "root") return [];
  const names: (keyof typeof HEADERS)[] = ["RequestTimeout"];
  // A path that names the namespace needs no header that does.
  if (scope !== "admin") names.unshift("Namespace");
  if (scope === "write") names.push("Prefer");
  // Reads take any such header and ignore it.
  if (method === "POST" && scope !== "read") names.push("IdempotencyKey");
  if (doc.ifMatch) names.push("IfMatch");
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

function requestBody(body: NonNullable<RouteDoc["body"]>): Json {
  const examples = Object.fromEntries(
    Object.entries(body.examples).map(([name, { summary, body: value }]) => [
      name,
      { summary, value },
    ]),
  );
  return {
    required: true,
    content: { [body.type ?? "application/json"]: { schema: input(body.schema), examples } },
  };
}

/** Problems that a route has because of what it is. */
function usualErrors({ scope, method }: Route, doc: RouteDoc): ProblemCode[] {
  const codes: ProblemCode[] = ["internal"];
  const takes = doc.body !== undefined;
  if (scope !== null) codes.push("unauthenticated", "forbidden", "key_in_url");
  if (takes || doc.query || doc.params || scope !== null) codes.push("validation_failed");
  if (takes) codes.push("body_too_large", "unsupported_media_type", "request_cut_off");
  if (scope === null || scope === "root") return codes;
  codes.push("rate_limited", "overloaded", "not_ready", "deadline_exceeded");
  if (method === "POST" && scope !== "read") {
    codes.push("idempotency_conflict", "idempotency_in_flight", "conflict");
  }
  return codes;
}

/** @param shared where problems are kept that several routes have */
function responses(route: Route, doc: RouteDoc, shared: Record<string, Json>): Json {
  const all: Record<string, Json> = {};
  for (const {
    status,
    description,
    schema,
    asSent,
    orStream,
    or,
    type = "application/json",
    headers = {},
  } of doc.answers) {
    const answerHeaders = Object.entries(headers).map(([name, said]) => [
      name,
      { description: said, schema: { type: "string" } },
    ]);
    const example = EXAMPLES[doc.id];
    const content = {
      [type]: {
        schema: answerSchema(schema, asSent),
        ...(example === undefined ? {} : { example }),
      },
      ...(orStream ? { "text/event-stream": { schema: answerSchema(schema, asSent) } } : {}),
      ...(or ? { [or]: { schema: { type: "string" } } } : {}),
    };
    all[status] = {
      description,
      ...(answerHeaders.length > 0 ? { headers: Object.fromEntries(answerHeaders) } : {}),
      ...(status === 204 || (status === 202 && !schema) ? {} : { content }),
    };
  }
  const codes = [...new Set([...usualErrors(route, doc), ...(doc.errors ?? [])])];
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code][0]);
  for (const [status, known] of [...byStatus].sort(([a], [b]) => a - b)) {
    const name = known.sort().join("-or-");
    shared[name] ??= problemAnswer(status, known);
    all[status] = { $ref: `#/components/responses/${name}` };
    // Before a message is one of the protocol it is refused as any body is, afterwards as the
    // protocol says.
    if (doc.protocolErrors && status === 400) {
      const refused = problemAnswer(status, known);
      const content = {
        ...(refused["content"] as Json),
        "application/json": { schema: answerSchema(doc.protocolErrors, undefined) },
      };
      all[status] = { ...refused, content };
    }
  }
  if (doc.answers.some(({ headers }) => headers?.["ETag"] && route.method === "GET")) {
    all[304] = { description: "If-None-Match names the version that it has" };
  }
  return all;
}

function problemAnswer(status: number, codes: readonly ProblemCode[]): Json {
  const retry = status === 429 || status === 503;
  return {
    description: codes.map((code) => `${code}: ${PROBLEMS[code][1]}`).join("; "),
    ...(retry
      ? { headers: { "Retry-After": { description: "Seconds", schema: { type: "integer" } } } }
      : {}),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            { properties: { code: { enum: codes } } },
          ],
        },
      },
    },
  };
}

function problem(): Json {
  return {
    type: "object",
    description: "RFC 9457 problem details.",
    properties: {
      type: { type: "string", description: "/problems/ and the code" },
      title: { type: "string" },
      status: { type: "integer" },
      code: {
        type: "string",
        enum: Object.keys(PROBLEMS).sort(),
        description: "Stable: for programs",
      },
      detail: { type: "string", description: "A sentence that a person can act on" },
      request_id: { type: "string" },
      errors: {
        type: "array",
        items: {
          type: "object",
          properties: {
            path: { type: "string", description: "Dotted: steps.3.tool" },
            message: { type: "string" },
          },
          required: ["path", "message"],
        },
      },
    },
    required: ["type", "title", "status", "code", "detail", "request_id"],
  };
}

/** What a client may send: unknown fields are refused. */
function input(schema: z.ZodType): Json {
  return tidy(z.toJSONSchema(schema, { io: "input" }), false);
}

/**
 * What is answered, by name: fields may be added, so a client must not refuse those that it does
 * not know.
 */
function outputs(schemas: readonly z.ZodType[]): Record<string, Json> {
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

function answerSchema(schema: z.ZodType | undefined, asSent: true | undefined): Json {
  if (!schema) return { type: "string" };
  if (asSent) return input(schema);
  const name = COMPONENTS.get(schema);
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.values(outputs([schema]))[0] ?? {};
}

const SAFE = Number.MAX_SAFE_INTEGER;
const NOISE: readonly (readonly [key: string, value: unknown])[] = [
  ["maximum", SAFE],
  ["minimum", -SAFE],
  ["minLength", 0],
];

/** Without what says nothing; open: without the refusal of unknown fields. */
function tidy(value: unknown, open: boolean): Json {
  const walk = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(walk);
    if (typeof item !== "object" || item === null) return item;
    const { format, ...rest } = item as Json;
    const kept = Object.entries(rest).filter(
      ([key, one]) =>
        key !== "$schema" &&
        key !== "$id" &&
        !(open && key === "additionalProperties" && one === false) &&
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
