/**
 * `npm run bench:actions [-- FOLDER] [--quick]`: what is known of actions beyond their tools. Of the
 * runs of each set seven tenths of the tasks are learned, the others are asked about, by the code
 * that the service runs, without a service:
 *
 * - the next action by its key, beside n-grams of keys;
 * - the source of each parameter that has one in its run: right when the value that was used is
 *   among those that the source has there;
 * - the write tools of the playbook, beside those of the expected tools.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Step } from "../../src/contract/episodes/record.ts";
import type { AdviceView } from "../../src/contract/recall/answers.ts";
import type { AdviseInput } from "../../src/contract/recall/requests.ts";
import {
  actionKey,
  actionName,
  leavesOf,
  normalised,
  parametersOf,
  TASK_SOURCE,
  Told,
  valuesAt,
} from "../../src/memory/actions/index.ts";
import { makeDigest } from "../../src/memory/learning/index.ts";
import { episodeOf } from "../../test/support/episodes.ts";
import {
  failure,
  NOW,
  openKnowledge,
  success,
  type OpenKnowledge,
} from "../../test/support/knowledge.ts";
import { ngram } from "./baselines.ts";
import { f1 } from "./measures.ts";
import { printTable, QUICK } from "./report.ts";
import type { TauEpisode } from "./tau.ts";

const SAMPLE = join(import.meta.dirname, "../../test/fixtures");
const LEARNED = 0.7;
const RECENT_MAX = 50;
const MESSAGE_MAX = 10_000;
const AT = "2026-01-01T00:00:00.000Z";
const PREDICTED = 0.3;
/** Runs that are asked about, spread over all of them, with --quick. */
const ASKED_QUICK = 40;
const ASKED = 400;
/** As in `learning.ts`: only the measure knows this. */
const READS =
  /^(?:get|find|list|search|read|check|lookup|show|query|calculate|think|transfer)(?:_|$)/;

interface RunSet {
  name: string;
  learned: TauEpisode[];
  asked: TauEpisode[];
}

function runSets(folder: string): RunSet[] {
  return readdirSync(folder)
    .filter((file) => /_(?:episodes|sample)\.jsonl(?:\.gz)?$/.test(file))
    .sort()
    .map((file) => {
      const bytes = readFileSync(join(folder, file));
      const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
      const runs = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as TauEpisode)
        .filter(({ steps }) => steps.length > 0);
      const tasks = [...new Set(runs.map(({ task_id }) => task_id))];
      if (tasks.every((task) => typeof task === "number")) tasks.sort((a, b) => a - b);
      const known = new Set(tasks.slice(0, Math.floor(LEARNED * tasks.length)));
      const held = runs.filter(({ task_id }) => !known.has(task_id));
      const every = Math.max(1, Math.floor(held.length / (QUICK ? ASKED_QUICK : ASKED)));
      return {
        name: file.replace(/\.jsonl.*/, ""),
        learned: runs.filter(({ task_id }) => known.has(task_id)),
        asked: held.filter((_, i) => i % every === 0),
      };
    });
}

function stepsOf({ steps }: TauEpisode): Step[] {
  return steps.map(({ n, tool, thought, args, result, ok }) => ({
    number: n,
    at: AT,
    tool,
    action: (thought ?? "").slice(0, 1_000),
    parameters: args,
    result:
      result === null
        ? null
        : ok === false
          ? { type: "error", message: result }
          : { type: "success", output: result },
    latency_ms: null,
    tokens: null,
    metadata: {},
  }));
}

function contextOf({ domain, agent_variant }: TauEpisode) {
  return {
    domain,
    language: null,
    framework: null,
    complexity: "moderate",
    tags: [agent_variant],
  } as const;
}

function learn(runs: readonly TauEpisode[]): OpenKnowledge {
  const knowledge = openKnowledge({ capacity: 100_000, cacheBytes: 200_000_000 });
  for (const run of runs) {
    const outcome = run.outcome.success === true ? success : failure;
    const context = { ...contextOf(run), tags: [run.agent_variant] };
    const episode = episodeOf(run.id, outcome, { task: run.task, context });
    knowledge.learn(makeDigest(episode, stepsOf(run)));
  }
  return knowledge;
}

/** Advice before a step. @param tool the tool that the caller means to use; null: it asks */
function advise(
  { knowledge }: OpenKnowledge,
  run: TauEpisode,
  done: number,
  tool: string | null,
): Promise<AdviceView> {
  const recent_steps = run.steps
    .slice(Math.max(0, done - RECENT_MAX), done)
    .map((step): AdviseInput["recent_steps"][number] => ({
      tool: step.tool,
      parameters: step.args,
      result: step.result === null ? "unknown" : step.ok === false ? "error" : "success",
      ...(step.result === null ? {} : { message: step.result.slice(0, MESSAGE_MAX) }),
    }));
  const context = { ...contextOf(run), tags: [run.agent_variant] };
  const input = { task: run.task, context, recent_steps, next_tool: tool, error: null };
  return knowledge.questions.advise("n", input, NOW);
}

const successful = (runs: readonly TauEpisode[]): TauEpisode[] =>
  runs.filter(({ outcome }) => outcome.success === true);

/** A run whose tools are its actions. */
function keyed(run: TauEpisode): TauEpisode {
  const steps = run.steps.map((step) => ({
    ...step,
    tool: actionName(step.tool, actionKey(step.tool, step.args)),
  }));
  return { ...run, steps };
}

