import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { accessTable } from "../../scripts/docs/access.ts";
import { logsPage, metricsPage } from "../../scripts/docs/pages.ts";
import {
  EVENTS,
  gauge,
  logger,
  Meter,
  METRIC_NAMES,
  ruleOf,
  type Log,
} from "../../src/observability/index.ts";
import { SAMPLE_NAMES } from "../../src/contract/vocabulary.ts";

const ROOT = join(import.meta.dirname, "../..");
const source = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: readFileSync(join(ROOT, "src", file), "utf8") }));

describe("the pages that are made from the code", () => {
  it.each([
    ["metrics.md", metricsPage],
    ["logs.md", logsPage],
  ])("docs/%s says what the code says", (file, page) => {
    const isAsMade = readFileSync(join(ROOT, "docs", file), "utf8") === page();
    expect(isAsMade, `docs/${file} is out of date: npm run docs`).toBe(true);
  });
});

describe("the table of scopes", () => {
  it("has every route, as the contract says", () => {
    const page = readFileSync(join(ROOT, "docs/access.md"), "utf8");
    const isAsMade = page.includes(`<!-- routes -->\n${accessTable()}\n<!-- /routes -->`);
    expect(isAsMade, "docs/access.md is out of date: npm run docs").toBe(true);
  });
});

describe("every log event", () => {
  const code = source
    .filter(({ file }) => !file.startsWith("observability/"))
    .map(({ text }) => text)
    .join("\n");

  it.each(Object.keys(EVENTS))("is logged somewhere: %s", (name) => {
    // Modes are logged under their own name.
    const isLogged =
      code.includes(`"${name}"`) || (name.endsWith("_mode") && code.includes("_mode`"));
    expect(isLogged, "log it with log({ event: … }), or take it out of EVENTS").toBe(true);
  });

  it("that the list has not, or with a field that it has not, does not compile", () => {
    const log: Log = () => undefined;
    log({ event: "call", operation: "recall", duration_ms: 1, request_id: "r" });
    // @ts-expect-error no such event
    log({ event: "calling" });
    // @ts-expect-error no such field of this event, though other events have it
    log({ event: "call", backend: "turso" });
    // @ts-expect-error no such level
    log({ event: "call", level: "fatal" });
  });

  it("has the level that the list gives it, unless it is logged with another", () => {
    const lines: string[] = [];
    for (const name of ["log", "warn", "error"] as const)
      vi.spyOn(console, name).mockImplementation((line: string) => void lines.push(line));
    const log = logger(
      () => "info",
      () => ({ request_id: "r" }),
    );
    log({ event: "task_failed", task: "learn" });
    log({ event: "job_ended", job: "prune" });
    log({ event: "job_ended", level: "error", job: "prune" });
    log({ event: "call", operation: "recall" });
    vi.restoreAllMocks();
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { event: "task_failed", task: "learn", level: "warn", request_id: "r" },
      { event: "job_ended", job: "prune", level: "info", request_id: "r" },
      { event: "job_ended", job: "prune", level: "error", request_id: "r" },
    ]);
  });
});

describe("every metric", () => {
  const code = source
    .filter(({ file }) => !file.startsWith("observability/"))
    .map(({ text }) => text)
    .join("\n");

  it.each(METRIC_NAMES)("is counted or set somewhere: %s", (name) => {
    expect(
      code.includes(`"${name}"`),
      `count it with meter.count or meter.observe, set it with gauge(…) where the metrics are read, or take it out of METRICS`,
    ).toBe(true);
  });

  it("that the registry has not, or with a label or a value that it has not, does not compile", () => {
    const meter = new Meter();
    meter.count("memory_episode_created_total");
    // @ts-expect-error its only label is the instance, which is added when the metrics are read
    meter.count("memory_episode_created_total", { outcome: "success" });
    // @ts-expect-error no such metric
    meter.count("memory_episodes_invented_total");
    // @ts-expect-error no such value of this label
    gauge("memory_circuit_breaker_state", 1, { backend: "postgres" });
    // @ts-expect-error the label is missing
    gauge("memory_circuit_breaker_state", 1);
    // @ts-expect-error a gauge without labels
    gauge("memory_degraded_mode", 1, { backend: "r2" });
  });

  it("that a sample keeps is named by the registry or computed", () => {
    const kept = METRIC_NAMES.flatMap((name) => Object.values(ruleOf(name).sampled ?? {}));
    const computed = ["server_errors", "breakers_open", "storage_operations"];
    const measured = ["database_bytes", "pattern_row_bytes", "r2_bytes"];
    const all: readonly string[] = [...kept, ...computed, ...measured];
    expect(SAMPLE_NAMES.filter((name) => !all.includes(name))).toEqual([]);
  });
});
