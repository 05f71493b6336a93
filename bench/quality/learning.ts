/**
 * `npm run bench:learning [-- FOLDER] [--quick] [--write] [--order=SEED]`: what learning is worth, on
 * every set of runs: next step beside n-grams, write tools, outcome, calibration, warnings, foreign
 * questions, routing, and how it grows with what is learned. Answered by the deployed code, in this
 * process. A difference comes with its 95 % interval (paired bootstrap, whole tasks resampled).
 *
 * @module
 */

import { ABLATIONS } from "../../src/memory/ablations.ts";
import { mean } from "./bootstrap.ts";
import { wayOutCurve } from "./coding/ways-out.ts";
import { retrievalSets } from "./data.ts";
import { Memory } from "./memory.ts";
import { inOrder } from "./order.ts";
import { printTable, QUICK, writeFigure } from "./report.ts";
import { ACTION_LEVELS, type ActionLevel } from "./runs/action.ts";
import { curveRows, nextStepCurve, stagesOf, type Curve } from "./runs/curve.ts";
import { curvesSvg } from "./runs/curve-svg.ts";
import { FOREIGN, foreignRow, GIBBERISH, type TasksByDomain } from "./runs/foreign.ts";
import {
  accuracyOf,
  askSteps,
  calibrationOf,
  counting,
  nextStepRow,
  successesWithin,
  type AskedStep,
} from "./runs/next-step.ts";
import { finalAuc, outcomeRows } from "./runs/outcome.ts";
import { routing } from "./runs/routing.ts";
import { writeToolF1, writeToolRows } from "./runs/write-tools.ts";
import { codingSessions } from "./sets/coding.ts";
import { RUN_SETS } from "./sets/index.ts";
import { metaTool } from "./sets/metatool.ts";
import { lineOf, type RunSet } from "./sets/run-set.ts";

type Rows = (string | number)[][];

/** Steps of a set that are asked about, and of each point of its learning curve. */
const STEPS = QUICK ? 60 : 500;
const CURVE_STEPS = QUICK ? 20 : 200;
/** Episodes that are learned of a set, and past queries of a routing set. */
const LEARNED = QUICK ? 150 : Number.POSITIVE_INFINITY;
const ROUTED = QUICK ? { learned: 1_000, asked: 50 } : { learned: 18_600, asked: 300 };
/** The set that everything is asked of even in a hurry: its figures are the ones to keep. */
const WHOLE = "tau_retail";
const FINEST = ACTION_LEVELS.at(-1) as ActionLevel;

const tables = {
  next: [] as Rows,
  calibration: [] as Rows,
  avoid: [] as Rows,
  writes: [] as Rows,
  outcome: [] as Rows,
  parts: [] as Rows,
  foreign: [] as Rows,
};
const curves: Curve[] = [];

const coding = codingSessions();
const sets = RUN_SETS.map((read) => read()).map((set) =>
  set.name === WHOLE ? set : { ...set, learned: set.learned.slice(0, LEARNED) },
);
const tasks: TasksByDomain = new Map([
  ...sets.map(({ name, asked }) => [name, asked.map(({ task }) => task)] as const),
  ...retrievalSets()
    .filter(({ name }) => name.startsWith("scifact"))
    .map(({ name, queries }) => [name, queries.map(({ text }) => text)] as const),
]);

for (const set of sets) await measure(set);
const routed = await routing(new Memory(), metaTool(), ROUTED);
curves.push(routed.curve);
print();

/** All figures of a set, into the tables. */
async function measure(set: RunSet): Promise<void> {
  const started = performance.now();
  const memory = new Memory();
  await memory.learn(set.name, inOrder(set.learned, ({ task_id }) => task_id).map(lineOf));
  await measureSteps(memory, set);
  tables.writes.push(...(await writeToolRows(memory, set)));
  if (set.hasOutcome) tables.outcome.push(...(await outcomeRows(memory, set)));
  const held = set.asked.map(({ task }) => task);
  tables.foreign.push(await foreignRow(memory, set.name, tasks, held));
  if (!QUICK && set.name === WHOLE) await leaveOutEach(memory, set);
  if (set.name === coding.name)
    curves.push(await wayOutCurve(new Memory(), coding, stagesOf(coding.learned.length)));
  curves.push(await nextStepCurve(new Memory(), set, { level: FINEST, steps: CURVE_STEPS }));
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.error(`${set.name}: ${seconds} s`);
}

