/**
 * The Python client's types and operations, as text: a `TypedDict` for each shape of the document,
 * and a method for each operation, once for the client that waits and once for `async`.
 *
 * @module
 */

import type { Json } from "./json-schema.ts";
import { definitionText, typeOf } from "./python-shapes.ts";

const HEADER = `"""Types and operations of the API, made of the OpenAPI document by \`npm run openapi\`.

Do not edit.
"""

from __future__ import annotations

from typing import Any, Dict, List, Literal, Union

from ._compat import NotRequired, TypedDict
from ._transport import UNSET, AsyncTransport, RequestOptions, Transport
`;

interface Operation {
  name: string;
  method: string;
  path: string;
  summary: string;
  /** Names in the path, in their order. */
  params: string[];
  /** Of the query and, where the body is one object, of the body: name → type. */
  named: { name: string; type: string; required: boolean; at: "query" | "body" }[];
  /** The type of a body that is not one object; null: there is none. */
  whole: string | null;
  answer: string;
  /** Sent in the query with each call. */
  fixed: Record<string, string>;
}

/** The media type of answers that go into a prompt as they are. */
const WORDS_TYPE = "text/markdown";
/** How a request asks for words. */
const AS_WORDS = { format: "text" };

/** Of these a client has its own methods, or they are no JSON. */
const LEFT_OUT =
  /^(import|export)Episodes$|^(getStartPage|getConsole|getConsoleFile|getConsolePart|mcp|getDocument|getReference|getMetrics|isAlive|listIncidents)$/;

export function pythonText(document: Json): string {
  const { schemas } = document["components"] as { schemas: Record<string, Json> };
  const operations = operationsOf(document, schemas);
  return [
    HEADER,
    ...Object.entries(schemas).flatMap(([name, one]) => ["", ...definitionText(name, one), ""]),
    ...classText("Operations", "Transport", "", operations),
    "",
    ...classText("AsyncOperations", "AsyncTransport", "async ", operations),
    "",
  ].join("\n");
}

function operationsOf(document: Json, schemas: Record<string, Json>): Operation[] {
  const paths = document["paths"] as Record<string, Record<string, Json>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, about]) => !LEFT_OUT.test(String(about["operationId"])))
      .map(([method, about]) => operationOf(method, path, about, schemas))
      .flatMap((operation) => inForms(operation)),
  );
}

/** Where an operation answers in words as well: a method for each, with what it has a use for. */
function inForms(operation: Operation & { hasWords: boolean }): Operation[] {
  const { named, hasWords } = operation;
  if (!hasWords) return [operation];
  const isOfWords = (name: string): boolean =>
    named.some((one) => one.at === "query" && one.name === name);
  return [
    { ...operation, named: named.filter(({ at }) => at === "body") },
    {
      ...operation,
      name: `${operation.name}_text`,
      summary: `${operation.summary.replace(/\.$/, "")}, as text for a prompt`,
      named: named.filter(({ name, at }) =>
        at === "query" ? !(name in AS_WORDS) : !isOfWords(name),
      ),
      answer: "str",
      fixed: AS_WORDS,
    },
  ];
}

function operationOf(
  method: string,
  path: string,
  about: Json,
  schemas: Record<string, Json>,
): Operation & { hasWords: boolean } {
  const id = String(about["operationId"]);
  const parameters = ((about["parameters"] ?? []) as Json[]).filter((one) => one["in"] === "query");
  const query = parameters.map((one) => ({
    name: String(one["name"]),
    type: typeOf(one["schema"] as Json),
    required: one["required"] === true,
    at: "query" as const,
  }));
  const body = contentOf(about["requestBody"] as Json | undefined);
  const [, component = ""] = /^#\/components\/schemas\/(\w+)$/.exec(String(body?.["$ref"])) ?? [];
  const fields = fieldsOf(schemas[component] ?? body);
  const named = fields.map(({ name, schema, required }) => ({
    name,
    type: typeOf(schema),
    required,
    at: "body" as const,
  }));
  const answers = Object.entries(about["responses"] as Record<string, Json>);
  const [, answer] = answers.find(([status]) => status.startsWith("2")) ?? [];
  const answered = contentOf(answer);
  return {
    name: snake(id),
    method: method.toUpperCase(),
    path,
    summary: String(about["summary"]),
    params: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name)),
    named: [...query, ...named].sort((a, b) => Number(b.required) - Number(a.required)),
    whole: body && fields.length === 0 ? typeOf(body) : null,
    answer: answered ? typeOf(answered) : "None",
    fixed: {},
    hasWords: WORDS_TYPE in ((answer?.["content"] ?? {}) as Json) && parameters.length > 0,
  };
}

function contentOf(about: Json | undefined): Json | null {
  const content = (about?.["content"] ?? {}) as Record<string, Json>;
  const [only] = Object.values(content);
  return (only?.["schema"] as Json | undefined) ?? null;
}

function fieldsOf(body: Json | null): { name: string; schema: Json; required: boolean }[] {
  const required = (body?.["required"] ?? []) as string[];
  const properties = (body?.["properties"] ?? {}) as Record<string, Json>;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    schema,
    required: required.includes(name),
  }));
}

function classText(
  name: string,
  transport: string,
  keyword: string,
  operations: readonly Operation[],
): string[] {
  return [
    "",
    `class ${name}:`,
    '    """A method for each operation of the API; each raises `MemoryServiceError`."""',
    "",
    `    _transport: ${transport}`,
    ...operations.flatMap((operation) => methodText(operation, keyword)),
  ];
}

function methodText(operation: Operation, keyword: string): string[] {
  const { name, method, path, summary, params, named, whole, answer, fixed } = operation;
  const awaited = keyword === "" ? "" : "await ";
  const body = named.filter(({ at }) => at === "body");
  const query = named.filter(({ at }) => at === "query");
  const pairs = (all: typeof named): string[] =>
    all.map((one) => `"${one.name}": ${argument(one.name)}`);
  const asked = Object.entries(fixed).map(([key, value]) => `"${key}": "${value}"`);
  const sent = whole ? "body" : body.length > 0 ? `{${pairs(body).join(", ")}}` : "None";
  return [
    "",
    `    ${keyword}def ${name}(`,
    "        self,",
    ...params.map((one) => `        ${argument(one)}: str,`),
    ...(whole ? [`        body: ${whole},`] : []),
    "        *,",
    ...named.map(
      (one) => `        ${argument(one.name)}: ${one.type}${one.required ? "" : " = UNSET"},`,
    ),
    "        options: RequestOptions | None = None,",
    `    ) -> ${answer}:`,
    `        """${summary.replaceAll('"', "'")}."""`.replace('..""', '."'),
    `        return ${awaited}self._transport.call(  # type: ignore[no-any-return]`,
    `            "${method}",`,
    `            "${path}",`,
    `            {${params.map((one) => `"${one}": ${argument(one)}`).join(", ")}},`,
    `            {${[...asked, ...pairs(query)].join(", ")}},`,
    `            ${sent},`,
    "            options,",
    "        )",
  ];
}

const KEYWORDS = new Set(["from", "type", "id", "format", "import", "global", "in", "is", "not"]);

/** A parameter's name that neither Python nor a reader takes for something else. */
function argument(name: string): string {
  return KEYWORDS.has(name) ? `${name}_` : name;
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
