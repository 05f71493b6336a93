/**
 * The client's types, as text: the components of the document, and what each operation takes and
 * answers; and as values its method and path, and the kinds of patterns.
 *
 * @module
 */

import { LINE_SCHEMA, type Json } from "./json-schema.ts";

const HEADER = `/**
 * The types of the API, its routes and the kinds of patterns, made of the OpenAPI document by
 * \`npm run openapi\`. Do not edit.
 *
 * @module
 */
`;

interface DescribedOperation {
  id: string;
  method: string;
  path: string;
  about: Json;
}

export function typesText(document: Json): string {
  const { schemas } = document["components"] as { schemas: Record<string, Json> };
  const operations = operationsOf(document);
  const components = Object.entries(schemas).flatMap(([name, schema]) => [
    ...doc(schema, ""),
    `export type ${name} = ${typeOf(schema, "")};`,
    "",
  ]);
  return [
    HEADER,
    ...components,
    "/** What each operation takes and answers, by its operationId. */",
    "export interface Operations {",
    ...operations.flatMap(operationType),
    "}",
    "",
    "/** Method and path of each operation. */",
    "export const ROUTES = {",
    ...operations.map(({ id, method, path }) => `  ${id}: ["${method}", "${path}"],`),
    "} as const;",
    "",
    "/** Every kind of pattern. */",
    "export const PATTERN_KINDS = [",
    ...patternKinds(schemas).map((kind) => `  "${kind}",`),
    "] as const;",
    "",
  ].join("\n");
}

function patternKinds({ PatternKind }: Record<string, Json>): string[] {
  return (PatternKind as { enum: string[] }).enum;
}

function operationsOf(document: Json): DescribedOperation[] {
  const paths = document["paths"] as Record<string, Record<string, Json>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, about]) => ({
      id: String(about["operationId"]),
      method: method.toUpperCase(),
      path,
      about,
    })),
  );
}

function operationType({ id, path, about }: DescribedOperation): string[] {
  return [
    `  ${id}: {`,
    `    params: ${paramsType(path)};`,
    `    query: ${queryType(about)};`,
    `    body: ${bodyType(about)};`,
    `    answer: ${answerType(about)};`,
    "  };",
  ];
}

function paramsType(path: string): string {
  const fields = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `${name}: string`);
  return fields.length === 0 ? "Record<string, never>" : `{ ${fields.join("; ")} }`;
}

function queryType(about: Json): string {
  const parameters = ((about["parameters"] ?? []) as Json[]).filter((one) => one["in"] === "query");
  if (parameters.length === 0) return "Record<string, never>";
  const fields = parameters.map(
    (one) =>
      `${String(one["name"])}${one["required"] === true ? "" : "?"}: ${typeOf(one["schema"] as Json, "")}`,
  );
  return `{ ${fields.join("; ")} }`;
}

function bodyType(about: Json): string {
  const content = (about["requestBody"] as { content?: Record<string, Json> } | undefined)?.content;
  const [only] = Object.values(content ?? {});
  return only ? mediaType(only) : "undefined";
}

/** Of lines the type of one. */
function mediaType(media: Json): string {
  return typeOf((media[LINE_SCHEMA] ?? media["schema"]) as Json, "    ");
}

function answerType(about: Json): string {
  const answers = about["responses"] as Record<string, { content?: Record<string, Json> }>;
  for (const [status, { content }] of Object.entries(answers)) {
    if (!status.startsWith("2")) continue;
    const [only] = Object.values(content ?? {});
    return only ? mediaType(only) : "undefined";
  }
  return "undefined";
}

function doc(schema: Json, indent: string): string[] {
  return typeof schema["description"] === "string"
    ? [`${indent}/** ${schema["description"]} */`]
    : [];
}

const PRIMITIVES: Record<string, string> = {
  string: "string",
  integer: "number",
  number: "number",
  boolean: "boolean",
  null: "null",
};

/** The part of JSON Schema that the document uses, as a TypeScript type. */
function typeOf(schema: Json, indent: string): string {
  const reference = /^#\/components\/schemas\/(\w+)$/.exec(String(schema["$ref"]))?.[1];
  if (reference !== undefined) return reference;
  if (schema["const"] !== undefined) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"]))
    return schema["enum"].map((value) => JSON.stringify(value)).join(" | ");
  const choices = (schema["oneOf"] ?? schema["anyOf"]) as Json[] | undefined;
  if (choices) {
    const types = new Set(choices.map((choice) => typeOf(choice, indent)));
    // A literal beside any text says nothing.
    return [...types].filter((type) => !(types.has("string") && type.startsWith('"'))).join(" | ");
  }
  if (Array.isArray(schema["type"])) {
    return schema["type"].map((type: unknown) => typeOf({ ...schema, type }, indent)).join(" | ");
  }
  if (schema["type"] === "array") {
    const item = typeOf((schema["items"] ?? {}) as Json, indent);
    return item.includes(" | ") ? `(${item})[]` : `${item}[]`;
  }
  if (schema["type"] === "object") return objectType(schema, indent);
  return PRIMITIVES[String(schema["type"])] ?? "unknown";
}

function objectType(schema: Json, indent: string): string {
  const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Json>);
  const required = (schema["required"] ?? []) as string[];
  if (properties.length === 0) {
    const values = schema["additionalProperties"];
    if (typeof values === "object" && values !== null && Object.keys(values).length > 0) {
      const { propertyNames } = schema as { propertyNames?: Json };
      const keys = propertyNames?.["enum"] ? typeOf(propertyNames, indent) : "string";
      return `Record<${keys}, ${typeOf(values as Json, indent)}>`;
    }
    return values === false ? "Record<string, never>" : "Record<string, unknown>";
  }
  const inner = `${indent}  `;
  const lines = properties.flatMap(([name, property]) => [
    ...doc(property, inner),
    `${inner}${name}${required.includes(name) ? "" : "?"}: ${typeOf(property, inner)};`,
  ]);
  return `{\n${lines.join("\n")}\n${indent}}`;
}
