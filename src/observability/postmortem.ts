/**
 * The incident timeline as Markdown, ready for a post-mortem. Pure. Texts of operators are shown as
 * they are but cannot break out of their line.
 *
 * @module
 */

import { quantile } from "./metrics/sampling.ts";
import { bucketsOf } from "./metrics/registry.ts";
import type { SampleName } from "../contract/vocabulary.ts";
import type { Incident, MetricSample } from "../contract/watching/answers.ts";

/** Rows of the table of samples; more are thinned out evenly. */
const ROWS_MAX = 48;

export function postmortem(
  since: string,
  until: string,
  incidents: readonly Incident[],
  samples: readonly MetricSample[],
): string {
  const lines = [
    "# Incident report",
    "",
    `From ${since} to ${until} (UTC). ${incidents.length} events, ${samples.length} metric samples.`,
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
    "## Follow-up",
    "",
    "- [ ] ",
    "",
  ];
  return lines.join("\n");
}

function cell(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ").replaceAll(/[|<>`\\]/g, (sign) => `\\${sign}`);
}

function table(samples: readonly MetricSample[]): string[] {
  const step = Math.max(1, Math.ceil((samples.length - 1) / ROWS_MAX));
  const kept = samples.filter((_, i) => i % step === 0 || i === samples.length - 1);
  const rows = kept.slice(1).map((sample, i) => {
    const before = kept[i] ?? sample;
    const rise = (name: SampleName): number =>
      Math.max(0, (sample.totals[name] ?? 0) - (before.totals[name] ?? 0));
    const delta = (name: "http" | "storage"): number[] =>
      (sample.histograms[name] ?? []).map((count, at) =>
        Math.max(0, count - (before.histograms[name]?.[at] ?? 0)),
      );
    const ms = (seconds: number | null): string =>
      seconds === null ? "–" : String(Math.round(seconds * 1_000));
    const p95 = ms(
      quantile(0.95, bucketsOf("memory_http_request_duration_seconds"), delta("http")),
    );
    const stored = ms(
      quantile(0.95, bucketsOf("memory_storage_operation_duration_seconds"), delta("storage")),
    );
    const now = (name: SampleName): string => String(sample.totals[name] ?? "–");
    return `| ${sample.at} | ${rise("requests")} | ${rise("server_errors")} | ${p95} | ${rise("storage_errors")} | ${stored} | ${now("outbox_rows")} | ${now("breakers_open")} | ${now("active_episodes")} | ${sample.silent} |`;
  });
  return [
    "| time (UTC) | requests | 5xx | p95 ms | storage errors | storage p95 ms | outbox rows | breakers open | active episodes | silent instances |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...rows,
  ];
}
