/**
 * `npm run bench:profile -- OPERATION [COUNT] [STORED]`: where the service's CPU time goes in one
 * operation (start, step, get, complete, recall, advise), by V8's own sampling profiler, over an
 * instance that holds so many episodes.
 *
 * @module
 */

import { SourceMap, type SourceMapPayload } from "node:module";
import { connect, type Inspector } from "./support/inspector.ts";
import { lineOf, outcomeOf, sentenceOf, stepOf, stepsOf, taskOf } from "./support/episodes.ts";
import { send } from "./support/client.ts";
import { World } from "./support/world.ts";

/** Functions that are printed. */
const FUNCTIONS_SHOWN = 40;
const IMPORTED_AT_ONCE = 500;
const WARM_UP = 200;

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

const [operation = "get", count = "2000", stored = "0"] = process.argv.slice(2);
const world = await World.start({}, { inspector: true });
try {
  for (let from = 0; from < Number(stored); from += IMPORTED_AT_ONCE) {
    const lines = Array.from(
      { length: Math.min(IMPORTED_AT_ONCE, Number(stored) - from) },
      (_, i) => JSON.stringify(lineOf(from + i)),
    ).join("\n");
    await send("POST", `${world.runtime.urls.service}/v1/import`, {
      key: world.key,
      body: lines,
      type: "application/x-ndjson",
    });
  }
  const ids: string[] = [];
  const needed = operation === "complete" ? Number(count) + WARM_UP : 100;
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
    advise: (n) => world.ask("POST", "/v1/advise", { task: sentenceOf(n), recent_steps: [] }),
  };
  const run = operations[operation];
  if (!run) throw new Error(`${operation} is none of ${Object.keys(operations).join(", ")}`);
  for (let n = 0; n < WARM_UP; n++) await run(n);
  await world.drained();
  const inspector: Inspector = await connect(world.runtime.inspector, "service");
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: 100 });
  await inspector.send("Profiler.start");
  const cpu = world.cpuMs();
  for (let n = 0; n < Number(count); n++) await run(WARM_UP + n);
  const { profile } = await inspector.send<{ profile: Profile }>("Profiler.stop");
  console.log(
    `${operation}: ${((world.cpuMs() - cpu) / Number(count)).toFixed(2)} ms of CPU each, profiler included`,
  );
  const per = (microseconds: number): string =>
    (microseconds / Number(count)).toFixed(1).padStart(9);
  console.log("self, µs each  total, µs each  function");
  const rows = [...spent(new SourceMap(world.runtime.sourceMap() as SourceMapPayload), profile)]
    .toSorted((a, b) => b[1].self - a[1].self)
    .slice(0, FUNCTIONS_SHOWN);
  for (const [name, { self, total }] of rows)
    console.log(`${per(self)}     ${per(total)}       ${name}`);
  inspector.close();
} finally {
  await world.remove();
}
