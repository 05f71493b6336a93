/**
 * `npm run bench:recall [-- FOLDER] [--quick] [--write] [--order=SEED]`: what recall is worth on
 * labelled retrieval sets, and on sets derived from them, beside plain BM25 and chance. Answered by
 * the deployed code, in this process. Each part is left out in turn.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { ABLATIONS } from "../../src/memory/ablations.ts";
import { differenceText, interval, mean } from "./bootstrap.ts";
import { derivedSets, retrievalSets, type RetrievalSet } from "./data.ts";
import { ndcg, recallAt } from "./measures.ts";
import { Memory, type Line } from "./memory.ts";
import { inOrder } from "./order.ts";
import { printTable, QUICK } from "./report.ts";
import { sameErrors } from "./sets/same-error.ts";
import { sameToolQueries } from "./sets/same-tool.ts";

/** Episodes that are asked for: the query itself may be among them. */
const ASKED = 50;
/** Places of an answer that are judged. */
const JUDGED = 10;
const TASK_MAX = 10_000;

interface Figures {
  ndcg: number;
  recall: number;
}

/** The figures of each query, in their order. */
type Judged = readonly Figures[];

const words = (text: string): string[] => [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))];

/**
 * SQLite's FTS5 with Porter stemming, query terms OR-ed, ranked by bm25(): the same engine, nothing
 * else.
 */
function plain({ documents, queries, relevant }: RetrievalSet): Judged {
  const database = new DatabaseSync(":memory:");
  database.exec(
    "CREATE VIRTUAL TABLE t USING fts5 (id UNINDEXED, text, tokenize='porter unicode61'); BEGIN",
  );
  const insert = database.prepare("INSERT INTO t VALUES (?, ?)");
  for (const { id, text } of documents) insert.run(id, text);
  database.exec("COMMIT");
  const select = database.prepare("SELECT id FROM t WHERE t MATCH ? ORDER BY bm25(t), id LIMIT 51");
  return queries.map(({ id, text }) => {
    const match = words(text)
      .map((word) => `"${word}"`)
      .join(" OR ");
    const ranked = select.all(match).map((row) => String(row["id"]));
    return judged(ranked, id, relevant);
  });
}

/** The expected nDCG of an arbitrary order: each place holds a document of the mean grade. */
function chance({ documents, queries, relevant }: RetrievalSet): number {
  let sum = 0;
  for (const { id } of queries) {
    const grades = relevant.get(id) ?? new Map<string, number>();
    const share = grades.size / Math.max(1, documents.length - 1);
    const [full, ideal] = [new Map(documents.map((document) => [document.id, 1])), grades.size];
    const all = ndcg(
      documents.map((document) => document.id),
      full,
    );
    const places = Array.from({ length: Math.min(JUDGED, ideal) }, (_, i) => 1 / Math.log2(i + 2));
    const most = Array.from({ length: JUDGED }, (_, i) => 1 / Math.log2(i + 2));
    const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    sum += (all * share * total(most)) / total(places);
  }
  return sum / queries.length;
}

/** How good a ranking is; the query itself does not count. */
function judged(
  ranked: readonly string[],
  query: string,
  relevant: RetrievalSet["relevant"],
): Figures {
  const others = ranked.filter((id) => id !== query);
  const grades = relevant.get(query) ?? new Map<string, number>();
  return { ndcg: ndcg(others, grades, JUDGED), recall: recallAt(others, grades, JUDGED) };
}

/** Ids by the place in the set, so that ties fall the same way whatever documents are called. */
function idsOf({ documents }: RetrievalSet): Map<string, string> {
  return new Map(documents.map(({ id }, i) => [id, `d${String(i).padStart(7, "0")}`]));
}

async function learn(memory: Memory, namespace: string, set: RetrievalSet): Promise<void> {
  const ids = idsOf(set);
  const lines = inOrder(set.documents, () => set).map(({ id, text }): Line => ({
    type: "episode",
    task: text.slice(0, TASK_MAX),
    outcome: { type: "success" },
    ...set.lines?.get(id),
    id: ids.get(id) ?? id,
  }));
  await memory.learn(namespace, lines);
}

async function ask(memory: Memory, namespace: string, set: RetrievalSet): Promise<Judged> {
  const named = new Map([...idsOf(set)].map(([id, number]) => [number, id]));
  const figures: Figures[] = [];
  for (const { id, text } of set.queries) {
    const body = { task: text.slice(0, TASK_MAX), limit: ASKED, include: ["episodes"] };
    const { episodes } = await memory.recall(namespace, body);
    const ranked = episodes.map((episode) => named.get(episode.id) ?? "");
    figures.push(judged(ranked, id, set.relevant));
  }
  return figures;
}

function rowOf(set: RetrievalSet, own: Judged): (string | number)[] {
  const base = plain(set);
  const of = (figures: Judged, what: keyof Figures): number =>
    mean(figures.map((figure) => figure[what]));
  const pairs = own.map((figure, i) => figure.ndcg - (base[i]?.ndcg ?? 0));
  const more = interval(
    pairs.map((less, i) => ({ less, i })),
    ({ i }) => i,
    (drawn) => mean(drawn.map(({ less }) => less)),
  );
  return [
    `${set.name} (${set.queries.length})`,
    chance(set),
    of(base, "ndcg"),
    of(own, "ndcg"),
    differenceText(more),
    `${(100 * (of(own, "ndcg") / of(base, "ndcg") - 1)).toFixed(2)} %`,
    of(base, "recall"),
    of(own, "recall"),
  ];
}

const sets = [
  ...retrievalSets().flatMap((set) => [set, ...derivedSets(set)]),
  sameToolQueries(),
  sameErrors(),
];
const memory = new Memory();
const namespaces = new Map<RetrievalSet["documents"], string>();
for (const set of sets) {
  if (namespaces.has(set.documents)) continue;
  namespaces.set(set.documents, set.name);
  await learn(memory, set.name, set);
}
const measured = async (): Promise<Judged[]> => {
  const figures: Judged[] = [];
  for (const set of sets)
    figures.push(await ask(memory, namespaces.get(set.documents) ?? set.name, set));
  return figures;
};
const all = await measured();
printTable(
  "recall",
  "Recall on labelled sets",
  [
    "set (queries)",
    "chance nDCG@10",
    "FTS5 nDCG@10",
    "memory nDCG@10",
    "difference",
    "gain",
    "FTS5 recall@10",
    "memory recall@10",
  ],
  sets.map((set, i) => rowOf(set, all[i] ?? [])),
);

if (!QUICK) {
  const means = (figures: readonly Judged[]): number[] =>
    figures.map((own) => mean(own.map((figure) => figure.ndcg)));
  const names = ABLATIONS.filter((name) => name.startsWith("recall_"));
  const rows: (string | number)[][] = [["all parts", ...means(all)]];
  for (const name of [...names, null]) {
    memory.leaveOut(name === null ? names : [name]);
    rows.push([name === null ? "none" : `without ${name}`, ...means(await measured())]);
  }
  const heads = ["parts", ...sets.map(({ name }) => name)];
  printTable("recall-parts", "What each part of recall is worth, nDCG@10", heads, rows);
}
