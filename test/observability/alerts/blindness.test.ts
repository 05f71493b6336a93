/**
 * No alert can be blinded: each way in which a signal can vanish or lie, tried with promtool.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hasPrometheus } from "../../support/processes/prometheus.ts";
import { rulesOfAlerts, rulesOfMetric } from "./rule-subset.ts";
import type { Way } from "./way.ts";
import { WAYS } from "./ways.ts";
import { FAULT, MINUTES, type Series, WELL } from "./well.ts";

const ROOT = join(import.meta.dirname, "../../..");
const RULES = ["alerts.yml", "monitoring.yml"].map((name) => join(ROOT, "ops/prometheus", name));
const scratch = mkdtempSync(join(tmpdir(), "memory-blind-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** What fires, and what must be said of that. */
interface Expectation {
  minute: number;
  expression: string;
  /** null: nothing. */
  value: number | null;
}

const seriesText = (name: string, values: readonly (number | null)[]): string =>
  `      - { series: '${name}', values: '${values.map((value) => value ?? "_").join(" ")}' }`;

function testOf(name: string, series: Series, expectations: readonly Expectation[]): string {
  const minutes = Array.from({ length: MINUTES }, (_, minute) => minute);
  return [
    `  - name: ${JSON.stringify(name)}`,
    "    interval: 1m",
    "    input_series:",
    ...Object.entries(series).map(([key, value]) => seriesText(key, minutes.map(value))),
    "    promql_expr_test:",
    ...expectations.flatMap(({ minute, expression, value }) => [
      `      - expr: ${JSON.stringify(expression)}`,
      `        eval_time: ${minute}m`,
      `        exp_samples: [${value === null ? "" : `{ labels: '{}', value: ${value} }`}]`,
    ]),
  ].join("\n");
}

/**
 * What promtool finds wrong; "": nothing.
 *
 * @param rules the text of a rule file; all of them by default
 */
function promtool(tests: readonly string[], rules?: string): string {
  const [file, subset] = [join(scratch, "tests.yml"), join(scratch, "rules.yml")];
  if (rules !== undefined) writeFileSync(subset, rules);
  const files = JSON.stringify(rules === undefined ? RULES : [subset]);
  const head = `rule_files: ${files}\nevaluation_interval: 1m\ntests:\n`;
  writeFileSync(file, `${head}${tests.join("\n")}\n`);
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], {
    encoding: "utf8",
  });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

/** The healthy service until the fault, and then what the way makes of it. */
function seriesOf({ becomes, without }: Pick<Way, "becomes" | "without">): Series {
  const names = new Set([...Object.keys(WELL), ...Object.keys(becomes)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const before = WELL[name] ?? (() => null);
      const isGone = without?.test(name) === true;
      const after = name in becomes ? becomes[name] : isGone ? null : before;
      return [
        name,
        (minute: number) => (minute < FAULT ? before : (after ?? (() => null)))(minute),
      ];
    }),
  );
}

const firing = (alert: string, labels = ""): string =>
  `clamp_max(count(ALERTS{alertstate="firing",alertname="${alert}"${labels && `,${labels}`}}), 1)`;

/** All that fires but for the one that always does. */
const ANY = 'count(ALERTS{alertstate="firing",alertname!="Watchdog"})';

describe("the alerts", () => {
  it("are quiet for hours about a healthy service", (context) => {
    if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
    const quiet = [30, 120, MINUTES - 1].map((minute) => ({
      minute,
      expression: ANY,
      value: null,
    }));
    const watchdog = { minute: 30, expression: firing("Watchdog"), value: 1 };
    expect(promtool([testOf("well", WELL, [...quiet, watchdog])])).toBe("");
  });

  it("know twenty-five ways to be blinded, and more", () => {
    expect(WAYS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(WAYS.map(({ way }) => way)).size).toBe(WAYS.length);
  });

  it.for(WAYS)("see that $way: $alert", (way, context) => {
    if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
    const { alert, labels, within } = way;
    const expectations = [
      { minute: FAULT - 1, expression: ANY, value: null },
      { minute: FAULT + within, expression: firing(alert, labels), value: 1 },
    ];
    const rules = rulesOfAlerts(RULES, [alert]);
    expect(promtool([testOf(way.way, seriesOf(way), expectations)], rules)).toBe("");
  });
});

/** Metrics that may be absent of a service that is well, and what speaks of them then. */
const MAY_BE_ABSENT: Readonly<Record<string, string>> = {
  memory_backup_last_success_timestamp_seconds: "BackupStale, by the time it is due",
  memory_job_last_run_timestamp_seconds: "JobOverdue, by the time it is due",
  prometheus_notifications_alertmanagers_discovered: "RulesFailing: Prometheus is not scraped",
  prometheus_notifications_dropped_total: "RulesFailing: Prometheus is not scraped",
  prometheus_rule_evaluation_failures_total: "RulesFailing: Prometheus is not scraped",
  prometheus_rule_group_iterations_missed_total: "RulesFailing: Prometheus is not scraped",
  alertmanager_notifications_failed_total: "AlertsNotDelivered: Alertmanager is not scraped",
  memory_storage_operation_duration_seconds_bucket: "its count: one histogram has both",
  memory_http_request_duration_seconds_bucket: "its count: one histogram has both",
};

describe("what the alerts read", () => {
  const text = RULES.map((file) => readFileSync(file, "utf8")).join("\n");
  const expressions = text.replaceAll(/^\s*(#|summary|description|- alert|- record).*$/gm, "");
  const names = [
    ...new Set(
      expressions.match(/\b(up|(memory|prometheus|alertmanager)_[a-z0-9_]+)(?=[{[ )])/g) ?? [],
    ),
  ].filter((name) => name !== "memory_service");
  const metricOf = (series: string): string => series.split("{")[0] ?? "";

  it("is all in the healthy service that is tried here", () => {
    const known = new Set(Object.keys(WELL).map(metricOf));
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it("is looked at over windows that hold two scrapes of Prometheus's own minute", () => {
    const windows = [...expressions.matchAll(/\[(\d+)([smhd])/g)].map(
      ([, count, unit]) => Number(count) * { s: 1, m: 60, h: 3_600, d: 86_400 }[unit as "s"],
    );
    expect(windows.length).toBeGreaterThan(30);
    expect(Math.min(...windows)).toBeGreaterThan(120);
  });

  const needed = names.filter((name) => !(name in MAY_BE_ABSENT));
  it.for(needed)("fires something when it is gone: %s", { timeout: 60_000 }, (name, context) => {
    if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
    const gone = { becomes: {}, without: new RegExp(`^${name}($|\\{)`) };
    const any = { minute: FAULT + 45, expression: `clamp_max(${ANY}, 1)`, value: 1 };
    const rules = rulesOfMetric(RULES, name);
    expect(promtool([testOf(`${name} is gone`, seriesOf(gone), [any])], rules)).toBe("");
  });
});
