/**
 * Holds what a client sent against a schema, and says what is wrong with it field by field.
 *
 * @module
 */

import type { z } from "zod";
import { _safeParse } from "zod/v4/core";
import { Problem, type FieldError } from "./problem.ts";

/** Errors that an answer names: whoever sent more of them mends these first. */
const ERRORS_MAX = 50;

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

  const errors = fieldErrors(result.error.issues);
  const [first] = errors;
  const detail = first
    ? `${first.path === "" ? "body" : first.path}: ${first.message}`
    : "The request is not valid.";
  throw new Problem("validation_failed", detail, errors);
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

function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of issues.slice(0, ERRORS_MAX)) {
    const path = issue.path.join(".");
    if (issue.code !== "unrecognized_keys") errors.push({ path, message: issue.message });
    else {
      for (const key of issue.keys.slice(0, ERRORS_MAX - errors.length)) {
        errors.push({ path: path === "" ? key : `${path}.${key}`, message: "unknown field" });
      }
    }
    if (errors.length >= ERRORS_MAX) break;
  }
  return errors;
}
