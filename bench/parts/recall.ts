/**
 * What grows with the store and what must not: recall beside a plain full-text query in the same
 * storage, and ending an episode, each at several sizes of one namespace at one instance.
 *
 * @module
 */

import { ask } from "../support/client.ts";
import { lineOf, outcomeOf, sentenceOf, stepsOf, taskOf } from "../support/episodes.ts";
import { connect, heldBy } from "../support/inspector.ts";
import { alone, measure, type Figures } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import type { World } from "../support/world.ts";

/** Lines of one import. */
const IMPORT_LINES = 500;
/** Recalls, plain queries and completions of one size. */
const RECALLS = 90;
const PLAIN = 30;
const COMPLETIONS = 60;
/** Queries are about episodes that are not stored. */
const UNSEEN = 10_000_000;

/** All terms OR-ed, in a table of the same object: what one writes first. */
const PLAIN_TABLE =
  "CREATE VIRTUAL TABLE IF NOT EXISTS bench_plain USING fts5 (id UNINDEXED, task, tokenize = 'porter unicode61')";
const PLAIN_FILL = `INSERT INTO bench_plain (id, task) SELECT id, task FROM episodes
  WHERE id NOT IN (SELECT id FROM bench_plain) AND id LIKE 'run-%'`;
const PLAIN_QUERY =
  "SELECT id FROM bench_plain WHERE bench_plain MATCH ? ORDER BY bm25(bench_plain) LIMIT 10";

async function inInstance(world: World, sql: string, ...args: string[]): Promise<number> {
  const { n } = await ask<{ n: number }>("POST", `${world.runtime.urls.service}/bench/query`, {
    body: { sql, args },
  });
  return n;
}

function plain(task: string): string {
  return (task.match(/[\p{L}\p{N}]+/gu) ?? []).map((term) => `"${term}"`).join(" OR ");
}

export interface Size {
  episodes: number;
  sentence: Figures;
  task: Figures;
  search: Figures;
  plainSentence: Figures;
  plainTask: Figures;
  complete: Figures;
}

export interface Imported {
  seconds: number;
  /** Bytes that the runtime's process held after each request. */
  resident: number[];
  /** Bytes that the service's isolate held after each request. */
  held: number[];
}

/** Imports episodes from one number up to another, a part of them in each request. */
export async function importUpTo(world: World, from: number, to: number): Promise<Imported> {
  const resident: number[] = [];
  const held: number[] = [];
  const isolate = await connect(world.runtime.inspector, "service");
  const begun = performance.now();
  for (let n = from; n < to; n += IMPORT_LINES) {
    const count = Math.min(IMPORT_LINES, to - n);
    const body = Array.from({ length: count }, (_, i) => JSON.stringify(lineOf(n + i))).join("\n");
    const options = {
      method: "POST",
      headers: { Authorization: `Bearer ${world.key}`, "Content-Type": "application/x-ndjson" },
      body,
    };
    const answer = await fetch(`${world.runtime.urls.service}/v1/import`, options);
    const text = await answer.text();
    const created = text.split('"created"').length - 1;
    if (created !== count) {
      const first = text.split("\n").find((line) => !line.includes('"created"'));
      throw new Error(`${created} of ${count} lines were imported; the first other one: ${first}`);
    }
    resident.push(world.runtime.residentBytes());
    held.push(await heldBy(isolate));
  }
  isolate.close();
  return { seconds: (performance.now() - begun) / 1_000, resident, held };
}

/** Measures a store of this size. */
export async function sizeOf(world: World, episodes: number): Promise<Size> {
  await world.drained();
  await inInstance(world, PLAIN_TABLE);
  await inInstance(world, PLAIN_FILL);
  const recall = (text: (n: number) => string): Promise<Figures> =>
    measure(world, {
      load: alone(RECALLS),
      operation: (n) => world.timed("POST", "/v1/recall", { task: text(UNSEEN + n) }),
      settled: () => world.drained(),
    });
  const query = (text: (n: number) => string): Promise<Figures> =>
    measure(world, {
      load: alone(PLAIN, 20),
      operation: (n) => inInstance(world, PLAIN_QUERY, plain(text(UNSEEN + n))),
    });
  const [sentence, task] = [await recall(sentenceOf), await recall(taskOf)];
  const search = await measure(world, {
    load: alone(RECALLS),
    operation: (n) =>
      world.timed("GET", `/v1/search?q=${encodeURIComponent(sentenceOf(UNSEEN + n))}`),
  });
  const [plainSentence, plainTask] = [await query(sentenceOf), await query(taskOf)];
  const ids: string[] = [];
  for (let n = 0; n < COMPLETIONS * 3; n++) {
    const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", {
      task: taskOf(UNSEEN + n),
    });
    await world.ask("POST", `/v1/episodes/${id}/steps`, { steps: stepsOf(n) });
    ids.push(id);
  }
  const complete = await measure(world, {
    load: alone(COMPLETIONS),
    operation: (n) =>
      world.timed("POST", `/v1/episodes/${ids[n % ids.length]}/complete`, {
        outcome: outcomeOf(n),
      }),
    settled: () => world.drained(),
  });
  return { episodes, sentence, task, search, plainSentence, plainTask, complete };
}

/** Prints a size's rows. */
export function showSize(report: Report, { episodes, ...size }: Size): void {
  const at = `${episodes.toLocaleString("en")} episodes`;
  report.row(`recall, a sentence, ${at}`, size.sentence);
  report.row(`recall, a long task, ${at}`, size.task);
  report.row(`search alone, a sentence, ${at}`, size.search);
  report.row(`plain FTS5, a sentence, ${at}`, size.plainSentence);
  report.row(`plain FTS5, a long task, ${at}`, size.plainTask);
  report.row(`complete an episode, ${at}`, size.complete);
}

/** The targets about growth from the smallest to the largest size. */
export function growth(report: Report, small: Size, large: Size): void {
  const span = `${small.episodes.toLocaleString("en")} → ${large.episodes.toLocaleString("en")} episodes`;
  report.target(
    `complete p50, ${span}`,
    large.complete.p50 / small.complete.p50,
    "at most",
    1.5,
    "×",
  );
  report.target(
    `recall p50 of a sentence, ${span}`,
    large.sentence.p50 / small.sentence.p50,
    "at most",
    6,
    "×",
  );
  report.target(
    `recall p50 of a long task, ${span}`,
    large.task.p50 / small.task.p50,
    "at most",
    6,
    "×",
  );
  const at = `at ${large.episodes.toLocaleString("en")}`;
  report.target(
    `recall of a sentence by plain FTS5 ${at}`,
    large.sentence.p50 / large.plainSentence.p50,
    "at most",
    0.1,
    "×",
  );
  report.target(
    `recall of a long task by plain FTS5 ${at}`,
    large.task.p50 / large.plainTask.p50,
    "at most",
    0.1,
    "×",
  );
  // The plain query ranks and does nothing else; nor does this.
  report.value(
    `search alone, of a sentence, by plain FTS5 ${at}`,
    large.search.p50 / large.plainSentence.p50,
    "×",
  );
}
