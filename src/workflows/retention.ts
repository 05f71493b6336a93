/**
 * Deletes backups that the rules let go, or one that an operator names.
 *
 * @module
 */

import { sweep } from "../backup/index.ts";
import type { JobGround } from "./ground.ts";

export async function retention(
  ground: JobGround,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const only = typeof params["backup"] === "string" ? params["backup"] : null;
  const { retention_daily_days, retention_weekly_weeks, retention_monthly_months } =
    await ground.settings();
  const rules = {
    daily_days: retention_daily_days,
    weekly_weeks: retention_weekly_weeks,
    monthly_months: retention_monthly_months,
  };
  return ground.steps.run("sweep", () => sweep(ground, rules, ground.now(), only));
}
