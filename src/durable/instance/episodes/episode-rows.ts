/**
 * An episode's record as a row of its table.
 *
 * @module
 */

import type { SqlValue } from "../../../storage/index.ts";
import type { EpisodeRecord } from "../../shared/episode-record.ts";

export const EPISODE_COLUMNS =
  "namespace, id, status, outcome, domain, language, framework, task_type, task, tags, started_at, ended_at, updated_at, version, step_count, body";

/** What never changes of an episode; an index of nothing else need not be written again. */
const FIXED_COLUMNS: readonly string[] = ["namespace", "id", "started_at"];
export const UPSERT_EPISODE = `INSERT INTO episodes (${EPISODE_COLUMNS})
  VALUES (${EPISODE_COLUMNS.replaceAll(/\w+/g, "?")}) ON CONFLICT (namespace, id) DO UPDATE SET ${EPISODE_COLUMNS.split(
    ", ",
  )
    .filter((column) => !FIXED_COLUMNS.includes(column))
    .map((column) => `${column} = excluded.${column}`)
    .join(", ")}`;

export function rowOf(record: EpisodeRecord, body: string): SqlValue[] {
  const { context } = record;
  return [
    record.namespace,
    record.id,
    record.status,
    record.outcome?.type ?? null,
    context.domain,
    context.language,
    context.framework,
    record.task_type,
    record.task,
    JSON.stringify([...new Set([...context.tags, ...record.tags])]),
    Date.parse(record.started_at),
    record.ended_at === null ? null : Date.parse(record.ended_at),
    Date.parse(record.updated_at),
    record.version,
    record.step_count,
    body,
  ];
}
