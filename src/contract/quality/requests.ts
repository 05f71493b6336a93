/**
 * What may be asked about how good the runs of a namespace are. The Worker evaluates this file when
 * it starts.
 *
 * @module
 */

import * as z from "zod";
import { LIMITS } from "../limits.ts";
import { operation } from "../operation.ts";
import { get, type RouteContract } from "../route.ts";
import { answerFormat } from "../words.ts";
import type { QualityView } from "./answers.ts";

const weeksMax = `must be at most ${LIMITS.report_weeks_max}`;
const qualityQuery = z.strictObject({
  weeks: z.coerce
    .number({ error: "must be a number" })
    .int()
    .min(1, "must be at least 1")
    .max(LIMITS.report_weeks_max, weeksMax)
    .default(12),
  format: answerFormat,
});

export const QUALITY_ROUTES = {
  getQuality: get("/v1/quality", "read", { query: qualityQuery }),
} as const satisfies Record<string, RouteContract>;

export const QUALITY_OPERATIONS = {
  quality: operation<{ weeks: number }, QualityView>("namespace", "read"),
};
