/**
 * The published runbooks: nothing in them that nobody runs, nothing that they name that is not
 * there.
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { FAULTS } from "../../scripts/runbooks/faults.ts";
import { STEPS } from "../../cli/commands/diagnose/steps.ts";
import { alertTable, cardTable, insert, SCENARIOS } from "../../scripts/runbooks/card.ts";
import { deliveryMs, waitOf } from "../../scripts/runbooks/drill/alerts.ts";
import { scenariosOf } from "../../scripts/runbooks/page.ts";
import { appendixTable } from "../../scripts/runbooks/recorded/appendix.ts";
import { EQUIVALENTS } from "../../scripts/runbooks/recorded/equivalents.ts";
import { readRecord } from "../../scripts/runbooks/recorded/printed.ts";
import { blockOf, ROWS, rowTable } from "../../scripts/runbooks/rows.ts";
import { commandsOf } from "../../scripts/runbooks/production.ts";
import { pages, runnable } from "../../scripts/runbooks/walk.ts";
import { COMMANDS } from "../../cli/commands/index.ts";
import { METRIC_NAMES } from "../../src/observability/metrics/registry.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "docs/runbooks");
const all = [...pages().values()];
const readme = readFileSync(join(FOLDER, "README.md"), "utf8");

it("there are seven, and each is run", () => {
  expect(all.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `RB-00${n}`));
  const run = all.map(({ id }) =>
    readFileSync(join(ROOT, `test/e2e/runbooks/${id.toLowerCase()}.test.ts`), "utf8"),
  );
  for (const [i, { id }] of all.entries()) expect(run[i]).toContain(`itRuns("${id}");`);
});

describe.each(all)("$id", (page) => {
  it("has a rollback and success criteria", () => {
    expect(page.headings).toContain("Success Criteria");
    expect(page.headings).toContain("Rollback");
  });

  it("names only commands of memory-cli that exist", () => {
    const names = new Set(COMMANDS.map(({ name }) => name));
    for (const { text } of page.blocks)
      for (const [program, one = "", two = ""] of commandsOf(text))
        if (program === "memory-cli")
          expect(names.has(one) || names.has(`${one} ${two}`), `${one} ${two}`).toBe(true);
  });

  it("names only metrics that there are", () => {
    for (const { text } of page.blocks)
      for (const [metric] of text.matchAll(/\bmemory_[a-z_]+[a-z]/g))
        expect(
          METRIC_NAMES.some((name) => name.startsWith(metric) || metric.startsWith(name)),
          metric,
        ).toBe(true);
  });

  it("drills only scenarios whose faults exist", () => {
    for (const blocks of scenariosOf(page).values())
      for (const { fault } of blocks)
        if (fault !== null) expect(Object.keys(FAULTS)).toContain(fault);
  });
});

it("every scenario of the card is drilled by the page and the section that it names", () => {
  for (const { name, page, section } of SCENARIOS) {
    const found = all.find(({ id }) => id === page);
    const blocks = found === undefined ? undefined : scenariosOf(found).get(name);
    expect(
      blocks?.every(({ step }) => step.startsWith(section)),
      name,
    ).toBe(true);
  }
  expect(all.flatMap((page) => [...scenariosOf(page).keys()]).sort()).toEqual(
    SCENARIOS.map(({ name }) => name).sort(),
  );
});

const rules = ["alerts.yml", "monitoring.yml"]
  .map((file) => readFileSync(join(ROOT, "ops/prometheus", file), "utf8"))
  .join("\n");

it("the card in the index is the one in the code, and the alerts are those of the rules", () => {
  expect(insert(readme, "card", cardTable()), "npm run docs").toBe(readme);
  expect(insert(readme, "alerts", alertTable(rules)), "npm run docs").toBe(readme);
});

it("every scenario is inside its target, with the way of an alert at its worst", () => {
  const [, table = ""] = /<!-- drills -->([^]*)<!-- \/drills -->/.exec(readme) ?? [];
  const seconds = (text = ""): number =>
    Number.parseFloat(text) * (text.trim().split(" ")[1] === "min" ? 60 : 1);
  const rows = table.split("\n").filter((line) => /^\| [A-Z]/.test(line));
  expect(rows).toHaveLength(SCENARIOS.length);
  for (const { title, target_min, alert } of SCENARIOS) {
    const row = rows.find((line) => line.startsWith(`| ${title} |`)) ?? "";
    const [, , after, waits, way, recovers, human, all = ""] = row.split("|");
    expect([title, seconds(waits)]).toEqual([title, waitOf(alert) / 1_000]);
    expect([title, seconds(way)]).toEqual([title, deliveryMs() / 1_000]);
    const parts = [after, waits, way, recovers, human].map(seconds);
    const sum = parts.reduce((total, part) => total + part, 0) / 60;
    expect([title, all.trim()]).toEqual([title, `${sum.toFixed(1)} min of ${target_min} min`]);
    expect(sum).toBeLessThan(target_min);
  }
});

it("every alert is named on its page, or the page is its scenario's", () => {
  const onCard = new Set(SCENARIOS.map(({ alert }) => alert));
  for (const [, text = ""] of rules.matchAll(/- alert: ([^]*?runbook_url: \S+)/g)) {
    const [name = ""] = text.split("\n");
    const [, page = ""] = /runbook_url: docs\/runbooks\/(\S+)/.exec(text) ?? [];
    if (!onCard.has(name))
      expect(readFileSync(join(FOLDER, page), "utf8"), `${name} in ${page}`).toContain(name);
  }
});

it("every alert is in the index or on the card, and leads to a page that there is", () => {
  const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name ?? "");
  expect(alerts.length).toBeGreaterThan(10);
  for (const name of alerts) expect(readme).toContain(`\`${name}\``);
  for (const [, url = ""] of rules.matchAll(/runbook_url: (\S+)/g))
    expect(existsSync(join(ROOT, url)), url).toBe(true);
  for (const { alert, page } of SCENARIOS)
    expect(new RegExp(`alert: ${alert}\\n[^]*?runbook_url: (\\S+)`).exec(rules)?.[1]).toBe(
      `docs/runbooks/${page}.md`,
    );
});

it("each of the 43 rows names blocks that are run, or checked, and the index shows them", () => {
  expect(ROWS).toHaveLength(43);
  for (const { what, blocks } of ROWS.slice(0, -1)) {
    const named = blocks.map((name) => blockOf(name, pages()));
    // A row of the platform alone: nothing of it can be run without an account.
    const isOfPlatform = ["rollback", "vertical limits"].includes(what);
    expect(isOfPlatform || named.some(({ where }) => where !== "production"), what).toBe(true);
  }
  const table = rowTable(pages(), readRecord(ROOT));
  expect(insert(readme, "rows", table), "npm run docs").toBe(readme);
});

it("each of the 43 lines of the appendix has a command that is run, or one that needs an account", () => {
  expect(EQUIVALENTS).toHaveLength(43);
  for (const { there, here } of EQUIVALENTS) expect(here.length, there).toBeGreaterThan(0);
  const table = appendixTable(runnable(), readRecord(ROOT));
  expect(insert(readme, "appendix", table), "npm run docs").toBe(readme);
  expect(readFileSync(join(ROOT, "test/e2e/runbooks/appendix.test.ts"), "utf8")).toContain(
    'itRuns("appendix");',
  );
});

it("every step that diagnose names is a heading of its page", () => {
  for (const { runbook, step } of Object.values(STEPS)) {
    const headings = all.find(({ id }) => id === runbook)?.headings ?? [];
    const whole = step.replace(/ \(.*\)$/, "");
    for (const heading of headings.includes(whole) ? [whole] : whole.split(", "))
      expect(headings, `${runbook}: ${step}`).toContain(heading);
  }
});

it("no link leads nowhere", () => {
  for (const file of globSync("*.md", { cwd: FOLDER })) {
    const text = readFileSync(join(FOLDER, file), "utf8");
    for (const [, path = ""] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(dirname(join(FOLDER, file)), path)), `${file}: ${path}`).toBe(true);
  }
});
