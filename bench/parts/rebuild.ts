/**
 * A cold instance: its storage is gone, the database has everything. How soon a recall is useful,
 * how fast the namespace is whole again, and what both are beside a few requests a second.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { RecallView } from "../../src/contract/recall/answers.ts";
import { adviceOf, outcomeOf, sentenceOf, sevenStepsOf, taskOf } from "../support/episodes.ts";
import { at } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import type { World } from "../support/world.ts";

/** Requests a second beside the rebuild, where it is not alone. */
const LOAD_PER_S = 5;
/** Between two questions how far it is, ms. */
const POLL_MS = 200;
/** Episodes a second, alone. */
const RATE_MIN = 1_000;
/** Until a first recall is useful, and until all is there beside requests, s. */
const FIRST_MAX_S = 2;
const WHOLE_MAX_S = 180;
/** A rebuild that takes longer has failed, ms. */
const REBUILD_MS = 1_200_000;
/** Episodes that are asked for are not stored. */
const UNSEEN = 20_000_000;

/** How a rebuild went. Seconds are from the first question. */
interface Rebuilt {
  /** Until a recall was answered with episodes. */
  firstSeconds: number;
  /** The share of the namespace that the first answer was made from, 0…1. */
  firstCompleteness: number;
  /** Until an answer was made from all of it. */
  wholeSeconds: number;
  /** How long recalls took until then, ms. */
  recallMs: number[];
  /** Requests beside it. */
  requests: number;
}

/** Rebuilds the instance twice from what the database has, alone and under load. */
export async function rebuild(world: World, report: Report): Promise<void> {
  await world.flushed();
  const { episodes } = await world.stored();
  const size = `${episodes.toLocaleString("en")} episodes`;
  console.log(`\nRebuild of a cold instance, ${size}\n`);
  const alone = await rebuilt(world, 0);
  report.value("cold instance: completeness of the first answer", alone.firstCompleteness, "");
  report.value("cold instance: until all is there", alone.wholeSeconds, "s");
  report.value("cold instance: recall p50 until then", at(alone.recallMs, 0.5), "ms");
  const loaded = await rebuilt(world, LOAD_PER_S);
  const beside = `cold instance beside ${LOAD_PER_S} requests a second`;
  report.value(`${beside}: completeness of the first answer`, loaded.firstCompleteness, "");
  report.value(`${beside}: requests answered`, loaded.requests, "");
  report.value(`${beside}: recall p50 until all is there`, at(loaded.recallMs, 0.5), "ms");
  report.value(`${beside}: recall p95`, at(loaded.recallMs, 0.95), "ms");
  console.log();
  const rate = episodes / alone.wholeSeconds;
  report.target(`rebuild of a cold instance, ${size}`, rate, "at least", RATE_MIN, "/s");
  const first = `first useful recall of a cold instance, ${size}`;
  report.target(first, alone.firstSeconds, "at most", FIRST_MAX_S, "s");
  const firstBeside = `${first}, beside ${LOAD_PER_S} requests a second`;
  report.target(firstBeside, loaded.firstSeconds, "at most", FIRST_MAX_S, "s");
  const whole = `until all of ${size} is there, beside ${LOAD_PER_S} requests a second`;
  report.target(whole, loaded.wholeSeconds, "at most", WHOLE_MAX_S, "s");
}

async function rebuilt(world: World, perSecond: number): Promise<Rebuilt> {
  await world.flushed();
  await world.runtime.restartWithoutInstances();
  const until = new AbortController();
  const load = perSecond > 0 ? requests(world, perSecond, until.signal) : Promise.resolve(0);
  // It is awaited below; until then its failure is no one's.
  load.catch(() => undefined);
  try {
    const recalls = await recallUntilWhole(world);
    until.abort();
    return { ...recalls, requests: await load };
  } finally {
    until.abort();
  }
}

async function recallUntilWhole(world: World): Promise<Omit<Rebuilt, "requests">> {
  const begun = performance.now();
  const recallMs: number[] = [];
  let first: Pick<Rebuilt, "firstSeconds" | "firstCompleteness"> | null = null;
  for (let n = 0; performance.now() - begun < REBUILD_MS; n++) {
    const sent = performance.now();
    const body = { task: sentenceOf(UNSEEN + n) };
    const { completeness, episodes } = await world.ask<RecallView>("POST", "/v1/recall", body);
    recallMs.push(performance.now() - sent);
    const seconds = (performance.now() - begun) / 1_000;
    if (!first && episodes.length > 0)
      first = { firstSeconds: seconds, firstCompleteness: completeness };
    if (first && completeness === 1) return { ...first, wholeSeconds: seconds, recallMs };
    await sleep(POLL_MS);
  }
  throw new Error(`the instance is not whole after ${REBUILD_MS} ms`);
}

/** Agents at work, a request at a time, at a constant rate; how many requests were answered. */
async function requests(world: World, perSecond: number, signal: AbortSignal): Promise<number> {
  const begun = performance.now();
  let sent = 0;
  const pace = async (): Promise<boolean> => {
    sent += 1;
    await sleep(Math.max(0, begun + (sent * 1_000) / perSecond - performance.now()));
    return !signal.aborted;
  };
  for (let n = UNSEEN; ; n++) {
    if (!(await pace())) break;
    await world.ask("POST", "/v1/recall", { task: sentenceOf(n) });
    if (!(await pace())) break;
    const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: taskOf(n) });
    if (!(await pace())) break;
    await world.ask("POST", `/v1/episodes/${id}/steps`, { steps: sevenStepsOf(n) });
    if (!(await pace())) break;
    await world.ask("POST", "/v1/advise", adviceOf(n));
    if (!(await pace())) break;
    await world.ask("POST", `/v1/episodes/${id}/complete`, { outcome: outcomeOf(n) });
  }
  return sent - 1;
}
