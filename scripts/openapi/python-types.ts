/**
 * The Python client's types and operations, as text: a `TypedDict` for each shape of the document,
 * and a method for each operation, once for the client that waits and once for `async`.
 *
 * @module
 */

import type { Json } from "./json-schema.ts";
import { pascal, PythonShapes } from "./python-shapes.ts";

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
}

/** Of these a client has its own methods, or they are no JSON. */
const LEFT_OUT =
  /^(import|export)Episodes$|^(getConsole|getConsoleFile|mcp|getDocument|getReference|getMetrics|isAlive|listIncidents)$/;

export function pythonText(document: Json): string {
  const shapes = new PythonShapes();
  const { schemas } = document["components"] as { schemas: Record<string, Json> };
  for (const [name, schema] of Object.entries(schemas)) shapes.define(name, schema);
  const operations = operationsOf(document, shapes);
  return [
    HEADER,
    ...shapes.definitions(),
    ...classText("Operations", "Transport", "", operations),
    "",
    ...classText("AsyncOperations", "AsyncTransport", "async ", operations),
    "",
  ].join("\n");
}

function operationsOf(document: Json, shapes: PythonShapes): Operation[] {
  const paths = document["paths"] as Record<string, Record<string, Json>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, about]) => !LEFT_OUT.test(String(about["operationId"])))
      .map(([method, about]) => operationOf(method, path, about, shapes)),
  );
}

function operationOf(method: string, path: string, about: Json, shapes: PythonShapes): Operation {
  const id = String(about["operationId"]);
  const shape = id.charAt(0).toUpperCase() + id.slice(1);
  const parameters = ((about["parameters"] ?? []) as Json[]).filter((one) => one["in"] === "query");
  const query = parameters.map((one) => ({
    name: String(one["name"]),
    type: shapes.typeOf(one["schema"] as Json, `${shape}Query`),
    required: one["required"] === true,
    at: "query" as const,
  }));
  const body = contentOf(about["requestBody"] as Json | undefined);
  const fields = fieldsOf(body);
  const named = fields.map(({ name, schema, required }) => ({
    name,
    type: shapes.typeOf(schema, `${shape}${pascal(name)}`),
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
    whole: body && fields.length === 0 ? shapes.typeOf(body, `${shape}Body`) : null,
    answer: answered ? shapes.typeOf(answered, `${shape}Answer`) : "None",
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
  const { name, method, path, summary, params, named, whole, answer } = operation;
  const awaited = keyword === "" ? "" : "await ";
  const body = named.filter(({ at }) => at === "body");
  const query = named.filter(({ at }) => at === "query");
  const given = (all: typeof named): string =>
    `{${all.map((one) => `"${one.name}": ${argument(one.name)}`).join(", ")}}`;
  const sent = whole ? "body" : body.length > 0 ? given(body) : "None";
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
    `            ${given(query)},`,
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
