/**
 * Rule files cut down to what some alerts, or some metric, depend on: a rule that reads neither
 * changes nothing in what is tried, and promtool evaluates each rule for each minute.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";

/** A rule that records a series, or an alert. */
interface Rule {
  record?: string;
  alert?: string;
  expr: string;
}

interface RuleFile {
  groups: { name: string; rules: Rule[] }[];
}

/** Which rules are wanted for their own sake. */
type Wanted = (rule: Rule) => boolean;

/** Whether an expression names the series, or one of a histogram's. */
const reads = ({ expr }: Rule, series: string): boolean =>
  new RegExp(`(?<![\\w:])${series}(?![\\w:])`).test(expr);

/**
 * The rules of these files that are wanted, those that they read, and those that read ALERTS; as
 * the text of one rule file.
 */
function subset(files: readonly string[], wanted: Wanted): string {
  const groups = files.flatMap((file) => (parse(readFileSync(file, "utf8")) as RuleFile).groups);
  const all = groups.flatMap(({ rules }) => rules);
  const kept = new Set(all.filter((rule) => wanted(rule) || reads(rule, "ALERTS")));
  // A set that grows while it is gone through is gone through to its end.
  for (const rule of kept) {
    for (const one of all) if (one.record !== undefined && reads(rule, one.record)) kept.add(one);
  }
  const left = groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => kept.has(rule)) }))
    .filter(({ rules }) => rules.length > 0);
  return JSON.stringify({ groups: left });
}

/**
 * What these alerts need.
 *
 * @param files paths of rule files
 * @throws for an alert that is in none of them: a case that it stays quiet would pass
 */
export function rulesOfAlerts(files: readonly string[], alerts: readonly string[]): string {
  const missing = new Set(alerts);
  const text = subset(files, ({ alert }) => {
    if (alert !== undefined) missing.delete(alert);
    return alert !== undefined && alerts.includes(alert);
  });
  if (missing.size > 0) throw new Error(`no rule for ${[...missing].join(", ")}`);
  return text;
}

/** What reads this metric, by way of what is recorded of it too. @param files of rule files */
export function rulesOfMetric(files: readonly string[], metric: string): string {
  const texts = files.map((file) => parse(readFileSync(file, "utf8")) as RuleFile);
  const all = texts.flatMap(({ groups }) => groups).flatMap(({ rules }) => rules);
  const series = new Set([metric]);
  for (const one of series) {
    for (const rule of all) {
      if (rule.record !== undefined && reads(rule, one)) series.add(rule.record);
    }
  }
  return subset(files, (rule) => [...series].some((one) => reads(rule, one)));
}

/** Cases of one file that are about the same alerts. */
export interface Cases {
  /** The file's name. */
  file: string;
  alerts: string[];
  /** What stands in the file beside them. */
  head: Record<string, unknown>;
  tests: unknown[];
}

/**
 * The cases of promtool's test files, those of the same alerts together. A case that names none of
 * them, by `alertname="…"`, throws.
 */
export function casesOf(files: readonly string[]): Cases[] {
  const groups = new Map<string, Cases>();
  for (const file of files) {
    const { tests, ...head } = parse(readFileSync(file, "utf8")) as Record<string, unknown> & {
      tests: { name: string }[];
    };
    for (const test of tests) {
      const named = JSON.stringify(test).matchAll(/alertname=\\"(\w+)\\"|"alertname":"(\w+)"/g);
      const alerts = [...new Set([...named].map(([, one, two]) => one ?? two ?? ""))].sort();
      if (alerts.length === 0) throw new Error(`${file}: ${test.name} names no alert`);
      const key = `${file} ${alerts.join()}`;
      const group = groups.get(key) ?? { file: basename(file), alerts, head, tests: [] };
      group.tests.push(test);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}
