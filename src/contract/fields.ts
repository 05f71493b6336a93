/**
 * Fields that requests share, as Zod schemas with the messages that a client reads. The Worker
 * evaluates them when it starts. Over a bound is an error that names the field, never a cut.
 *
 * @module
 */

import * as z from "zod";
import { byteLength } from "../util/bytes.ts";
import { ID_PATTERN, LIMITS, NAMESPACE_PATTERN } from "./limits.ts";
import { COMPLEXITIES, TASK_TYPES } from "./vocabulary.ts";

/** @param max characters (UTF-16 units), as `min` */
export const text = (max: number, min = 0) =>
  z
    .string()
    .min(min, `must have at least ${min} character${min === 1 ? "" : "s"}`)
    .max(max, `must have at most ${max} characters`);

/** @param max entries */
export const list = <T extends z.ZodType>(item: T, max: number) =>
  z.array(item).max(max, `must have at most ${max} entries`);

/** Any JSON value. @param max UTF-8 bytes as JSON */
export const json = (max: number) =>
  z
    .unknown()
    .refine(
      (value) => byteLength(JSON.stringify(value ?? null)) <= max,
      `must have at most ${max} bytes as JSON`,
    );

/** The field may be absent or null, and becomes null. */
export const orNull = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? null);

export const name = text(LIMITS.name_max, 1);
export const tags = list(name, LIMITS.tags_max);
export const task = text(LIMITS.task_max, 1);
export const taskType = z.enum(TASK_TYPES);

/** Becomes RFC 3339 UTC with milliseconds. */
export const time = z.iso
  .datetime({ offset: true, error: "must be a time such as 2026-01-31T12:00:00Z" })
  .transform((value) => new Date(value).toISOString());

export const id = z
  .string()
  .regex(
    ID_PATTERN,
    "must be an id: 1 to 128 letters, digits, dots, hyphens, colons or underscores",
  );

export const namespaceName = z
  .string()
  .regex(NAMESPACE_PATTERN, "must be 1 to 64 letters, digits, dots, hyphens or underscores");

export const metadata = z
  .record(name, text(LIMITS.metadata_value_max))
  .refine(
    (map) => Object.keys(map).length <= LIMITS.metadata_entries_max,
    `must have at most ${LIMITS.metadata_entries_max} entries`,
  );

export const count = z.number().int().min(0, "must not be negative").max(Number.MAX_SAFE_INTEGER);
export const share = z.number().min(0, "must be 0 to 1").max(1, "must be 0 to 1");

/** What a task is about; what is not given becomes "", null or moderate. */
export const wholeContext = z
  .strictObject({
    domain: text(LIMITS.name_max)
      .nullish()
      .transform((value) => value ?? ""),
    language: text(LIMITS.name_max)
      .nullish()
      .transform((value) => value || null),
    framework: text(LIMITS.name_max)
      .nullish()
      .transform((value) => value || null),
    complexity: z.enum(COMPLEXITIES).default("moderate"),
    tags: tags.default([]),
  })
  .prefault({});

/** The same, of which only what is given counts. */
export const partialContext = z.strictObject({
  domain: text(LIMITS.name_max).exactOptional(),
  language: text(LIMITS.name_max).nullable().exactOptional(),
  framework: text(LIMITS.name_max).nullable().exactOptional(),
  complexity: z.enum(COMPLEXITIES).exactOptional(),
  tags: tags.exactOptional(),
});

/** Query parameters are strings. */
const pageLimit = z.coerce
  .number({ error: "must be a number" })
  .int()
  .min(1, "must be at least 1")
  .max(LIMITS.page_max, `must be at most ${LIMITS.page_max}`)
  .default(LIMITS.page_default);

export const cursor = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]{1,500}$/, "must be the next_cursor of an earlier page")
  .exactOptional();

/** The query of a list; extended by its filters. */
export const page = z.strictObject({ limit: pageLimit, cursor });

/** A query that takes no parameter, and refuses any. */
export const nothing = z.strictObject({});

/** A whole number in bounds, of an operator. */
export const whole = (min: number, max: number) =>
  z
    .number({ error: "must be a number" })
    .int("must be a whole number")
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);

/** A switch, off when absent. */
export const flag = z.boolean({ error: "must be true or false" }).default(false);
