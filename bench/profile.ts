/**
 * `npm run bench:profile -- OPERATION [COUNT] [STORED]`: where the service's CPU time goes in one
 * operation (start, step, get, complete, recall, advise, or an episode of an import), by V8's own
 * sampling profiler, over an instance that holds so many episodes. `rebuild` profiles an instance
 * whose storage is gone, while it reads so many episodes again.
 *
 * @module
 */

import { SourceMap, type SourceMapPayload } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import type { RecallView } from "../src/contract/recall/answers.ts";
import { connect, type Inspector } from "./support/inspector.ts";
import {
  adviceOf,
  lineOf,
  outcomeOf,
  sentenceOf,
  stepOf,
  stepsOf,
  taskOf,
} from "./support/episodes.ts";
import { reach } from "./support/client.ts";
import { World } from "./support/world.ts";

/** Functions that are printed. */
const FUNCTIONS_SHOWN = 70;
const IMPORTED_AT_ONCE = 500;
const WARM_UP = 200;
/** Between two questions whether an instance is whole again, ms. */
const POLL_MS = 100;
/** Episodes that are asked for are not stored. */
const UNSEEN = 20_000_000;

interface Frame {
  functionName: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

interface Profile {
  nodes: { id: number; callFrame: Frame; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

interface Spent {
  self: number;
  total: number;
}

/** Microseconds in each function alone, and with what it called. */
function spent(map: SourceMap, { nodes, samples, timeDeltas }: Profile): Map<string, Spent> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parent = new Map(
    nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
  );
  const name = (id: number): string => {
    const frame = byId.get(id)?.callFrame;
    if (!frame || frame.lineNumber < 0 || !frame.url.endsWith("worker.js"))
      return frame?.functionName ?? "";
    const from = map.findEntry(frame.lineNumber, frame.columnNumber);
    if (!("originalSource" in from)) return frame.functionName;
    const { name: original = frame.functionName } = from as { name?: string };
    const file = from.originalSource.replace(/^(?:\.\.\/)+/, "").replace(/^.*node_modules\//, "");
    return `${original} ${file}:${from.originalLine + 1}`;
  };
  // What the runtime does for a function, and the way to its SQLite, count as the function's own.
  const callerOf = (id: number): number => {
    for (let at: number | undefined = id; at !== undefined; at = parent.get(at)) {
      if (
        byId.get(at)?.callFrame.url.endsWith("worker.js") &&
        !/\/(local-storage|storage\/sql)\.ts/.test(name(at))
      )
        return at;
    }
    return id;
  };
  const times = new Map<string, Spent>();
  const of = (key: string): Spent => {
    const time = times.get(key) ?? { self: 0, total: 0 };
    times.set(key, time);
    return time;
  };
  for (const [i, sample] of samples.entries()) {
    const delta = timeDeltas[i] ?? 0;
    of(name(callerOf(sample))).self += delta;
    const seen = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = parent.get(id))
      seen.add(name(id));
    for (const key of seen) of(key).total += delta;
  }
  return times;
}

/** Imports the episodes from one number up to another. */
async function imported(world: World, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += IMPORTED_AT_ONCE) {
    const count = Math.min(IMPORTED_AT_ONCE, to - n);
    const lines = Array.from({ length: count }, (_, i) => JSON.stringify(lineOf(n + i)));
    await reach("POST", `${world.runtime.urls.service}/v1/import`, {
      key: world.key,
      body: lines.join("\n"),
      type: "application/x-ndjson",
    });
  }
}

/** Resolves when recalls are made from all episodes. */
async function whole(world: World): Promise<void> {
  for (;;) {
    const body = { task: sentenceOf(UNSEEN) };
    const { completeness } = await world.ask<RecallView>("POST", "/v1/recall", body);
    if (completeness === 1) return;
    await sleep(POLL_MS);
  }
}

/** What is profiled, once everything that it needs is there. */
type Work = () => Promise<unknown>;

/** One request after the other, the first ones before it is measured. */
async function requests(world: World, operation: string, count: number): Promise<Work> {
  const ids: string[] = [];
  const needed = operation === "complete" ? count + WARM_UP : 100;
  for (let n = 0; n < needed; n++) {
    const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: taskOf(n) });
    if (operation !== "step")
      await world.ask("POST", `/v1/episodes/${id}/steps`, { steps: stepsOf(n) });
    ids.push(id);
  }
  const operations: Record<string, (n: number) => Promise<unknown>> = {
    start: (n) => world.ask("POST", "/v1/episodes", { task: taskOf(n) }),
    step: (n) =>
      world.ask("POST", `/v1/episodes/${ids[n % 100]}/steps`, stepOf(1 + Math.floor(n / 100))),
    get: (n) => world.ask("GET", `/v1/episodes/${ids[n % 100]}`),
    complete: (n) =>
      world.ask("POST", `/v1/episodes/${ids[n]}/complete`, { outcome: outcomeOf(n) }),
    recall: (n) => world.ask("POST", "/v1/recall", { task: sentenceOf(n) }),
    advise: (n) => world.ask("POST", "/v1/advise", adviceOf(n)),
  };
  const run = operations[operation];
  const names = [...Object.keys(operations), "import", "rebuild"];
  if (!run) throw new Error(`${operation} is none of ${names.join(", ")}`);
  for (let n = 0; n < WARM_UP; n++) await run(n);
  return async () => {
    for (let n = 0; n < count; n++) await run(WARM_UP + n);
  };
}

async function prepared(world: World, operation: string, count: number): Promise<Work> {
  if (operation === "import") {
    const from = UNSEEN + IMPORTED_AT_ONCE;
    await imported(world, UNSEEN, from);
    return () => imported(world, from, from + count).then(() => world.drained());
  }
  if (operation !== "rebuild") return requests(world, operation, count);
  await world.flushed();
  await world.runtime.restartWithoutInstances();
  return () => whole(world);
}

const [operation = "get", times = "2000", given = "0"] = process.argv.slice(2);
const count = Number(times);
const stored = operation === "rebuild" ? count : Number(given);
const world = await World.start({}, { inspector: true });
try {
  await imported(world, 0, stored);
  const work = await prepared(world, operation, count);
  if (operation !== "rebuild") await world.drained();
  const inspector: Inspector = await connect(world.runtime.inspector, "service");
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: 100 });
  await inspector.send("Profiler.start");
  const [cpu, begun] = [world.cpuMs(), performance.now()];
  await work();
  const ms = performance.now() - begun;
  const { profile } = await inspector.send<{ profile: Profile }>("Profiler.stop");
  const [cpuEach, each] = [(world.cpuMs() - cpu) / count, ms / count];
  console.log(
    `${operation}: ${cpuEach.toFixed(2)} ms of CPU each, in ${each.toFixed(2)} ms, profiler included`,
  );
  const per = (microseconds: number): string => (microseconds / count).toFixed(1).padStart(9);
  const times = [...spent(new SourceMap(world.runtime.sourceMap() as SourceMapPayload), profile)];
  for (const by of ["self", "total"] as const) {
    console.log(`\nself, µs each  total, µs each  function, by ${by}`);
    for (const [name, { self, total }] of times
      .toSorted(([, one], [, other]) => other[by] - one[by])
      .slice(0, FUNCTIONS_SHOWN))
      console.log(`${per(self)}     ${per(total)}       ${name}`);
  }
  inspector.close();
} finally {
  await world.remove();
}
