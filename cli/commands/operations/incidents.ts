/**
 * `memory-cli capacity`, `memory-cli incident …`: what was measured, and what happened.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import type { App } from "../../app.ts";
import { time } from "../../parse.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { safeLines, type Shown } from "../../terminal/output.ts";
import { shownFields, shownText } from "../../terminal/shown.ts";
import { shownRows } from "./rows.ts";

const sinceOption = option("--since <time>", "how far back", {
  parse: time,
  default: 3_600_000,
});

/** The service takes whole minutes. */
const sinceOf = (ms: unknown): string => `${Math.ceil(Number(ms) / 60_000)}m`;

const dayOption = option("--day <date>", "of this day instead, UTC, from the copies in R2");

/** Which incidents are asked for. */
function timeOf({ since, day }: Values): { since: string; day?: string } {
  return { since: sinceOf(since), ...(typeof day === "string" ? { day } : {}) };
}

/** Markdown where people read it, else JSON; to the terminal, or to a file for its owner only. */
async function exportIncidents(app: App, values: Values): Promise<Shown> {
  const { output } = values;
  const isMarkdown = app.options.format === "table";
  const query = {
    ...timeOf(values),
    ...(values["logs"] === true ? { logs: "true" } : {}),
    ...(isMarkdown ? { format: "markdown" } : {}),
  };
  const data = await (await app.admin()).request("GET", "/admin/incidents", { query });
  const text = typeof data === "string" ? data : JSON.stringify(data, null, 2);
  if (typeof output !== "string") return shownText(data, safeLines(text));
  writeFileSync(output, text, { mode: 0o600 });
  return shownText({ written: output }, `written: ${output}`);
}

export const CAPACITY: readonly CommandSpec[] = [
  {
    name: "capacity",
    summary: "measured rates and sizes, and when a limit is reached (RB-006)",
    examples: ["memory-cli capacity", "memory-cli capacity --format json"],
    async run(app) {
      const capacity = await (await app.admin()).call("getCapacity");
      if (capacity.hours === 0)
        app.note("Nothing was sampled yet: the health check does. memory-cli job run health-check");
      return shownFields(capacity);
    },
  },
];

export const INCIDENTS: readonly CommandSpec[] = [
  {
    name: "incident list",
    summary: "what happened, newest first",
    options: [sinceOption, dayOption],
    examples: ["memory-cli incident list --since 24h", "memory-cli incident list --day 2026-01-31"],
    async run(app, _args, values) {
      const query = timeOf(values);
      const timeline = await (await app.admin()).call("listIncidents", { query });
      return shownRows({ ...timeline, incidents: timeline.incidents.toReversed() }, "incidents");
    },
  },
  {
    name: "incident export",
    summary: "the timeline with metric samples, for a post-mortem (RB-004)",
    options: [
      sinceOption,
      dayOption,
      option("--logs", "with the log lines of the last hour that the service still holds"),
      option("-o, --output <file>", "write it there"),
    ],
    examples: [
      "memory-cli incident export --since 1h > incident.md",
      "memory-cli incident export --since 1h --logs -o incident.md",
      "memory-cli incident export --since 1h --format json -o incident.json",
    ],
    notes: "Markdown, unless --format says json or yaml.",
    run: (app, _args, values) => exportIncidents(app, values),
  },
];
