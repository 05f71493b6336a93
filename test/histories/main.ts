/**
 * `npm run test:histories [-- --seed N] [--runs N | --hours H | --seconds S] [--clients N]
 * [--operations N] [--workers N] [--jump SHARE] [--calm] [--first] [--keep FOLDER]`: many histories of clients at once under faults, each from its own
 * seed, and each held against what is promised. `-- --replay FILE` judges a kept one again. Ends
 * with 1 when a promise was broken; the history is kept then, and its smallest failing part printed.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { availableParallelism } from "node:os";
import { parseArgs, promisify } from "node:util";
import { check, checkEnd, isTelling, modelOf } from "./checks/check.ts";
import { lineOf, type History, type Operation, type Violation } from "./history.ts";
import { linearizability } from "./checks/linearizability.ts";
import { CALM, DEFAULTS, makeHistory, ROUGH } from "./run.ts";
import { shrink } from "./checks/shrink.ts";
import { RESET } from "../support/mortal-instances.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    runs: { type: "string" },
    hours: { type: "string" },
    seconds: { type: "string" },
    clients: { type: "string", default: String(DEFAULTS.clients) },
    operations: { type: "string", default: String(DEFAULTS.operations) },
    /** Histories that are made at once. */
    workers: { type: "string", default: String(availableParallelism()) },
    /** How often a clock jumps: 0.0005 is about once in a history. */
    jump: { type: "string", default: "0" },
    calm: { type: "boolean", default: false },
    keep: { type: "string", default: "histories" },
    replay: { type: "string" },
    /** Judges this seed alone, and prints what is found as JSON. */
    only: { type: "string" },
    /** Ends with the first history that breaks a promise. */
    first: { type: "boolean", default: false },
  },
});

const begun = Date.now();
/** A history that takes longer does not end. */
const HISTORY_MS_MAX = 120_000;
/** A good part of a history would be reading the same code again. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, "../../node_modules/.cache/node");
/** After so many it is said how far it is. */
const TOLD_EVERY = 50;

/** A kept history: what each lesson said when it began, too. */
interface Kept {
  history: History;
  lessons: [string, string][];
}

// What an object does after its death, by a timer that it had set, the platform would not run.
process.on("uncaughtException", (error) => {
  if (error.message === RESET) return;
  console.error(error);
  process.exit(2);
});
if (values.replay !== undefined) process.exitCode = replay(values.replay);
else if (values.only !== undefined) process.exit(await only(Number(values.only)));
else process.exitCode = await search();

function replay(file: string): number {
  const { history, lessons } = JSON.parse(readFileSync(file, "utf8"), revived) as Kept;
  const { violations } = check(history, new Map(lessons));
  report(violations, new Map(lessons));
  console.log(`${history.operations.length} operations, ${violations.length} promises broken`);
  return violations.length > 0 ? 1 : 0;
}

/** What one seed came to. */
interface Found {
  operations: number;
  unknown: number;
  faults: number;
  undecided: number;
  violations: number;
  /** What is to be said about it. */
  lines: string[];
}

/** One history in this process. */
async function judge(seed: number): Promise<Found> {
  const made = await makeHistory(seed, {
    ...DEFAULTS,
    clients: Number(values.clients),
    operations: Number(values.operations),
    instances: 1 + (seed % 4),
    faults: values.calm ? CALM : { ...ROUGH, jump: Number(values.jump) },
  });
  const { history, things } = made;
  const lessons = new Map([...things.lessons].map(([name, { text }]) => [name, text]));
  const { violations, undecided } = check(history, lessons);
  violations.push(...checkEnd(made));
  const lines: string[] = [];
  if (violations.length > 0) {
    const file = keep(history, lessons);
    lines.push(`seed ${seed}: ${violations.length} promises broken. Judge it again:`);
    lines.push(`  npm run test:histories -- --replay ${file}`);
    report(violations, lessons, (line) => lines.push(line));
  }
  return {
    operations: history.operations.length,
    unknown: history.operations.filter(({ outcome }) => outcome.type === "unknown").length,
    faults: history.faults.length,
    undecided: undecided.length,
    violations: violations.length,
    lines,
  };
}

