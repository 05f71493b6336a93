/**
 * The rows of episodes in this instance's own storage: an episode, its steps, and that it was
 * deleted. Synchronous. The caller decides what may be written, and marks it for the outbox. An
 * episode that is here is here with all its steps.
 *
 * @module
 */

import type { Step } from "../../../../contract/episodes/record.ts";
import {
  STEPS_TABLE,
  TABLES,
  takeSlice,
  valuesOf,
  type LocalSql,
  type Row,
  type SqlValue,
} from "../../../../storage/index.ts";
import { byteLength } from "../../../../util/bytes.ts";
import { viewOf, type EpisodeRecord } from "../../../shared/episode-record.ts";
import { rebuildWithoutRowid } from "../../../shared/tables/without-rowid.ts";
import type { EpisodeSize } from "../bounds.ts";

const EPISODE_COLUMNS = TABLES.episodes.columns.join(", ");

/** Where `namespace`, `id` and `status` end, the first columns. */
const EPISODE_KEY_AND_STATUS = 3;
const STARTED_AT = TABLES.episodes.columns.indexOf("started_at");

/** Columns that never change while an episode is here: an upsert spares the index on them. */
const FIXED_COLUMNS: readonly string[] = ["namespace", "id", "started_at"];
const CHANGING_COLUMNS = TABLES.episodes.columns.filter(
  (column) => !FIXED_COLUMNS.includes(column),
);

/** Its arguments are the values of a row, in the order of the columns. */
const UPSERT_EPISODE = `INSERT INTO episodes (${EPISODE_COLUMNS})
  VALUES (${TABLES.episodes.columns.map(() => "?").join(", ")})
  ON CONFLICT (namespace, id) DO UPDATE
  SET ${CHANGING_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}`;
/**
 * Its arguments are the changing values but the status, and the key and status. An index has the
 * status: where it stays, the row is written without the index.
 */
const UPDATE_EPISODE = `UPDATE episodes
  SET ${CHANGING_COLUMNS.filter((column) => column !== "status")
    .map((column) => `${column} = ?`)
    .join(", ")}
  WHERE namespace = ? AND id = ? AND status = ? AND started_at = ? RETURNING 1`;
/**
 * Steps that one statement stores: the platform takes a hundred arguments, and no more bytes than
 * of a large row.
 */
const STEPS_PER_STATEMENT = 45;

/** Its arguments are namespace and id of an episode, and number and body of so many steps. */
function upsertSteps(count: number): string {
  const values = Array.from({ length: count }, (_, i) => `(?1, ?2, ?${3 + 2 * i}, ?${4 + 2 * i})`);
  return `INSERT INTO steps (namespace, episode_id, number, body) VALUES ${values.join(", ")}
    ON CONFLICT (namespace, episode_id, number) DO UPDATE SET body = excluded.body`;
}

/** The episode's body, and then its steps' in their order; none when there is no episode. */
const WHOLE_EPISODE = `SELECT 0 AS number, body FROM episodes WHERE namespace = ? AND id = ?
  UNION ALL SELECT number, body FROM steps WHERE namespace = ? AND episode_id = ? ORDER BY number`;

/** As the database has it. */
export interface StoredEpisode {
  /** The columns of `episodes`. */
  episode: Row;
  /** `number` and `body` of each, in their order. */
  steps: Row[];
}

export interface WholeEpisode {
  record: EpisodeRecord;
  /** The episode with its steps in their order, as the client gets it. */
  json: string;
}

export class EpisodeRows {
  readonly #sql: LocalSql;

  constructor(sql: LocalSql) {
    this.#sql = sql;
  }

  /** null: it is not here. */
  record(namespace: string, id: string): EpisodeRecord | null {
    const text = "SELECT body FROM episodes WHERE namespace = ? AND id = ?";
    const [row] = this.#sql.all<{ body: string }>(text, namespace, id);
    return row ? (JSON.parse(row.body) as EpisodeRecord) : null;
  }

