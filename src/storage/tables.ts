/**
 * The tables that an instance and the database share: same names, same columns, so that one SQL
 * text serves both and the outbox can ship any row by its key. `body` columns are JSON in the shape
 * of the type named beside them. The columns of this list decide what is done to the rows of each
 * table: flush, hand-over, erasure, snapshot, restore.
 *
 * @module
 */

import type { Row, SqlValue } from "./sql.ts";

export interface Table {
  /** The columns, keys first; each is TEXT or INTEGER. */
  columns: readonly string[];
  /**
   * How many of the first columns are the primary key. Every key begins with the namespace, but for
   * `api_keys`.
   */
  key: number;
  /**
   * Columns beside the key that follow from it, and never change: writing them would write their
   * indexes again.
   */
  fixed?: readonly string[];
  /**
   * Which object a row lives at: the instance that the second key column (an episode's id) hashes
   * to, the instance that the namespace hashes to, the Coordinator, or none: the database alone has
   * what is written for people. A hand-over takes the rows of an episode or a namespace with it, an
   * instance's snapshot takes all rows that it holds.
   */
  home: "episode" | "namespace" | "coordinator" | "database";
  /** The file (without `.ts`) or folder of `src/durable` that alone runs SQL of its own on it. */
  owner: string;
  /** Derived rows may wait; what a client wrote is sent as soon as possible. */
  lazy: boolean;
  /**
   * How a restore asks instances for the rows that a backup lacks, and how their copies are read
   * again afterwards. episode: with all of the episode; rows: by themselves; knowledge: by
   * themselves, and read again by the namespace's loader; none: neither.
   */
  restore: "episode" | "rows" | "knowledge" | "none";
}