/** One history in a process of its own, so that none is in the way of the next. */
async function judgeApart(seed: number): Promise<Found> {
  const args = [...process.execArgv, ...process.argv.slice(1), "--only", String(seed)];
  const env = { NODE_COMPILE_CACHE, ...process.env };
  const options = { timeout: HISTORY_MS_MAX, maxBuffer: 64 * 1024 * 1024, env };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    return JSON.parse(stdout) as Found;
  } catch (error) {
    const lines = [`seed ${seed} did not end: ${String(error).slice(0, 2_000)}`];
    return { operations: 0, unknown: 0, faults: 0, undecided: 0, violations: 1, lines };
  }
}

async function search(): Promise<number> {
  const first = Number(values.seed);
  const sum = { histories: 0, operations: 0, unknown: 0, faults: 0, undecided: 0, violations: 0 };
  const sumLine = (): string =>
    `${sum.histories} histories from seed ${first}: ${sum.operations} operations, ${sum.unknown} ` +
    `of them never answered, ${sum.faults} faults, ${sum.undecided} objects not decided, ` +
    `${sum.violations} promises broken`;
  let next = first;
  const isDone = (): boolean => isOver(next - first) || (values.first && sum.violations > 0);
  const work = async (): Promise<void> => {
    while (!isDone()) {
      const found = await judgeApart(next++);
      sum.histories += 1;
      for (const name of ["operations", "unknown", "faults", "undecided", "violations"] as const)
        sum[name] += found[name];
      for (const line of found.lines) console.log(line);
      if (sum.histories % TOLD_EVERY === 0) console.log(`so far ${sumLine()}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  console.log(sumLine());
  return sum.violations > 0 || sum.undecided > 0 ? 1 : 0;
}

async function only(seed: number): Promise<number> {
  const say = silence();
  say(JSON.stringify(await judge(seed)));
  return 0;
}

/** What the service logs would hide what is found. */
function silence(): (line: string) => void {
  const say = console.log.bind(console);
  for (const level of ["log", "warn", "error", "info", "debug"] as const)
    console[level] = () => undefined;
  return say;
}

function isOver(runs: number): boolean {
  if (values.runs !== undefined) return runs >= Number(values.runs);
  const hours = values.hours === undefined ? 0 : Number(values.hours);
  const seconds = Number(values.seconds ?? 0) + hours * 3_600;
  return Date.now() - begun >= (seconds === 0 ? 60 : seconds) * 1_000;
}

function keep(history: History, lessons: ReadonlyMap<string, string>): string {
  mkdirSync(values.keep, { recursive: true });
  const file = join(values.keep, `seed-${history.seed}.json`);
  const kept: Kept = { history, lessons: [...lessons] };
  writeFileSync(file, JSON.stringify(kept, replaced, 1));
  return file;
}

function report(
  violations: readonly Violation[],
  lessons: ReadonlyMap<string, string>,
  say: (line: string) => void = console.log,
): void {
  for (const { object, promise, operations } of violations) {
    say(`  ${object}: broken is that ${promise}`);
    for (const operation of smallest(object, promise, operations, lessons))
      say(`    ${lineOf(operation)}`);
  }
}

function smallest(
  object: string,
  promise: string,
  operations: readonly Operation[],
  lessons: ReadonlyMap<string, string>,
): readonly Operation[] {
  const model = modelOf(object, lessons);
  if (!model || promise !== "it is linearizable") return operations;
  return shrink(
    operations,
    (some) => linearizability(model, some.filter(isTelling)) === "not linearizable",
  );
}

/** JSON has no infinity. */
function replaced(_name: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? "never" : value;
}

function revived(_name: string, value: unknown): unknown {
  return value === "never" ? Number.POSITIVE_INFINITY : value;
}
