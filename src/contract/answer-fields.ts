/**
 * Fields that answers share, and how a schema of an answer gets its name in the OpenAPI document.
 * Answers are described and not validated: the Worker imports their types only, so none of this is
 * evaluated when it starts.
 *
 * @module
 */

import * as z from "zod";
import { DURABILITIES } from "./vocabulary.ts";

/** What the document calls its components, by schema. Filled as the answers' files are loaded. */
export const COMPONENTS = new Map<z.ZodType, string>();

/** Gives the schema a name in the document: it is described once and referred to elsewhere. */
export function named<S extends z.ZodType>(name: string, schema: S): S {
  COMPONENTS.set(schema, name);
  return schema;
}

/** 0…1. */
export const share = z.number().min(0).max(1);
export const count = z.number().int().min(0);
export const flag = z.boolean();
export const text = z.string();
export const texts = z.array(text);
export const textOrNull = text.nullable();
export const time = text.describe("RFC 3339, UTC").meta({ format: "date-time" });
export const timeOrNull = time.nullable();

/** Every answer to a write says how durable it is. */
export const written = {
  durability: z
    .enum(DURABILITIES)
    .describe(
      "queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged",
    ),
};

/** An answer to a write as the instance returns it, which does not know yet how durable it is. */
export type Unsealed<S extends z.ZodType> = Omit<z.infer<S>, "durability">;

/** A page of a list, under its own name. */
export const page = <K extends string, S extends z.ZodType>(key: K, item: S) =>
  z.object({
    [key]: z.array(item),
    next_cursor: z.string().nullable().describe("null: the last page"),
    degraded: z
      .boolean()
      .describe("The database was out of reach: this is what the instances hold"),
  } as Record<K, z.ZodArray<S>> & {
    next_cursor: z.ZodNullable<z.ZodString>;
    degraded: z.ZodBoolean;
  });