export const TABLES = {
  /**
   * body: Episode (memory/model). Times in ms. tags: JSON array of the context's and the episode's
   * tags.
   */
  episodes: {
    columns: [
      "namespace",
      "id",
      "status",
      "outcome",
      "domain",
      "language",
      "framework",
      "task_type",
      "task",
      "tags",
      "started_at",
      "ended_at",
      "updated_at",
      "version",
      "step_count",
      "body",
    ],
    key: 2,
    home: "episode",
    owner: "instance/episodes/store",
    lazy: false,
    restore: "episode",
  },
  /** body: Step. */
  steps: {
    columns: ["namespace", "episode_id", "number", "body"],
    key: 3,
    home: "episode",
    owner: "instance/episodes/store",
    lazy: false,
    restore: "episode",
  },
  relationships: {
    columns: ["namespace", "from_id", "type", "to_id", "created_at", "reason"],
    key: 4,
    home: "namespace",
    owner: "instance/episodes/relationships",
    lazy: false,
    restore: "rows",
  },
  /** Episodes that were deleted, so that a backup taken before does not bring them back. */
  tombstones: {
    columns: ["namespace", "episode_id", "deleted_at"],
    key: 2,
    home: "episode",
    owner: "instance/episodes/store",
    lazy: false,
    restore: "rows",
  },
  /** body: FeedbackRecord (durable/knowledge). */
  feedback: {
    columns: ["namespace", "recall_id", "updated_at", "body"],
    key: 2,
    home: "namespace",
    owner: "instance/knowledge",
    lazy: false,
    restore: "knowledge",
  },
  /** What agents and people said for the next run. body: LessonRecord (durable/knowledge). */
  lessons: {
    columns: ["namespace", "id", "updated_at", "body"],
    key: 2,
    home: "namespace",
    owner: "instance/knowledge/curated",
    lazy: false,
    restore: "rows",
  },
  /**
   * A statement or a use of a lesson, which it is counted from. episode_id: '' where it goes with
   * none. said_count: 1 for a statement, whose body it is as JSON; of a use the body is ''. success,
   * failure: thousandths of a use.
   */
  lesson_evidence: {
    columns: [
      "namespace",
      "lesson_id",
      "source",
      "episode_id",
      "counted_at",
      "said_count",
      "success",
      "failure",
      "body",
    ],
    key: 3,
    home: "namespace",
    owner: "instance/knowledge/curated",
    lazy: false,
    restore: "rows",
  },
  /** What people decided about an item. body: CurationRecord (durable/knowledge). */
  curation: {
    columns: ["namespace", "kind", "id", "updated_at", "body"],
    key: 3,
    home: "namespace",
    owner: "instance/knowledge/curated",
    lazy: false,
    restore: "rows",
  },
  /** What a namespace is set to, a row a setting. body: the value as JSON; null: the default. */
  namespace_settings: {
    columns: ["namespace", "name", "updated_at", "body"],
    key: 2,
    home: "namespace",
    owner: "instance/knowledge/namespace-settings",
    lazy: false,
    restore: "rows",
  },
  /** body: KeyRecord (durable). */
  api_keys: {
    columns: ["id", "hash", "body"],
    key: 1,
    home: "coordinator",
    owner: "coordinator/api-keys",
    lazy: false,
    restore: "none",
  },
  /**
   * What was learned, for people: of it is read only which patterns are heuristics. body:
   * PatternRow. prefix and suffix: the tools but the last, and but the first, joined by U+001F
   * (tool_sequence); the condition (other kinds). length: number of tools. success, failure,
   * episodes: sums over all buckets.
   */
  patterns: {
    columns: [
      "namespace",
      "id",
      "kind",
      "prefix",
      "suffix",
      "length",
      "success",
      "failure",
      "episodes",
      "promoted",
      "last_seen_at",
      "body",
    ],
    key: 2,
    // The id is made of the content.
    fixed: ["kind", "prefix", "suffix", "length"],
    home: "database",
    owner: "instance/knowledge/publisher",
    lazy: true,
    restore: "none",
  },
  /** body: the vector as memory/vector packs it. One for each item and model. */
  vectors: {
    columns: ["namespace", "kind", "id", "model", "dimension", "embedded_at", "body"],
    key: 4,
    home: "namespace",
    owner: "instance/knowledge",
    lazy: true,
    restore: "knowledge",
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof TABLES;

/** In the order in which they are written and read. */
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The values of a row, in the order of its table's columns; what it lacks is NULL. */
export function valuesOf(name: TableName, row: Row): SqlValue[] {
  return TABLES[name].columns.map((column) => row[column] ?? null);
}

/** The columns of a table's key, in their order. */
export function keyColumns(name: TableName): string[] {
  const { columns, key } = TABLES[name];
  return columns.slice(0, key);
}

/** An SQL condition on one row by its key, whose values are the arguments in their order. */
export function keyCondition(name: TableName): string {
  return keyColumns(name)
    .map((column) => `${column} = ?`)
    .join(" AND ");
}

/**
 * The steps in an object's own storage. Without a rowid, a step is one row that is written, and not
 * one more for the index of its key.
 */
export const STEPS_TABLE = `CREATE TABLE IF NOT EXISTS steps (
  namespace TEXT NOT NULL, episode_id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (namespace, episode_id, number)) STRICT, WITHOUT ROWID`;

/** The tables of an object's own storage that it shares with the database. */
export const SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS lessons (
    namespace TEXT NOT NULL, id TEXT NOT NULL, updated_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS lesson_evidence (
    namespace TEXT NOT NULL, lesson_id TEXT NOT NULL, source TEXT NOT NULL,
    episode_id TEXT NOT NULL, counted_at INTEGER NOT NULL, said_count INTEGER NOT NULL,
    success INTEGER NOT NULL, failure INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (namespace, lesson_id, source)) STRICT`,
  `CREATE INDEX IF NOT EXISTS lesson_evidence_episode
    ON lesson_evidence (namespace, episode_id)`,
  `CREATE TABLE IF NOT EXISTS curation (
    namespace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, updated_at INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (namespace, kind, id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS episodes (
    namespace TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT, domain TEXT NOT NULL, language TEXT,
    framework TEXT, task_type TEXT NOT NULL, task TEXT NOT NULL, tags TEXT NOT NULL, started_at INTEGER NOT NULL,
    ended_at INTEGER, updated_at INTEGER NOT NULL, version INTEGER NOT NULL, step_count INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (namespace, id)) STRICT`,
  `CREATE INDEX IF NOT EXISTS episodes_newest ON episodes (namespace, started_at DESC, id DESC)`,
  // Of earlier releases: it changed with every step.
  `DROP INDEX IF EXISTS episodes_open`,
  `CREATE INDEX IF NOT EXISTS episodes_running ON episodes (namespace, id)
    WHERE status = 'in_progress'`,
  STEPS_TABLE,
  `CREATE TABLE IF NOT EXISTS relationships (
    namespace TEXT NOT NULL, from_id TEXT NOT NULL, type TEXT NOT NULL, to_id TEXT NOT NULL, created_at INTEGER NOT NULL,
    reason TEXT, PRIMARY KEY (namespace, from_id, type, to_id)) STRICT`,
  `CREATE INDEX IF NOT EXISTS relationships_to ON relationships (namespace, to_id)`,
  `CREATE TABLE IF NOT EXISTS tombstones (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, deleted_at INTEGER NOT NULL,
    PRIMARY KEY (namespace, episode_id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS feedback (
    namespace TEXT NOT NULL, recall_id TEXT NOT NULL, updated_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, recall_id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS namespace_settings (
    namespace TEXT NOT NULL, name TEXT NOT NULL, updated_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, name)) STRICT`,
  `CREATE TABLE IF NOT EXISTS api_keys (id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS vectors (
    namespace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, model TEXT NOT NULL, dimension INTEGER NOT NULL,
    embedded_at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (namespace, kind, id, model)) STRICT`,
  `CREATE INDEX IF NOT EXISTS vectors_latest ON vectors (namespace, kind, model, embedded_at DESC)`,
];
