/**
 * Puts the report of quality and calibration into Markdown, for a person: a table of weeks, and what
 * was predicted beside what happened. It has no stored text but ids of lessons. Pure.
 *
 * @module
 */

import type { QualityView, QualityWeek } from "../../contract/quality/answers.ts";
import { counted, percent } from "./text/numbers.ts";
import { plainOf } from "./text/stored-text.ts";

/** Characters of a namespace's name, and of an id. */
const NAME_MAX = 128;

const WEEK_HEAD = [
  "| week of | ended | success | partial | failure | unknown | reward | efficiency | quality |",
  "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
];

/** The report as Markdown, the latest week last. */
export function qualityInWords(view: QualityView): string {
  const { namespace, since, weeks, calibration, playbooks, lessons, degraded } = view;
  const from = dayOf(since);
  const parts = [
    `# Quality of ${plainOf(namespace, NAME_MAX)} since ${from}`,
    ...(degraded ? ["The database is out of reach: this is what the instances hold."] : []),
    weeks.length === 0
      ? `No episode has ended since ${from}.`
      : [...WEEK_HEAD, ...weeks.map(weekRow)].join("\n"),
    "## What was predicted",
    calibrationLine("The next tool", calibration.next_tools),
    calibrationLine("The outcome", calibration.outcome),
    "## Playbooks",
    playbookLine(playbooks),
    "## Lessons",
    lessonsLine(lessons),
  ];
  return `${parts.join("\n\n")}\n`;
}

function weekRow(week: QualityWeek): string {
  const { begins_at, ended, success, partial_success, failure, unknown, unknown_share } = week;
  const { total, efficiency, quality } = week.scores;
  const missing = `${unknown} (${percent(unknown_share)})`;
  const counts = [ended, success, partial_success, failure, missing];
  return `| ${[dayOf(begins_at), ...counts, ...[total, efficiency, quality].map(mean)].join(" | ")} |`;
}

function calibrationLine(
  what: string,
  { forecasts, error, bins }: QualityView["calibration"]["outcome"],
): string {
  if (error === null) return `${what}: no prediction was compared with what happened yet.`;
  const off = `${what}: ${counted(forecasts, "prediction")}, off by ${percent(error)} in the mean.`;
  const rows = bins.map(
    ({ predicted, observed, forecasts: made }) =>
      `| ${percent(predicted)} | ${percent(observed)} | ${made} |`,
  );
  return [off, "", "| predicted | happened | predictions |", "|--:|--:|--:|", ...rows].join("\n");
}

function playbookLine({ shown, used, rate, low, high }: QualityView["playbooks"]): string {
  const begin = `Shown ${shown} times, followed ${used} times`;
  if (rate === null || low === null || high === null) return `${begin}; nobody judged one.`;
  return `${begin}; ${percent(rate)} of these helped (95 %: ${percent(low)} to ${percent(high)}).`;
}

function lessonsLine({ total, without_evidence, examples }: QualityView["lessons"]): string {
  const line = `${without_evidence} of ${counted(total, "lesson")} were never judged in use.`;
  if (examples.length === 0) return line;
  const ids = examples.map((id) => `- \`${plainOf(id, NAME_MAX)}\``);
  return [line, "", ...ids].join("\n");
}

function dayOf(time: string): string {
  return time.slice(0, "2026-01-31".length);
}

function mean(value: number | null): string {
  return value === null ? "–" : value.toFixed(2);
}
