/**
 * The files that are made of the route table, as text: the snapshot of the document, and the
 * client's types.
 *
 * @module
 */

import { buildDocument, type Json } from "../src/api/openapi/document.ts";
import { ROUTES } from "../src/api/routes/routes.ts";

export function documentText(version: string): string {
  return `${JSON.stringify(buildDocument(ROUTES, version), null, 2)}\n`;
}

/** TypeScript types of the components, and of what each operation takes and answers. */
export function typesText(version: string): string {
  const document = buildDocument(ROUTES, version);
  const { schemas } = document["components"] as { schemas: Record<string, Json> };
  const lines = [
    "/**",
    " * The types of the API, made of the OpenAPI document by `npm run openapi`. Do not edit.",
    " *",
    " * @module",
    " */",
    "",
  ];
  for (const [name, schema] of Object.entries(schemas)) {
    lines.push(...doc(schema, ""), `export type ${name} = ${typeOf(schema, "")};`, "");
  }
  const routes: string[] = [];
  lines.push(
    "/** What each operation takes and answers, by its operationId. */",
    "export interface Operations {",
  );
  for (const [path, methods] of Object.entries(
    document["paths"] as Record<string, Record<string, Json>>,
  )) {
    for (const [method, about] of Object.entries(methods)) {
      routes.push(`  ${String(about["operationId"])}: ["${method.toUpperCase()}", "${path}"],`);
      lines.push(`  ${String(about["operationId"])}: {`, `    params: ${paramsType(path)};`);
      lines.push(
        `    query: ${queryType(about)};`,
        `    body: ${bodyType(about)};`,
        `    answer: ${answerType(about)};`,
      );
      lines.push("  };");
    }
  }
  lines.push("}", "");
  lines.push(
    "/** Method and path of each operation. */",
    "export const ROUTES = {",
    ...routes,
    "} as const;",
    "",
  );
  return lines.join("\n");
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
  return only ? typeOf(only["schema"] as Json, "    ") : "undefined";
}

function answerType(about: Json): string {
  const answers = about["responses"] as Record<string, { content?: Record<string, Json> }>;
  for (const [status, { content }] of Object.entries(answers)) {
    if (!status.startsWith("2")) continue;
    const [only] = Object.values(content ?? {});
    return only ? typeOf(only["schema"] as Json, "    ") : "undefined";
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
