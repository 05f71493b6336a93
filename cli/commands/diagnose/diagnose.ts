/**
 * `memory-cli diagnose`: walks the decision tree of the runbooks on a live service, and names the
 * runbook and the step. It changes nothing, and leaves nothing. `--alert` says where an alert leads.
 *
 * @module
 */

import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { time, whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { safe, type Colors, type Shown } from "../../terminal/output.ts";
import { willStaySo } from "./outlook.ts";
import { isResponding } from "./responding.ts";
import { observe, type Looking } from "./signs.ts";
import { isFast } from "./speed.ts";
import { ALERTS } from "./states.ts";
import { areSucceeding } from "./succeeding.ts";
import type { Next, Turn } from "./turn.ts";

/** What the page of slow queries calls good, ms. */
const SLOW_MS = 450;
const WINDOW_MS = 5_000;
const WINDOW_MAX_MS = 600_000;

async function diagnose(app: App, looking: Looking): Promise<Shown> {
  const turns = await walk(app, looking);
  const end = turns.at(-1);
  const healthy = turns.every(({ next }) => next === undefined);
  const data = {
    healthy,
    path: turns,
    runbook: end?.next?.runbook ?? null,
    step: end?.next?.step ?? null,
  };
  return {
    data,
    text: (colors) => linesOf(turns, colors).join("\n"),
    exit: healthy ? EXIT.ok : EXIT.failed,
  };
}

function linesOf(turns: readonly Turn[], colors: Colors): string[] {
  const marks = {
    yes: colors.green("yes"),
    no: colors.red("NO "),
    unknown: colors.yellow("?  "),
  };
  const lines = turns.map(
    ({ question, answer, saw }) => `${marks[answer]}  ${question}\n       ${safe(saw)}`,
  );
  const next = turns.at(-1)?.next;
  if (next) return [...lines, ...leadLines(next, colors)];
  const isKnown = turns.every(({ answer }) => answer !== "unknown");
  const end = isKnown
    ? colors.green("Nothing is wrong. Monitor proactively.")
    : colors.yellow("Nothing wrong was seen; what is marked with ? was not looked at.");
  return [...lines, end];
}

function leadLines({ runbook, step, commands }: Next, colors: Colors): string[] {
  return [colors.bold(`→ ${runbook}: ${step}`), ...commands.map((command) => `    $ ${command}`)];
}

/** One question after the other, to the first "no". */
async function walk(app: App, looking: Looking): Promise<Turn[]> {
  const first = await isResponding(app);
  if (first.next) return [first];
  const signs = await observe(app, looking);
  const turns = [first];
  for (const ask of [areSucceeding, isFast, willStaySo]) {
    const turn = ask(signs);
    turns.push(turn);
    if (turn.next) break;
  }
  return turns;
}

function leadOfAlert(alert: string): Shown {
  const lead = ALERTS[alert];
  if (!lead)
    throw new CliError(
      `There is no alert ${alert}; there are ${Object.keys(ALERTS).join(", ")}`,
      EXIT.usage,
    );
  const next: Next = { ...lead.step, commands: lead.commands };
  return { data: { alert, ...next }, text: (colors) => leadLines(next, colors).join("\n") };
}

export const DIAGNOSE: readonly CommandSpec[] = [
  {
    name: "diagnose",
    summary: "walk the decision tree and name the runbook",
    options: [
      option("--alert <name>", "only say where this alert leads"),
      option("--slow-ms <ms>", "from when on the quickest of five requests is slow", {
        parse: whole(1, 600_000),
        default: SLOW_MS,
      }),
      option("--window <time>", "for how long to look, ten minutes at most", {
        parse: time,
        default: WINDOW_MS,
      }),
    ],
    examples: [
      "memory-cli diagnose",
      "memory-cli diagnose --alert OutboxStalled",
      "memory-cli diagnose --profile production --format json | jq -r .runbook",
    ],
    notes:
      "Exit code 0: nothing is wrong; 1: it names the runbook and the step. Its requests leave nothing behind; without MEMORY_ADMIN_TOKEN it sees less, and says so.",
    run: async (app, _args, { alert, slowMs, window }) => {
      if (typeof alert === "string") return leadOfAlert(alert);
      const windowMs = Math.min(Number(window), WINDOW_MAX_MS);
      return diagnose(app, { slowMs: Number(slowMs), windowMs });
    },
  },
];
