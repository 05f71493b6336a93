/**
 * The owner of the table `recalls`: what was recalled for which task, so that feedback finds it.
 *
 * @module
 */

import { MS } from "../../../../contract/limits.ts";
import type { AdviceView, RecallView } from "../../../../contract/recall/answers.ts";
import type { LocalSql } from "../../../../storage/index.ts";
import { isoTime } from "../../../../util/time.ts";
import { Moved } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { ForecastRecord, RecallRecord } from "../records.ts";

export const RECALLS_SCHEMA: readonly string[] = [
  // body: a `RecallRecord` as JSON.
  `CREATE TABLE IF NOT EXISTS recalls (
    namespace TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, id)) STRICT`,
];

/** Recalls older than this can no longer be judged and are forgotten. */
const RECALL_KEPT_MS = 30 * MS.day;
/** Recalls that are looked at for what they showed: the newest. */
const COUNTED_RECALLS = 1_000;
/** Old recalls that go with each new one: one more than comes, so that none is left in the end. */
const FORGOTTEN_AT_ONCE = 2;

/** Recalls, the latest, that are read for what they foretold. */
const FORECASTS_READ = 500;

/** What a recall showed. */
export function recordOfRecall(view: RecallView, task: string, now: number): RecallRecord {
  const patterns = view.patterns.map(({ id }) => id);
  const heuristics = view.heuristics.map(({ pattern_id }) => pattern_id);
  const recoveries = (view.recoveries ?? []).map(({ pattern_id }) => pattern_id);
  return {
    id: view.recall_id,
    task,
    at: isoTime(now),
    episodes: view.episodes.map(({ id }) => id),
    patterns: [...new Set([...patterns, ...heuristics, ...recoveries])],
    playbook: view.playbook?.based_on ?? [],
    heuristics,
    plain: patterns.length,
    ...lessonsIn(view),
  };
}

/** What advice was made from. */
export function recordOfAdvice(
  advice: AdviceView,
  { task, forecast }: { task: string; forecast: ForecastRecord | null },
  now: number,
): RecallRecord {
  const tools = [...advice.next_tools, ...advice.expected_tools];
  const episodes = tools.flatMap((item) => item.episodes);
  const patterns = [...advice.avoid, ...advice.recoveries].flatMap(
    ({ pattern_id }) => pattern_id ?? [],
  );
  return {
    id: advice.recall_id,
    task,
    at: isoTime(now),
    episodes: [...new Set([...episodes, ...(advice.outlook?.episodes ?? [])])],
    patterns: [...new Set(patterns)],
    playbook: [],
    advice: true,
    ...(forecast ? { forecast } : {}),
    ...lessonsIn(advice),
  };
}

function lessonsIn({ lessons = [] }: Pick<RecallView, "lessons">): Pick<RecallRecord, "lessons"> {
  return lessons.length === 0 ? {} : { lessons: lessons.map(({ id }) => id) };
}

/** How many of the last recalls of a namespace showed these lessons, by lesson. */
export function countShown(
  sql: LocalSql,
  namespace: string,
  lessons: readonly string[],
): Map<string, number> {
  const rows = sql.all<{ id: string; n: number }>(
    `SELECT l.value AS id, count(*) AS n FROM
        (SELECT json_extract(body, '$.lessons') AS shown FROM recalls
          WHERE namespace = ? ORDER BY id DESC LIMIT ?) r,
        json_each(coalesce(r.shown, '[]')) l
      WHERE l.value IN (SELECT value FROM json_each(?)) GROUP BY l.value`,
    namespace,
    COUNTED_RECALLS,
    JSON.stringify(lessons),
  );
  return new Map(rows.map(({ id, n }) => [id, n]));
}

/** Stores the record, and forgets the oldest that are too old; in a transaction. Throws `Moved`. */
export function rememberRecall(
  deps: KnowledgeDeps,
  namespace: string,
  record: RecallRecord,
  now: number,
): void {
  if (!deps.isHome(namespace)) throw new Moved(namespace);
  deps.meter.count("memory_recall_total");
  deps.sql.run(
    "INSERT INTO recalls (namespace, id, created_at, body) VALUES (?, ?, ?, ?)",
    namespace,
    record.id,
    now,
    JSON.stringify(record),
  );

  // Their ids begin with the time, so that the first ones are the oldest.
  const oldest = deps.sql.all<{ id: string; created_at: number }>(
    "SELECT id, created_at FROM recalls WHERE namespace = ? ORDER BY id LIMIT ?",
    namespace,
    FORGOTTEN_AT_ONCE,
  );
  for (const { id, created_at } of oldest) {
    if (created_at < now - RECALL_KEPT_MS)
      deps.sql.run("DELETE FROM recalls WHERE namespace = ? AND id = ?", namespace, id);
  }
}

/** The forecasts among the latest recalls, the newest first. */
export function latestForecasts(sql: LocalSql, namespace: string): ForecastRecord[] {
  const rows = sql.all<{ forecast: string | null }>(
    `SELECT json_extract(body, '$.forecast') AS forecast FROM (
      SELECT body FROM recalls WHERE namespace = ? ORDER BY id DESC LIMIT ?)`,
    namespace,
    FORECASTS_READ,
  );
  return rows.flatMap(({ forecast }) =>
    forecast === null ? [] : [JSON.parse(forecast) as ForecastRecord],
  );
}

/** null: there is none. */
export function recallOf(sql: LocalSql, namespace: string, id: string): RecallRecord | null {
  const text = "SELECT body FROM recalls WHERE namespace = ? AND id = ?";
  const [row] = sql.all<{ body: string }>(text, namespace, id);
  return row ? (JSON.parse(row.body) as RecallRecord) : null;
}
