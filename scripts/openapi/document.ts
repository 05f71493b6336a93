/**
 * The OpenAPI 3.1 document, made of the contract: its routes, the schemas that validate, those of
 * the answers, and what is said of each.
 *
 * @module
 */

import type { RouteContract, RouteDoc } from "../../src/contract/route.ts";
import { ROUTE_IDS, ROUTES } from "../../src/contract/operations.ts";
import { docOf } from "./docs.ts";
import { bodySchema, componentSchemas, LINE_SCHEMA, mediaOf, type Json } from "./json-schema.ts";
import { HEADERS, parametersOf } from "./parameters.ts";
import { problemSchema, responsesOf, type SharedResponses } from "./responses.ts";
import { pascal, SchemaNames } from "./schema-names.ts";

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

  const schemas = { ...componentSchemas(), Problem: problemSchema() };
  const draft = new SchemaNames();
  nameAll(structuredClone(paths), schemas, draft);
  const names = new SchemaNames(draft);
  nameAll(paths, schemas, names);

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
      schemas: names.schemas(),
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

function nameAll(
  paths: Record<string, Json>,
  schemas: Record<string, Json>,
  names: SchemaNames,
): void {
  names.define(schemas);
  for (const methods of Object.values(paths))
    for (const about of Object.values(methods)) nameShapes(about as Json, names);
}

/** Names the shapes of an operation's parameters, body and answers, in their places. */
function nameShapes(about: Json, names: SchemaNames): void {
  const id = pascal(String(about["operationId"]));
  for (const parameter of (about["parameters"] ?? []) as Json[]) {
    const { schema, name } = parameter;
    if (schema) parameter["schema"] = names.named(schema as Json, `${id}${pascal(String(name))}`);
  }
  const bodies = [
    [about["requestBody"], "Body"],
    ...Object.values(about["responses"] as Json).map((one) => [one, "Answer"]),
  ] as [Json | undefined, string][];
  for (const [body, kind] of bodies) {
    for (const media of Object.values((body?.["content"] ?? {}) as Record<string, Json>)) {
      for (const key of ["schema", LINE_SCHEMA])
        if (media[key]) media[key] = names.whole(media[key] as Json, `${id}${kind}`);
    }
  }
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
  const type = bodyType ?? "application/json";
  const described = schema ? bodySchema(schema) : {};
  return {
    required: true,
    content: {
      [type]: { ...mediaOf(type, described), examples },
      ...(bodyOr ? { [bodyOr]: { schema: { type: "string", format: "binary" } } } : {}),
    },
  };
}
