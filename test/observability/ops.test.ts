import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { panelOfMetric } from "../../scripts/dashboards/others.ts";
import { DASHBOARDS } from "../../scripts/dashboards/pages.ts";
import { METRIC_NAMES, METRICS, ruleOf } from "../../src/observability/index.ts";
import { SCHEDULE } from "../../src/cron/index.ts";
import { hasPrometheus } from "../support/processes/prometheus.ts";
import { casesOf, rulesOfAlerts } from "./alerts/rule-subset.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROMETHEUS = join(ROOT, "ops/prometheus");
const RULE_FILES = ["alerts.yml", "monitoring.yml"];
const CASE_FILES = ["alerts.test.yml", "objectives.test.yml", "monitoring.test.yml"];
const RULE_PATHS = RULE_FILES.map((file) => join(PROMETHEUS, file));
const textOf = (files: readonly string[]): string =>
  files.map((file) => readFileSync(join(PROMETHEUS, file), "utf8")).join("\n");
const rules = textOf(RULE_FILES);
const cases = textOf(CASE_FILES);
/** The one that fires always has no case in which it does not. */
const ALWAYS = "Watchdog";
const scratch = mkdtempSync(join(tmpdir(), "memory-rules-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/**
 * Series that a query uses and that the registry does not have, and labels that its metrics do not.
 */
function unknownIn(query: string): string[] {
  return [...query.matchAll(/\b(memory_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].flatMap(
    ([, series = "", braces = ""]) => {
      const name = METRIC_NAMES.find((known) => {
        const histogram =
          METRICS[known].type === "histogram" &&
          /^_(bucket|sum|count)$/.test(series.slice(known.length));
        return histogram ? series.startsWith(known) : series === known;
      });
      if (!name) return [series];
      const labels = [...braces.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(
        ([, label]) => label ?? "",
      );
      return labels
        .filter((label) => label !== "le" && !(label in ruleOf(name).labels))
        .map((label) => `${name}{${label}}`);
    },
  );
}

/** Throws when Prometheus does not parse one of them. */
function checkQueries(name: string, queries: readonly string[]): void {
  const entries = queries.map((expr, i) => {
    const bare = expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*");
    return `      - record: panel:${i}\n        expr: ${JSON.stringify(bare)}`;
  });
  const file = join(scratch, `${name}.yml`);
  writeFileSync(file, `groups:\n  - name: panels\n    rules:\n${entries.join("\n")}\n`);
  execFileSync("promtool", ["check", "rules", file]);
}

const alerts = [
  ...rules.matchAll(/- alert: (\w+)[\s\S]*?(?=\n {6}(?:# .*\n {6})*- alert:|$)/g),
].map(([text, name = ""]) => ({
  name,
  text,
}));

describe("the alerts", () => {
  it("are sound to promtool", (context) => {
    if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
    for (const file of RULE_FILES)
      execFileSync("promtool", ["check", "rules", join(PROMETHEUS, file)]);
    for (const file of [...RULE_FILES, "prometheus.yml"]) {
      writeFileSync(join(scratch, file), readFileSync(join(PROMETHEUS, file)));
    }
    writeFileSync(join(scratch, "metrics-key"), "key");
    execFileSync("promtool", ["check", "config", join(scratch, "prometheus.yml")]);
  });

  it.for(casesOf(CASE_FILES.map((file) => join(PROMETHEUS, file))))(
    "fire when they must and only then: $alerts of $file",
    (group, context) => {
      if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
      const [subset, file] = [join(scratch, "subset.yml"), join(scratch, "cases.yml")];
      writeFileSync(subset, rulesOfAlerts(RULE_PATHS, group.alerts));
      writeFileSync(
        file,
        JSON.stringify({ ...group.head, rule_files: [subset], tests: group.tests }),
      );
      execFileSync("promtool", ["test", "rules", file], { stdio: "pipe" });
    },
  );

  it.each(alerts)(
    "$name has a case that fires and one that does not, a severity, a summary and a runbook",
    ({ name, text }) => {
      expect(cases).toContain(`- name: ${name} fires`);
      if (name !== ALWAYS) {
        expect(cases).toContain(`- name: ${name} stays quiet`);
        expect(text).toMatch(/severity: (critical|high|medium), priority: P[012]/);
      }
      expect(text).toMatch(/summary: \S/);
      expect(text).toMatch(/runbook_url: docs\/runbooks\/RB-00[1-7]\.md/);
      expect(text).toContain("for: ");
      expect(unknownIn(text)).toEqual([]);
    },
  );

  it("are the card's seven and the seed's three at least", () => {
    expect(alerts.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "MemoryServiceDown",
        "HighStorageErrorRate",
        "StorageFull",
        "LowCacheHitRate",
        "SlowQueries",
        "CircuitBreakerOpen",
        "MemoryLeak",
      ]),
    );
  });
});

describe.each(Object.entries(DASHBOARDS))("the dashboard %s", (name, dashboard) => {
  const queries = dashboard.panels.flatMap((panel) => {
    const { targets = [] } = panel as { targets?: { expr: string }[] };
    return targets.map(({ expr }) => expr);
  });

  it("is the file in ops/grafana", () => {
    const path = `ops/grafana/${name}.json`;
    const isAsMade =
      readFileSync(join(ROOT, path), "utf8") === `${JSON.stringify(dashboard, null, 2)}\n`;
    expect(isAsMade, `${path} is out of date: npm run dashboards`).toBe(true);
  });

  it("queries only what exists", () => {
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.flatMap(unknownIn)).toEqual([]);
  });

  it("has queries that Prometheus parses", (context) => {
    if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
    checkQueries(name, queries);
  });

  it("provisions from a file: the source is a variable, and nothing is asked of who imports it", () => {
    const text = JSON.stringify(dashboard);
    expect(dashboard).not.toHaveProperty("__inputs");
    const sources = [...text.matchAll(/"uid":"(\$\{\w+\})"/g)].map(([, uid]) => uid);
    expect([...new Set(sources)]).toEqual(["${datasource}"]);
    const { list } = dashboard["templating"] as { list: { name: string; type: string }[] };
    expect(list[0]).toMatchObject({ name: "datasource", type: "datasource" });
    const marks = (dashboard["annotations"] as { list: { expr: string }[] }).list;
    expect(marks.map(({ expr }) => expr).flatMap(unknownIn)).toEqual([]);
    expect(marks).toHaveLength(2);
  });

  it("has panels that do not overlap, each with an id of its own and a description", () => {
    const taken = new Set<string>();
    for (const panel of dashboard.panels as {
      type: string;
      description?: string;
      gridPos: { x: number; y: number; w: number; h: number };
    }[]) {
      const { x, y, w, h } = panel.gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          expect(taken.has(`${column} ${row}`)).toBe(false);
          taken.add(`${column} ${row}`);
        }
      if (panel.type !== "row") expect(panel.description).toMatch(/\S/);
    }
    expect(new Set(dashboard.panels.map((panel) => panel["id"])).size).toBe(
      dashboard.panels.length,
    );
  });

  it("shows every metric on one of the dashboards", () => {
    const all = JSON.stringify(DASHBOARDS);
    expect(METRIC_NAMES.filter((metric) => !all.includes(metric))).toEqual([]);
  });
});

describe("the panel that a metric gets by itself", () => {
  const panels = METRIC_NAMES.map((name) => ({ name, panel: panelOfMetric(name) }));

  it.each(panels)("shows $name by what is there", ({ name, panel }) => {
    const queries = panel.queries.map(([expr]) => expr);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) expect(query).toContain(name);
    expect(queries.flatMap(unknownIn)).toEqual([]);
    expect([panel.title, panel.description]).toEqual([
      expect.stringMatching(/^[a-z0-9 ]+$/),
      ruleOf(name).help,
    ]);
  });

  it("has queries that Prometheus parses", (context) => {
    if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
    checkQueries(
      "panels",
      panels.flatMap(({ panel }) => panel.queries.map(([expr]) => expr)),
    );
  });
});

describe("the schedule", () => {
  it("is the one of wrangler.toml", () => {
    const [, list = ""] =
      /crons = \[([^\]]*)\]/.exec(readFileSync(join(ROOT, "wrangler.toml"), "utf8")) ?? [];
    const crons = [...list.matchAll(/"([^"]+)"/g)].map(([, cron]) => cron);
    expect(new Set(SCHEDULE.map(({ cron }) => cron))).toEqual(new Set(crons));
  });
});