  /** Which of these episodes are here. */
  here(namespace: string, ids: readonly string[]): Set<string> {
    const rows = this.#sql.all<{ id: string }>(
      "SELECT id FROM episodes WHERE namespace = ? AND id IN (SELECT value FROM json_each(?))",
      namespace,
      JSON.stringify(ids),
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** One statement: a read of an episode is little more than its statements. */
  whole(namespace: string, id: string): WholeEpisode | null {
    const key = [namespace, id];
    type Part = { number: number; body: string };
    const [head, ...steps] = this.#sql.all<Part>(WHOLE_EPISODE, ...key, ...key);
    return head?.number === 0 ? wholeOf(head, steps) : null;
  }

  /** In their order. */
  steps(namespace: string, id: string): Step[] {
    const text = "SELECT body FROM steps WHERE namespace = ? AND episode_id = ? ORDER BY number";
    const rows = this.#sql.all<{ body: string }>(text, namespace, id);
    return rows.map(({ body }) => JSON.parse(body) as Step);
  }

  stepsByNumber(namespace: string, id: string, numbers: readonly number[]): Map<number, Step> {
    if (numbers.length === 0) return new Map();
    const rows = this.#sql.all<{ number: number; body: string }>(
      `SELECT number, body FROM steps WHERE namespace = ? AND episode_id = ?
        AND number IN (SELECT value FROM json_each(?))`,
      namespace,
      id,
      JSON.stringify(numbers),
    );
    return new Map(rows.map((row) => [row.number, JSON.parse(row.body) as Step]));
  }

  /** Deletes the steps from a number on; their numbers. */
  removeSteps(namespace: string, id: string, from: number): number[] {
    const text = `DELETE FROM steps WHERE namespace = ? AND episode_id = ? AND number >= ?
      RETURNING number`;
    return this.#sql.all<{ number: number }>(text, namespace, id, from).map(({ number }) => number);
  }

  stepNumbers(namespace: string, id: string): number[] {
    const text = "SELECT number FROM steps WHERE namespace = ? AND episode_id = ?";
    return this.#sql.all<{ number: number }>(text, namespace, id).map(({ number }) => number);
  }

  /** 0: it has no step. */
  lastStepNumber(namespace: string, id: string): number {
    const text = "SELECT max(number) AS last FROM steps WHERE namespace = ? AND episode_id = ?";
    return this.#sql.all<{ last: number | null }>(text, namespace, id)[0]?.last ?? 0;
  }

