/**
 * `memory-cli backup protect`: lock and lifecycle rules of the bucket, by wrangler.
 *
 * @module
 */

import type { App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { whole } from "../../parse.ts";
import { bucketsOf } from "../../setup/account-steps.ts";
import { jurisdictionOf } from "../../setup/lines.ts";
import { CONFIG, configOf } from "../../setup/program-path.ts";
import { Programs, typed } from "../../setup/programs.ts";
import {
  protect,
  protectCommands,
  rulesFor,
  USUAL_RETENTION,
  type Retention,
} from "../../setup/protection.ts";
import { EXPIRE_DAYS, LOCK_DAYS } from "../../setup/wanted.ts";
import { deploymentOf } from "../../setup/config.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import type { Shown } from "../../terminal/output.ts";
import { columns, shownList, shownText } from "../../terminal/shown.ts";

const DAYS_MAX = 36_500;

/** As the service has it; what is usual where the root's secret is not known here. */
async function retentionOf(app: App): Promise<Retention> {
  if (app.target.admin_token === undefined) return USUAL_RETENTION;
  const { settings } = await (await app.admin()).call("getConfig", {});
  return {
    retention_daily_days: settings.retention_daily_days.value,
    retention_weekly_weeks: settings.retention_weekly_weeks.value,
    retention_monthly_months: settings.retention_monthly_months.value,
  };
}

async function protectBucket(app: App, values: Values): Promise<Shown> {
  const config = configOf(values["config"] as string | undefined);
  const environment = (values["env"] as string | undefined) ?? null;
  const [bucket] = bucketsOf(deploymentOf(config.path, environment));
  if (!bucket?.name) throw new CliError(`${config.path} names no bucket.`);
  const { lockDays, expireDays } = values as { lockDays: number; expireDays: number };
  const retention = values["dryRun"] === true ? USUAL_RETENTION : await retentionOf(app);
  const rules = rulesFor(lockDays, expireDays, retention);
  const where = jurisdictionOf(bucket);
  if (values["dryRun"] === true) {
    const lines = protectCommands(bucket.name, rules, where).map(typed);
    return shownText({ bucket: bucket.name, commands: lines }, lines.join("\n"));
  }
  await app.confirm(
    `Lock what is in ${bucket.name} for ${lockDays} days? Nobody can delete it earlier.`,
    values["yes"] === true,
  );
  const done = await protect(new Programs(app.io.env, config), bucket.name, rules, where);
  const rows = done.map(({ rule, became }) => ({ ...rule, became }));
  return shownList({ rules: rows }, "rules", columns("kind", "name", "prefix", "days", "became"));
}

export const PROTECT: readonly CommandSpec[] = [
  {
    name: "backup protect",
    summary: "lock the backups against deletion, and let the platform tidy up (RB-003)",
    options: [
      option("--env <name>", "an environment of wrangler.toml; without it, what stands at the top"),
      CONFIG,
      option("--lock-days <n>", "nobody deletes or overwrites a backup for so long", {
        parse: whole(1, DAYS_MAX),
        default: LOCK_DAYS,
      }),
      option("--expire-days <n>", "the platform deletes what is older", {
        parse: whole(1, DAYS_MAX),
        default: EXPIRE_DAYS,
      }),
      option("--dry-run", "print every command, and change nothing"),
      option("-y, --yes", "do not ask"),
    ],
    examples: [
      "memory-cli backup protect --dry-run",
      "memory-cli backup protect --lock-days 3 --yes",
    ],
    notes:
      "It runs wrangler in a checkout: `npx wrangler login` first. Rules that are there stay; those of another time are made anew.",
    run: (app, _args, values) => protectBucket(app, values),
  },
];
