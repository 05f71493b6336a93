/**
 * One size of a store: recall, advice, search and ending an episode, in turns with the empty call
 * and with a plain full-text query in another object's storage.
 *
 * @module
 */

import { ask, reach } from "../support/client.ts";
import { adviceOf, outcomeOf, sentenceOf, stepsOf, taskOf } from "../support/episodes.ts";
import { alone, inTurns, type Figures, type Measured } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import type { World } from "../support/world.ts";

/** Calls of one size: of each question, of the plain query, of completing, and the empty one. */
const QUESTIONS = 90;
const PLAIN = 30;
const PLAIN_S = 20;
const COMPLETIONS = 60;
const EMPTY = 900;
/** Questions are about episodes that are not stored. */
const UNSEEN = 10_000_000;
/** Completions with those that warm up, in every turn. */
const OPENED = COMPLETIONS * 3;

export interface Size {
  /** Episodes that are stored. */
  episodes: number;
  empty: Figures;
  sentence: Figures;
  task: Figures;
  advise: Figures;
  search: Figures;
  plainSentence: Figures;
  plainTask: Figures;
  complete: Figures;
}

/**
 * Measures a store of this size.
 *
 * @param look called whenever a measurement has ended
 */
export async function sizeOf(
  world: World,
  episodes: number,
  look: () => Promise<void>,
): Promise<Size> {
  await world.flushed();
  const ids = await opened(world);
  const settled = async (): Promise<void> => {
    await world.drained();
    await look();
  };
  const figures = await inTurns(world, {
    empty: {
      load: alone(EMPTY),
      operation: () => reach("GET", `${world.runtime.urls.floor}/nothing`),
    },
    ...questions(world, settled),
    ...plainQueries(world),
    complete: {
      load: alone(COMPLETIONS),
      operation: (n) => {
        const outcome = outcomeOf(n);
        return world.timed("POST", `/v1/episodes/${ids[n]}/complete`, { outcome });
      },
      // What was learned and is not yet stored counts, too.
      settled: () => world.flushed().then(look),
    },
  });
  return { episodes, ...figures };
}

function questions(world: World, settled: () => Promise<void>) {
  const asked = (operation: Measured["operation"]): Measured => ({
    load: alone(QUESTIONS),
    operation,
    settled,
  });
  return {
    sentence: asked((n) => world.timed("POST", "/v1/recall", { task: sentenceOf(UNSEEN + n) })),
    task: asked((n) => world.timed("POST", "/v1/recall", { task: taskOf(UNSEEN + n) })),
    advise: asked((n) => world.timed("POST", "/v1/advise", adviceOf(UNSEEN + n))),
    search: asked((n) =>
      world.timed("GET", `/v1/search?q=${encodeURIComponent(sentenceOf(UNSEEN + n))}`),
    ),
  };
}

/** All terms OR-ed. */
function plainQueries(world: World) {
  const asked = (textOf: (n: number) => string): Measured => ({
    load: alone(PLAIN, PLAIN_S),
    operation: (n) => {
      const terms = textOf(UNSEEN + n).match(/[\p{L}\p{N}]+/gu) ?? [];
      const body = terms.map((term) => `"${term}"`).join(" OR ");
      return ask("POST", `${world.runtime.urls.floor}/query`, { body });
    },
  });
  return { plainSentence: asked(sentenceOf), plainTask: asked(taskOf) };
}

/** Episodes that run, for completing. */
async function opened(world: World): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < OPENED; n++) {
    const task = taskOf(UNSEEN + n);
    const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", { task });
    await world.ask("POST", `/v1/episodes/${id}/steps`, { steps: stepsOf(n) });
    ids.push(id);
  }
  return ids;
}

/** Prints a size's rows. */
export function showSize(report: Report, { episodes, ...size }: Size): void {
  const at = `${episodes.toLocaleString("en")} episodes`;
  report.row(`floor: empty Durable Object call, ${at}`, size.empty);
  report.row(`recall, a sentence, ${at}`, size.sentence);
  report.row(`recall, a long task, ${at}`, size.task);
  report.row(`advise, ${at}`, size.advise);
  report.row(`search alone, a sentence, ${at}`, size.search);
  report.row(`plain FTS5, a sentence, ${at}`, size.plainSentence);
  report.row(`plain FTS5, a long task, ${at}`, size.plainTask);
  report.row(`complete an episode, ${at}`, size.complete);
}
