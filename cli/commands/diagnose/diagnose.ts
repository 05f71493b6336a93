/**
 * `memory-cli diagnose`: walks the decision tree of the runbooks on a live service, and names the
 * runbook and the step. It changes nothing.
 *
 * @module
 */

import type { App } from "../../app.ts";
import { EXIT } from "../../exit.ts";
import { whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { duration, safe, type Colors, type Shown } from "../../terminal/output.ts";
import { willStaySo } from "./outlook.ts";
import { isResponding } from "./responding.ts";
import { areSucceeding } from "./succeeding.ts";
import { STEPS } from "./steps.ts";
import { no, trouble, type Turn } from "./turn.ts";

/** Requests whose median is the speed. */
const PROBES = 5;

async function diagnose(app: App, slowMs: number): Promise<Shown> {
  const turns = await walk(app, slowMs);
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
  if (!next) return [...lines, colors.green("Nothing is wrong. Monitor proactively.")];
  lines.push(`${colors.bold(`→ ${next.runbook}: ${next.step}`)}`);
  return [...lines, ...next.commands.map((command) => `    $ ${command}`)];
}

/** One question after the other, to the first "no". */
async function walk(app: App, slowMs: number): Promise<Turn[]> {
  const questions = [isResponding, areSucceeding, (of: App) => isFast(of, slowMs), willStaySo];
  const turns: Turn[] = [];
  for (const ask of questions) {
    const turn = await ask(app);
    turns.push(turn);
    if (turn.next) break;
  }
  return turns;
}

async function isFast(app: App, slowMs: number): Promise<Turn> {
  const question = `Is performance acceptable (median below ${slowMs} ms)?`;
  const hasKey = (app.target.key ?? app.target.admin_token) !== undefined;
  const client = hasKey ? await app.memory() : app.anyone({ retries: 0 });
  const times: number[] = [];
  for (let i = 0; i < PROBES; i++) {
    const begun = performance.now();
    if (hasKey) await client.recall({ task: "diagnose", limit: 1 });
    else await client.request("GET", "/health/live");
    times.push(performance.now() - begun);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(PROBES / 2)] ?? 0;
  const what = hasKey ? "recalls" : "probes";
  const saw = `${PROBES} ${what}, median ${duration(median)}, slowest ${duration(times.at(-1) ?? 0)}`;
  if (median < slowMs) return { question, answer: "yes", saw };
  return no(
    question,
    trouble(
      saw,
      STEPS.storageLayer,
      "memory-cli storage health",
      "memory-cli config set log_level debug",
    ),
  );
}

export const DIAGNOSE: readonly CommandSpec[] = [
  {
    name: "diagnose",
    summary: "walk the decision tree and name the runbook",
    options: [
      option("--slow-ms <ms>", "from when on a recall is slow", {
        parse: whole(1, 600_000),
        default: 1_000,
      }),
    ],
    examples: [
      "memory-cli diagnose",
      "memory-cli diagnose --profile production --format json | jq -r .runbook",
    ],
    notes: "Exit code 0: nothing is wrong; 1: it names the runbook and the step.",
    run: (app, _args, { slowMs }) => diagnose(app, Number(slowMs)),
  },
];
