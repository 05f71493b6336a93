/**
 * Requests made from the document: such as it allows, and such as break one field.
 *
 * @module
 */

import fc from "fast-check";
import type { Json, Operation, Parameter } from "./document.ts";
import { valid, violations, type Hint } from "./values.ts";

export interface Made {
  path: Json;
  query: Json;
  headers: Record<string, string>;
  body: unknown;
}

/** A request with one thing wrong. */
export interface Broken {
  /** The field, as the answer must name it. */
  field: string;
  what: string;
  change(request: Made): Made;
}

/** Headers that say how, not what, are left to the tests about them. */
const OPTIONAL_HEADERS = ["Prefer", "If-Match", "Idempotency-Key", "X-Memory-Namespace"];

export function requests(operation: Operation, hint: Hint): fc.Arbitrary<Made> {
  const of = (where: Parameter["in"]): fc.Arbitrary<Json> => {
    const known = operation.parameters.filter(
      (one) => one.in === where && !(where === "header" && OPTIONAL_HEADERS.includes(one.name)),
    );
    const fields = Object.fromEntries(
      known.map((one) => [one.name, valid(one.schema, hint, `${where}.${one.name}`)]),
    );
    const requiredKeys = known.filter((one) => one.required).map((one) => one.name);
    return fc.record(fields, { requiredKeys }) as fc.Arbitrary<Json>;
  };
  return fc.record({
    path: of("path"),
    query: of("query"),
    headers: of("header") as fc.Arbitrary<Record<string, string>>,
    body: operation.body ? valid(operation.body.schema, hint) : fc.constant(undefined),
  });
}

/** Each way to break a request of this operation. */
export function brokenRequests(operation: Operation, hint: Hint): Broken[] {
  const found: Broken[] = [];
  for (const { name, in: where, schema } of operation.parameters) {
    const part = where === "header" ? "headers" : where;
    for (const { what, value } of violations(schema)) {
      // In an address and in a header everything is text, an empty segment is another address, and
      // "" is a filter.
      if (what === "of another type" && schema["type"] === "string") continue;
      if (where !== "query" && (what === "too short" || what === "too long")) continue;
      if (where === "header" && !("pattern" in schema)) continue;
      const broken = where === "header" ? "not: such a thing" : value;
      found.push({
        field: name,
        what,
        change: (made) => ({ ...made, [part]: { ...made[part], [name]: broken } }),
      });
    }
  }
  const queried = operation.parameters.some((one) => one.in === "query");
  if (queried) {
    const change = (made: Made): Made => ({ ...made, query: { ...made.query, no_such_field: 1 } });
    found.push({ field: "no_such_field", what: "unknown", change });
  }
  if (operation.body) {
    for (const { path, what, value } of violations(operation.body.schema, hint)) {
      // Without "steps" it is one step, and what is missing is what a step needs.
      if (operation.id === "logSteps" && path === "steps" && what === "missing") continue;
      found.push({ field: path, what, change: (made) => ({ ...made, body: value }) });
    }
  }
  return found;
}
