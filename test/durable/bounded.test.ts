import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Statements outside of storage/slices.ts that read whole rows, by file, each with what bounds them
 * in bytes. A new one fails this test until it goes through a slice, or stands here with its
 * reason.
 */
const STATEMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "src/backup/restore/portion-sql.ts": {
    "SELECT ${columns.map(named)": "within the database: a portion is at most 1 MB",
  },
  "src/durable/outbox/batch.ts": {
    "SELECT k.key AS named_at, ${columns": "rows that fit into a slice",
    "SELECT k.key AS named_at, ${lengths": "numbers",
    "SELECT ${columns} FROM ${STEPS}": "as they are fetched, into a slice",
  },
  "src/durable/instance/episodes/store/episode-rows.ts": {
    "SELECT 0 AS number, body FROM episodes": "one episode: episode_bytes_max",
    "SELECT body FROM episodes WHERE namespace = ? AND id = ?": "one row",
    "SELECT body FROM steps WHERE namespace = ? AND episode_id = ?":
      "one episode: episode_bytes_max",
    "SELECT number, body FROM steps": "one episode: episode_bytes_max",
    "SELECT ${EPISODE_COLUMNS} FROM episodes": "one row",
    "SELECT ${TABLES.steps.columns": "as they are fetched, into a slice",
  },
  "src/durable/instance/episodes/store/queries/count-query.ts": {
    "SELECT (e.ended_at": "numbers of at most 60 weeks",
  },
  "src/durable/instance/episodes/traces/trace-rows.ts": {
    "SELECT * FROM traces WHERE namespace = ? AND id = ?": "one row",
    "SELECT * FROM traces WHERE due_at": "a bounded number of rows of bounded texts",
    "SELECT * FROM traces WHERE namespace = ? AND open_at":
      "a bounded number of rows of bounded texts",
    "SELECT body FROM trace_spans WHERE namespace = ? AND id = ? AND span = ?": "one row",
    "SELECT body FROM trace_spans WHERE namespace = ? AND id = ? ORDER":
      "one trace: trace_bytes_max",
  },
  "src/durable/instance/requests/kept-answers.ts": {
    "SELECT fingerprint, result FROM idempotency": "one row",
    "SELECT substr(scope": "numbers",
    "SELECT scope, created_at": "numbers",
    "SELECT scope, octet_length(result)": "names and numbers",
  },
  "src/durable/webhooks/deliveries.ts": {
    "SELECT seq, webhook, event, body, tries": "six rows of bounded texts",
  },
  "src/durable/coordinator/control-store.ts": { "SELECT body FROM control": "one row" },
  "src/durable/coordinator/rollout.ts": { "SELECT body FROM rollout": "one row" },
  "src/durable/coordinator/r2-breaker.ts": { "SELECT body FROM breakers": "one row" },
  "src/durable/instance/placement/holdings.ts": { "SELECT ${TABLES[table].columns": "takeSlice" },
  "src/durable/coordinator/monitoring/audit-log.ts": {
    "SELECT * FROM audit WHERE what <>": "a bounded number of rows of bounded texts",
    "SELECT * FROM audit WHERE seq": "a bounded number of rows of bounded texts",
    "SELECT * FROM audit WHERE what =": "a bounded number of rows of bounded texts",
  },
  "src/durable/coordinator/monitoring/incidents.ts": {
    "SELECT * FROM incidents WHERE at": "a bounded number of rows of bounded texts",
    "SELECT * FROM incidents WHERE stored": "a bounded number of rows of bounded texts",
  },
  "src/durable/coordinator/jobs/ledger.ts": {
    "SELECT * FROM jobs WHERE key": "one row",
    "SELECT * FROM jobs WHERE id": "one row",
    "SELECT * FROM jobs WHERE status": "queued jobs, whose number is bounded",
    "SELECT * FROM jobs WHERE kind IN": "a page of rows whose results are bounded",
  },
  "src/durable/coordinator/jobs/carry-over.ts": {
    "INSERT INTO job_last_runs": "within the storage: the last run of each name",
    "INSERT OR IGNORE INTO jobs": "within the storage: a hundred runs a name of bounded texts",
  },
  "src/durable/coordinator/jobs/last-runs.ts": {
    "SELECT * FROM job_last_runs": "the last run of each name",
  },
  "src/durable/coordinator/api-keys.ts": {
    "SELECT body FROM api_keys": "keys_bytes_max",
    "SELECT sum(octet_length(body))": "a number",
  },
  "src/durable/instance/requests/api-keys.ts": {
    "SELECT body FROM keys WHERE hash": "one row",
    "SELECT hash, body FROM keys": "keys_bytes_max",
  },
  "src/durable/instance/knowledge/loading/slices.ts": {
    "SELECT body FROM feedback": "judgements of before the namespace was loaded, each bounded",
  },
  "src/durable/instance/knowledge/feedback/export.ts": { "SELECT body FROM feedback": "takeSlice" },
  "src/durable/instance/knowledge/feedback/judgements.ts": {
    "SELECT body FROM feedback": "one row",
  },
  "src/durable/instance/knowledge/namespace-settings.ts": {
    "SELECT name, updated_at, body FROM namespace_settings": "filters_max bounded filters",
    "SELECT name, body FROM namespace_settings": "as many as there are settings, each bounded",
    "SELECT s.name, s.body FROM namespace_settings_loaded l":
      "as many as there are settings, each bounded",
  },
  "src/durable/instance/knowledge/questions/recalls.ts": {
    "SELECT body FROM recalls WHERE namespace = ? AND id = ?": "one row",
    "SELECT json_extract(body, '$.forecast')": "the forecasts of 500 rows, each of five tools",
    "SELECT l.value AS id, count(*)": "numbers, of a thousand recalls",
  },
  "src/durable/instance/knowledge/curated/curated-rows.ts": {
    "SELECT id, updated_at, body FROM lessons WHERE namespace = ? AND id": "one row",
    "SELECT id, updated_at, body FROM lessons WHERE namespace = ?":
      "lessons_max, and a thousand that were deleted, each bounded",
    "SELECT source, episode_id, counted_at, success, failure, body FROM lesson_evidence":
      "lesson_evidence_max of bounded texts",
    "SELECT kind, id, updated_at, body FROM curation WHERE namespace = ? AND kind <>":
      "curation_max, each bounded",
    "SELECT kind, id, updated_at, body FROM curation WHERE namespace = ? AND kind = ?": "one row",
    "SELECT body FROM curation WHERE namespace = ? AND kind = ? AND id = ?": "one row",
  },
  "src/durable/instance/knowledge/learned/digests.ts": {
    "SELECT id, episode, body FROM learned_digests WHERE id IN":
      "as many digests as a search scores, each bounded",
    "SELECT id, episode, body FROM learned_digests WHERE id > ?":
      "digests since the last checkpoint, whose number is bounded",
    "SELECT id, episode, body FROM learned_digests WHERE id >= ?": "as they are fetched",
  },
  "src/durable/instance/knowledge/learned/domains.ts": {
    "SELECT domain, body FROM learned_domains":
      "as they are fetched: each is bounded, and all are in memory",
  },
  "src/durable/instance/knowledge/learned/log.ts": {
    "SELECT kind, after, number, episode, body FROM learned_log":
      "what was done since the last checkpoint, whose number is bounded",
  },
  "src/durable/instance/knowledge/former-tables.ts": {
    "INSERT OR IGNORE INTO ${PENDING_TABLE}": "within the storage: one row",
    "SELECT seq, namespace, episode_id, body FROM ${PENDING_TABLE}": "fifty digests, each bounded",
  },
  "src/durable/instance/knowledge/learned/patterns.ts": {
    "SELECT id, body FROM learned_patterns WHERE namespace = ? AND code IN":
      "the patterns of one digest, which is bounded, or as many as are decided at once",
    "SELECT id, body FROM learned_patterns WHERE id IN":
      "as many patterns as a search scores, or as are published at once",
    "SELECT id, body FROM learned_patterns WHERE ${conditions": "as they are fetched",
    "SELECT id, body FROM learned_patterns WHERE namespace = ? AND grouping IN":
      "the patterns that a step calls for, each bounded",
  },
  "src/durable/instance/knowledge/learned/segments.ts": {
    "SELECT body FROM learned_leaves": "one leaf, which is bounded",
  },
  "src/durable/instance/knowledge/questions/proof-of-use.ts": {
    "SELECT total(json_array_length(body": "numbers",
  },
  "src/durable/instance/knowledge/vectors/vectors.ts": {
    "SELECT id, body FROM vectors": "looked at as they are fetched",
  },
  "src/durable/instance/episodes/store/queries/list-query.ts": {
    "SELECT body FROM ${text}": "as they are fetched, into a slice",
    "(SELECT * FROM episodes WHERE namespace = ? AND id IN": "a part of the statement above",
  },
  "src/durable/instance/status/usage-counts.ts": {
    "SELECT kind, name, counted_at, body FROM usage_counts": "two thousand rows of numbers",
  },
  "src/durable/instance/episodes/store/open-episodes.ts": {
    "SELECT coalesce(opener": "numbers, of twenty thousand records of 16 KB at most",
  },
  "src/durable/shared/metrics-store.ts": {
    "SELECT body FROM metrics": "a row a series, which the registry bounds",
    "SELECT body FROM metrics_recent": "one row, of less than a page",
  },
  "src/durable/instance/placement/shard-rows.ts": { "SELECT ${columns} FROM ${table}": "one row" },
  "src/durable/instance/episodes/relationships.ts": {
    "SELECT ${COLUMNS} FROM relationships WHERE namespace = ? AND from_id IN":
      "of one page of episodes, whose sizes count",
    "SELECT ${COLUMNS} FROM relationships WHERE namespace = ? AND from_id = ? AND type": "one row",
    "SELECT ${COLUMNS} FROM relationships WHERE namespace = ?1": "relationships_max of one episode",
  },
  "src/durable/coordinator/monitoring/samples.ts": {
    "SELECT body FROM metric_samples WHERE at": "ninety days of samples of known size",
    "SELECT body FROM metric_samples ORDER BY at DESC LIMIT 1": "one row",
  },
  "src/durable/shared/tables/snapshots.ts": {
    "SELECT rowid AS _rowid, *": "takeSlice",
    "SELECT ${TABLES[STEPS].columns": "as they are fetched, into a slice",
    "SELECT ${TABLES[table].columns": "one row",
  },
  "src/durable/instance/episodes/store/stored-episodes.ts": {
    "SELECT ${TABLES.episodes.columns": "one row",
    "SELECT k.at, t.body FROM": "so many bytes of steps",
    "SELECT k.id, CASE WHEN": "so many bytes of records",
  },
  "src/durable/coordinator/monitoring/measures.ts": { "SELECT page_count * page_size": "numbers" },
  "src/storage/changes.ts": {
    "SELECT ${TABLES[name].columns": "streamed by a cursor into chunks",
    "SELECT ${named.join": "streamed by a cursor into chunks",
    "SELECT DISTINCT ${named.join": "keys, streamed by a cursor",
  },
  "src/storage/statements.ts": {
    "INSERT INTO ${name}": "what it writes was cut to a slice",
    "SELECT named.value AS name": "a page of names",
  },
  "src/workflows/restore/relearn.ts": {
    "SELECT body FROM episodes": "one row",
    "SELECT body FROM steps": "four steps, each bounded",
  },
};

