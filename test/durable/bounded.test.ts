import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CommandName } from "../../src/durable/shared/coordinator.ts";
import type { InternalOperationName } from "../../src/durable/shared/instance/protocol.ts";
import type { OperationName } from "../../src/contract/operations.ts";

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
  },
  "src/durable/coordinator/control-store.ts": { "SELECT body FROM control": "one row" },
  "src/durable/coordinator/rollout.ts": { "SELECT body FROM rollout": "one row" },
  "src/durable/coordinator/r2-breaker.ts": { "SELECT body FROM breakers": "one row" },
  "src/durable/instance/placement/holdings.ts": { "SELECT ${TABLES[table].columns": "takeSlice" },
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
    "SELECT body FROM keys": "keys_bytes_max",
  },
  "src/durable/instance/knowledge/loading/slices.ts": {
    "SELECT body FROM feedback": "judgements of before the namespace was loaded, each bounded",
  },
  "src/durable/instance/knowledge/feedback/export.ts": { "SELECT body FROM feedback": "takeSlice" },
  "src/durable/instance/knowledge/feedback/judgements.ts": {
    "SELECT body FROM feedback": "one row",
  },
  "src/durable/instance/knowledge/namespace-settings.ts": {
    "SELECT name, body FROM namespace_settings": "as many as there are settings, each bounded",
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
  "src/durable/instance/episodes/store/list-query.ts": {
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
  "src/durable/instance/episodes/store/episode-loader.ts": {
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

/**
 * How the arguments and the answer of each call between objects stay under 32 MiB. It does not
 * compile without one.
 */
const small = "numbers, names and texts of bounded length";
const episode = "one episode: episode_bytes_max";
const page = "a page: page_bytes";
const slice = "a slice: slice_bytes, or one row";
const INTERNALS: Readonly<Record<InternalOperationName, string>> = {
  health: small,
  metrics: small,
  gather: "merged (merges.ts), or small answers of at most instances_max instances",
  count: small,
  keys: "keys_bytes_max",
  baseline: small,
  learn: "a digest: digest_path_bytes",
  forget: small,
  overlay: `${page}, and 28 MB of ids at most`,
  counts: "a row a status, outcome and domain, and 28 MB of ids at most",
  episodes: `${page}, by episode_sizes`,
  episode_sizes: small,
  exists: small,
  relate: "the relationships of one line of an import: import_line_max_bytes",
  redaction: small,
  next: episode,
  lessons_for: "a bounded number of bounded texts",
  erase_begin: small,
  erase_end: small,
  control: small,
  view: small,
  flush: small,
  dead: "a bounded number of letters of bounded texts",
  retry_dead: small,
  sync: "names of namespaces",
  digests: slice,
  rate_take: small,
  shard_ensure: small,
  shard_read: slice,
  shard_drop: small,
  logs: "256 KiB of lines",
  usage: "2,000 names of bounded length with numbers, of each kind",
  namespaces: "a page of names",
  restore_hold: small,
  restore_done: small,
  restore_holdings: slice,
  snapshot: slice,
  restore_local: slice,
};
const OPERATIONS: Readonly<Record<OperationName, string>> = {
  authorize: small,
  "episode.start": "body_max_bytes",
  "episode.get": episode,
  "episode.patch": "record_bytes_max",
  "episode.delete": small,
  "episode.steps": "body_max_bytes",
  "episode.complete": "record_bytes_ceiling",
  "episode.fail": "record_bytes_ceiling",
  "episode.checkpoint": "checkpoint_state_max_bytes",
  "episode.handoff": episode,
  "episode.recent": "recent_steps_max_bytes",
  "episode.tags.get": small,
  "episode.tags.add": small,
  "episode.tags.remove": small,
  "episode.import": "import_line_max_bytes",
  "spans.take": "body_max_bytes",
  "episodes.import": "lines of an import: slice_bytes, or import_line_max_bytes of one",
  "relationships.add": small,
  "relationships.list": "relationships_max of bounded texts",
  "relationships.remove": small,
  "episodes.list": page,
  "episodes.export": page,
  recall: "recall_max episodes and patterns of bounded texts",
  advise: "a bounded number of bounded texts",
  search: "page_max hits of bounded texts",
  "patterns.list": "page_max patterns of bounded texts",
  "patterns.get": small,
  "heuristics.list": "page_max heuristics of bounded texts",
  playbook: "a bounded number of bounded texts",
  feedback: "feedback_used_max ids",
  "feedback.export": page,
  "feedback.import": "import_line_max_bytes",
  "lessons.add": small,
  "lessons.list": "page_max lessons of bounded texts",
  "lessons.get": small,
  "lessons.amend": small,
  "lessons.remove": small,
  "lessons.import": "import_line_max_bytes",
  "lessons.export": page,
  "curation.decide": small,
  "curation.list": "page_max decisions of bounded texts",
  "curation.export": "two hundred decisions of bounded texts",
  "curation.import": "import_line_max_bytes",
  "review.get": small,
  "review.set": small,
  stats: "a bounded number of domains",
  "namespaces.list": "page_max names",
  "namespace.erase": small,
  "namespace.settings": small,
  "namespace.set": small,
};
const COMMANDS: Readonly<Record<CommandName, string>> = {
  "config.get": small,
  "config.set": small,
  "mode.set": small,
  "breaker.order": "one view an instance",
  "cluster.view": "one view an instance",
  "cluster.resize": "one view an instance",
  "outbox.flush": "one view an instance",
  "outbox.drain": "one view an instance",
  "outbox.dead": "a bounded number of letters of bounded texts",
  "outbox.retry_dead": small,
  "knowledge.sync": "names of namespaces",
  "usage.get": "two hundred names of bounded length with numbers, of each kind",
  "keys.create": small,
  "keys.list": "keys_bytes_max",
  "keys.revoke": small,
  "keys.records": "keys_bytes_max",
  "migrations.plan": "the statements of all migrations",
  "migrations.execute": "the statements of all migrations",
  "jobs.start": small,
  "jobs.list": "a bounded number of jobs",
  "jobs.get": "one job, whose result is bounded",
  "jobs.cancel": "one job, whose result is bounded",
  "jobs.begin": small,
  "jobs.acquire": small,
  "jobs.report": small,
  "jobs.finish": "one result",
  "control.get": small,
  "instance.note": small,
  "instance.report": small,
  "topology.adopt": small,
  "topology.settled": small,
  "write_lease.acquire": small,
  "write_lease.release": small,
  "release.answers": small,
  "metrics.get": "a row a series, which the registry bounds",
  "facts.get": small,
  "health.report": small,
  "backups.found": small,
  "samples.add": small,
  "samples.hourly": "ninety days of samples",
  "logs.recent": "256 KiB of lines",
  "incidents.timeline": "2,000 incidents of bounded texts, and ninety days of samples",
  "history.prune": small,
  "cluster.instance_count": small,
  "snapshot.page": slice,
  "restore.hold": small,
  "restore.release": small,
  "restore.holdings": slice,
  "restore.put_local": slice,
  "restore.bring_back_keys": "keys that an operator named, a bounded number",
  "restore.put_settings": small,
  "knowledge.learn": "a digest",
  "r2.report": small,
};

describe("calls between objects", () => {
  it("each say what bounds them", () => {
    for (const calls of [INTERNALS, OPERATIONS, COMMANDS]) {
      expect(Object.values(calls).every((bound) => bound.length > 3)).toBe(true);
    }
  });
});