  /** UTF-8 bytes; null: it is not here. */
  size(namespace: string, id: string): EpisodeSize | null {
    const [row] = this.#sql.all<{ record: number; steps: number }>(
      `SELECT octet_length(body) AS record, coalesce((SELECT sum(octet_length(body)) FROM steps
          WHERE namespace = e.namespace AND episode_id = e.id), 0) AS steps
        FROM episodes e WHERE namespace = ? AND id = ?`,
      namespace,
      id,
    );
    return row ?? null;
  }

  /** null: it is not here. */
  status(namespace: string, id: string): string | null {
    const text = "SELECT status FROM episodes WHERE namespace = ? AND id = ?";
    return this.#sql.all<{ status: string }>(text, namespace, id)[0]?.status ?? null;
  }

  /** Episodes that run here: how many, and when the oldest began, ms since the epoch. */
  running(): { count: number; oldest_at: number | null } {
    const [row] = this.#sql.all<{ count: number; oldest_at: number | null }>(
      `SELECT count(*) AS count, min(started_at) AS oldest_at FROM episodes
        WHERE status = 'in_progress'`,
    );
    return row ?? { count: 0, oldest_at: null };
  }

  /** When the episode that runs and was not written to for longest was, ms; null: none runs. */
  longestIdleAt(): number | null {
    const text = "SELECT min(updated_at) AS at FROM episodes WHERE status = 'in_progress'";
    return this.#sql.all<{ at: number | null }>(text)[0]?.at ?? null;
  }

  /** @param body the record as JSON */
  putRecord(record: EpisodeRecord, body: string): void {
    const row = rowOf(record, body);
    const rest = row.slice(EPISODE_KEY_AND_STATUS);
    const started = rest.splice(STARTED_AT - EPISODE_KEY_AND_STATUS, 1);
    const updated = this.#sql.all(
      UPDATE_EPISODE,
      ...rest,
      ...row.slice(0, EPISODE_KEY_AND_STATUS),
      ...started,
    );
    if (updated.length === 0) this.#sql.run(UPSERT_EPISODE, ...row);
  }

  /** Stores the record of an episode that is not here. @param body the record as JSON */
  insertRecord(record: EpisodeRecord, body: string): void {
    this.#sql.run(UPSERT_EPISODE, ...rowOf(record, body));
  }

  /** @param steps the number of each, and the step as JSON */
  putSteps(
    namespace: string,
    id: string,
    steps: readonly (readonly [number: number, body: string])[],
  ): void {
    for (let from = 0; from < steps.length;) {
      const { rows: some } = takeSlice(
        steps.slice(from, from + STEPS_PER_STATEMENT),
        { rows: STEPS_PER_STATEMENT },
        ([, body]) => byteLength(body),
      );
      this.#sql.run(upsertSteps(some.length), namespace, id, ...some.flat());
      from += some.length;
    }
  }

  /** Stores an episode as the database has it. */
  putStored(namespace: string, id: string, { episode, steps }: StoredEpisode): void {
    this.putSteps(
      namespace,
      id,
      steps.map(({ number, body }) => [Number(number), String(body)]),
    );
    this.#sql.run(UPSERT_EPISODE, ...valuesOf("episodes", episode));
  }

  putTombstone(namespace: string, id: string, deletedAt: number): void {
    this.#sql.run(
      `INSERT INTO tombstones (namespace, episode_id, deleted_at) VALUES (?, ?, ?)
        ON CONFLICT (namespace, episode_id) DO UPDATE SET deleted_at = excluded.deleted_at`,
      namespace,
      id,
      deletedAt,
    );
  }

  /** The episode and its steps are here no more. */
  delete(namespace: string, id: string): void {
    this.#sql.run("DELETE FROM episodes WHERE namespace = ? AND id = ?", namespace, id);
    this.#sql.run("DELETE FROM steps WHERE namespace = ? AND episode_id = ?", namespace, id);
  }

  /** The values of an episode's row; null: it is not here. */
  episodeValues(namespace: string, id: string): SqlValue[] | null {
    const [row] = this.#sql.all(
      `SELECT ${EPISODE_COLUMNS} FROM episodes WHERE namespace = ? AND id = ?`,
      namespace,
      id,
    );
    return row ? valuesOf("episodes", row) : null;
  }

  /** The values of its steps' rows behind a number, as they are fetched, in their order. */
  *stepValues(namespace: string, id: string, after: number): Generator<SqlValue[]> {
    const found = this.#sql.each(
      `SELECT ${TABLES.steps.columns.join(", ")} FROM steps
        WHERE namespace = ? AND episode_id = ? AND number > ? ORDER BY number`,
      namespace,
      id,
      after,
    );
    for (const row of found) yield valuesOf("steps", row);
  }
}

/** Steps are stored as the JSON that the client gets. @param episode, steps rows with a `body` */
export function wholeOf(episode: Row, steps: readonly Row[]): WholeEpisode {
  const record = JSON.parse(String(episode["body"])) as EpisodeRecord;
  const head = JSON.stringify(viewOf(record)).slice(0, -1);
  return { record, json: `${head},"steps":[${steps.map(({ body }) => String(body)).join(",")}]}` };
}

/** The values of a record's row. @param body the record as JSON */
function rowOf(record: EpisodeRecord, body: string): SqlValue[] {
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

/** Gives the steps of an earlier release their present layout; in a transaction, after the tables are made. */
export function migrateSteps(sql: LocalSql): void {
  rebuildWithoutRowid(sql, { name: "steps", create: STEPS_TABLE, columns: TABLES.steps.columns });
}
