/**
 * What operators send. Unknown fields are refused, so that a typing error is not silently dropped.
 *
 * @module
 */

import * as z from "zod";
import { MS, NAMESPACE_PATTERN } from "../contract/limits.ts";

/** Bounds of a forced state's time, s. */
const TTL_MAX_S = 86_400;
const TTL_DEFAULT_S = 3_600;
const DRAIN_MAX_S = 300;
const INSTANCES_MAX = 64;

const whole = (min: number, max: number) =>
  z
    .number({ error: "must be a number" })
    .int("must be a whole number")
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);
const sentence = z
  .string({ error: "must be a string" })
  .max(500, "must have at most 500 characters");

export const configBody = z.strictObject({
  settings: z
    .record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.null()]))
    .refine((settings) => Object.keys(settings).length > 0, "must name at least one setting"),
});
export const modeBody = z.strictObject({
  enabled: z.boolean({ error: "must be true or false" }),
  message: sentence.default(""),
});
export const breakerBody = z.strictObject({
  backend: z.enum(["turso", "r2"], { error: "must be turso or r2" }),
  instance: whole(0, INSTANCES_MAX - 1)
    .nullish()
    .transform((value) => value ?? null),
  /** A forced state ends by itself; null: it lasts until it is reset. */
  ttl_seconds: whole(1, TTL_MAX_S).nullable().default(TTL_DEFAULT_S),
  reason: sentence.default(""),
});
export const instancesBody = z.strictObject({ count: whole(1, INSTANCES_MAX) });
export const syncBody = z.strictObject({
  namespace: z
    .union([z.literal("*"), z.string().regex(NAMESPACE_PATTERN, "is not a namespace's name")])
    .default("*"),
});
export const drainBody = z.strictObject({ timeout_seconds: whole(0, DRAIN_MAX_S).default(30) });
export const migrationsBody = z.strictObject({
  /** Without it nothing is changed. */
  execute: z.boolean({ error: "must be true or false" }).default(false),
  without_backup: z.boolean({ error: "must be true or false" }).default(false),
});
export const deadQuery = z.strictObject({
  limit: z.coerce.number({ error: "must be a number" }).int().min(1).max(1_000).default(100),
});

const UNITS = { m: MS.minute, h: MS.hour, d: MS.day } as const;
/** How far back, as 30m, 1h or 7d; becomes ms. */
export const incidentsQuery = z.strictObject({
  since: z
    .string()
    .regex(
      /^([1-9]\d{0,3}m|([1-9]\d{0,2}|1\d{3}|20\d{2}|21[0-5]\d|2160)h|([1-9]|[1-8]\d|90)d)$/,
      "must be a time such as 30m, 1h or 7d, more than 0 and at most 90d",
    )
    .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS])
    .default(MS.hour),
  format: z.enum(["json", "markdown"], { error: "must be json or markdown" }).optional(),
});
