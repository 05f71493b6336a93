/**
 * Deletes backups that the rules let go, or one that an operator names.
 *
 * @module
 */

import { sweep } from "../backup/index.ts";
import type { JobContext } from "./job-context.ts";

/** Answers with what went and what stayed. @param params `backup`: this one alone */
export async function retention(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const only = typeof params["backup"] === "string" ? params["backup"] : null;
  const { retention_daily_days, retention_weekly_weeks, retention_monthly_months } =
    await context.settings();
  const rules = {
    daily_days: retention_daily_days,
    weekly_weeks: retention_weekly_weeks,
    monthly_months: retention_monthly_months,
  };
  return context.steps.run("sweep", () => sweep(context, rules, context.now(), only));
}
