/**
 * `npm run bench:words [-- FOLDER] [--quick]`: what recall says as text. Runs of seven tenths of
 * the tasks are learned, and recall is asked in the middle of successful runs of the others. Shown
 * are how often the action that the run took next is in the text, beside the JSON; lines that say
 * the same; and ten texts to read. No service runs: the questions are asked of an instance's
 * knowledge.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { RecallView } from "../../src/contract/recall/answers.ts";
import { makeDigest } from "../../src/memory/learning/index.ts";
import { fitToTokens } from "../../src/memory/ranking/index.ts";
import { tokensOf } from "../../src/memory/ranking/tokens.ts";
import { recallInWords } from "../../src/memory/words/index.ts";
import type { Outcome, Step, StepResult } from "../../src/contract/episodes/record.ts";
import { episodeOf } from "../../test/support/episodes.ts";
import { NOW, openKnowledge, type OpenKnowledge } from "../../test/support/knowledge.ts";
import { printTable, QUICK } from "./report.ts";
import type { TauEpisode } from "./tau.ts";

/** Share of the tasks that is learned from. */
const LEARNED = 0.7;
/** Questions of a set, and texts of each that are printed. */
const QUESTIONS = QUICK ? 10 : 25;
const PRINTED = QUICK ? 1 : 5;
const TOKENS = [300, 600, 1_200] as const;
const JSON_TOKENS = 1_200;
const MESSAGE_MAX = 10_000;
const SETS = /_(?:episodes|sample)\.jsonl(?:\.gz)?$/;
/** Sections whose lines are findings, of which no two may say the same. */
const FINDINGS = new Set(["Avoid", "If it fails", "Also worked"]);

const folder =
  process.argv.slice(2).find((argument) => !argument.startsWith("--")) ??
  join(import.meta.dirname, "../../test/fixtures");

/** Files of agents' runs, by name. */
function runSets(): { name: string; runs: TauEpisode[] }[] {
  const files = readdirSync(folder).filter((file) => SETS.test(file));
  return files.sort().map((file) => {
    const bytes = readFileSync(join(folder, file));
    const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    const runs = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TauEpisode);
    return { name: file.replace(SETS, ""), runs: runs.filter(({ steps }) => steps.length > 0) };
  });
}

interface Question {
  run: TauEpisode;
  /** Steps that were taken. */
  done: number;
}

interface Asked extends Question {
  view: RecallView;
}

function resultOf({ ok, result }: TauEpisode["steps"][number]): StepResult | null {
  if (result === null) return null;
  return ok === false ? { type: "error", message: result } : { type: "success", output: result };
}

function stepsOf(run: TauEpisode): Step[] {
  return run.steps.map((step, i) => ({
    number: i + 1,
    at: "2026-01-01T00:00:00.000Z",
    tool: step.tool,
    action: step.thought ?? "",
    parameters: step.args,
    result: resultOf(step),
    latency_ms: null,
    tokens: null,
    metadata: {},
  }));
}

function learn(memory: OpenKnowledge, run: TauEpisode): void {
  const outcome: Outcome = run.outcome.success
    ? { type: "success", verdict: "", artifacts: [] }
    : { type: "failure", reason: "the task was not solved", details: null };
  const context = contextOf(run);
  const record = episodeOf(run.id, outcome, {
    task: run.task,
    context,
    step_count: run.steps.length,
  });
  memory.learn(makeDigest(record, stepsOf(run)));
}

function contextOf({ domain, agent_variant }: TauEpisode) {
  const tags = [agent_variant];
  return { domain, language: null, framework: null, complexity: "moderate" as const, tags };
}

/** One question for a task, each further into its run than the one before. */
function questionsOf(runs: readonly TauEpisode[]): Question[] {
  const byTask = new Map(runs.map((run) => [run.task_id, run]));
  const spread = [...byTask.values()];
  const every = Math.max(1, spread.length / QUESTIONS);
  return Array.from({ length: Math.min(QUESTIONS, spread.length) }, (_, i) => {
    const run = spread[Math.floor(i * every)] as TauEpisode;
    return { run, done: i % run.steps.length };
  });
}

async function ask({ knowledge }: OpenKnowledge, { run, done }: Question): Promise<Asked> {
  const recent_steps = stepsOf(run)
    .slice(0, done)
    .map(({ tool, parameters, result }) => ({
      tool,
      parameters,
      result: result?.type ?? ("unknown" as const),
      message: textOf(result).slice(0, MESSAGE_MAX),
    }));
  const include = ["episodes", "patterns", "heuristics", "playbook"] as const;
  const view = await knowledge.questions.recall(
    "n",
    {
      task: run.task,
      context: { domain: run.domain },
      recent_steps,
      limit: 5,
      include: [...include],
      max_tokens: null,
    },
    NOW,
  );
  return { run, done, view };
}

