/**
 * Labelled retrieval sets: those of the folder that a bench is given, or of the project's samples,
 * in `retrieval/NAME/`; and more that are derived of them by rule: `derivedSets`.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { FOLDER, SAMPLES } from "./sets/files.ts";

/** A labelled retrieval set: documents, queries, and how relevant a document is to a query. */
export interface RetrievalSet {
  name: string;
  documents: { id: string; text: string }[];
  queries: { id: string; text: string }[];
  /** query → document → grade. */
  relevant: Map<string, Map<string, number>>;
  /**
   * Documents that are more than a task: what is imported of them; `text` is then what plain search
   * is given.
   */
  lines?: ReadonlyMap<string, Record<string, unknown>>;
}

export function retrievalSets(): RetrievalSet[] {
  const root = join(FOLDER ?? SAMPLES, "retrieval");
  if (!existsSync(root)) throw new Error(`${root} does not exist`);
  return readdirSync(root)
    .sort()
    .map((name) => readSet(join(root, name), name));
}

/** Queries of a derived set at most, the first in the order of the documents. */
const DERIVED_MAX = 100;
/** A document of fewer words is not divided: a part of it would be no description. */
const DIVIDED_WORDS_MIN = 100;

/**
 * Sets made by rule from a set whose queries are no documents of its own. No label is invented:
 *
 * - NAME_siblings: long queries. A document that answers a query is itself the query, and relevant
 *   are the other documents that answer a query with it: a description, and others of the same
 *   matter in other words.
 * - NAME_halves: long queries. Of a document that answers a query the second half of its words is
 *   the query; the first half, with the title, stays in its place and is what is relevant: a
 *   description, and the one thing that it is of.
 * - NAME_conclusions: short queries. The last sentence of a document that answers a query is the
 *   query, and the rest is what is relevant.
 *
 * Halves and conclusions come from alternate documents, so that both are asked of one store.
 */
export function derivedSets(set: RetrievalSet): RetrievalSet[] {
  const asked = new Set(set.queries.map(({ id }) => id));
  if (set.documents.some(({ id }) => asked.has(id))) return [];
  const siblings = siblingsOf(set);
  const answering = set.documents.filter(({ id }) => siblings.has(id));
  const related = answering
    .filter(({ id }) => (siblings.get(id)?.size ?? 0) > 0)
    .slice(0, DERIVED_MAX);
  const long = answering.filter(({ text }) => text.split(/\s+/).length >= DIVIDED_WORDS_MIN);
  const divided = (
    part: 0 | 1,
    at: (text: string) => number,
  ): [string, { rest: string; query: string }][] =>
    long
      .filter((_, i) => i % 2 === part)
      .flatMap(({ id, text }): [string, { rest: string; query: string }][] => {
        const place = at(text);
        return place > 0
          ? [[id, { rest: text.slice(0, place).trimEnd(), query: text.slice(place).trim() }]]
          : [];
      })
      .slice(0, DERIVED_MAX);
  const [halves, conclusions] = [divided(0, middleOf), divided(1, lastSentenceOf)];
  const rests = new Map([...halves, ...conclusions]);
  const documents = set.documents.map(({ id, text }) => ({
    id,
    text: rests.get(id)?.rest ?? text,
  }));
  // Another id than the document's, which would be taken for the query itself.
  const asking = (name: string, pairs: typeof halves): RetrievalSet => ({
    name: `${set.name}_${name}`,
    documents,
    queries: pairs.map(([id, { query }]) => ({ id: `query ${id}`, text: query })),
    relevant: new Map(pairs.map(([id]) => [`query ${id}`, new Map([[id, 1]])])),
  });
  const others = {
    name: `${set.name}_siblings`,
    documents: set.documents,
    queries: related,
    relevant: siblings,
  };
  return [others, asking("halves", halves), asking("conclusions", conclusions)].filter(
    ({ queries }) => queries.length > 0,
  );
}

/** For each document that answers a query, the others that answer it too. */
function siblingsOf({ relevant }: RetrievalSet): RetrievalSet["relevant"] {
  const siblings = new Map<string, Map<string, number>>();
  for (const answers of relevant.values()) {
    for (const id of answers.keys()) {
      const own = siblings.get(id) ?? new Map<string, number>();
      for (const other of answers.keys()) if (other !== id) own.set(other, 1);
      siblings.set(id, own);
    }
  }
  return siblings;
}

function middleOf(text: string): number {
  const words = [...text.matchAll(/\S+/g)];
  return words[words.length >> 1]?.index ?? 0;
}

/** Where the last sentence begins; 0: there is one only. */
function lastSentenceOf(text: string): number {
  const last = [...text.matchAll(/[.!?]\s+(?=\p{Lu})/gu)].at(-1);
  return last ? last.index + last[0].length : 0;
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
      .map(({ _id, title, text }) => ({
        id: String(_id),
        text: title ? `${title}\n${text}` : text,
      }));
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
