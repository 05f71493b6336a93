/**
 * `npm run test:histories [-- --seed N] [--runs N | --hours H | --seconds S] [--clients N]
 * [--calm] [--keep FOLDER]`: many histories of clients at once under faults, each from its own
 * seed, and each held against what is promised. `-- --replay FILE` judges a kept one again. Ends
 * with 1 when a promise was broken; the history is kept then, and its smallest failing part printed.
 *
 * @module
 */

import { mock } from "node:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { check, checkStored, isTelling, modelOf } from "./check.ts";
import { lineOf, type History, type Operation, type Violation } from "./history.ts";
import { linearizability } from "./linearizability.ts";
import { CALM, DEFAULTS, makeHistory, ROUGH, type HistoryOptions } from "./run.ts";
import { shrink } from "./shrink.ts";
import { RESET } from "../support/mortal-instances.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    runs: { type: "string" },
    hours: { type: "string" },
    seconds: { type: "string" },
    clients: { type: "string", default: String(DEFAULTS.clients) },
    operations: { type: "string", default: String(DEFAULTS.operations) },
    calm: { type: "boolean", default: false },
    keep: { type: "string", default: "histories" },
    replay: { type: "string" },
  },
});

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
// Timers go by the clock of the history.
mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
process.exit(values.replay === undefined ? await search() : replay(values.replay));

function replay(file: string): number {
  const { history, lessons } = JSON.parse(readFileSync(file, "utf8"), revived) as Kept;
  const { violations } = check(history, new Map(lessons));
  report(violations, new Map(lessons));
  console.log(`${history.operations.length} operations, ${violations.length} promises broken`);
  return violations.length > 0 ? 1 : 0;
}

async function search(): Promise<number> {
  const first = Number(values.seed);
  const options: HistoryOptions = {
    ...DEFAULTS,
    clients: Number(values.clients),
    operations: Number(values.operations),
    faults: values.calm ? CALM : ROUGH,
  };
  const sum = { histories: 0, operations: 0, faults: 0, unknown: 0, undecided: 0, violations: 0 };
  const say = silence();
  for (let seed = first; !isOver(seed - first); seed++) {
    const made = await makeHistory(seed, { ...options, instances: 1 + (seed % 4) });
    const { history, things } = made;
    const lessons = new Map([...things.lessons].map(([name, { text }]) => [name, text]));
    const { violations, undecided } = check(history, lessons);
    violations.push(...checkStored(made));
    sum.histories += 1;
    sum.operations += history.operations.length;
    sum.faults += history.faults.length;
    sum.unknown += history.operations.filter(({ outcome }) => outcome.type === "unknown").length;
    sum.undecided += undecided.length;
    sum.violations += violations.length;
    if (violations.length === 0) continue;
    const file = keep(history, lessons);
    say(`seed ${seed}: ${violations.length} promises broken. Judge it again:`);
    say(`  npm run test:histories -- --replay ${file}`);
    report(violations, lessons, say);
  }
  say(
    `${sum.histories} histories from seed ${first}: ${sum.operations} operations, ${sum.unknown} ` +
      `of them never answered, ${sum.faults} faults, ${sum.undecided} objects not decided, ` +
      `${sum.violations} promises broken`,
  );
  return sum.violations > 0 || sum.undecided > 0 ? 1 : 0;
}

/** What the service logs would hide what is found. */
function silence(): (line: string) => void {
  const say = console.log.bind(console);
  for (const level of ["log", "warn", "error", "info", "debug"] as const)
    console[level] = () => undefined;
  return say;
}

const begun = Date.now();
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
