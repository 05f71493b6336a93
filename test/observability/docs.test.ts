import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { logsPage, metricsPage } from "../../scripts/docs/pages.ts";
import { COMMON_FIELDS, EVENTS, METRIC_NAMES, ruleOf } from "../../src/observability/index.ts";
import { SAMPLE_NAMES } from "../../src/contract/vocabulary.ts";

const ROOT = join(import.meta.dirname, "../..");
const source = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: readFileSync(join(ROOT, "src", file), "utf8") }));

describe("the pages that are made from the code", () => {
  it.each([
    ["metrics.md", metricsPage],
    ["logs.md", logsPage],
  ])("docs/%s says what the code says; `npm run docs` makes it so", (file, page) => {
    expect(readFileSync(join(ROOT, "docs", file), "utf8")).toBe(page());
  });
});

describe("every log event", () => {
  const logged = source.flatMap(({ file, text }) =>
    [...text.matchAll(/log\(\{\s*event: (?:"([a-z_]+)"|`\$\{name\}_mode`)([^}]*)/g)].map(
      ([, name, rest]) => ({
        file,
        name: name ?? "maintenance_mode",
        rest: rest ?? "",
      }),
    ),
  );

  it("that the code logs is in the list, with its fields, and the other way round", () => {
    expect(logged.length).toBeGreaterThan(20);
    for (const { file, name, rest } of logged) {
      expect(Object.keys(EVENTS), file).toContain(name);
      const fields: readonly string[] = EVENTS[name as keyof typeof EVENTS].fields;
      const known = new Set([...fields, ...Object.keys(COMMON_FIELDS)]);
      // A spread says the rest; what is written out must be listed.
      const written = [...rest.matchAll(/(?:^|,)\s*([a-z_]+)(?::|,|\s*$)/g)].map(
        ([, field]) => field ?? "",
      );
      for (const field of written)
        expect([file, name, field, known.has(field)]).toEqual([file, name, field, true]);
    }
    const quiet = [
      ...source
        .map(({ text }) => text)
        .join("\n")
        .matchAll(/#quietly\("([a-z_]+)"/g),
    ].map(([, name]) => name ?? "");
    const all = new Set([...logged.map(({ name }) => name), ...quiet, "degraded_mode"]);
    expect(Object.keys(EVENTS).filter((name) => !all.has(name))).toEqual([]);
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

  it("that a sample keeps is named by the registry or computed", () => {
    const kept = METRIC_NAMES.flatMap((name) => Object.values(ruleOf(name).sampled ?? {}));
    const computed = ["server_errors", "breakers_open", "storage_operations"];
    const measured = ["database_bytes", "pattern_row_bytes", "r2_bytes"];
    const all: readonly string[] = [...kept, ...computed, ...measured];
    expect(SAMPLE_NAMES.filter((name) => !all.includes(name))).toEqual([]);
  });
});
