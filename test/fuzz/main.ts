/**
 * `npm run test:fuzz -- --inputs N --seed S [--minutes M] [--target NAME] [--only INPUT]`:
 * fuzzes every parser, or one, and prints a line for each. With minutes each has the same time. Ends with 1 where an input was not borne, or does not end.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { fuzz, type FuzzResult } from "./fuzz.ts";
import { TARGETS } from "./targets/index.ts";

/** An input that has used so much of a core does not end, ms; nor one that waits so long. */
const HANG_MS = 20_000;
const WAIT_MS = 180_000;
const LOOK_MS = 1_000;

interface Asked {
  inputs: number;
  seed: number;
  seconds: number | null;
  only: number | null;
  target: string;
}

/** Which input is under way, for the thread that watches: the target, and the input's number. */
interface Told extends Asked {
  at: SharedArrayBuffer;
}

async function work({ at, target, ...plan }: Told): Promise<FuzzResult> {
  const now = new Int32Array(at);
  const targets = TARGETS.filter(({ name }) => target === "" || name === target);
  const begin = (name: string, input: number): void => {
    Atomics.store(
      now,
      0,
      TARGETS.findIndex((one) => one.name === name),
    );
    Atomics.store(now, 1, input);
    Atomics.add(now, 2, 1);
  };
  return fuzz({ ...plan, targets, begin });
}

/** Throws where an input does not end. */
async function watched(asked: Asked): Promise<FuzzResult> {
  const at = new SharedArrayBuffer(12);
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { ...asked, at } });
  const now = new Int32Array(at);
  const used = (): number => process.cpuUsage().user / 1_000;
  let seen = { count: -1, since: Date.now(), used: used() };
  const timer = setInterval(() => {
    const count = Atomics.load(now, 2);
    if (count !== seen.count) seen = { count, since: Date.now(), used: used() };
    else if (used() - seen.used > HANG_MS || Date.now() - seen.since > WAIT_MS) {
      const name = TARGETS[Atomics.load(now, 0)]?.name ?? "?";
      console.error(`${name}: input ${Atomics.load(now, 1)} does not end (seed ${asked.seed})`);
      process.exit(1);
    }
  }, LOOK_MS);
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  } finally {
    clearInterval(timer);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      target: { type: "string", default: "" },
      only: { type: "string" },
      minutes: { type: "string" },
    },
  });
  const { inputs, seed, target, only, minutes } = values;
  const startedAt = Date.now();
  const { targets, findings } = await watched({
    inputs: minutes === undefined ? Number(inputs) : Number.MAX_SAFE_INTEGER,
    seconds: minutes === undefined ? null : 60 * Number(minutes),
    seed: Number(seed),
    target,
    only: only === undefined ? null : Number(only),
  });
  for (const one of targets) {
    const slowest = `slowest ${one.slowest_ms.toFixed(1)} of ${one.allowed_ms.toFixed(0)} ms`;
    console.log(`${one.name.padEnd(28)} ${String(one.inputs).padStart(9)} inputs, ${slowest}`);
  }
  const all = targets.reduce((sum, one) => sum + one.inputs, 0);
  const seconds = ((Date.now() - startedAt) / 1_000).toFixed(0);
  console.log(`${all} inputs in ${seconds} s, ${findings.length} not borne; seed ${seed}`);
  for (const { target: name, input, problem, shown } of findings) {
    console.log(`\n${name}: ${problem}\n  ${shown}`);
    console.log(`  npm run test:fuzz -- --target "${name}" --seed ${seed} --only ${input}`);
  }
  if (findings.length > 0) process.exitCode = 1;
}

if (isMainThread) await main();
else parentPort?.postMessage(await work(workerData as Told));
