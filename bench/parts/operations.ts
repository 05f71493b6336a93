/**
 * Every operation of an episode's life, beside the direct Worker's, with the database near and far.
 *
 * @module
 */

import { ask, reach } from "../support/client.ts";
import { lineOf, outcomeOf, sentenceOf, stepOf, stepsOf, taskOf } from "../support/episodes.ts";
import { alone, inTurns } from "../support/measure.ts";
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
/** A slower operation than the direct Worker's by less than this is no slower. */
const SLOWER_MAX = 1.2;

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
  const { direct, floor } = world.runtime.urls;
  await stored(world, STORED);
  const ids = await opened(world, "open", OPERATIONS * 2);
  const running = ids[0] ?? "";
  const settled = (): Promise<void> => world.drained();
  await world.drained();
  report.heading("Operations, no delay in front of the database");
  const load = alone(OPERATIONS);
  const short = { ...alone(SHORT), warmUp: SHORT_WARM_UP };
  let number = stepsOf(0).length;
  let last = 0;
  const all = await inTurns(world, {
    nothing: { load: short, operation: () => reach("GET", `${floor}/nothing`) },
    start: {
      load,
      settled,
      operation: (n) => world.timed("POST", "/v1/episodes", { task: taskOf(n) }),
    },
    directStart: {
      load,
      operation: (n) =>
        reach("POST", `${direct}/episodes`, { body: { episode_id: `new-${n}`, task: taskOf(n) } }),
    },
    step: {
      load,
      settled,
      operation: () => world.timed("POST", `/v1/episodes/${running}/steps`, stepOf(++number)),
    },
    directStep: {
      load,
      operation: (n) =>
        reach("POST", `${direct}/steps`, { body: { episode_id: "open-0", ...stepOf(n) } }),
    },
    get: {
      load: short,
      operation: (n) => world.timed("GET", `/v1/episodes/${ids[1 + (n % 100)]}`),
    },
    directGet: { load, operation: (n) => reach("GET", `${direct}/episodes/open-${n % 100}`) },
    complete: {
      load,
      settled,
      operation: () =>
        world.timed("POST", `/v1/episodes/${ids[++last]}/complete`, { outcome: outcomeOf(last) }),
    },
    directComplete: {
      load,
      operation: (n) =>
        reach("POST", `${direct}/complete`, {
          body: { episode_id: `open-${n}`, outcome: outcomeOf(n) },
        }),
    },
    recall: {
      load,
      settled,
      operation: (n) => world.timed("POST", "/v1/recall", { task: sentenceOf(n) }),
    },
    directRecall: {
      load,
      operation: (n) => reach("POST", `${direct}/recall`, { body: { task: sentenceOf(n) } }),
    },
  });
  report.row("floor: empty Durable Object call, again", all.nothing);
  for (const [name, ours, theirs] of [
    ["start an episode", all.start, all.directStart],
    ["log a step", all.step, all.directStep],
    ["get an episode", all.get, all.directGet],
    ["complete an episode", all.complete, all.directComplete],
    ["recall", all.recall, all.directRecall],
  ] as const) {
    report.row(name, ours);
    report.row(`direct Worker: ${name}`, theirs);
  }
  console.log();
  report.target("get p50 by the empty call's", all.get.p50 / all.nothing.p50, "at most", 1.5, "×");
  for (const [name, ours, theirs] of [
    ["start", all.start, all.directStart],
    ["step", all.step, all.directStep],
    ["get", all.get, all.directGet],
    ["complete", all.complete, all.directComplete],
    ["recall", all.recall, all.directRecall],
  ] as const) {
    report.target(
      `${name} p50 by the direct Worker's, no delay`,
      ours.p50 / theirs.p50,
      "at most",
      SLOWER_MAX,
      "×",
    );
  }
}
