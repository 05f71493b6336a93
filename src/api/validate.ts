/**
 * Holds what a client sent against a schema, and says what is wrong with it field by field.
 *
 * @module
 */

import type { z } from "zod";
import { _safeParse } from "zod/v4/core";
import { namesAt, nearest, valueAt } from "./misspelt.ts";
import { Problem, type FieldError } from "./problem.ts";

/** Errors that an answer names: whoever sent more of them mends these first. */
const ERRORS_MAX = 50;
/** Unknown fields that the detail names behind the first error: one may be that error's cause. */
const UNKNOWN_SHOWN = 3;
const UNKNOWN = "unknown field";

/**
 * What is wrong with a value. Not Zod's own error, which writes all issues into one text that
 * nobody reads. The parser is imported by its name: reached through `z.core`, it would bring all of
 * Zod and its languages into the bundle.
 */
class Issues {
  readonly issues: readonly z.core.$ZodIssue[];

  constructor(issues: readonly z.core.$ZodIssue[]) {
    this.issues = issues;
  }
}
const check = _safeParse(Issues as unknown as z.core.$ZodErrorClass);

/**
 * The value as the schema makes it.
 *
 * @throws Problem validation_failed that names the fields at fault, at most 50
 */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = check(schema, value);
  if (result.success) return result.data;

  const errors = fieldErrors(result.error.issues, schema, value);
  throw new Problem("validation_failed", detailOf(errors), errors);
}

/** The value of one named field, such as a parameter of the path. @throws Problem that names it */
export function validateField<S extends z.ZodType>(
  name: string,
  schema: S,
  value: unknown,
): z.output<S> {
  const result = check(schema, value);
  if (result.success) return result.data;
  throw invalid(name, result.error.issues[0]?.message ?? "is not valid");
}

/** @param path the field at fault, dotted; "": the request as a whole */
export function invalid(path: string, message: string): Problem {
  return new Problem("validation_failed", path === "" ? message : `${path}: ${message}`, [
    { path, message },
  ]);
}

/** The first error, and the fields that nobody knows: what is missing may be one of them. */
function detailOf([first, ...others]: readonly FieldError[]): string {
  if (!first) return "The request is not valid.";
  const unknown = others.filter(({ message }) => message.startsWith(UNKNOWN));
  return [first, ...unknown.slice(0, UNKNOWN_SHOWN)]
    .map(({ path, message }) => `${path === "" ? "body" : path}: ${message}`)
    .join("; ");
}

function fieldErrors(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  value: unknown,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of issues.slice(0, ERRORS_MAX)) {
    if (issue.code === "unrecognized_keys")
      errors.push(...unknownFields(issue.path, issue.keys, namesAt(schema, issue.path)));
    else {
      errors.push({ path: issue.path.join("."), message: issue.message });
      if (issue.code === "invalid_union") errors.push(...besideKind(issue, schema, value));
    }
    if (errors.length >= ERRORS_MAX) break;
  }
  return errors.slice(0, ERRORS_MAX);
}

function unknownFields(
  at: readonly PropertyKey[],
  keys: readonly string[],
  known: readonly string[],
): FieldError[] {
  return keys.slice(0, ERRORS_MAX).map((key) => {
    const meant = nearest(key, known);
    const message = meant === null ? UNKNOWN : `${UNKNOWN}: did you mean ${meant}?`;
    return { path: [...at, key].join("."), message };
  });
}

/**
 * What is wrong beside the field that says of which kind an object is: while it says no kind, the
 * other fields are held against none.
 */
function besideKind(
  { path, discriminator }: z.core.$ZodIssueInvalidUnion,
  schema: z.ZodType,
  value: unknown,
): FieldError[] {
  if (discriminator === undefined) return [];
  const at = path.slice(0, -1);
  const known = namesAt(schema, at);
  const keys = Object.keys(Object(valueAt(value, at)) as object);
  return unknownFields(
    at,
    keys.filter((key) => !known.includes(key)),
    known,
  );
}
