/**
 * `npm run bench:vectors -- FOLDER --endpoint=URL --model=NAME [--cache=DIR] [--documents=N]
 * [--write]`: what semantic vectors
 * add to the words, on every labelled set of a folder and on routing by past queries, through the
 * code that recalls. The vectors are made by an endpoint that speaks OpenAI's protocol, and kept in
 * a folder. Differences have 95 % intervals by the paired bootstrap.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Embedder } from "../../src/durable/instance/knowledge/vectors/embedder.ts";
import { openAiEmbeddings } from "../../src/durable/instance/knowledge/vectors/providers.ts";
import { sha256Hex } from "../../src/util/hashing/hash.ts";
import { stepOf } from "../../test/support/episodes.ts";
import { digestOfSteps, NOW, openKnowledge, success } from "../../test/support/knowledge.ts";
import { interval, mean } from "./bootstrap.ts";
import { derivedSets, retrievalSets, type RetrievalSet } from "./data.ts";
import { ndcg } from "./measures.ts";
import { printTable } from "./report.ts";
import { csvRows, textOf } from "./sets/files.ts";

/** Episodes that are asked for: the query itself may be among them. */
const ASKED = 50;
/** Queries of routing that are learned, and asked about. */
const ROUTED = [100, 1_000, 5_000] as const;
const ROUTES_ASKED = 500;
/** Texts of a request to the endpoint. */
const BATCH = 48;

/** Something to learn, and questions about it, each with how good an answer to it is, 0…1. */
interface Bench {
  name: string;
  learned: { id: string; text: string; tool?: string }[];
  questions: { id: string; text: string; worth: (ids: readonly string[]) => number }[];
}

const option = (name: string): string | undefined =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);

function labelled({ name, documents, queries, relevant }: RetrievalSet): Bench {
  return {
    name,
    learned: documents,
    questions: queries.map(({ id, text }) => {
      const grades = relevant.get(id) ?? new Map<string, number>();
      return { id, text, worth: (ids) => ndcg(ids, grades) };
    }),
  };
}

/**
 * The set with so many documents at most: those that answer a question, and others by lot. null:
 * all of them.
 */
function smaller(set: RetrievalSet, most: number | null): RetrievalSet {
  if (most === null || set.documents.length <= most) return set;
  const answering = new Set([...set.relevant.values()].flatMap((grades) => [...grades.keys()]));
  const byLot = set.documents
    .filter(({ id }) => !answering.has(id))
    .sort((a, b) => place(a.id) - place(b.id))
    .slice(0, Math.max(0, most - answering.size));
  const kept = new Set([...answering, ...byLot.map(({ id }) => id)]);
  return { ...set, documents: set.documents.filter(({ id }) => kept.has(id)) };
}

/** Which tool serves a query, by that of the past query that is most like it: MetaTool. */
function routing(): Bench[] {
  const rows = csvRows(textOf("metatool_queries.csv", "metatool/metatool_queries_sample.csv"));
  const all = rows.map(([text = "", tool = ""], i) => ({ id: `q${i}`, text, tool }));
  const order = all.toSorted((a, b) => place(a.text) - place(b.text) || (a.id < b.id ? -1 : 1));
  const asked = order.slice(0, ROUTES_ASKED);
  const tools = new Map(all.map(({ id, tool }) => [id, tool]));
  return ROUTED.map((count) => ({
    name: `metatool after ${count}`,
    learned: order.slice(ROUTES_ASKED, ROUTES_ASKED + count),
    questions: asked.map(({ id, text, tool }) => ({
      id,
      text,
      worth: ([first = ""]) => (tools.get(first) === tool ? 1 : 0),
    })),
  }));
}

