/**
 * The OpenAPI 3.1 document, made of the contract: its routes, the schemas that validate, those of
 * the answers, and what is said of each.
 *
 * @module
 */

import type { RouteContract, RouteDoc } from "../../src/contract/route.ts";
import { ROUTE_IDS, ROUTES } from "../../src/contract/operations.ts";
import { docOf } from "./docs.ts";
import { componentSchemas, requestSchema, type Json } from "./json-schema.ts";
import { HEADERS, parametersOf } from "./parameters.ts";
import { problemSchema, responsesOf, type SharedResponses } from "./responses.ts";

const DESCRIPTION =
  "A self-learning episodic memory for AI agents. Bodies are JSON in UTF-8. No text and no name of a field may hold the character U+0000, and no field may be named `__proto__`; lone surrogates become U+FFFD. A query parameter is given once.";

/** @param version of the service */
export function buildDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  const tags = new Map<string, Json>();
  const shared: SharedResponses = {};
  for (const id of ROUTE_IDS) {
    const route: RouteContract = ROUTES[id];
    const doc = docOf(id);
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(id, route, doc, shared);
    tags.set(doc.tag, { name: doc.tag });
  }

  return {
    openapi: "3.1.0",
    info: {
      title: "memory-service",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [...tags.values()],
    paths,
    components: {
      schemas: { ...componentSchemas(), Problem: problemSchema() },
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

function operation(id: string, route: RouteContract, doc: RouteDoc, shared: SharedResponses): Json {
  const { scope } = route;
  const parameters = parametersOf(route, doc);
  return {
    operationId: id,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    security: scope === null ? [] : [scope === "root" ? { root: [] } : { key: [scope] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: requestBody(route, doc) } : {}),
    responses: responsesOf(id, route, doc, shared),
  };
}

function requestBody({ body, bodyType, bodyOr }: RouteContract, doc: RouteDoc): Json {
  const schema = doc.body ?? body;
  const examples = Object.fromEntries(
    Object.entries(doc.examples ?? {}).map(([name, { summary, body: value }]) => [
      name,
      { summary, value },
    ]),
  );
  return {
    required: true,
    content: {
      [bodyType ?? "application/json"]: { schema: schema ? requestSchema(schema) : {}, examples },
      ...(bodyOr ? { [bodyOr]: { schema: { type: "string", format: "binary" } } } : {}),
    },
  };
}
