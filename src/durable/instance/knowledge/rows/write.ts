/**
 * Writes the rows of learning into the instance's own storage, marked for the outbox, and reads the
 * few that a change begins with. Everything here is synchronous, and belongs into a transaction.
 *
 * @module
 */

import { definitionOf, episodesOf, relevanceKey } from "../../../../memory/learning/index.ts";
import type { Digest, DomainRow, PatternRow } from "../../../../memory/learning/types.ts";
import type { SearchDocument } from "../../../../memory/text/index.ts";
import {
  remove,
  TABLES,
  takeSlice,
  upsertRow,
  type LocalSql,
  type SqlValue,
} from "../../../../storage/index.ts";
import type { KnowledgeDeps } from "../deps.ts";
import { bodyOf, DOMAIN_BOUNDS } from "./read.ts";
import { usageOf } from "./usage.ts";

/** The shared tables that learning has. */
type LearningTable =
  | "digests"
  | "patterns"
  | "domains"
  | "search_docs"
  | "recalls"
  | "feedback"
  | "vectors";

/** The body of the row with this key; null: there is none. */
export function localBody<T>(
  sql: LocalSql,
  table: "digests" | "recalls" | "feedback" | "domains",
  ...key: string[]
): T | null {
  const names = TABLES[table].columns;
  const [row] = sql.all(
    `SELECT body FROM ${table} WHERE ${names[0]} = ? AND ${names[1]} = ?`,
    ...key,
  );
  return row ? bodyOf<T>(row) : null;
}

/** By id; those that do not exist are missing. */
export function localPatterns(
  sql: LocalSql,
  namespace: string,
  ids: readonly string[],
): Map<string, PatternRow> {
  const rows = sql.all(
    "SELECT body FROM patterns WHERE namespace = ? AND id IN (SELECT value FROM json_each(?))",
    namespace,
    JSON.stringify(ids),
  );
  return new Map(rows.map((row) => bodyOf<PatternRow>(row)).map((row) => [row.id, row]));
}

/** How many patterns there are, of all namespaces: reads them all. */
export function patternCount(sql: LocalSql): number {
  return sql.all<{ n: number }>("SELECT count(*) AS n FROM patterns")[0]?.n ?? 0;
}

/** As `domainsOf`. */
export function localDomains(sql: LocalSql, namespace: string): DomainRow[] {
  const rows = sql.each<{ body: string }>(
    "SELECT body FROM domains WHERE namespace = ? ORDER BY domain",
    namespace,
  );
  return takeSlice(rows, DOMAIN_BOUNDS).rows.map((row) => bodyOf<DomainRow>(row));
}

export function write(
  deps: KnowledgeDeps,
  table: LearningTable,
  rows: readonly (readonly SqlValue[])[],
): void {
  if (rows.length === 0) return;
  // One statement for all would make JSON of the values to take them out of it again.
  const text = upsertRow(table);
  for (const row of rows) deps.sql.run(text, ...row);
  deps.markAllDirty(
    table,
    rows.map((row) => row.slice(0, TABLES[table].key)),
  );
}

export function drop(
  deps: KnowledgeDeps,
  table: LearningTable,
  keys: readonly (readonly SqlValue[])[],
): void {
  if (keys.length === 0) return;
  const { sql, args } = remove(table, keys);
  deps.sql.run(sql, ...args);
  deps.markAllDirty(table, keys);
}

/** Writes a digest with its present relevance. */
export function writeDigest(deps: KnowledgeDeps, digest: Digest): void {
  const { namespace, episode_id, version, status, outcome, ended_at } = digest;
  // In this order, so that what recall and advice read can be cut off.
  const { contributions, used_recall, omitted, ...head } = digest;
  const body = {
    ...head,
    contributions,
    ...(omitted ? { omitted } : {}),
    ...(used_recall ? { used_recall } : {}),
  };
  write(deps, "digests", [
    [
      namespace,
      episode_id,
      version,
      digest.context.domain,
      status,
      outcome,
      ended_at,
      relevanceKey(digest, usageOf(deps.sql, namespace, episode_id)),
      JSON.stringify(body),
    ],
  ]);
}

export function writePatterns(deps: KnowledgeDeps, rows: readonly PatternRow[]): void {
  write(deps, "patterns", rows.map(patternValues));
}

export function writeDomain(deps: KnowledgeDeps, row: DomainRow): void {
  write(deps, "domains", [[row.namespace, row.domain, JSON.stringify(row)]]);
}

export function writeDocuments(deps: KnowledgeDeps, documents: readonly SearchDocument[]): void {
  const { columns } = TABLES.search_docs;
  write(
    deps,
    "search_docs",
    documents.map((document) => columns.map((column) => document[column])),
  );
}

function patternValues(row: PatternRow): SqlValue[] {
  const { prefix, suffix, length } = definitionOf(row.content).lookup(row.content);
  const sum = (field: "success" | "failure"): number =>
    row.buckets.reduce((total, bucket) => total + bucket[field], 0);
  return [
    row.namespace,
    row.id,
    row.content.kind,
    prefix,
    suffix,
    length,
    sum("success"),
    sum("failure"),
    episodesOf(row),
    row.promoted ? 1 : 0,
    row.last_seen_at,
    JSON.stringify(row),
  ];
}
