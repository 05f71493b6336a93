import { describe, expect, it } from "vitest";
import { bornZero, expose, formatFor, labelled, Meter } from "../../src/observability/index.ts";
import { fallen, problemsOf, scraped, sumOf } from "../support/exposition.ts";

function meter(): Meter {
  const made = new Meter();
  made.count("memory_episode_created_total", {}, 3);
  made.count("memory_episode_completed_total", { outcome: "success" });
  for (const seconds of [0.004, 0.005, 0.3, 99])
    made.observe("memory_recall_duration_seconds", seconds);
  return made;
}
const samples = () => labelled(meter().samples(), "instance", "0");

describe("the exposition", () => {
  it.each(["text", "openmetrics"] as const)(
    "in %s is sound, and says what was counted",
    (format) => {
      const text = expose(samples(), format);
      expect(problemsOf(text, format)).toEqual([]);
      const read = scraped(text, format);
      expect(sumOf(read, "memory_episode_created_total")).toBe(3);
      expect(sumOf(read, "memory_recall_duration_seconds_count")).toBe(4);
      expect(sumOf(read, "memory_recall_duration_seconds_bucket", { le: "0.005" })).toBe(2);
      expect(sumOf(read, "memory_recall_duration_seconds_bucket", { le: "10.0" })).toBe(3);
      expect(sumOf(read, "memory_recall_duration_seconds_sum")).toBeCloseTo(99.309);
    },
  );

  it("names families of OpenMetrics without the suffix of their samples, and build info as info", () => {
    const build = [
      { name: "memory_build_info" as const, labels: { version: 'a"\\\nb' }, value: 1 },
    ];
    const text = expose([...samples(), ...build], "openmetrics");
    expect(text).toContain("# TYPE memory_episode_created counter\n");
    expect(text).toContain("# UNIT memory_recall_duration_seconds seconds\n");
    expect(text).toContain("# TYPE memory_build info\n");
    expect(text).toContain('memory_build_info{version="a\\"\\\\\\nb"} 1\n');
    expect(text.endsWith("# EOF\n")).toBe(true);
  });

  it("refuses two samples of one series", () => {
    expect(() => expose([...samples(), ...samples()], "text")).toThrow("two samples of one series");
  });

  it("has the series that are born with zero, once", () => {
    const all = labelled(
      [...meter().samples(), ...bornZero(meter().samples(), "instance")],
      "instance",
      "0",
    );
    const read = scraped(expose(all, "text"));
    expect(sumOf(read, "memory_episode_created_total")).toBe(3);
    expect(read.filter(({ name }) => name === "memory_episode_completed_total")).toHaveLength(5);
    expect(
      read.filter(({ name }) => name === "memory_storage_errors_total").length,
    ).toBeGreaterThan(10);
  });

  it.each([
    [null, "text"],
    ["text/plain", "text"],
    ["*/*", "text"],
    ["application/openmetrics-text", "openmetrics"],
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "openmetrics",
    ],
    ["text/plain;q=0.9, application/openmetrics-text;q=0.2", "text"],
  ])("for Accept: %s is %s", (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });
});

describe("the validator", () => {
  const head = "# HELP memory_recall_total r\n# TYPE memory_recall_total counter\n";
  const histogram = (lines: string) =>
    `# HELP memory_recall_duration_seconds r\n# TYPE memory_recall_duration_seconds histogram\n${lines}`;
  it.each([
    ["a series twice", `${head}memory_recall_total 1\nmemory_recall_total 2\n`, "twice"],
    [
      "labels in another order",
      `${head}memory_recall_total{instance="0",a="1"} 1\nmemory_recall_total{a="1",instance="0"} 1\n`,
      "twice",
    ],
    ["no last newline", `${head}memory_recall_total 1`, "newline"],
    ["a counter below zero", `${head}memory_recall_total -1\n`, "below 0"],
    ["no HELP", "# TYPE memory_recall_total counter\nmemory_recall_total 1\n", "no HELP"],
    ["a sample without a family", "memory_recall_total 1\n", "outside of its family"],
    [
      "an unknown name",
      "# HELP memory_x x\n# TYPE memory_x gauge\nmemory_x 1\n",
      "not in the registry",
    ],
    [
      "a label that nobody declared",
      `${head}memory_recall_total{namespace="a"} 1\n`,
      "not in the registry",
    ],
    [
      "a split family",
      `${head}memory_recall_total 1\n# HELP memory_instances i\n# TYPE memory_instances gauge\nmemory_instances 1\nmemory_recall_total{instance="1"} 1\n`,
      "outside of its family",
    ],
    ["a bad escape", `${head}memory_recall_total{instance="\\x"} 1\n`, "bad labels"],
    [
      "falling buckets",
      histogram(
        'memory_recall_duration_seconds_bucket{le="1"} 5\nmemory_recall_duration_seconds_bucket{le="+Inf"} 4\nmemory_recall_duration_seconds_sum 1\nmemory_recall_duration_seconds_count 4\n',
      ),
      "not cumulative",
    ],
    [
      "no +Inf",
      histogram(
        'memory_recall_duration_seconds_bucket{le="1"} 5\nmemory_recall_duration_seconds_sum 1\nmemory_recall_duration_seconds_count 5\n',
      ),
      "no +Inf",
    ],
    [
      "a count that is not +Inf",
      histogram(
        'memory_recall_duration_seconds_bucket{le="+Inf"} 4\nmemory_recall_duration_seconds_sum 1\nmemory_recall_duration_seconds_count 5\n',
      ),
      "not the +Inf bucket",
    ],
    [
      "a value of an enumerated label that is none",
      '# HELP memory_incidents_total i\n# TYPE memory_incidents_total counter\nmemory_incidents_total{kind="party"} 1\n',
      "may not be",
    ],
  ])("finds %s", (_, text, problem) => {
    expect(problemsOf(text).join("\n")).toContain(problem);
  });

  it("finds a missing # EOF in OpenMetrics", () => {
    expect(
      problemsOf(
        "# TYPE memory_recall counter\n# HELP memory_recall r\nmemory_recall_total 1\n",
        "openmetrics",
      )[0],
    ).toContain("EOF");
  });

  it("finds counters that fall or vanish between two scrapes", () => {
    const at = (value: number) => [
      { name: "memory_recall_total", labels: { instance: "0" }, value },
      { name: "memory_instance_up", labels: { instance: "0" }, value: 1 },
    ];
    expect(fallen(at(5), at(6))).toEqual([]);
    expect(fallen(at(5), at(4))[0]).toContain("fell from 5 to 4");
    expect(fallen(at(5), at(5).slice(1))[0]).toContain("gone");
    expect(
      fallen(at(5), [{ name: "memory_instance_up", labels: { instance: "0" }, value: 0 }]),
    ).toEqual([]);
  });
});

describe("a meter", () => {
  it("takes back what was counted in a transaction that failed", () => {
    const counted = meter();
    const before = counted.samples();
    counted.begin();
    counted.count("memory_episode_created_total");
    counted.count("memory_step_logged_total");
    counted.observe("memory_recall_duration_seconds", 1);
    counted.rollback();
    expect(counted.samples()).toEqual(before);
  });

  it("says which totals changed since it was last asked, and merges what others counted", () => {
    const counted = meter();
    counted.takeChanged();
    counted.add(meter().samples());
    expect(counted.takeChanged()).toHaveLength(3);
    expect(counted.value("memory_episode_created_total")).toBe(6);
    expect(counted.takeChanged()).toEqual([]);
  });
});
