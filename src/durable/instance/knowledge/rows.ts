/**
 * Reading and writing the rows of learning, with statements that run on both engines.
 *
 * @module
 */

import { patternColumns, relevanceKey } from "../../../memory/learning/index.ts";
import type {
  Digest,
  DomainRow,
  EpisodeDigest,
  PatternRow,
} from "../../../memory/learning/types.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { SearchDocument } from "../../../memory/text/index.ts";
import {
  readByKeys,
  readOrdered,
  remove,
  TABLES,
  upsertRow,
  type LocalSql,
  type Row,
  type SqlReader,
  type SqlValue,
} from "../../../storage/index.ts";
import type { KnowledgeDeps } from "./deps.ts";

const body = <T>(row: Row): T => JSON.parse(String(row["body"])) as T;

/**
 * Where what a digest contributes begins: all before it is what `EpisodeDigest` has. No text can
 * hold this, because its quotes would be escaped. Cutting takes a fraction of what `json_remove`
 * does, which reads all of it.
 */
const CONTRIBUTIONS = ',"contributions":[';

/** SQL for it; it has no quote that would end a literal. */
const CONTRIBUTIONS_SQL = `'${CONTRIBUTIONS}'`;
/** Digests of this object's own that are read at once. */
const NEAR_SLICE = 25;

/**
 * What recall and advice read of the digests of these episodes, in any order. Of digests that are
 * too large to be read all, those of the first ids.
 *
 * @param most characters of digests, of this object's own, after which no more are read
 */
export async function digestsByIds(
  reader: SqlReader,
  namespace: string,
  ids: readonly string[],
  most: number,
): Promise<EpisodeDigest[]> {
  // This object's own SQLite hands over a text faster than it looks through it.
  const head = reader.isLocal
    ? "t.body AS body"
    : `iif(instr(t.body, ${CONTRIBUTIONS_SQL}) > 0,
        substr(t.body, 1, instr(t.body, ${CONTRIBUTIONS_SQL}) - 1) || '}', t.body) AS body`;
  const read = {
    name: "digests",
    namespace,
    column: "episode_id",
    select: head,
    counted: ["body"],
  } as const;
  const slice = reader.isLocal ? NEAR_SLICE : Math.max(1, ids.length);
  const digests: EpisodeDigest[] = [];
  let characters = 0;
  for (let from = 0; from < ids.length && characters < most; from += slice) {
    const rows = await readByKeys<{ body: string }>(reader, {
      ...read,
      ids: ids.slice(from, from + slice),
    });
    for (const { body: text } of rows) {
      characters += text.length;
      const end = reader.isLocal ? text.indexOf(CONTRIBUTIONS) : -1;
      digests.push(JSON.parse(end < 0 ? text : `${text.slice(0, end)}}`) as EpisodeDigest);
    }
  }
  return digests;
}

/** What episodes contributed to patterns. */
export async function contributionsByIds(
  reader: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<Pick<Digest, "episode_id" | "contributions">[]> {
  const tail = reader.isLocal ? "t.body" : `substr(t.body, instr(t.body, ${CONTRIBUTIONS_SQL}))`;
  const rows = await readByKeys<{ episode_id: string; body: string }>(reader, {
    name: "digests",
    namespace,
    column: "episode_id",
    ids,
    select: `t.episode_id AS episode_id, ${tail} AS body`,
    counted: ["body"],
  });
  return rows.map(({ episode_id, body }) => {
    const tail = body.slice(body.indexOf(CONTRIBUTIONS) + 1);
    return {
      episode_id,
      contributions: (JSON.parse(`{${tail}`) as Pick<Digest, "contributions">).contributions,
    };
  });
}

export async function patternsByIds(
  reader: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<PatternRow[]> {
  const read = {
    name: "patterns",
    namespace,
    column: "id",
    ids,
    select: "t.body AS body",
    counted: ["body"],
  } as const;
  return (await readByKeys(reader, read)).map((row) => body<PatternRow>(row));
}

/** Patterns that one lookup by what comes before gives at most. */
const LOOKUP_ROWS = 200;

/**
 * Patterns of a kind by what comes before: the runs that continue, the choices after a result, the
 * ways out of an error. Found by that and sorted afterwards (hence the +): in the order of their
 * support all patterns of the kind would be read.
 */
export async function patternsByPrefix(
  reader: SqlReader,
  namespace: string,
  kind: PatternRow["content"]["kind"],
  prefixes: readonly string[],
): Promise<PatternRow[]> {
  if (prefixes.length === 0) return [];
  const { rows } = await readOrdered(reader, {
    from: "patterns WHERE namespace = ? AND kind = ? AND prefix IN (SELECT value FROM json_each(?))",
    order: "+episodes DESC, id",
    args: [namespace, kind, JSON.stringify(prefixes)],
    bounds: { rows: LOOKUP_ROWS },
  });
  return rows.map((row) => body<PatternRow>(row));
}

/** The ways out of the errors of a tool: their prefixes begin with its name and U+001F. */
export async function recoveriesByTool(
  reader: SqlReader,
  namespace: string,
  tool: string,
): Promise<PatternRow[]> {
  const { rows } = await readOrdered(reader, {
    from: "patterns WHERE namespace = ? AND kind = 'error_recovery' AND prefix >= ? AND prefix < ?",
    order: "episodes DESC, id",
    args: [namespace, `${tool}\u001f`, `${tool}\u0020`],
    bounds: { rows: LOOKUP_ROWS },
  });
  return rows.map((row) => body<PatternRow>(row));
}

/** Domains whose base rates count. */
export const DOMAINS = { rows: 1_000, bytes: LIMITS.page_bytes };

export async function domainsOf(reader: SqlReader, namespace: string): Promise<DomainRow[]> {
  const { rows } = await readOrdered(reader, {
    from: "domains WHERE namespace = ?",
    order: "domain",
    args: [namespace],
    bounds: DOMAINS,
  });
  return rows.map((row) => body<DomainRow>(row));
}

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
  return row ? body<T>(row) : null;
}

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
  return new Map(rows.map((row) => body<PatternRow>(row)).map((row) => [row.id, row]));
}