async function measureSteps(memory: Memory, set: RunSet): Promise<void> {
  const { name, learned, asked } = set;
  const runs = successesWithin(asked, name === WHOLE ? Number.POSITIVE_INFINITY : STEPS);
  const levels = ACTION_LEVELS;
  const all = await askSteps(memory, name, { runs, told: "everything", levels });
  const bare = await askSteps(memory, name, { runs, told: "results", levels });
  for (const level of levels) {
    tables.next.push(nextStepRow(name, { learned, all, bare, level }));
    const [told, untold] = [calibrationOf(all, level), calibrationOf(bare, level)];
    tables.calibration.push([
      `${name}: ${level.name}`,
      String(told.count),
      told.error,
      untold.error,
    ]);
  }
  const share = (isSo: (step: AskedStep) => boolean, steps: readonly AskedStep[]): number =>
    mean(steps.map((step) => Number(isSo(step))));
  tables.avoid.push([
    name,
    String(all.length),
    share(({ isAvoided }) => isAvoided, all),
    share(({ isAvoided }) => isAvoided, bare),
    share(({ avoidsItself }) => avoidsItself, all),
  ]);
}

/** What each part of advice is worth. */
async function leaveOutEach(memory: Memory, set: RunSet): Promise<void> {
  const [level] = ACTION_LEVELS;
  if (!level) return;
  const runs = successesWithin(set.asked, Number.POSITIVE_INFINITY);
  const figures = async (): Promise<number[]> => {
    const steps = { runs, told: "everything", levels: [level] } as const;
    const asked = await askSteps(memory, set.name, steps);
    const { accuracy } = accuracyOf(asked, counting(set.learned, asked, level).best, level);
    return [accuracy, await writeToolF1(memory, set), await finalAuc(memory, set)];
  };
  tables.parts.push(["all parts", ...(await figures())]);
  for (const part of ABLATIONS.filter((name) => name.startsWith("advise_"))) {
    memory.leaveOut([part]);
    tables.parts.push([`without ${part}`, ...(await figures())]);
  }
  memory.leaveOut([]);
}

function print(): void {
  const told = ["told everything", "beside the best n-gram"];
  const bare = ["tool and result alone", "beside the best n-gram"];
  const equal = ["best n-gram of tools alone", "beside it"];
  printTable(
    "next-tool",
    "Next step of held-back successful runs, accuracy",
    ["set", "steps", "random", "most frequent", "best n-gram", ...told, ...bare, ...equal],
    tables.next,
  );
  printTable(
    "calibration",
    "How far what next_tools says is from how often it comes true",
    ["set", "probabilities", "ECE, told everything", "ECE, tool and result alone"],
    tables.calibration,
  );
  printTable(
    "avoid",
    "Correct steps of held-back successful runs that advice warns of",
    ["set", "steps", "on the list", "tool and result alone", "its own first guess on its list"],
    tables.avoid,
  );
  printTable(
    "write-tools",
    "Write tools of held-back tasks",
    ["set (tasks)", "F1 (all together)", "F1 (mean of tasks)", "beside the nearest"],
    tables.writes,
  );
  printTable(
    "outcome",
    "Outcome of held-back runs, asked on the way",
    ["", "runs", "Brier of the base rate", "Brier", "difference", "AUC", "AUC of naive Bayes"],
    tables.outcome,
  );
  const answered = ["by recall", "by advice"];
  printTable(
    "foreign",
    `Questions that get an answer: ${FOREIGN} of other domains, ${GIBBERISH} of gibberish, its own`,
    [
      "memory of",
      ...answered.map((by) => `foreign, ${by}`),
      ...answered.map((by) => `gibberish, ${by}`),
      ...answered.map((by) => `own tasks, ${by}`),
    ],
    tables.foreign,
  );
  printTable(
    "routing",
    "Which of many tools serves a query",
    ["", "queries", "plain FTS5", "memory", "difference"],
    routed.rows,
  );
  printTable(
    "curves",
    "Figure by number of episodes learned",
    ["set", "episodes", "memory", "baseline", "its figure"],
    curveRows(curves),
  );
  writeFigure("learning-curves.svg", curvesSvg(curves));
  if (QUICK) return;
  const heads = ["parts", "next tool", "write tools F1", "outcome AUC"];
  printTable("advise-parts", `${WHOLE}: what each part of advice is worth`, heads, tables.parts);
}
