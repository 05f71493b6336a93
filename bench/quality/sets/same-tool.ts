/**
 * MetaTool as a labelled retrieval set: short queries; relevant to a query are the past ones that
 * the same tool serves.
 *
 * @module
 */

import type { RetrievalSet } from "../data.ts";
import { metaTool } from "./metatool.ts";

const DOCUMENTS_MAX = 5_000;
const QUERIES_MAX = 200;

export function sameToolQueries(): RetrievalSet {
  const { learned, asked } = metaTool();
  const documents = learned.slice(0, DOCUMENTS_MAX);
  const served = Map.groupBy(documents, ({ tool }) => tool);
  const queries = asked.filter(({ tool }) => served.has(tool)).slice(0, QUERIES_MAX);
  return {
    name: "metatool_same_tool",
    documents: documents.map(({ id, text }) => ({ id, text })),
    queries: queries.map(({ id, text }) => ({ id, text })),
    relevant: new Map(
      queries.map(({ id, tool }) => [
        id,
        new Map((served.get(tool) ?? []).map((document) => [document.id, 1])),
      ]),
    ),
  };
}