/** 0…2³²−1, the same for the same text: an order that has to do with nothing. */
function place(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** The provider, with the vectors that it made before. */
class Cached implements Embedder {
  readonly model: string;
  readonly batch = BATCH;
  readonly #provider: Embedder;
  readonly #file: string;
  readonly #vectors: Map<string, number[]>;

  constructor(provider: Embedder, cache: string) {
    mkdirSync(cache, { recursive: true });
    this.#provider = provider;
    this.model = provider.model;
    this.#file = join(cache, `${provider.model.replaceAll(/[^\w.-]/g, "_")}.json`);
    const stored = existsSync(this.#file) ? readFileSync(this.#file, "utf8") : "[]";
    this.#vectors = new Map(JSON.parse(stored) as [string, number[]][]);
  }

  async embed(texts: readonly string[]): Promise<number[][]> {
    const keys = await Promise.all(texts.map((text) => sha256Hex(text)));
    const missing = [...new Set(keys.flatMap((key, i) => (this.#vectors.has(key) ? [] : [i])))];
    const made =
      missing.length === 0 ? [] : await this.#provider.embed(missing.map((i) => texts[i] ?? ""));
    for (const [n, i] of missing.entries()) this.#vectors.set(keys[i] ?? "", made[n] ?? []);
    return keys.map((key) => this.#vectors.get(key) ?? []);
  }

  /** Makes what is not there yet; texts of like lengths go together, which is faster. */
  async prepare(texts: readonly string[]): Promise<void> {
    const distinct = [...new Set(texts)].sort((a, b) => a.length - b.length);
    for (let from = 0; from < distinct.length; from += BATCH) {
      await this.embed(distinct.slice(from, from + BATCH));
      if (from % (50 * BATCH) === 0)
        process.stderr.write(`embedded ${from} of ${distinct.length}\n`);
    }
    writeFileSync(this.#file, JSON.stringify([...this.#vectors]));
  }
}

/** What each question's answer is worth. @param embedder null: by the words alone */
async function ask({ learned, questions }: Bench, embedder: Embedder | null): Promise<number[]> {
  const opened = openKnowledge({
    capacity: 100_000,
    embedder,
    cacheBytes: 200_000_000,
    log: (entry) => {
      // Without its vectors an arm of the comparison would be the other one.
      if (entry.event === "embedding_failed")
        throw new Error(`no vectors: ${String(entry.reason)}`);
    },
  });
  const { knowledge } = opened;
  await knowledge.questions.search("n", { q: "t", limit: 1, cursor: null }, NOW);
  for (const { id, text, tool } of learned)
    opened.learn(digestOfSteps(id, text.slice(0, 10_000), success, tool ? [stepOf(1, tool)] : []));
  await opened.settle();
  while (knowledge.embedding.nextAt(NOW) !== null) await knowledge.embedding.onAlarm(NOW);

  const worths: number[] = [];
  for (const { id, text, worth } of questions) {
    const about = { task: text, context: {}, limit: ASKED, recent_steps: [], max_tokens: null };
    const input = { ...about, include: ["episodes" as const] };
    const { episodes } = await knowledge.questions.recall("n", input, NOW);
    worths.push(worth(episodes.map((episode) => episode.id).filter((other) => other !== id)));
  }
  return worths;
}

const [url, model] = [option("endpoint"), option("model")];
if (url === undefined || model === undefined)
  throw new Error("bench:vectors needs --endpoint=URL and --model=NAME");
const provider = openAiEmbeddings(
  { url, key: process.env["EMBEDDINGS_KEY"] ?? null, model },
  fetch,
);
const embedder = new Cached(provider, option("cache") ?? "/tmp/memory-bench-vectors");
const most = option("documents");
const sets = retrievalSets()
  .map((set) => smaller(set, most === undefined ? null : Number(most)))
  .flatMap((set) => [set, ...derivedSets(set)]);
const benches = [...sets.map(labelled), ...routing()];
await embedder.prepare(
  benches.flatMap(({ learned, questions }) => [...learned, ...questions].map(({ text }) => text)),
);
const rows: (string | number)[][] = [];
for (const bench of benches) {
  const [words, fused] = [await ask(bench, null), await ask(bench, embedder)];
  const gains = words.map((worth, i) => (fused[i] ?? 0) - worth);
  const { low, high } = interval(
    [...gains.entries()],
    ([i]) => i,
    (drawn) => mean(drawn.map(([, gain]) => gain)),
  );
  const count = bench.questions.length;
  const row = [`${bench.name} (${count})`, mean(words), mean(fused), mean(fused) - mean(words)];
  rows.push([...row, `${low.toFixed(4)} … ${high.toFixed(4)}`]);
  process.stderr.write(`${rows.at(-1)?.join("  ")}\n`);
}
printTable(
  "vectors",
  "Words alone, and fused with vectors: nDCG@10; of routing, the share of right tools",
  ["set (questions)", "words", "words and vectors", "difference", "95 % interval"],
  rows,
);
