/**
 * Writes the incident timeline as Markdown, ready for a post-mortem. Pure. Texts of operators are
 * shown as they are, but cannot break out of their line.
 *
 * @module
 */

import { quantile } from "./metrics/exposition.ts";
import { bucketsOf, type HistogramName } from "./metrics/registry.ts";
import type { SampleName } from "../contract/vocabulary.ts";
import type { Incident, LoggedLineView, MetricSample } from "../contract/watching/answers.ts";

/** Rows of the table of samples; more are thinned out evenly. */
const ROWS_MAX = 48;

interface Happened {
  /** RFC 3339. */
  from: string;
  until: string;
  incidents: readonly Incident[];
  /** The oldest first. */
  samples: readonly MetricSample[];
  /** The oldest first; null: they are not wanted. */
  logs: readonly LoggedLineView[] | null;
}

export function postmortem({ from, until, incidents, samples, logs }: Happened): string {
  const lines = [
    "# Incident report",
    "",
    `From ${from} to ${until} (UTC). ${incidents.length} events, ${samples.length} metric samples.`,
    "",
    "## Summary",
    "",
    "- What users saw:",
    "- Root cause:",
    "- What ended it:",
    "",
    "## Timeline",
    "",
    ...(incidents.length === 0
      ? ["Nothing was recorded."]
      : [
          "| time (UTC) | severity | kind | what |",
          "|---|---|---|---|",
          ...incidents.map(
            ({ at, severity, kind, title }) => `| ${at} | ${severity} | ${kind} | ${cell(title)} |`,
          ),
        ]),
    "",
    "## Metrics",
    "",
    ...(samples.length < 2 ? ["Too few samples were taken in this time."] : table(samples)),
    "",
    ...(logs === null ? [] : logLines(logs)),
    "## Follow-up",
    "",
    "- [ ] ",
    "",
  ];
  return lines.join("\n");
}

/** Each line begins with its time, and so cannot end the block. */
function logLines(logs: readonly LoggedLineView[]): string[] {
  const lines = logs.map(
    ({ at, from, line }) => `${at} ${from} ${line.replaceAll(/[\r\n]+/g, " ")}`,
  );
  return ["## Logs", "", "```", ...lines, "```", ""];
}

function cell(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ").replaceAll(/[|<>`\\]/g, (sign) => `\\${sign}`);
}

const HEAD = [
  "| time (UTC) | requests | 5xx | p95 ms | storage errors | storage p95 ms | outbox rows | breakers open | active episodes | silent instances |",
  "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
];

function table(samples: readonly MetricSample[]): string[] {
  const step = Math.max(1, Math.ceil((samples.length - 1) / ROWS_MAX));
  const shown = samples.filter((_, i) => i % step === 0 || i === samples.length - 1);
  const rows = shown.slice(1).map((sample, i) => rowOf(shown[i] ?? sample, sample));
  return [...HEAD, ...rows];
}

/** What happened from one sample to the next. */
function rowOf(before: MetricSample, sample: MetricSample): string {
  const rise = (name: SampleName): number =>
    Math.max(0, (sample.totals[name] ?? 0) - (before.totals[name] ?? 0));
  const present = (name: SampleName): string => String(sample.totals[name] ?? "–");
  const cells = [
    sample.at,
    rise("requests"),
    rise("server_errors"),
    p95("http", "memory_http_request_duration_seconds", before, sample),
    rise("storage_errors"),
    p95("storage", "memory_storage_operation_duration_seconds", before, sample),
    present("outbox_rows"),
    present("breakers_open"),
    present("active_episodes"),
    sample.silent,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Of what was observed between the samples, ms; – when that is nothing. */
function p95(
  name: "http" | "storage",
  metric: HistogramName,
  before: MetricSample,
  sample: MetricSample,
): string {
  const counts = (sample.histograms[name] ?? []).map((count, i) =>
    Math.max(0, count - (before.histograms[name]?.[i] ?? 0)),
  );
  const seconds = quantile(0.95, bucketsOf(metric), counts);
  return seconds === null ? "–" : String(Math.round(seconds * 1_000));
}