/** String and template literals, whose `${…}` may hold braces. */
const LITERAL = /`(?:\\.|\$\{(?:[^{}]|\{[^}]*\})*\}|[^`\\])*`|"(?:\\.|[^"\\\n])*"/g;
/** Reads values that may be large: bodies, answers, whole rows. */
const WHOLE_ROWS =
  /\bSELECT\b(?:(?!\bFROM\b).)*?(?:\bbody\b|\bresult\b|\*(?!\))|columns|COLUMNS|named)/i;
const MEASURES =
  /^SELECT (?:\w+, )?(?:octet_length\(body\)|count\(|id, octet_length|1 AS n|status, outcome)/;

function statementsIn(file: string): string[] {
  const literals = readFileSync(join(ROOT, file), "utf8").match(LITERAL) ?? [];
  return literals
    .map((literal) => literal.slice(1, -1).replaceAll(/\s+/g, " ").trim())
    .filter(
      (text) =>
        WHOLE_ROWS.test(text) &&
        !/CREATE (?:TABLE|TRIGGER|VIRTUAL)/.test(text) &&
        !MEASURES.test(text),
    );
}

describe("statements that read whole rows", () => {
  const files = globSync("src/**/*.ts", { cwd: ROOT }).filter(
    // What is pure asks nothing: it has expressions that read statements of others.
    (file) => file !== "src/storage/slices.ts" && !file.startsWith("src/memory/"),
  );
  it("go through a slice, or are bounded in another way that stands here", () => {
    const found = files.flatMap((file) => statementsIn(file).map((text) => ({ file, text })));
    expect(found.length).toBeGreaterThan(30);
    const unknown = found.filter(
      ({ file, text }) =>
        !Object.keys(STATEMENTS[file] ?? {}).some((beginning) => text.startsWith(beginning)),
    );
    expect(unknown.map(({ file, text }) => `${file}: ${text.slice(0, 100)}`)).toEqual([]);
  });

  it("are all still there", () => {
    const gone = Object.entries(STATEMENTS).flatMap(([file, known]) => {
      const texts = statementsIn(file);
      return Object.keys(known)
        .filter((beginning) => !texts.some((text) => text.startsWith(beginning)))
        .map((beginning) => `${file}: ${beginning}`);
    });
    expect(gone).toEqual([]);
  });

  it("are written into an object's own storage row by row, never as one JSON text of all rows", () => {
    // What goes to the database as one argument was cut to a slice before.
    const allowed = [
      "src/durable/outbox/batch.ts",
      "src/storage/statements.ts",
      "src/storage/index.ts",
      // To the database, some hundred patterns at once.
      "src/durable/instance/knowledge/publisher.ts",
    ];
    const users = files.filter((file) => /\bupsert\(/.test(readFileSync(join(ROOT, file), "utf8")));
    expect(users.filter((file) => !allowed.includes(file))).toEqual([]);
  });
});
