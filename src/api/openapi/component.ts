/**
 * Schemas of answers: held to a type, and named in the document.
 *
 * @module
 */

import * as z from "zod";

/** What the document calls components, by schema. */
export const COMPONENTS = new Map<z.ZodType, string>();

/** The schema, if its output is exactly T. */
export const same =
  <T>() =>
  <S extends z.ZodType<T>>(schema: [T] extends [z.output<S>] ? S : never): S =>
    schema;

/** Gives the schema a name in the document. */
export function named<S extends z.ZodType>(id: string, schema: S): S {
  COMPONENTS.set(schema, id);
  return schema;
}

export const share = z.number().min(0).max(1);
export const count = z.number().int().min(0);
export const time = z.string().describe("RFC 3339, UTC").meta({ format: "date-time" });
