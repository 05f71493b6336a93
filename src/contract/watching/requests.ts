/**
 * What those who watch the service may ask: health, version, metrics, incidents, capacity, and the
 * console. The Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { MS } from "../limits.ts";
import { repeatable, type CommandTable } from "../operation.ts";
import { get, type RouteContract } from "../route.ts";
import { USAGE_MEASURES, USAGE_SPANS, type UsageMeasure, type UsageSpan } from "../vocabulary.ts";
import type { UsageView } from "./answers.ts";

const UNIT_MS = { m: MS.minute, h: MS.hour, d: MS.day } as const;

const incidentsQuery = z.strictObject({
  /** How far back, as 30m, 1h or 7d; becomes ms. */
  since: z
    .string()
    .regex(
      /^([1-9]\d{0,3}m|([1-9]\d{0,2}|1\d{3}|20\d{2}|21[0-5]\d|2160)h|([1-9]|[1-8]\d|90)d)$/,
      "must be a time such as 30m, 1h or 7d, more than 0 and at most 90d",
    )
    .transform(
      (text) => Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS],
    )
    .default(MS.hour),
  /** Instead of `since`: a day, UTC, from the copies in R2. */
  day: z.iso.date("must be a day of the calendar such as 2026-01-31").exactOptional(),
  /** Whether the last log lines are wanted too. */
  logs: z
    .enum(["true", "false"], { error: "must be true or false" })
    .default("false")
    .transform((text) => text === "true"),
  /** Absent: as `Accept` says. */
  format: z.enum(["json", "markdown"], { error: "must be json or markdown" }).exactOptional(),
});

/** Namespaces, and keys, of one answer about usage, when the request does not say, and at most. */
const USAGE_DEFAULT = 20;
const USAGE_MAX = 200;

const usageQuery = z.strictObject({
  over: z.enum(USAGE_SPANS, { error: "must be hour or day" }).default("hour"),
  /** Those with the most of it come first. */
  by: z
    .enum(USAGE_MEASURES, { error: `must be one of ${USAGE_MEASURES.join(", ")}` })
    .default("requests"),
  limit: z.coerce
    .number({ error: "must be a number" })
    .int()
    .min(1, "must be at least 1")
    .max(USAGE_MAX, `must be at most ${USAGE_MAX}`)
    .default(USAGE_DEFAULT),
});

export const WATCHING_ROUTES = {
  isAlive: get("/health/live", null),
  isReady: get("/health/ready", null),
  getVersion: get("/version", null),
  getMetrics: get("/metrics", "metrics"),
  listIncidents: get("/admin/incidents", "root", { query: incidentsQuery }),
  getCapacity: get("/admin/capacity", "root"),
  getUsage: get("/admin/usage", "root", { query: usageQuery }),
  getOverview: get("/admin/overview", "root"),
  getStartPage: get("/", null),
  getConsole: get("/console", null),
  getConsoleFile: get("/console/:file", null, { params: { file: z.string() } }),
  getConsolePart: get("/console/:folder/:file", null, {
    params: { folder: z.string(), file: z.string() },
  }),
} as const satisfies Record<string, RouteContract>;

export const WATCHING_COMMANDS = {
  /** Who uses the service; the first `limit` namespaces, and keys, by a measure. */
  "usage.get": repeatable<{ over: UsageSpan; by: UsageMeasure; limit: number }, UsageView>(),
} as const satisfies CommandTable;
