/**
 * Keeps and reads the change feed: which rows changed or went, in the order in which the database
 * took them. Triggers append a line for each row that is written; a backup reads what lies behind its parent's
 * watermark and takes the rows as they are then. A step that is written is named by its episode's
 * line, and read with all others of that episode: so who writes steps without their episode in the
 * same transaction appends its line (`episodesChanged`). The watermark is a number of the feed: the
 * database has one writer at a time, so numbers rise in commit order.
 *
 * @module
 */

import type { Query } from "./database/cursor.ts";
import { FIRST_KEYS } from "./migrations/first-schema.ts";
import type { SqlValue, Statement } from "./sql.ts";
import { TABLES, type TableName } from "./tables.ts";

/** The feed's columns for a key, as many as the longest key of a table has. */
const FEED_KEYS = ["k1", "k2", "k3", "k4"] as const;
const keysOf = (name: TableName): readonly string[] =>
  TABLES[name].columns.slice(0, TABLES[name].key);

/**
 * The triggers of a table. They append without an index: a row written often is there often, and is
 * read once.
 */
export function feedOf(name: string, keys: readonly string[]): string[] {
  const append = (row: "old" | "new"): string =>
    `INSERT INTO _changes (t, ${FEED_KEYS.slice(0, keys.length).join(", ")})
      VALUES ('${name}', ${keys.map((key) => `${row}.${key}`).join(", ")});`;
  return [
    `CREATE TRIGGER IF NOT EXISTS _changes_${name}_insert AFTER INSERT ON ${name} BEGIN ${append("new")} END`,
    `CREATE TRIGGER IF NOT EXISTS _changes_${name}_update AFTER UPDATE ON ${name} BEGIN ${append("new")} END`,
    `CREATE TRIGGER IF NOT EXISTS _changes_${name}_rekey AFTER UPDATE OF ${keys.join(", ")} ON ${name}
      BEGIN ${append("old")} END`,
    `CREATE TRIGGER IF NOT EXISTS _changes_${name}_delete AFTER DELETE ON ${name} BEGIN ${append("old")} END`,
  ];
}

export const CHANGES_TABLE = `CREATE TABLE IF NOT EXISTS _changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT NOT NULL,
    k1 ANY NOT NULL, k2 ANY, k3 ANY, k4 ANY) STRICT`;

/**
 * `_changes`: the feed. `_feed`: its identity, which tells a database from another in its place,
 * and up to where it was pruned. A table that came later has its triggers from the migration that
 * made it.
 */
export const CHANGES_SCHEMA: readonly string[] = [
  CHANGES_TABLE,
  `CREATE TABLE IF NOT EXISTS _feed (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL,
    pruned_to INTEGER NOT NULL) STRICT`,
  `INSERT OR IGNORE INTO _feed (one, id, pruned_to) VALUES (1, lower(hex(randomblob(16))), 0)`,
  // A table that came later has its triggers from the migration that made it.
  ...FIRST_KEYS.flatMap(([name, keys]) => feedOf(name, keys)),
];

/**
 * What a running restore keeps for itself. `_restore_keys`: keys that a newer layer of the backup
 * decided about. `_restore_dead`: episodes that were deleted after the backup.
 */
