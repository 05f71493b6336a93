/**
 * What keeps backups in their bucket, and what tidies it up: lock rules, under which nobody deletes
 * or overwrites an object for some days, and lifecycle rules, by which the platform deletes what the
 * service's own retention has missed or never looks at. Each rule is looked for before it is made.
 *
 * @module
 */

import { SETTINGS } from "../../src/contract/settings.ts";
import { CliError } from "../exit.ts";
import type { CommandLine, Programs } from "./programs.ts";

const MONTH_DAYS = 30;
const WEEK_DAYS = 7;

/** A rule of a bucket. */
export interface Rule {
  kind: "lock" | "lifecycle";
  name: string;
  prefix: string;
  days: number;
}

/** Of the settings, what says how long backups stay. */
export interface Retention {
  retention_daily_days: number;
  retention_weekly_weeks: number;
  retention_monthly_months: number;
}

/** What the settings are where nobody changed them. */
export const USUAL_RETENTION: Retention = {
  retention_daily_days: SETTINGS.retention_daily_days.default,
  retention_weekly_weeks: SETTINGS.retention_weekly_weeks.default,
  retention_monthly_months: SETTINGS.retention_monthly_months.default,
};

/**
 * The rules. Locks are on what is written once; marks, verdicts and what health checks write are
 * overwritten, and must stay free.
 *
 * @param lockDays nothing is deleted or overwritten for so long, days
 * @param expireDays what is older goes, days
 * @throws CliError when a lock outlasts the retention, or the platform would delete what it keeps
 */
export function rulesFor(lockDays: number, expireDays: number, retention: Retention): Rule[] {
  const daily = retention.retention_daily_days;
  if (lockDays > daily)
    throw new CliError(
      `--lock-days must be at most ${daily} (retention_daily_days): retention fails on what it may not delete.`,
    );
  const longest = Math.max(
    daily,
    retention.retention_weekly_weeks * WEEK_DAYS,
    retention.retention_monthly_months * MONTH_DAYS,
  );
  if (expireDays <= longest + MONTH_DAYS)
    throw new CliError(
      `--expire-days must be more than ${longest + MONTH_DAYS}: backups are kept for ${longest} days, and what they continue for up to a month longer.`,
    );
  const locked = ["exports", "snapshots"];
  const ended = ["exports", "snapshots", "drills", "incidents", "reports"];
  return [
    ...locked.map((of): Rule => ({ ...at(of), kind: "lock", name: `keep-${of}`, days: lockDays })),
    ...ended.map((of): Rule => ({
      ...at(of),
      kind: "lifecycle",
      name: `end-${of}`,
      days: expireDays,
    })),
  ];
}

const at = (of: string): { prefix: string } => ({ prefix: `${of}/` });

/** Looks for the rules of a kind. */
function listRules(bucket: string, kind: Rule["kind"], more: readonly string[]): CommandLine {
  return ["wrangler", "r2", "bucket", kind, "list", bucket, ...more];
}

/** Makes a rule. */
function addRule(bucket: string, rule: Rule, more: readonly string[]): CommandLine {
  const { kind, name, prefix, days } = rule;
  const time = kind === "lock" ? "--retention-days" : "--expire-days";
  const words = ["r2", "bucket", kind, "add", bucket, name, prefix, time, String(days)];
  return ["wrangler", ...words, "--force", ...more];
}

/** Takes a rule away, for another of its name. */
function removeRule(bucket: string, rule: Rule, more: readonly string[]): CommandLine {
  const { kind, name } = rule;
  return ["wrangler", "r2", "bucket", kind, "remove", bucket, "--name", name, ...more];
}

/** Every command that `protect` may run. */
export function protectCommands(
  bucket: string,
  rules: readonly Rule[],
  more: readonly string[],
): CommandLine[] {
  const kinds = [...new Set(rules.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => [
    listRules(bucket, kind, more),
    ...rules
      .filter((rule) => rule.kind === kind)
      .flatMap((rule) => [removeRule(bucket, rule, more), addRule(bucket, rule, more)]),
  ]);
}

/**
 * Makes the rules that are missing, and makes those anew that are of another time. Safe to repeat.
 * Throws `CliError` when a command fails.
 *
 * @param more further words of each command: the bucket's jurisdiction
 * @returns a line a rule
 */
export async function protect(
  programs: Programs,
  bucket: string,
  rules: readonly Rule[],
  more: readonly string[],
): Promise<{ rule: Rule; became: "made" | "changed" | "there" }[]> {
  const listed = new Map<Rule["kind"], string>();
  const done: { rule: Rule; became: "made" | "changed" | "there" }[] = [];
  for (const rule of rules) {
    if (!listed.has(rule.kind))
      listed.set(rule.kind, (await programs.must(listRules(bucket, rule.kind, more))).stdout);
    const state = stateOf(rule, listed.get(rule.kind) ?? "");
    if (state === "changed") await programs.must(removeRule(bucket, rule, more));
    if (state !== "there") await programs.must(addRule(bucket, rule, more));
    done.push({ rule, became: state });
  }
  return done;
}

/** What is listed of a rule: its name on a line, its times on one that follows before the next name. */
function stateOf({ name, days }: Rule, listed: string): "made" | "changed" | "there" {
  const lines = listed.split("\n").map((line) => line.trim());
  const begins = lines.findIndex((line) => line.startsWith("name:") && line.endsWith(` ${name}`));
  if (begins < 0) return "made";
  const rest = lines.slice(begins + 1);
  const next = rest.findIndex((line) => line.startsWith("name:"));
  const own = rest.slice(0, next < 0 ? rest.length : next).join("\n");
  return own.includes(` ${days} day`) ? "there" : "changed";
}
