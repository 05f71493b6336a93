/**
 * Makes the row of `episodes` for an episode's record. Pure.
 *
 * @module
 */

import { TABLES, type SqlValue } from "../../../../storage/index.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";

export const EPISODE_COLUMNS = TABLES.episodes.columns.join(", ");

/** Columns that never change while an episode is here: an upsert spares the index on them. */
const FIXED_COLUMNS: readonly string[] = ["namespace", "id", "started_at"];
const CHANGING_COLUMNS = TABLES.episodes.columns.filter(
  (column) => !FIXED_COLUMNS.includes(column),
);

/** Its arguments are the values of a row, in the order of the columns. */
export const UPSERT_EPISODE = `INSERT INTO episodes (${EPISODE_COLUMNS})
  VALUES (${TABLES.episodes.columns.map(() => "?").join(", ")})
  ON CONFLICT (namespace, id) DO UPDATE
  SET ${CHANGING_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}`;

/** The values of a record's row. @param body the record as JSON */
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
