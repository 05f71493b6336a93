/**
 * The tables of the database as its first migrations made them. What was applied somewhere is never
 * edited; some of these tables are no longer written to, and go with a later migration.
 *
 * @module
 */

/** What only the database has of what was learned; instances have no such table. */
export const PATTERNS_TABLE = `CREATE TABLE IF NOT EXISTS patterns (
    namespace TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, prefix TEXT NOT NULL, suffix TEXT NOT NULL,
    length INTEGER NOT NULL, success INTEGER NOT NULL, failure INTEGER NOT NULL, episodes INTEGER NOT NULL,
    promoted INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (namespace, id)) STRICT`;

/** The definitions of version 1, FTS5 and triggers included. */
export const FIRST_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS episodes (
    namespace TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT, domain TEXT NOT NULL, language TEXT,
    framework TEXT, task_type TEXT NOT NULL, task TEXT NOT NULL, tags TEXT NOT NULL, started_at INTEGER NOT NULL,
    ended_at INTEGER, updated_at INTEGER NOT NULL, version INTEGER NOT NULL, step_count INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (namespace, id)) STRICT`,
  `CREATE INDEX IF NOT EXISTS episodes_newest ON episodes (namespace, started_at DESC, id DESC)`,
  `CREATE INDEX IF NOT EXISTS episodes_open ON episodes (status, updated_at)`,
  `CREATE TABLE IF NOT EXISTS steps (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, episode_id, number)) STRICT`,
  `CREATE TABLE IF NOT EXISTS relationships (
    namespace TEXT NOT NULL, from_id TEXT NOT NULL, type TEXT NOT NULL, to_id TEXT NOT NULL, created_at INTEGER NOT NULL,
    reason TEXT, PRIMARY KEY (namespace, from_id, type, to_id)) STRICT`,
  `CREATE INDEX IF NOT EXISTS relationships_to ON relationships (namespace, to_id)`,
  `CREATE TABLE IF NOT EXISTS tombstones (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, deleted_at INTEGER NOT NULL,
    PRIMARY KEY (namespace, episode_id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS recalls (
    namespace TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS feedback (
    namespace TEXT NOT NULL, recall_id TEXT NOT NULL, updated_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, recall_id)) STRICT`,
  `CREATE TABLE IF NOT EXISTS api_keys (id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS digests (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, version INTEGER NOT NULL, domain TEXT NOT NULL,
    status TEXT NOT NULL, outcome TEXT, ended_at INTEGER NOT NULL, relevance REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, episode_id)) STRICT`,
  `CREATE INDEX IF NOT EXISTS digests_relevance ON digests (namespace, relevance)`,
  PATTERNS_TABLE,
  `CREATE INDEX IF NOT EXISTS patterns_prefix ON patterns (namespace, kind, prefix)`,
  `CREATE INDEX IF NOT EXISTS patterns_suffix ON patterns (namespace, kind, suffix)`,
  `CREATE INDEX IF NOT EXISTS patterns_support ON patterns (namespace, kind, episodes DESC)`,
  `CREATE TABLE IF NOT EXISTS domains (
    namespace TEXT NOT NULL, domain TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (namespace, domain)) STRICT`,
  `CREATE TABLE IF NOT EXISTS search_docs (
    docid INTEGER PRIMARY KEY, namespace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, task_terms TEXT NOT NULL,
    tag_terms TEXT NOT NULL, outcome_terms TEXT NOT NULL, tool_terms TEXT NOT NULL, error_terms TEXT NOT NULL,
    trigrams TEXT NOT NULL, lengths TEXT NOT NULL, UNIQUE (namespace, kind, id)) STRICT`,
  `CREATE VIRTUAL TABLE IF NOT EXISTS search_index USING fts5 (
    task_terms, tag_terms, outcome_terms, tool_terms, error_terms, trigrams,
    content='', contentless_delete=1, tokenize='ascii')`,
  `CREATE VIRTUAL TABLE IF NOT EXISTS search_terms USING fts5vocab (search_index, 'row')`,
  `CREATE TRIGGER IF NOT EXISTS search_docs_insert AFTER INSERT ON search_docs BEGIN
    INSERT INTO search_index (rowid, task_terms, tag_terms, outcome_terms, tool_terms, error_terms, trigrams)
    VALUES (new.docid, new.task_terms, new.tag_terms, new.outcome_terms, new.tool_terms, new.error_terms, new.trigrams); END`,
  `CREATE TRIGGER IF NOT EXISTS search_docs_delete AFTER DELETE ON search_docs BEGIN
    DELETE FROM search_index WHERE rowid = old.docid; END`,
  `CREATE TRIGGER IF NOT EXISTS search_docs_update AFTER UPDATE ON search_docs BEGIN
    DELETE FROM search_index WHERE rowid = old.docid;
    INSERT INTO search_index (rowid, task_terms, tag_terms, outcome_terms, tool_terms, error_terms, trigrams)
    VALUES (new.docid, new.task_terms, new.tag_terms, new.outcome_terms, new.tool_terms, new.error_terms, new.trigrams); END`,
];

/** Since version 3 of the schema: semantic vectors, which only a deployment with a provider has. */
export const VECTORS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS vectors (
    namespace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, model TEXT NOT NULL, dimension INTEGER NOT NULL,
    embedded_at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (namespace, kind, id, model)) STRICT`,
  `CREATE INDEX IF NOT EXISTS vectors_latest ON vectors (namespace, kind, model, embedded_at DESC)`,
];

/** Since version 5 of the schema: what agents and people wrote. */
export const CURATED_SCHEMA: readonly string[] = [
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
];

/** Since version 6 of the schema: what each namespace is set to. */
export const NAMESPACE_SETTINGS_SCHEMA = `CREATE TABLE IF NOT EXISTS namespace_settings (
  namespace TEXT NOT NULL, name TEXT NOT NULL, updated_at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (namespace, name)) STRICT`;

/** The tables of version 1 that the change feed watches, each with the columns of its key. */
export const FIRST_KEYS: readonly (readonly [table: string, keys: readonly string[]])[] = [
  ["episodes", ["namespace", "id"]],
  ["steps", ["namespace", "episode_id", "number"]],
  ["relationships", ["namespace", "from_id", "type", "to_id"]],
  ["tombstones", ["namespace", "episode_id"]],
  ["recalls", ["namespace", "id"]],
  ["feedback", ["namespace", "recall_id"]],
  ["api_keys", ["id"]],
  ["digests", ["namespace", "episode_id"]],
  ["patterns", ["namespace", "id"]],
  ["domains", ["namespace", "domain"]],
  ["search_docs", ["namespace", "kind", "id"]],
];