async function nextActions({ name, learned, asked }: RunSet, memory: OpenKnowledge): Promise<void> {
  const good = successful(learned).map(keyed);
  const models = [1, 2, 3, 4].map((n) => ({ n, guess: ngram(good, n), right: 0 }));
  let [steps, right] = [0, 0];
  for (const run of successful(asked)) {
    const actions = keyed(run).steps.map(({ tool }) => tool);
    for (const [done, action] of actions.entries()) {
      steps += 1;
      for (const model of models)
        if (model.guess(actions.slice(0, done)) === action) model.right += 1;
      const { next_actions = [] } = await advise(memory, run, done, null);
      if (next_actions[0]?.action === action) right += 1;
    }
  }
  printTable(
    "next-action",
    `${name}: next action by its key over ${steps} steps of successful runs`,
    ["", "accuracy"],
    [
      ...models.map(({ n, right: own }): [string, number] => [
        n === 1 ? "most frequent action" : `${n}-gram with back-off`,
        own / steps,
      ]),
      ["memory", right / steps],
    ],
  );
}

/** How the sources that are named bear out. */
interface Sources {
  parameters: number;
  named: number;
  right: number;
  alone: number;
}

async function sources({ name, asked }: RunSet, memory: OpenKnowledge): Promise<void> {
  const sum: Sources = { parameters: 0, named: 0, right: 0, alone: 0 };
  for (const run of successful(asked)) {
    const told = new Told(run.task);
    for (const [done, step] of run.steps.entries()) {
      const own = parametersOf(step.args).filter((one) => told.sourcesOf(one).length > 0);
      if (own.length > 0) {
        const { next_actions = [] } = await advise(memory, run, done, step.tool);
        const action = next_actions.find(({ tool }) => tool === step.tool);
        for (const parameter of own) {
          const planned = action?.parameters.find((one) => one.name === parameter.name);
          count(
            sum,
            planned,
            { values: parameter.values, from: told.sourcesOf(parameter) },
            run.steps.slice(0, done),
          );
        }
      }
      told.add(step.tool, step.ok === false ? [] : leavesOf(step.result ?? ""));
    }
  }
  if (sum.parameters === 0) return;
  const share = (part: number): number => part / sum.parameters;
  printTable(
    "sources",
    `${name}: sources of ${sum.parameters} parameters that have one in their run`,
    ["", "share"],
    [
      ["named", share(sum.named)],
      ["right", share(sum.right)],
      ["right, and the only value there", share(sum.alone)],
    ],
  );
}

type Planned = NonNullable<AdviceView["next_actions"]>[number]["parameters"][number];

function count(
  sum: Sources,
  planned: Planned | undefined,
  used: { values: readonly string[]; from: readonly string[] },
  before: TauEpisode["steps"],
): void {
  sum.parameters += 1;
  if (!planned) return;
  sum.named += 1;
  const values = new Set(used.values.map(normalised));
  if (planned.source === TASK_SOURCE) {
    // What the task holds cannot be listed: it is right when the value is in it.
    if (used.from.includes(TASK_SOURCE)) sum.right += 1;
    return;
  }
  const held =
    planned.value === undefined
      ? before.flatMap((step) =>
          step.ok === false
            ? []
            : valuesAt(planned.source ?? "", step.tool, leavesOf(step.result ?? "")),
        )
      : [planned.value];
  const there = new Set(held.map(normalised));
  if (![...values].every((value) => there.has(value))) return;
  sum.right += 1;
  if (there.size === 1) sum.alone += 1;
}

const writes = (tools: readonly string[]): Set<string> =>
  new Set(tools.filter((tool) => !READS.test(tool)));

async function playbooks({ name, asked }: RunSet, memory: OpenKnowledge): Promise<void> {
  const tasks = [...new Map(asked.map((run) => [run.task_id, run])).values()].filter(
    ({ expected_tools }) => expected_tools !== undefined,
  );
  if (tasks.length === 0) return;
  const ofAdvice: { said: Set<string>; expected: Set<string> }[] = [];
  const ofPlaybook: typeof ofAdvice = [];
  for (const run of tasks) {
    const expected = writes(run.expected_tools ?? []);
    const { expected_tools } = await advise(memory, run, 0, null);
    const said = expected_tools.filter(({ probability }) => probability >= PREDICTED);
    ofAdvice.push({ said: writes(said.map(({ tool }) => tool)), expected });
    const question = { task: run.task, context: { domain: run.domain }, recent_steps: [] };
    const { playbook } = await memory.knowledge.questions.playbook("n", question, NOW);
    ofPlaybook.push({ said: writes((playbook?.steps ?? []).map(({ tool }) => tool)), expected });
  }
  const [advice, playbook] = [f1(ofAdvice), f1(ofPlaybook)];
  printTable(
    "playbook-tools",
    `${name}: write tools of ${tasks.length} tasks`,
    ["", "F1 (all together)", "F1 (mean of tasks)"],
    [
      ["expected tools", advice.micro, advice.macro],
      ["playbook", playbook.micro, playbook.macro],
    ],
  );
}

const folder = process.argv.slice(2).find((one) => !one.startsWith("--")) ?? SAMPLE;
for (const set of runSets(folder)) {
  const memory = learn(set.learned);
  await nextActions(set, memory);
  await sources(set, memory);
  await playbooks(set, memory);
}
