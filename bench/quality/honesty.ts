/**
 * `npm run bench:honesty [-- FOLDER] [--quick]`: whether what the memory says is true. Its
 * probabilities beside what happened, its warnings beside what became of those who did not heed
 * them, and what it says of what it knows nothing of. In this process, without the service.
 *
 * @module
 */

import {
  askAll,
  brier,
  calibrationError,
  nextTools,
  outcomesAt,
  SHARES,
  warnings,
} from "./honesty/asked.ts";
import { Memory, type Told } from "./honesty/memory.ts";
import { foreignTo, GIBBERISH, runsOf, spread, tasksOf, type Tasks } from "./honesty/questions.ts";
import { mostFrequent, ngram } from "./baselines.ts";
import { auc } from "./measures.ts";
import { printTable, QUICK } from "./report.ts";
import type { TauEpisode } from "./tau.ts";

const folder =
  process.argv.slice(2).find((argument) => !argument.startsWith("--")) ??
  process.env["MEMORY_BENCH_DATA"] ??
  "test/fixtures";
/** Share of the tasks, lowest numbers first, that is learned from. */
const LEARNED = 0.7;
const FOREIGN = 85;
/** Tasks of its own domain that a memory is asked, and episodes of a domain that it learns. */
const OWN = 60;
const LEARNED_MAX = 600;

interface Split {
  learned: readonly TauEpisode[];
  asked: readonly TauEpisode[];
}

function split(runs: readonly TauEpisode[]): Split {
  const tasks = [...new Set(runs.map((run) => run.task_id))].sort((a, b) => a - b);
  const border = tasks[Math.floor(LEARNED * tasks.length)] ?? Number.POSITIVE_INFINITY;
  return {
    learned: runs.filter((run) => run.task_id < border),
    asked: runs.filter((run) => run.task_id >= border),
  };
}

function learnedFrom(runs: readonly TauEpisode[], ageDays?: number): Memory {
  const memory = new Memory(ageDays);
  for (const run of runs) memory.learn(run);
  return memory;
}

async function sayings({ learned, asked }: Split): Promise<void> {
  const memory = learnedFrom(learned);
  const baseRate = learned.filter((run) => run.outcome.success === true).length / learned.length;
  const rows: (string | number)[][] = [];
  const briers: (string | number)[][] = [];
  for (const told of ["everything", "tool and result"] as const satisfies readonly Told[]) {
    const advised = await askAll(memory, asked, told);
    const { accuracy, said } = nextTools(advised);
    const { correctWarned, contradictions, taken, takenGood, others, othersGood } =
      warnings(advised);
    const [ended] = [outcomesAt(advised, 1, baseRate)];
    const score = auc(
      ended.map(({ probability, isTrue }) => ({ score: probability, good: isTrue })),
    );
    rows.push([
      told,
      accuracy,
      calibrationError(said),
      score,
      correctWarned,
      contradictions,
      `${takenGood} of ${taken}`,
      `${othersGood} of ${others}`,
    ]);
    const of = (share: number): number => brier(outcomesAt(advised, share, baseRate));
    briers.push([told, ...SHARES.map(of)]);
  }
  const constant = asked.map((run) => ({
    probability: baseRate,
    isTrue: run.outcome.success === true,
  }));
  briers.push(["the base rate", ...SHARES.map(() => brier(constant))]);

  const heads = ["told", "next tool", "ECE", "AUC at the end", "correct steps warned of"];
  const more = ["first proposal warned of", "succeeded of those warned", "of the others"];
  printTable("honesty", "What is said, and what happened", [...heads, ...more], rows);
  const shares = SHARES.map((share) => `${100 * share} %`);
  printTable(
    "honesty-brier",
    "Brier score of the outcome after a share of the run",
    ["told", ...shares],
    briers,
  );
}

function counting({ learned, asked }: Split): void {
  const good = learned.filter((run) => run.outcome.success === true);
  const steps = asked
    .filter((run) => run.outcome.success === true)
    .flatMap(({ steps: own }) =>
      own.map((step, at) => ({
        before: own.slice(0, at).map(({ tool }) => tool),
        tool: step.tool,
      })),
    );
  const accuracy = (guess: (before: readonly string[]) => string | undefined): number =>
    steps.filter(({ before, tool }) => guess(before) === tool).length / steps.length;
  const counts = new Map<string, number>();
  for (const run of good)
    for (const { tool } of run.steps) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  printTable(
    "honesty-counting",
    "Counting alone",
    ["", "next tool"],
    [
      ["most frequent tool", accuracy(() => mostFrequent(counts))],
      ...[2, 3, 4].map((n) => [`${n}-gram with back-off`, accuracy(ngram(good, n))]),
    ],
  );
}

/** A memory of one domain is asked about the others, and about its own tasks but for those it learned. */
async function floors(tasks: Tasks): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const [domain, own] of tasks) {
    const [asked, learned] = [spread(own, OWN), spread(own, LEARNED_MAX)];
    const memory = new Memory();
    for (const [i, task] of learned.entries())
      if (!asked.includes(task)) memory.learn(lookedUp(`${i}`, task, domain));
    const answered = async (questions: readonly string[]): Promise<string> => {
      const answers = { recall: 0, advice: 0 };
      for (const task of questions) {
        const { episodes } = await memory.recall(task);
        const { expected_tools, outlook } = await memory.advise(lookedUp("asked", task, domain), 0);
        if (episodes.length > 0) answers.recall += 1;
        if (expected_tools.length > 0 || outlook) answers.advice += 1;
      }
      return `${answers.recall}, ${answers.advice} of ${questions.length}`;
    };
    rows.push([
      domain,
      await answered(foreignTo(domain, tasks, FOREIGN)),
      await answered(GIBBERISH),
      await answered(asked),
    ]);
  }
  const heads = ["memory of", "foreign questions", "gibberish", "its own tasks, not learned"];
  printTable("honesty-floor", "Questions that recall and advice answer", heads, rows);
}

/** A run of one step. */
function lookedUp(id: string, task: string, domain: string): TauEpisode {
  const step = { n: 1, tool: `look_up_${domain}`, args: {}, thought: null, result: "", ok: true };
  return {
    id: `run-${id}`,
    domain: "",
    agent_variant: "a",
    task_id: 0,
    trial: 0,
    task,
    steps: [step],
    outcome: { success: true, reward: 1 },
  };
}

/** What history that is nearly a year old still teaches. */
async function history({ learned, asked }: Split): Promise<void> {
  const rows: (string | number)[][] = [];
  const tasks = spread([...new Set(asked.map(({ task }) => task))], 25);
  for (const days of [1, 329, 3 * 365]) {
    const memory = learnedFrom(learned, days);
    let [withPatterns, patterns] = [0, 0];
    for (const task of tasks) {
      const view = await memory.recall(task);
      const shown = view.patterns.length + view.heuristics.length;
      patterns += shown;
      if (shown > 0) withPatterns += 1;
    }
    rows.push([`${days} days`, `${withPatterns} of ${tasks.length}`, patterns / tasks.length]);
  }
  printTable(
    "honesty-history",
    "Recalls with a pattern, by the age of all that was learned",
    ["age", "with a pattern", "patterns a recall"],
    rows,
  );
}

const runs = runsOf(folder, "tau_retail_episodes.jsonl");
if (runs.length === 0) console.info(`No runs in ${folder}: the tables of runs are left out.`);
else {
  const parts = split(runs);
  counting(parts);
  await sayings(parts);
  if (!QUICK) await history(parts);
}
const tasks = tasksOf(folder);
if (!QUICK && tasks.size > 1) await floors(tasks);
