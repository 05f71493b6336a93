/**
 * Reads episodes from the database, whole however large, and brings them to their home: once
 * however many wait for one, and never over what was written here meanwhile. Copies that the
 * database has in full are read anew when they are past their time.
 *
 * @module
 */

import type { Step } from "../../../../contract/episodes/record.ts";
import { byteLength } from "../../../../util/bytes.ts";
import { readOrdered, TABLES, type Row, type SqlReader } from "../../../../storage/index.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import { Moved } from "../../../shared/refusals.ts";
import { isEpisodeUnsent } from "../../../outbox/unsent.ts";
import type { InstanceContext } from "../../context.ts";
import type { CachedRows } from "./cached-rows.ts";
import type { EpisodeRows, StoredEpisode } from "./episode-rows.ts";

/** The alarm looks after the bounds of the cache at the latest after this, ms. */
const CACHE_ALARM_MS = 2_000;
/**
 * How exactly it is kept when an episode was used, ms: exact is not worth a write for each read.
 */
const TOUCH_MS = 60_000;

/** More steps than an episode has. */
const ALL_STEPS = { rows: 10_000 };

interface EpisodeLoaderDeps {
  context: InstanceContext;
  rows: EpisodeRows;
  cached: CachedRows;
}

export class EpisodeLoader {
  readonly #deps: EpisodeLoaderDeps;
  readonly #loading = new Map<string, Promise<void>>();

  constructor(deps: EpisodeLoaderDeps) {
    this.#deps = deps;
  }

  /**
   * Whether the copy should be read anew: of an ended episode that was not read from the database
   * for long, and of which nothing is unsent. Notes that it was used.
   */
  isExpired({ namespace, id, status }: EpisodeRecord): boolean {
    const { context, cached } = this.#deps;
    // What runs is never dropped, however long it was not used.
    if (status === "in_progress") return false;
    const usage = cached.usage(namespace, id);
    if (!usage) return false;

    const now = context.now();
    if (usage.used_at < now - TOUCH_MS) cached.touch(namespace, id);
    if (usage.loaded_at > now - context.settings().cache_ttl_seconds * 1_000) return false;
    return !isEpisodeUnsent(context.sql, namespace, id);
  }

  /** Throws `DatabaseError`, and `Moved` when its home is elsewhere by now. */
  load(namespace: string, id: string): Promise<void> {
    const key = JSON.stringify([namespace, id]);
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#fetch(namespace, id).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  async #fetch(namespace: string, id: string): Promise<void> {
    const { context, rows, cached } = this.#deps;
    const before = rows.record(namespace, id);
    const stored = await readStored(context.database, namespace, id);
    // It went to another instance while the database answered: a copy here would grow stale.
    if (!context.isHome(id)) throw new Moved(id);
    // While the database answered, a request may have written or deleted the episode here: that
    // counts.
    const present = rows.record(namespace, id);
    const isUnsent = isEpisodeUnsent(context.sql, namespace, id);
    if (isUnsent || present?.version !== before?.version) return;

    context.transaction(() => {
      if (present) {
        rows.delete(namespace, id);
        cached.delete(namespace, id);
      }
      if (!stored) return;
      rows.putStored(namespace, id, stored);
      const bodies = [stored.episode, ...stored.steps].map(({ body }) => String(body));
      const bytes = bodies.reduce((sum, body) => sum + byteLength(body), 0);
      cached.hold(namespace, id, bytes);
    });
    // The alarm evicts what is beyond the bounds of the cache.
    context.wake(context.now() + CACHE_ALARM_MS);
  }
}

/** null: the database has no such episode. Throws `DatabaseError`. */
export async function readStored(
  database: SqlReader,
  namespace: string,
  id: string,
): Promise<StoredEpisode | null> {
  const [episode] = await database.all(
    `SELECT ${TABLES.episodes.columns.join(", ")} FROM episodes WHERE namespace = ? AND id = ?`,
    namespace,
    id,
  );
  if (!episode) return null;

  const steps: Row[] = [];
  // Nearly every episode is one slice.
  for (;;) {
    const { rows, more } = await readOrdered<{ number: number }>(database, {
      from: "steps WHERE namespace = ? AND episode_id = ? AND number > ?",
      order: "number",
      args: [namespace, id, Number(steps.at(-1)?.["number"] ?? 0)],
      bounds: ALL_STEPS,
      also: "number",
    });
    steps.push(...rows);
    if (!more) return { episode, steps };
  }
}

/** UTF-8 bytes of records, or steps, that are read with one question, for many episodes. */
const ANSWER_BYTES = 4_000_000;

/**
 * The steps of episodes, of as many of the first ones as one answer holds; of one at least. Throws
 * `DatabaseError`.
 *
 * @param records in any order
 */