function textOf(result: StepResult | null): string {
  if (result?.type === "success") return result.output;
  return result?.type === "error" ? result.message : "";
}

const wordsOf = ({ view }: Asked, maxTokens: number): string =>
  recallInWords(view, { maxTokens, evidence: false });

const share = <T>(items: readonly T[], isRight: (item: T) => boolean): number =>
  items.filter(isRight).length / Math.max(1, items.length);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Lines of one section that end with the same evidence and are about the same action and error. */
function repeatedFindings(text: string): number {
  let repeated = 0;
  for (const section of text.split("## ").slice(1)) {
    const [title = "", ...lines] = section.trim().split("\n");
    if (!FINDINGS.has(title)) continue;
    const said = lines.map((line) => {
      const tools = line.match(/`[^`]+`/g) ?? [];
      const about = line.includes(" fails with ") ? tools : tools.slice(-1);
      return `${about.join(" ")} ${line.slice(line.lastIndexOf(": "))}`;
    });
    repeated += said.length - new Set(said).size;
  }
  return repeated;
}

/** Whether a span of code is this tool, or an action with it. */
function isSaid(text: string, { run, done }: Question): boolean {
  const tool = run.steps[done]?.tool ?? "";
  return text.includes(`\`${tool}\``) || text.includes(`\`${tool}: `);
}

/** What the first line says to do. */
const firstOf = (text: string): string => /## Do next\n(.*)/.exec(text)?.[1] ?? "";

function rowsOf(name: string, asked: readonly Asked[]): (string | number)[][] {
  const sizes = (texts: readonly string[]): string[] => {
    const tokens = texts.map(tokensOf);
    return [String(median(tokens)), String(Math.max(...tokens))];
  };
  const rows = TOKENS.map((tokens) => {
    const said = asked.map((one) => ({ one, text: wordsOf(one, tokens) }));
    const texts = said.map(({ text }) => text);
    return [
      `${name} (${asked.length}), text of ${tokens}`,
      share(said, ({ one, text }) => isSaid(text, one)),
      share(said, ({ one, text }) => isSaid(firstOf(text), one)),
      ...sizes(texts),
      String(texts.reduce((sum, text) => sum + repeatedFindings(text), 0)),
    ];
  });
  const whole = asked.map((one) => ({
    json: JSON.stringify(fitToTokens(one.view, JSON_TOKENS)),
    quoted: `"${one.run.steps[one.done]?.tool}"`,
  }));
  const json = [
    `${name} (${asked.length}), JSON of ${JSON_TOKENS}`,
    share(whole, (one) => one.json.includes(one.quoted)),
    "",
    ...sizes(whole.map((one) => one.json)),
    "",
  ];
  return [...rows, json];
}

function print(name: string, asked: readonly Asked[]): void {
  const every = Math.max(1, Math.floor(asked.length / PRINTED));
  for (const one of asked.filter((_, i) => i % every === 0).slice(0, PRINTED)) {
    const { run, done } = one;
    const done_ = run.steps.slice(0, done).map(({ tool }) => tool);
    const rest = run.steps.slice(done).map(({ tool, args }) => `${tool} ${JSON.stringify(args)}`);
    console.log(`\n===== ${name}: ${run.id}, after ${done} steps: ${done_.join(", ")}`);
    console.log(`task: ${run.task.slice(0, 400)}\n--- it went on with\n${rest.join("\n")}`);
    console.log(`--- memory says, in 600 tokens\n${wordsOf(one, 600)}`);
  }
}

const rows: (string | number)[][] = [];
for (const { name, runs } of runSets()) {
  const tasks = [...new Set(runs.map(({ task_id }) => task_id))];
  const known = new Set(tasks.slice(0, Math.floor(LEARNED * tasks.length)));
  const memory = openKnowledge({ capacity: 10_000 });
  for (const run of runs) if (known.has(run.task_id)) learn(memory, run);
  await memory.settle();
  const others = runs.filter(({ task_id, outcome }) => !known.has(task_id) && outcome.success);
  const asked: Asked[] = [];
  for (const question of questionsOf(others)) asked.push(await ask(memory, question));
  rows.push(...rowsOf(name, asked));
  print(name, asked);
}
printTable(
  "words",
  "Recall in words",
  [
    "set (recalls), form",
    "names the next action",
    "says it first",
    "tokens",
    "at most",
    "said twice",
  ],
  rows,
);
