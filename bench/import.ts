/**
 * `npm run bench:import [-- FILE… --episodes N]`: takes τ-bench runs (episodes as JSONL, or
 * transcripts as a JSON array), or so many made ones, through `POST /v1/import` of a service that it
 * starts, twice, and prints what came of it, and at which rate.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { PatternView, StatsView } from "../src/contract/knowledge/answers.ts";
import type { RecallView } from "../src/contract/recall/answers.ts";
import { Service } from "../test/support/service/service.ts";
import { Sqld } from "../test/support/processes/sqld.ts";
import {
  tauEpisodeLine,
  tauTranscriptLine,
  type TauEpisode,
  type TauTranscript,
} from "./quality/tau.ts";
import { lineOf } from "./support/episodes.ts";

/** Lines of one import. */
const IMPORT_LINES = 500;
const SAMPLE = join(import.meta.dirname, "../test/fixtures/tau_retail_sample.jsonl");

/** Lines to be imported. */
interface Source {
  name: string;
  count: number;
  /** @param n from 0 */
  line: (n: number) => Record<string, unknown>;
}

function sourceOf(file: string): Source {
  const text = readFileSync(file, "utf8").trim();
  const lines = text.startsWith("[")
    ? (JSON.parse(text) as TauTranscript[]).map(tauTranscriptLine)
    : text.split("\n").map((line) => tauEpisodeLine(JSON.parse(line) as TauEpisode));
  const name = file.split("/").at(-1) ?? file;
  return { name, count: lines.length, line: (n) => lines[n] ?? {} };
}

/** Imports all lines, and says how many came to what, and at which rate. */
async function imported(service: Service, key: string, source: Source): Promise<string> {
  const counts = new Map<string, number>();
  let ms = 0;
  for (let from = 0; from < source.count; from += IMPORT_LINES) {
    const count = Math.min(IMPORT_LINES, source.count - from);
    const lines = Array.from({ length: count }, (_, i) => source.line(from + i));
    const begun = performance.now();
    const answers = await service.import(key, lines);
    ms += performance.now() - begun;
    for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const tally = [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
  return `${tally} in ${(ms / 1_000).toFixed(1)} s, ${((source.count * 1_000) / ms).toFixed(0)} a second`;
}

/** Prints what was learned. */
async function showLearned(service: Service, key: string): Promise<void> {
  const get = async <T>(path: string): Promise<T> =>
    (await service.call("GET", path, { key })).body as T;
  const { episodes, patterns } = await get<StatsView>("/v1/stats");
  console.log(`episodes: ${JSON.stringify(episodes)}`);
  console.log(`patterns: ${JSON.stringify(patterns)}`);
  const most = await get<{ patterns: PatternView[] }>("/v1/patterns?limit=5");
  for (const { description, support } of most.patterns)
    console.log(`  ${support.episodes} episodes: ${description}`);
  const body = { task: "exchange a keyboard of a delivered order", limit: 5 };
  const recall = (await service.call("POST", "/v1/recall", { key, body })).body as RecallView;
  const warnings = recall.episodes.filter((episode) => episode.warning).length;
  console.log(
    `recall for "${body.task}": ${recall.episodes.length} episodes, ${warnings} of them warnings`,
  );
}

const { values, positionals } = parseArgs({
  options: { episodes: { type: "string" } },
  allowPositionals: true,
});
const made = Number(values.episodes ?? 0);
const files = made === 0 && positionals.length === 0 ? [SAMPLE] : positionals;
const sources = files.map(sourceOf);
if (made > 0) sources.push({ name: `${made} made runs`, count: made, line: lineOf });

const database = await Sqld.start();
const service = await Service.start(database.url, {}, { variant: "deployed" });
try {
  const key = await service.key("bench");
  for (const source of sources) {
    console.log(`${source.name}: ${await imported(service, key, source)}`);
    console.log(`  again: ${await imported(service, key, source)}`);
  }
  await showLearned(service, key);
} finally {
  await service.remove();
  await database.remove();
}