export function writePatterns(deps: KnowledgeDeps, rows: readonly PatternRow[]): void {
  write(deps, "patterns", rows.map(patternValues));
}

/** Writes a digest with its present relevance. */
export function writeDigest(deps: KnowledgeDeps, digest: Digest): void {
  const { namespace, episode_id, version, status, outcome, ended_at } = digest;
  // In this order, so that what recall and advice read can be cut off.
  const { contributions, used_recall, omitted, ...head } = digest;
  const values = [
    namespace,
    episode_id,
    version,
    digest.context.domain,
    status,
    outcome,
    ended_at,
    relevanceKey(digest, usageOf(deps.sql, namespace, episode_id)),
    JSON.stringify({
      ...head,
      contributions,
      ...(omitted ? { omitted } : {}),
      ...(used_recall ? { used_recall } : {}),
    }),
  ];
  write(deps, "digests", [values]);
}

/** How an episode's recalls were judged, in uses. */
function usageOf(
  sql: LocalSql,
  namespace: string,
  id: string,
): { helpful: number; unhelpful: number } {
  const [row] = sql.all<{ helpful: number; unhelpful: number }>(
    "SELECT helpful, unhelpful FROM knowledge_usage WHERE namespace = ? AND episode_id = ?",
    namespace,
    id,
  );
  return { helpful: (row?.helpful ?? 0) / 1000, unhelpful: (row?.unhelpful ?? 0) / 1000 };
}

/** Adds to what is known of an episode's use; thousandths, negative to take back. */
export function addUsage(
  deps: KnowledgeDeps,
  namespace: string,
  id: string,
  helpful: number,
  unhelpful: number,
): void {
  deps.sql.run(
    `INSERT INTO knowledge_usage (namespace, episode_id, helpful, unhelpful) VALUES (?, ?, ?, ?)
      ON CONFLICT (namespace, episode_id) DO UPDATE
      SET helpful = helpful + excluded.helpful, unhelpful = unhelpful + excluded.unhelpful`,
    namespace,
    id,
    helpful,
    unhelpful,
  );
}

export function writeDomain(deps: KnowledgeDeps, row: DomainRow): void {
  write(deps, "domains", [[row.namespace, row.domain, JSON.stringify(row)]]);
}

export function writeDocuments(deps: KnowledgeDeps, documents: readonly SearchDocument[]): void {
  const columns = TABLES.search_docs.columns;
  write(
    deps,
    "search_docs",
    documents.map((document) => columns.map((column) => document[column])),
  );
}

type Derived =
  | "digests"
  | "patterns"
  | "domains"
  | "search_docs"
  | "recalls"
  | "feedback"
  | "vectors";

export function write(
  deps: KnowledgeDeps,
  table: Derived,
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
  table: Derived,
  keys: readonly (readonly SqlValue[])[],
): void {
  if (keys.length === 0) return;
  const { sql, args } = remove(table, keys);
  deps.sql.run(sql, ...args);
  deps.markAllDirty(table, keys);
}

function patternValues(row: PatternRow): SqlValue[] {
  const { kind, prefix, suffix, length } = patternColumns(row.content);
  const sum = (field: "success" | "failure" | "episodes"): number =>
    row.buckets.reduce((total, bucket) => total + bucket[field], 0);
  return [
    row.namespace,
    row.id,
    kind,
    prefix,
    suffix,
    length,
    sum("success"),
    sum("failure"),
    sum("episodes"),
    row.promoted ? 1 : 0,
    row.last_seen_at,
    JSON.stringify(row),
  ];
}
