/**
 * Every operation of an episode's life, beside the direct Worker's, with the database near and far.
 *
 * @module
 */

import { ask, reach } from "../support/client.ts";
import {
  adviceOf,
  lineOf,
  outcomeOf,
  sentenceOf,
  stepOf,
  stepsOf,
  taskOf,
} from "../support/episodes.ts";
import { alone, inTurns, type Figures, type Measured } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import type { World } from "../support/world.ts";

/** Episodes that both have before anything is measured. */
const STORED = 200;
/** Operations of each kind. */
const OPERATIONS = 150;
/**
 * Of those that take less than a millisecond; and before they are counted, so that their code is
 * compiled.
 */
const SHORT = 1_500;
const SHORT_WARM_UP = 500;
/** Of each operation's time by the direct Worker's. */
const BY_DIRECT_MAX = { start: 1.2, step: 1.2, get: 1.2, complete: 1.2, recall: 1 } as const;
/** Of a read's time by the empty call's. */
const GET_BY_EMPTY_MAX = 1.5;
/** CPU time, what is put off included, ms. */
const RECALL_CPU_MS = 5;
const COMPLETE_CPU_MS = 4;

/** Opens episodes for a measurement to end. */
async function opened(world: World, prefix: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: taskOf(n) });
    await world.ask("POST", `/v1/episodes/${id}/steps`, { steps: stepsOf(n) });
    const episode_id = `${prefix}-${n}`;
    await ask("POST", `${world.runtime.urls.direct}/episodes`, {
      body: { episode_id, task: taskOf(n) },
    });
    ids.push(id);
  }
  return ids;
}

/** Stores the same runs in the service and in the direct Worker's tables. */
async function stored(world: World, count: number, from = 0): Promise<void> {
  const { direct, service } = world.runtime.urls;
  const lines = Array.from({ length: count }, (_, i) => JSON.stringify(lineOf(from + i))).join(
    "\n",
  );
  await ask("POST", `${service}/v1/import`, {
    key: world.key,
    body: lines,
    type: "application/x-ndjson",
  }).catch(
    // The answer is a line for each line, not one JSON text.
    (error: unknown) => {
      if (!(error instanceof SyntaxError)) throw error;
    },
  );
  for (let n = from; n < from + count; n++) {
    const episode_id = `run-${n}`;
    await ask("POST", `${direct}/episodes`, { body: { episode_id, task: taskOf(n) } });
    await ask("POST", `${direct}/complete`, { body: { episode_id, outcome: outcomeOf(n) } });
  }
}

export async function operations(world: World, report: Report): Promise<void> {
  await stored(world, STORED);
  const ids = await opened(world, "open", OPERATIONS * 2);
  await world.drained();
  report.heading("Operations, no delay in front of the database");
  const nothing = { load: SHORT_LOAD, operation: () => reach("GET", floorOf(world)) };
  const all = await inTurns(world, { nothing, ...ours(world, ids), ...theirs(world) });

  report.row("floor: empty Durable Object call, again", all.nothing);
  const pairs = [
    ["start an episode", "start", all.start, all.directStart],
    ["log a step", "step", all.step, all.directStep],
    ["get an episode", "get", all.get, all.directGet],
    ["complete an episode", "complete", all.complete, all.directComplete],
    ["recall", "recall", all.recall, all.directRecall],
  ] as const;
  for (const [name, , own, direct] of pairs) {
    report.row(name, own);
    report.row(`direct Worker: ${name}`, direct);
  }
  report.row("advise", all.advise);
  console.log();
  const byEmpty = (figures: Figures): number => figures.p50 / all.nothing.p50;
  report.target("get p50 by the empty call's", byEmpty(all.get), "at most", GET_BY_EMPTY_MAX, "×");
  for (const [, name, own, direct] of pairs) {
    const what = `${name} p50 by the direct Worker's, no delay`;
    report.target(what, own.p50 / direct.p50, "at most", BY_DIRECT_MAX[name], "×");
  }
  report.target("CPU of a recall", all.recall.cpuMs, "at most", RECALL_CPU_MS, "ms");
  report.target("CPU of a completion", all.complete.cpuMs, "at most", COMPLETE_CPU_MS, "ms");
  for (const name of ["recall", "advise", "complete"] as const)
    report.value(`${name} p50 by the empty call's`, byEmpty(all[name]), "×");
}

const LOAD = alone(OPERATIONS);
const SHORT_LOAD = { ...alone(SHORT), warmUp: SHORT_WARM_UP };

const floorOf = (world: World): string => `${world.runtime.urls.floor}/nothing`;

/** Each operation of the service. @param ids of running episodes: steps go to the first */
function ours(world: World, ids: readonly string[]) {
  const settled = (): Promise<void> => world.drained();
  const running = ids[0] ?? "";
  let steps = stepsOf(0).length;
  let completed = 0;
  return {
    start: {
      load: LOAD,
      settled,
      operation: (n) => world.timed("POST", "/v1/episodes", { task: taskOf(n) }),
    },
    step: {
      load: LOAD,
      settled,
      operation: () => world.timed("POST", `/v1/episodes/${running}/steps`, stepOf(++steps)),
    },
    get: {
      load: SHORT_LOAD,
      operation: (n) => world.timed("GET", `/v1/episodes/${ids[1 + (n % 100)]}`),
    },
    complete: {
      load: LOAD,
      // What was learned and is not yet stored counts, too.
      settled: () => world.flushed(),
      operation: () => {
        const id = ids[++completed];
        const outcome = outcomeOf(completed);
        return world.timed("POST", `/v1/episodes/${id}/complete`, { outcome });
      },
    },
    recall: {
      load: LOAD,
      settled,
      operation: (n) => world.timed("POST", "/v1/recall", { task: sentenceOf(n) }),
    },
    advise: {
      load: LOAD,
      settled,
      operation: (n) => world.timed("POST", "/v1/advise", adviceOf(n)),
    },
  } satisfies Record<string, Measured>;
}

/** The same operations of the direct Worker. */
function theirs(world: World) {
  const { direct } = world.runtime.urls;
  const post = (path: string, body: object): Promise<string> =>
    reach("POST", `${direct}/${path}`, { body });
  return {
    directStart: {
      load: LOAD,
      operation: (n) => post("episodes", { episode_id: `new-${n}`, task: taskOf(n) }),
    },
    directStep: {
      load: LOAD,
      operation: (n) => post("steps", { episode_id: "open-0", ...stepOf(n) }),
    },
    directGet: { load: LOAD, operation: (n) => reach("GET", `${direct}/episodes/open-${n % 100}`) },
    directComplete: {
      load: LOAD,
      operation: (n) => post("complete", { episode_id: `open-${n}`, outcome: outcomeOf(n) }),
    },
    directRecall: { load: LOAD, operation: (n) => post("recall", { task: sentenceOf(n) }) },
  } satisfies Record<string, Measured>;
}
