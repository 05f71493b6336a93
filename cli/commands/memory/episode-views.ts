/**
 * Shows an episode to people: in a list, with its steps, and when it has ended.
 *
 * @module
 */

import {
  cell,
  counted,
  details,
  duration,
  safe,
  table,
  type Column,
  type Colors,
  type Row,
  type Shown,
} from "../../terminal/output.ts";

const STATUS_MARKS: Record<string, (colors: Colors) => string> = {
  in_progress: (colors) => colors.cyan("in progress"),
  completed: (colors) => colors.green("completed"),
  failed: (colors) => colors.red("failed"),
  abandoned: (colors) => colors.yellow("abandoned"),
};

export const episodeColumns: readonly Column[] = [
  ["ID", (row) => row["id"]],
  ["STATUS", (row) => row["status"]],
  ["OUTCOME", (row) => (row["outcome"] as Row | null)?.["type"]],
  ["REWARD", (row) => (row["reward"] as Row | null)?.["total"]],
  ["STEPS", (row) => row["step_count"]],
  ["STARTED", (row) => String(row["started_at"]).replace("T", " ").slice(0, 19)],
  ["DOMAIN", (row) => (row["context"] as Row)["domain"] || null],
  ["TASK", (row) => row["task"]],
];

export function viewedEpisode(data: unknown): Shown {
  return {
    data,
    text: (colors, width) => {
      const { steps = [], task, status, ...rest } = data as Row & { steps?: Row[] };
      const mark = STATUS_MARKS[String(status)]?.(colors) ?? cell(status);
      const parts = [`${colors.bold(cell(task))}\n${mark}`, details(rest, colors)];
      if (steps.length > 0) {
        const stepColumns: readonly Column[] = [
          ["STEP", (row) => row["number"]],
          ["TOOL", (row) => row["tool"]],
          ["RESULT", (row) => (row["result"] as Row | null)?.["type"] ?? "unknown"],
          [
            "TIME",
            (row) => (typeof row["latency_ms"] === "number" ? duration(row["latency_ms"]) : null),
          ],
          ["WHAT CAME OF IT", (row) => said(row["result"] as Row | null)],
        ];
        parts.push(table(steps, stepColumns, colors, width));
      }
      return parts.join("\n\n");
    },
  };
}

const said = (result: Row | null): string =>
  cell(result?.["output"] ?? result?.["message"] ?? "").slice(0, 200);

export function completed(data: unknown): Shown {
  return {
    data,
    text: (colors) => {
      const { id, status, reward, reflection, patterns, learning } = data as {
        id: string;
        status: string;
        reward: Row | null;
        reflection: { successes: string[]; improvements: string[]; insights: string[] } | null;
        patterns: { is_new: boolean }[];
        learning: string;
      };
      const lines = [`${id} is ${STATUS_MARKS[status]?.(colors) ?? status}, learning ${learning}`];
      if (reward) {
        const { total, weights: _weights, ...parts } = reward;
        lines.push(
          `reward ${colors.bold(cell(total))} (${Object.entries(parts)
            .map(([name, part]) => `${name} ${cell(part)}`)
            .join(", ")})`,
        );
      }
      for (const line of reflection?.successes ?? []) lines.push(colors.green(`  + ${safe(line)}`));
      for (const line of reflection?.improvements ?? [])
        lines.push(colors.yellow(`  - ${safe(line)}`));
      for (const line of reflection?.insights ?? []) lines.push(`  · ${safe(line)}`);
      const fresh = patterns.filter((pattern) => pattern.is_new).length;
      lines.push(`${counted(patterns.length, "pattern")} touched, ${fresh} of them new`);
      return lines.join("\n");
    },
  };
}