export async function readSteps(
  database: SqlReader,
  namespace: string,
  records: readonly Pick<EpisodeRecord, "id" | "step_count">[],
): Promise<Step[][]> {
  if (records.length === 0) return [];
  const rows = await database.all<{ at: number; body: string }>(
    `SELECT k.at, t.body FROM (
        SELECT at, number, episode_id, sum(size) OVER (ORDER BY at, number) AS total FROM (
          SELECT j.key AS at, s.number, s.episode_id, octet_length(s.body) AS size
            FROM json_each(?) j CROSS JOIN steps s
              ON s.namespace = ? AND s.episode_id = j.value)) k
      CROSS JOIN steps t
        ON t.namespace = ? AND t.episode_id = k.episode_id AND t.number = k.number
      WHERE k.total <= ? ORDER BY k.at, k.number`,
    JSON.stringify(records.map(({ id }) => id)),
    namespace,
    namespace,
    ANSWER_BYTES,
  );
  const steps = records.map((): Step[] => []);
  for (const { at, body } of rows) steps[at]?.push(JSON.parse(body) as Step);
  const missing = records.findIndex(({ step_count }, i) => (steps[i]?.length ?? 0) < step_count);
  if (missing < 0) return steps;
  if (missing > 0) return steps.slice(0, missing);

  // One that is larger than that by itself.
  const stored = await readStored(database, namespace, records[0]?.id ?? "");
  return [stored?.steps.map(({ body }) => JSON.parse(String(body)) as Step) ?? []];
}

/**
 * A namespace's ended episodes, the newest first, as many as fit into a slice. Throws
 * `DatabaseError`.
 *
 * @param before started_at and id of the one that they are older than
 */
export async function readEnded(
  database: SqlReader,
  namespace: string,
  before: readonly [startedAt: number, id: string],
  limit: number,
): Promise<{ records: EpisodeRecord[]; more: boolean }> {
  const { rows, more } = await readOrdered<{ id: string }>(database, {
    from: `episodes WHERE namespace = ? AND (started_at, id) < (?, ?) AND status <> 'in_progress'`,
    order: "started_at DESC, id DESC",
    args: [namespace, ...before],
    bounds: { rows: limit },
    also: "id",
  });
  return { records: rows.map(({ body }) => JSON.parse(body) as EpisodeRecord), more };
}

/**
 * The ended ones of these episodes, in the order that is asked for, as many of the first ones as one
 * answer holds; of one at least. Those that are not there are left out. Throws `DatabaseError`.
 *
 * @returns `rest`: the first that is there and did not fit; null: none
 */
export async function readRecords(
  database: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<{ records: EpisodeRecord[]; rest: string | null }> {
  if (ids.length === 0) return { records: [], rest: null };
  const rows = await database.all<{ id: string; body: string | null }>(
    `SELECT k.id, CASE WHEN k.total <= ? OR k.nth = 1 THEN t.body END AS body FROM (
        SELECT at, id, sum(size) OVER before AS total, row_number() OVER before AS nth FROM (
          SELECT j.key AS at, e.id, octet_length(e.body) AS size
            FROM json_each(?) j CROSS JOIN episodes e ON e.namespace = ? AND e.id = j.value
           WHERE e.status <> 'in_progress') WINDOW before AS (ORDER BY at)) k
      CROSS JOIN episodes t ON t.namespace = ? AND t.id = k.id
      ORDER BY k.at`,
    ANSWER_BYTES,
    JSON.stringify(ids),
    namespace,
    namespace,
  );
  const records = rows.flatMap(({ body }) =>
    body === null ? [] : [JSON.parse(body) as EpisodeRecord],
  );
  return { records, rest: rows[records.length]?.id ?? null };
}

/** Which of these episodes the database has. Throws `DatabaseError`. */
export async function storedAmong(
  database: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await database.all<{ id: string }>(
    "SELECT id FROM episodes WHERE namespace = ? AND id IN (SELECT value FROM json_each(?))",
    namespace,
    JSON.stringify(ids),
  );
  return new Set(rows.map(({ id }) => id));
}

/** How many ended episodes a namespace has. Throws `DatabaseError`. */
export async function countEnded(database: SqlReader, namespace: string): Promise<number> {
  const [row] = await database.all<{ n: number }>(
    "SELECT count(*) AS n FROM episodes WHERE namespace = ? AND status <> 'in_progress'",
    namespace,
  );
  return row?.n ?? 0;
}

/**
 * UTF-8 bytes of each with its steps; those that do not exist are left out. Throws `DatabaseError`.
 */
export function storedSizes(
  database: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<{ id: string; bytes: number }[]> {
  return database.all<{ id: string; bytes: number }>(
    `SELECT id, octet_length(body) + coalesce((SELECT sum(octet_length(body)) FROM steps
        WHERE namespace = e.namespace AND episode_id = e.id), 0) AS bytes
      FROM episodes e WHERE namespace = ? AND id IN (SELECT value FROM json_each(?))`,
    namespace,
    JSON.stringify(ids),
  );
}
