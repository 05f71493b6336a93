/**
 * Finds the data of a bench: a folder named by the first argument or by MEMORY_BENCH_DATA, else the small sample in
 * `test/fixtures`. A folder holds runs as `*_episodes.jsonl` and labelled retrieval sets in `retrieval/NAME/`.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TauEpisode } from "./tau.ts";

const SAMPLE = join(import.meta.dirname, "../test/fixtures");
const folder =
  process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? process.env["MEMORY_BENCH_DATA"] ?? SAMPLE;

/** A labelled retrieval set: documents, queries, and how relevant a document is to a query. */
export interface RetrievalSet {
  name: string;
  documents: { id: string; text: string }[];
  queries: { id: string; text: string }[];
  /** query → document → grade. */
  relevant: Map<string, Map<string, number>>;
}

export function retrievalSets(): RetrievalSet[] {
  const root = join(folder, "retrieval");
  if (!existsSync(root)) throw new Error(`${root} does not exist`);
  return readdirSync(root)
    .sort()
    .map((name) => readSet(join(root, name), name));
}

/** Files of agents' runs, by name. Runs without a step are left out: they crashed before it. */
export function runSets(): { name: string; runs: TauEpisode[] }[] {
  const files = readdirSync(folder).filter((file) => /_(?:episodes|sample)\.jsonl$/.test(file));
  if (files.length === 0) throw new Error(`${folder} has no *_episodes.jsonl`);
  return files.sort().map((file) => ({
    name: file.replace(".jsonl", ""),
    runs: linesOf(join(folder, file))
      .map((line) => JSON.parse(line) as TauEpisode)
      .filter((run) => run.steps.length > 0),
  }));
}

function readSet(path: string, name: string): RetrievalSet {
  interface Text {
    _id: string | number;
    title?: string;
    text: string;
  }
  const texts = (file: string): { id: string; text: string }[] =>
    linesOf(join(path, file))
      .map((line) => JSON.parse(line) as Text)
      .map(({ _id, title, text }) => ({ id: String(_id), text: title ? `${title}\n${text}` : text }));
  const relevant = new Map<string, Map<string, number>>();
  for (const line of linesOf(join(path, "qrels.tsv")).slice(1)) {
    const [query = "", document = "", grade = "0"] = line.split("\t");
    const own = relevant.get(query) ?? new Map<string, number>();
    if (Number(grade) > 0) own.set(document, Number(grade));
    relevant.set(query, own);
  }
  const queries = texts("queries.jsonl").filter(({ id }) => (relevant.get(id)?.size ?? 0) > 0);
  return { name, documents: texts("corpus.jsonl"), queries, relevant };
}

function linesOf(path: string): string[] {
  const zipped = `${path}.gz`;
  const bytes = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(zipped));
  return bytes.toString("utf8").trim().split("\n");
}
