/**
 * The tables of what an instance has learned. They are its own: all of it follows from episodes
 * and judgements, which the database has.
 *
 * Keys of many rows are one number: that of the namespace, times 2³², and a number of its own. So
 * a row is one write, and a namespace is a range.
 *
 * @module
 */

export const LEARNED_SCHEMA: readonly string[] = [
  // head: a `Head` as JSON, as of the last checkpoint. A number is never given again: whoever still
  // reads what was erased finds nothing, rather than another namespace.
  `CREATE TABLE IF NOT EXISTS learned_namespaces (
    number INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
    cursor TEXT NOT NULL, head TEXT NOT NULL) STRICT`,
  // A namespace that is here; what was learned of it may outlive that, for its next home.
  `CREATE TABLE IF NOT EXISTS learned_homes (namespace TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
  // body: as `packDigest` makes it.
  `CREATE TABLE IF NOT EXISTS learned_digests (
    id INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, episode TEXT NOT NULL,
    relevance REAL NOT NULL, body BLOB NOT NULL) STRICT`,
  `CREATE UNIQUE INDEX IF NOT EXISTS learned_digests_episode
    ON learned_digests (namespace, episode)`,
  `CREATE INDEX IF NOT EXISTS learned_digests_relevance ON learned_digests (namespace, relevance)`,
  // What was taken back or judged since the last checkpoint, after which digest. body: as JSON, or
  // a packed digest.
  `CREATE TABLE IF NOT EXISTS learned_log (
    namespace INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, after INTEGER NOT NULL,
    number INTEGER NOT NULL, episode TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (namespace, seq)) STRICT, WITHOUT ROWID`,
  // code: the first 48 bits of the id. grouping: a hash of the kind and of what it is found by.
  `CREATE TABLE IF NOT EXISTS learned_patterns (
    id INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, code INTEGER NOT NULL,
    grouping INTEGER NOT NULL, kind TEXT NOT NULL, episodes INTEGER NOT NULL,
    promoted INTEGER NOT NULL, body BLOB NOT NULL) STRICT`,
  `CREATE INDEX IF NOT EXISTS learned_patterns_code ON learned_patterns (namespace, code)`,
  `CREATE INDEX IF NOT EXISTS learned_patterns_grouping ON learned_patterns (namespace, grouping)`,
  `CREATE INDEX IF NOT EXISTS learned_patterns_support
    ON learned_patterns (namespace, episodes DESC, code)`,
  `CREATE INDEX IF NOT EXISTS learned_patterns_promoted
    ON learned_patterns (namespace, episodes DESC, code) WHERE promoted = 1`,
  // body: a `DomainRow` as JSON.
  `CREATE TABLE IF NOT EXISTS learned_domains (
    namespace INTEGER NOT NULL, domain TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, domain)) STRICT, WITHOUT ROWID`,
  // documents: −1 while its leaves are being written. firsts: the first term of each leaf.
  `CREATE TABLE IF NOT EXISTS learned_segments (
    id INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, place INTEGER NOT NULL,
    documents INTEGER NOT NULL, firsts BLOB NOT NULL) STRICT`,
  `CREATE INDEX IF NOT EXISTS learned_segments_place ON learned_segments (namespace, place)`,
  // id: that of the segment, times 2²⁰, and the leaf's place in it.
  `CREATE TABLE IF NOT EXISTS learned_leaves (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT`,
  // Episodes that were deleted while their namespace was loading.
  `CREATE TABLE IF NOT EXISTS learned_forgotten (
    namespace TEXT NOT NULL, episode TEXT NOT NULL,
    PRIMARY KEY (namespace, episode)) STRICT`,
  // Whether patterns were heuristics where the namespace was learned before, when so many episodes
  // had shown them. code: as that of a pattern.
  `CREATE TABLE IF NOT EXISTS learned_standings (
    namespace TEXT NOT NULL, code INTEGER NOT NULL, episodes INTEGER NOT NULL,
    promoted INTEGER NOT NULL, PRIMARY KEY (namespace, code, episodes)) STRICT, WITHOUT ROWID`,
  // Patterns that the database has as they were. at: since when, ms since the epoch. changed:
  // `ChangedPatterns` as JSON.
  `CREATE TABLE IF NOT EXISTS learned_unpublished (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, namespace INTEGER NOT NULL, at INTEGER NOT NULL,
    changed TEXT NOT NULL) STRICT`,
];

const NAMESPACE_SCALE = 2 ** 32;

/** The key of a row of a namespace. @param number its own, 0…2³²−1 */
export function keyOf(namespace: number, number: number): number {
  return namespace * NAMESPACE_SCALE + number;
}

/** The number of its own that a row's key has. */
export function numberOf(key: number): number {
  return key % NAMESPACE_SCALE;
}

/** Keys of a namespace: from the first to before the second. */
export function keysOf(namespace: number): [from: number, to: number] {
  return [keyOf(namespace, 0), keyOf(namespace + 1, 0)];
}