export const RESTORE_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS _restore_keys (t TEXT NOT NULL, k1 ANY NOT NULL, k2 ANY NOT NULL, k3 ANY NOT NULL,
    k4 ANY NOT NULL, PRIMARY KEY (t, k1, k2, k3, k4)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS _restore_dead (namespace TEXT NOT NULL, episode_id TEXT NOT NULL,
    deleted_at INTEGER NOT NULL, PRIMARY KEY (namespace, episode_id)) STRICT, WITHOUT ROWID`,
];

/**
 * Appends a line for each of these episodes, as if it had changed: for steps that are written without
 * it.
 *
 * @param keys namespace and id of each
 */
export function episodesChanged(keys: readonly (readonly SqlValue[])[]): Statement {
  return {
    sql: `INSERT INTO _changes (t, k1, k2) SELECT DISTINCT 'episodes',
      json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)`,
    args: [JSON.stringify(keys)],
  };
}

/** One row: watermark, feed id, up to where it was pruned, schema version. */
export const FEED_STATE: Query = {
  sql: `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '_changes'), 0), id, pruned_to,
    (SELECT max(version) FROM _migrations) FROM _feed WHERE one = 1`,
  args: [],
};

/** Which rows a backup holds. */
export interface ExportScope {
  namespace: string | null;
  /** Only what belongs to episodes started since, ms; null: everything. */
  since: number | null;
}

/** An SQL condition on the table as `t`, true for rows in the scope, with its parameters. */
function scopeCondition(
  name: TableName,
  { namespace, since }: ExportScope,
): { sql: string; args: string[] } {
  const conditions: string[] = [];
  if (namespace !== null) conditions.push(name === "api_keys" ? "0" : "t.namespace = ?");
  if (since !== null) conditions.push(...sinceCondition(name, Math.trunc(since)));
  return {
    sql: conditions.length > 0 ? conditions.join(" AND ") : "1",
    args: namespace !== null && name !== "api_keys" ? [namespace] : [],
  };
}

/** Of tables whose rows belong to an episode or have a time; the others are taken whole. */
function sinceCondition(name: TableName, since: number): string[] {
  const ofEpisode = (id: string): string =>
    `EXISTS (SELECT 1 FROM episodes e WHERE e.namespace = t.namespace AND e.id = t.${id} AND e.started_at >= ${since})`;
  const byTable: Partial<Record<TableName, string>> = {
    episodes: `t.started_at >= ${since}`,
    steps: ofEpisode("episode_id"),
    relationships: `(${ofEpisode("from_id")} OR ${ofEpisode("to_id")})`,
    feedback: `t.updated_at >= ${since}`,
    vectors: `(t.kind <> 'episode' OR ${ofEpisode("id")})`,
  };
  const condition = byTable[name];
  return condition === undefined ? [] : [condition];
}

/** Rows of a table in key order, behind a key, in the scope. */
export function scanQuery(
  name: TableName,
  after: readonly (string | number)[] | null,
  scope: ExportScope,
): Query {
  const keys = keysOf(name).map((key) => `t.${key}`);
  const where = scopeCondition(name, scope);
  const behind = after ? `(${keys.join(", ")}) > (${keys.map(() => "?").join(", ")})` : "1";
  return {
    sql: `SELECT ${TABLES[name].columns.map((column) => `t.${column}`).join(", ")} FROM ${name} t
      WHERE ${behind} AND ${where.sql} ORDER BY ${keys.join(", ")}`,
    args: [...(after ?? []), ...where.args],
  };
}

/** A part of the feed. */
interface FeedRange {
  /** Lines above this number. */
  from: number;
  /** null: to the end. */
  to: number | null;
  /** null: of all. */
  namespace: string | null;
}

/**
 * A query for the keys of a table that a part of the feed names, each once; its columns are `k1`,
 * `k2`, … A step is named by a line of its own (it went, or a release up to 0.2 made the triggers), or
 * by its episode's.
 */
function keysNamed(name: TableName, range: FeedRange): Query {
  const named = keysOf(name).map((_, i) => `k${i + 1}`);
  const lines = linesOf(name, range);
  const own = `SELECT DISTINCT ${named.join(", ")} FROM _changes WHERE ${lines.sql}`;
  if (name !== "steps") return { sql: own, args: lines.args };
  const episodes = linesOf("episodes", range);
  return {
    sql: `${own} UNION SELECT s.namespace, s.episode_id, s.number
      FROM (SELECT DISTINCT k1, k2 FROM _changes WHERE ${episodes.sql}) e
      CROSS JOIN steps s ON s.namespace = e.k1 AND s.episode_id = e.k2`,
    args: [...lines.args, ...episodes.args],
  };
}

function linesOf(name: TableName, { from, to, namespace }: FeedRange): Query {
  const conditions = ["seq > ?", `t = '${name}'`];
  const args: (string | number)[] = [from];
  if (to !== null) {
    conditions.push("seq <= ?");
    args.push(to);
  }
  if (namespace !== null && name === "api_keys") conditions.push("0");
  else if (namespace !== null) {
    conditions.push("k1 = ?");
    args.push(namespace);
  }
  return { sql: conditions.join(" AND "), args };
}

/**
 * Rows of a table that the feed names between two numbers, each once, in key order. Columns: the
 * key as the feed has it, 1 if the row is there, 1 if it is in the scope, then the table's columns.
 */
export function changedQuery(name: TableName, from: number, to: number, scope: ExportScope): Query {
  const keys = keysOf(name);
  const named = keys.map((_, i) => `c.k${i + 1}`);
  const where = scopeCondition(name, scope);
  const changed = keysNamed(name, { from, to, namespace: scope.namespace });
  return {
    sql: `SELECT ${named.join(", ")}, t.${keys[0] ?? ""} IS NOT NULL, coalesce(${where.sql}, 0),
        ${TABLES[name].columns.map((column) => `t.${column}`).join(", ")}
      FROM (${changed.sql}) c
      LEFT JOIN ${name} t ON ${keys.map((key, i) => `t.${key} = c.k${i + 1}`).join(" AND ")}
      ORDER BY ${named.join(", ")}`,
    args: [...where.args, ...changed.args],
  };
}

/** Keys of a table that the feed names behind a number, each once. */
export function changedKeysQuery(name: TableName, since: number): Query {
  return keysNamed(name, { from: since, to: null, namespace: null });
}

/** One row: how many rows the table has. */
export const countQuery = (name: TableName): Query => ({
  sql: `SELECT count(*) FROM ${name}`,
  args: [],
});

/** Lines of the feed that one `pruneChanges` deletes, so that it is short. */
export const PRUNED_AT_ONCE = 20_000;

/**
 * Statements that delete the oldest lines of the feed, none above `to`; to be repeated until none is
 * left. Afterwards no backup below `to` can be a parent.
 */
export function pruneChanges(to: number): { sql: string; args: number[] }[] {
  return [
    { sql: "UPDATE _feed SET pruned_to = max(pruned_to, ?)", args: [to] },
    {
      sql: `DELETE FROM _changes WHERE seq IN (SELECT seq FROM _changes WHERE seq <= ? ORDER BY seq LIMIT ?)`,
      args: [to, PRUNED_AT_ONCE],
    },
  ];
}
