/**
 * `npm run bench:import -- FILE…`: takes τ-bench runs (episodes as JSONL, or transcripts as a JSON
 * array) through `POST /v1/import` of a service that it starts, twice, and prints what came of it.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
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

const files = process.argv.slice(2);
if (files.length === 0)
  files.push(join(import.meta.dirname, "../test/fixtures/tau_retail_sample.jsonl"));

function linesOf(file: string): Record<string, unknown>[] {
  const text = readFileSync(file, "utf8").trim();
  if (text.startsWith("[")) return (JSON.parse(text) as TauTranscript[]).map(tauTranscriptLine);
  return text.split("\n").map((line) => tauEpisodeLine(JSON.parse(line) as TauEpisode));
}

function tally(answers: readonly { status: string }[]): string {
  const counts = new Map<string, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

const database = await Sqld.start();
const service = await Service.start(database.url, {}, { variant: "deployed" });
try {
  const key = await service.key("bench");
  for (const file of files) {
    const lines = linesOf(file);
    const begun = Date.now();
    console.log(
      `${file.split("/").at(-1)}: ${tally(await service.import(key, lines))} in ${Date.now() - begun} ms`,
    );
    console.log(`  again: ${tally(await service.import(key, lines))}`);
  }
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
} finally {
  await service.remove();
  await database.remove();
}
