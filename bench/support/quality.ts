/**
 * How good a ranking is: nDCG@10 over questions with labelled answers.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { episodeTexts } from "../../src/memory/learning/index.ts";
import type { Digest } from "../../src/memory/learning/types.ts";
import { MemoryIndex } from "../../test/support/search.ts";
import { ROOT } from "./bundle.ts";
import type { TauEpisode } from "../quality/tau.ts";

const CUT = 10;
/** Looks at every document that has any of the terms. */
const UNPRUNED = 1_000_000_000;

interface LabelledSet {
  name: string;
  documents: ReadonlyMap<string, string>;
  queries: ReadonlyMap<string, string>;
  relevant: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The tests' own runs: for each task, the other tasks that were done with the same tools. */
function ownSet(): LabelledSet {
  const runs = readFileSync(join(ROOT, "test/fixtures/tau_retail_sample.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TauEpisode);
  const tools = new Map(
    runs.map(({ id, steps }) => [id, [...new Set(steps.map(({ tool }) => tool))].sort().join()]),
  );
  const texts = new Map(runs.map(({ id, task }) => [id, task]));
  const relevant = new Map(
    runs.map(({ id, task }) => {
      const same = runs.filter(
        (run) => run.id !== id && run.task !== task && tools.get(run.id) === tools.get(id),
      );
      return [id, new Set(same.map((run) => run.id))] as const;
    }),
  );
  return { name: "the tests' runs, same tools", documents: texts, queries: texts, relevant };
}

/** A directory with `corpus.jsonl` (or .gz), `queries.jsonl` and `qrels.tsv`, as BEIR has them. */
function setIn(directory: string): LabelledSet {
  const packed = join(directory, "corpus.jsonl.gz");
  const corpus = existsSync(packed)
    ? gunzipSync(readFileSync(packed))
    : readFileSync(join(directory, "corpus.jsonl"));
  const texts = (lines: string): Map<string, string> =>
    new Map(
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { _id: string; title?: string; text: string })
        .map(({ _id, title, text }) => [_id, title ? `${title} ${text}` : text]),
    );
  const relevant = new Map<string, Set<string>>();
  for (const line of readFileSync(join(directory, "qrels.tsv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)) {
    const [query = "", document = "", score] = line.split("\t");
    if (Number(score) > 0) relevant.set(query, (relevant.get(query) ?? new Set()).add(document));
  }
  return {
    name: basename(directory),
    documents: texts(corpus.toString()),
    queries: texts(readFileSync(join(directory, "queries.jsonl"), "utf8")),
    relevant,
  };
}

function digestOf(id: string, task: string): Digest {
  return {
    namespace: "labelled",
    episode_id: id,
    task,
    summary: "",
    insights: [],
    path: [],
    tags: [],
    task_type: "other",
    context: { domain: "d", language: null, framework: null, complexity: "simple", tags: [] },
  } as unknown as Digest;
}

function indexed(documents: ReadonlyMap<string, string>): MemoryIndex {
  const index = new MemoryIndex();
  for (const [id, text] of documents) index.add(id, episodeTexts(digestOf(id, text)));
  return index;
}

export interface Quality {
  name: string;
  queries: number;
  documents: number;
  /** nDCG@10. */
  pruned: number;
  unpruned: number;
}

/**
 * Ranks every question of the sets as recall does, and without pruning.
 *
 * @param directories further sets
 */
export function qualities(directories: readonly string[]): Quality[] {
  const found: Quality[] = [];
  for (const set of [ownSet(), ...directories.map(setIn)]) {
    const index = indexed(set.documents);
    const sums = { pruned: 0, unpruned: 0 };
    let queries = 0;
    for (const [query, relevant] of set.relevant) {
      const text = set.queries.get(query);
      if (text === undefined || relevant.size === 0) continue;
      queries += 1;
      for (const way of ["pruned", "unpruned"] as const) {
        const options = {
          kind: "episode",
          limit: CUT + 1,
          ...(way === "unpruned" ? { postings: UNPRUNED, candidates: UNPRUNED } : {}),
        } as const;
        const ranking = index.ids(text, options).filter((id) => id !== query);
        sums[way] += gainOf(ranking, relevant);
      }
    }
    const [pruned, unpruned] = [sums.pruned / queries, sums.unpruned / queries];
    found.push({ name: set.name, queries, documents: set.documents.size, pruned, unpruned });
  }
  return found;
}

/** nDCG@10 of one ranking. */
function gainOf(ranking: readonly string[], relevant: ReadonlySet<string>): number {
  const gain = (hits: readonly boolean[]): number =>
    hits.reduce((sum, hit, i) => sum + (hit ? 1 / Math.log2(i + 2) : 0), 0);
  const ideal = gain(Array.from({ length: Math.min(CUT, relevant.size) }, () => true));
  return gain(ranking.slice(0, CUT).map((id) => relevant.has(id))) / ideal;
}
