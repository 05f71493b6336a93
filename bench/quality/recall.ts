/**
 * `npm run bench:recall [-- FOLDER] [--quick] [--write] [--order=SEED]`: what recall is worth on
 * labelled retrieval sets, and on sets derived from them, through HTTP, instance and index, beside
 * plain BM25 and chance. Each part is left out in turn.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { ABLATIONS } from "../../src/memory/ablations.ts";
import type { RecallView } from "../../src/contract/recall/answers.ts";
import type { Service } from "../../test/support/service/service.ts";
import { Sqld } from "../../test/support/processes/sqld.ts";
import { leaveOut, startAblatable } from "./ablatable-service.ts";
import { derivedSets, retrievalSets, type RetrievalSet } from "./data.ts";
import { ndcg, recallAt } from "./measures.ts";
import { inOrder } from "./order.ts";
import { patiently } from "./patience.ts";
import { printTable, QUICK } from "./report.ts";

/** Episodes that are asked for: the query itself may be among them. */
const ASKED = 50;
/** Places of an answer that are judged. */
const JUDGED = 10;
const CONCURRENCY = 8;
const IMPORTED_AT_ONCE = 500;
/** Every import has the same time: nothing depends on when it was done. */
const AT = "2026-01-01T00:00:00.000Z";

interface Figures {
  ndcg: number;
  recall: number;
}

/**
 * SQLite's FTS5 with Porter stemming, query terms OR-ed, ranked by bm25(): the same engine, nothing
 * else.
 */
function plain({ documents, queries, relevant }: RetrievalSet): Figures {
  const database = new DatabaseSync(":memory:");
  database.exec(
    "CREATE VIRTUAL TABLE t USING fts5 (id UNINDEXED, text, tokenize='porter unicode61'); BEGIN",
  );
  const insert = database.prepare("INSERT INTO t VALUES (?, ?)");
  for (const { id, text } of documents) insert.run(id, text);
  database.exec("COMMIT");
  const select = database.prepare("SELECT id FROM t WHERE t MATCH ? ORDER BY bm25(t), id LIMIT 51");
  return mean(queries, relevant, ({ id, text }) => {
    const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
    const match = Array.from(words, (word) => `"${word}"`).join(" OR ");
    return select
      .all(match)
      .map((row) => String(row["id"]))
      .filter((other) => other !== id);
  });
}

/** The expected nDCG of an arbitrary order: each place holds a document of the mean grade. */
function chance({ documents, queries, relevant }: RetrievalSet): Figures {
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
  return { ndcg: sum / queries.length, recall: JUDGED / documents.length };
}

function mean(
  queries: RetrievalSet["queries"],
  relevant: RetrievalSet["relevant"],
  answer: (query: { id: string; text: string }) => readonly string[],
): Figures {
  const figures = { ndcg: 0, recall: 0 };
  for (const query of queries) {
    const grades = relevant.get(query.id) ?? new Map<string, number>();
    const ranked = answer(query);
    figures.ndcg += ndcg(ranked, grades, JUDGED) / queries.length;
    figures.recall += recallAt(ranked, grades, JUDGED) / queries.length;
  }
  return figures;
}

async function ask(service: Service, key: string, set: RetrievalSet): Promise<Figures> {
  const answers = new Map<string, string[]>();
  const waiting = [...set.queries];
  const work = async (): Promise<void> => {
    for (let query = waiting.pop(); query; query = waiting.pop()) {
      const own = idOf(set, query.id);
      const body = { task: query.text, limit: ASKED, include: ["episodes"] };
      const answer = await patiently(() => service.call("POST", "/v1/recall", { key, body }));
      if (answer.status !== 200) throw new Error(`no recall: ${answer.text}`);
      const { episodes } = answer.body as RecallView;
      const ranked = episodes.map((episode) => episode.id).filter((id) => id !== own);
      answers.set(
        query.id,
        ranked.map((id) => set.documents[Number(id.slice(1))]?.id ?? ""),
      );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return mean(set.queries, set.relevant, ({ id }) => answers.get(id) ?? []);
}

const positions = new Map<RetrievalSet["documents"], Map<string, number>>();
function idOf({ documents }: RetrievalSet, id: string): string {
  const ofSet =
    positions.get(documents) ?? new Map(documents.map((document, i) => [document.id, i]));
  positions.set(documents, ofSet);
  return `d${String(ofSet.get(id) ?? -1).padStart(7, "0")}`;
}

const sets = retrievalSets().flatMap((set) => [set, ...derivedSets(set)]);
const names = ABLATIONS.filter((name) => name.startsWith("recall_"));
const database = await Sqld.start();
const service = await startAblatable(database.url);
try {
  const keys = new Map<RetrievalSet["documents"], string>();
  for (const [i, set] of sets.entries()) {
    if (keys.has(set.documents)) continue;
    const key = await service.key(`set-${i}`);
    keys.set(set.documents, key);
    const documents = inOrder(set.documents, () => set);
    for (let from = 0; from < documents.length; from += IMPORTED_AT_ONCE) {
      const lines = documents.slice(from, from + IMPORTED_AT_ONCE).map(({ id, text }) => ({
        type: "episode",
        id: idOf(set, id),
        task: text.slice(0, 10_000),
        started_at: AT,
        ended_at: AT,
        outcome: { type: "success" },
      }));
      const failed = (await service.import(key, lines)).filter(({ status }) => status === "error");
      if (failed.length > 0) throw new Error(`not imported: ${JSON.stringify(failed[0])}`);
    }
  }
  const measured = async (): Promise<Figures[]> => {
    const figures: Figures[] = [];
    for (const set of sets) figures.push(await ask(service, keys.get(set.documents) ?? "", set));
    return figures;
  };
  const memory = await measured();
  const rows = sets.map((set, i) => {
    const [base, own] = [plain(set), memory[i] ?? { ndcg: 0, recall: 0 }];
    const gain = `${(100 * (own.ndcg / base.ndcg - 1)).toFixed(2)} %`;
    return [
      `${set.name} (${set.queries.length})`,
      chance(set).ndcg,
      base.ndcg,
      own.ndcg,
      gain,
      base.recall,
      own.recall,
    ];
  });
  printTable(
    "recall",
    "Recall on labelled sets",
    [
      "set (queries)",
      "chance nDCG@10",
      "FTS5 nDCG@10",
      "memory nDCG@10",
      "gain",
      "FTS5 recall@10",
      "memory recall@10",
    ],
    rows,
  );
  const ablation: (string | number)[][] = [
    ["all parts", ...memory.map(({ ndcg: value }) => value)],
  ];
  for (const name of QUICK ? [] : [...names, null]) {
    await leaveOut(service, name === null ? names : [name]);
    ablation.push([
      name === null ? "none" : `without ${name}`,
      ...(await measured()).map(({ ndcg: value }) => value),
    ]);
  }
  if (!QUICK) {
    const heads = ["parts", ...sets.map(({ name }) => name)];
    printTable("recall-parts", "What each part of recall is worth, nDCG@10", heads, ablation);
  }
} finally {
  await service.remove();
  await database.remove();
}
