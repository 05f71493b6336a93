/**
 * Lists and counts of a namespace: the database's rows, corrected by what the instances have not
 * sent yet. With the database out of reach they come from the instances alone, and say so.
 *
 * @module
 */

import type { Episode } from "../../../contract/episodes/record.ts";
import type { EpisodeFilter } from "../../../contract/episodes/requests.ts";
import type { Learned, StatsView } from "../../../contract/knowledge/answers.ts";
import type { Page } from "../../../contract/operation.ts";
import type { Input } from "../../../contract/operations.ts";
import type { EpisodeLine } from "../../../contract/transfer/requests.ts";
import { byteLength } from "../../../util/bytes.ts";
import { LIMITS } from "../../../contract/limits.ts";
import {
  DATABASE_ERRORS,
  DatabaseError,
  readOrdered,
  takeSlice,
  type LocalSql,
  type Row,
  type SqlReader,
  type SqlValue,
} from "../../../storage/index.ts";
import type { InstanceContext } from "../context.ts";
import { homeOf } from "../../../memory/rendezvous.ts";
import type { EpisodeCounts, Internals, ListPosition, Overlay } from "../../shared/protocol.ts";
import { Refused, cursorRefused } from "../../shared/refusals.ts";
import type { Relationships } from "./relationships.ts";
import { viewOf, type EpisodeRecord } from "../../shared/episode-record.ts";
import { encodeListCursor, decodeListCursor } from "../../../util/list-cursor.ts";

/** Episodes of which a page of the export is made. */
const EXPORT_PAGE = 20;

const COUNTS = `SELECT status, outcome, domain, count(*) AS episodes, sum(step_count) AS steps,
  sum(json_extract(body, '$.reward.total')) AS reward, count(json_extract(body, '$.reward.total')) AS rewarded
  FROM episodes WHERE namespace = ?`;

/** What this instance knows that the database may not, as much as fits. Runs at every instance. */
export function overlay(sql: LocalSql, input: Internals["overlay"]["input"]): Overlay {
  const { namespace, filter, after, all, limit, bytes = LIMITS.page_bytes } = input;
  const { text, args } = listQuery(namespace, filter, after, !all);
  const query = `SELECT body FROM ${text} ORDER BY ${NEWEST_FIRST} LIMIT ?`;
  const { rows, more } = takeSlice(sql.each<{ body: string }>(query, ...args, limit), {
    rows: limit,
    bytes,
  });
  return {
    stale: staleIds(sql, namespace),
    episodes: rows.map(episodeOf),
    more: more || rows.length === limit,
  };
}

/** This instance's share of the counts: of its unsent episodes, or of all that it holds. */
export function localCounts(
  sql: LocalSql,
  namespace: string,
  all: boolean,
): Internals["counts"]["output"] {
  const among = all ? "" : ` AND id IN (${UNSENT})`;
  const rows = sql.all(
    `${COUNTS}${among} GROUP BY status, outcome, domain`,
    namespace,
    ...(all ? [] : [namespace, namespace]),
  );
  return { stale: staleIds(sql, namespace), rows: rows as unknown as EpisodeCounts["rows"] };
}

export class EpisodeQueries {
  readonly #context: InstanceContext;
  readonly #relationships: Relationships;

  constructor(context: InstanceContext, relationships: Relationships) {
    this.#context = context;
    this.#relationships = relationships;
  }

  async list(namespace: string, input: Input<"episodes.list">): Promise<Page<Episode>> {
    const after = decodeCursor(input.cursor);
    const { filter, limit } = input;
    // An instance's share of the page's bytes: they are all here together.
    const bytes = Math.floor(LIMITS.page_bytes / this.#context.instanceCount());
    const asked = { namespace, filter, limit: limit + 1, after, bytes };
    // What is unsent is asked for first, so that a row that is sent in between is seen twice rather
    // than not at all.
    const unsent = await this.#everywhere("overlay", { ...asked, all: false });
    const stale = new Set(unsent.flatMap((part) => part.stale));
    try {
      const stored = await this.#stored(
        this.#context.database,
        namespace,
        filter,
        after,
        limit + 1,
        stale,
      );
      return page([stored, ...unsent], limit, false);
    } catch (error) {
      if (!isOutage(error)) throw error;
      return page(await this.#everywhere("overlay", { ...asked, all: true }), limit, true);
    }
  }

  async export(namespace: string, input: Input<"episodes.export">): Promise<Page<EpisodeLine>> {
    const listed = await this.list(namespace, {
      filter: {},
      limit: EXPORT_PAGE,
      cursor: input.cursor,
    });
    // A copy that silently lacks episodes is worse than none.
    if (listed.degraded) {
      throw new Refused(
        "database_unavailable",
        "An export needs the database, which is out of reach. Try again later.",
        {
          retry_after_s: 5,
        },
      );
    }
    const chosen = await this.#fitting(namespace, listed.items);
    const homes = Map.groupBy(chosen, (episode) => homeOf(episode.id, this.#context.place().count));
    const parts = await Promise.all(
      [...homes].map(([home, episodes]) =>
        this.#context.ask(home, "episodes", {
          namespace,
          ids: episodes.map((episode) => episode.id),
        }),
      ),
    );
    const ids = chosen.map((episode) => episode.id);
    const ties = await this.#relationships.from(namespace, ids);
    const whole = new Map(parts.flat().map((episode) => [episode.id, episode]));
    const items = chosen.flatMap(({ id }): EpisodeLine[] => {
      const episode = whole.get(id);
      if (!episode) return [];
      const {
        task,
        task_type,
        context,
        metadata,
        tags,
        started_at,
        ended_at,
        steps,
        outcome,
        status,
      } = episode;
      const { reward, reflection, checkpoints, version } = episode;
      const relationships = (ties.get(id) ?? []).map(
        ({ from: _from, ...relationship }) => relationship,
      );
      const described = {
        id,
        task,
        task_type,
        context,
        metadata,
        tags,
        started_at,
        ended_at,
        steps,
        outcome,
        status,
      };
      return [{ ...described, reward, reflection, checkpoints, relationships, version }];
    });
    const last = chosen.at(-1);
    const isCut = last !== undefined && chosen.length < listed.items.length;
    return {
      items,
      next_cursor: isCut ? encodeCursor(positionOf(last)) : listed.next_cursor,
      degraded: false,
    };
  }

  /** The first of these episodes that fit into a page with all their steps, at least one. */
  async #fitting(namespace: string, episodes: readonly Episode[]): Promise<Episode[]> {
    const homes = Map.groupBy(episodes, (episode) =>
      homeOf(episode.id, this.#context.place().count),
    );
    const parts = await Promise.all(
      [...homes].map(async ([home, mine]) => {
        const ids = mine.map((episode) => episode.id);
        // One of an earlier version does not know its sizes: then each is a page.
        return this.#context.ask(home, "episode_sizes", { namespace, ids }).catch(() => []);
      }),
    );
    const sizes = new Map(parts.flat().map(({ id, bytes }) => [id, bytes]));
    const ties = await this.#relationships.sizes(
      namespace,
      episodes.map(({ id }) => id),
    );
    const sizeOf = ({ id }: Episode): number =>
      (sizes.get(id) ?? LIMITS.page_bytes) + (ties.get(id) ?? 0);
    return takeSlice(episodes, { rows: EXPORT_PAGE, bytes: LIMITS.page_bytes }, sizeOf).rows;
  }

  /** Everything of the statistics that episodes say by themselves. */
  async counts(namespace: string): Promise<Omit<StatsView, Learned>> {
    const unsent = await this.#everywhere("counts", { namespace, all: false });
    const stale = unsent.flatMap((part) => part.stale);
    try {
      const stored = await this.#context.database.all(
        `${COUNTS} ${inSlices(stale)
          .map(() => "AND id NOT IN (SELECT value FROM json_each(?))")
          .join(" ")} GROUP BY status, outcome, domain`,
        namespace,
        ...inSlices(stale),
      );
      const rows = stored as unknown as EpisodeCounts["rows"];
      return summary(namespace, [...rows, ...unsent.flatMap((part) => part.rows)], false);
    } catch (error) {
      if (!isOutage(error)) throw error;
      const held = await this.#everywhere("counts", { namespace, all: true });
      return summary(
        namespace,
        held.flatMap((part) => part.rows),
        true,
      );
    }
  }

  async #stored(
    reader: SqlReader,
    namespace: string,
    filter: EpisodeFilter,
    after: ListPosition | null,
    wanted: number,
    stale: ReadonlySet<string>,
  ): Promise<ListPart> {
    const found: Episode[] = [];
    let [position, bytes] = [after, 0];
    for (;;) {
      const { text, args } = listQuery(namespace, filter, position);
      const slice = await readOrdered(reader, {
        from: text,
        order: NEWEST_FIRST,
        args,
        bounds: { rows: wanted, bytes: LIMITS.page_bytes - bytes },
      });
      const episodes = slice.rows.map(episodeOf);
      found.push(...episodes.filter((episode) => !stale.has(episode.id)));
      bytes += slice.bytes;
      const last = episodes.at(-1);
      if (!slice.more || !last) return { episodes: found, more: false };
      if (found.length >= wanted || bytes >= LIMITS.page_bytes)
        return { episodes: found, more: true, end: last };
      position = positionOf(last);
    }
  }

  #everywhere<N extends "overlay" | "counts">(
    name: N,
    input: Internals[N]["input"],
  ): Promise<Internals[N]["output"][]> {
    return Promise.all(
      Array.from({ length: this.#context.instanceCount() }, (_, index) =>
        this.#context.ask(index, name, input),
      ),
    );
  }
}

/** Episodes of one source, in list order. */
interface ListPart {
  episodes: Episode[];
  /**
   * There may be more behind them. Absent from instances of an earlier version, which cut by the
   * limit only.
   */
  more?: boolean;
  /** Where it was cut, when that is behind the last of the episodes. */
  end?: Episode;
}

/**
 * Ids of a namespace's episodes that the database does not have as they are; its argument comes
 * twice.
 */
const UNSENT = `SELECT json_extract(key, '$[1]') AS id FROM outbox
    WHERE table_name = 'episodes' AND json_extract(key, '$[0]') = ?
  UNION SELECT json_extract(key, '$[1]') FROM dead_letters
    WHERE table_name = 'episodes' AND json_extract(key, '$[0]') = ?`;

/** Ids that an instance names of a namespace's unsent episodes: 8 MB of them. */
const STALE_MAX = 200_000;

/** Throws `Refused` when there are more than can be told. */
function staleIds(sql: LocalSql, namespace: string): string[] {
  const rows = sql.all<{ id: string }>(`${UNSENT} LIMIT ?`, namespace, namespace, STALE_MAX + 1);
  if (rows.length <= STALE_MAX) return rows.map((row) => row.id);
  const detail = `More than ${STALE_MAX} episodes of the namespace wait for the database. Try again when it has caught up.`;
  throw new Refused("not_ready", detail, { retry_after_s: 10 });
}

/** The ids as JSON lists, each bounded in bytes; at least one. */
function inSlices(ids: readonly string[]): string[] {
  const lists: string[] = [];
  for (let rest = ids; lists.length === 0 || rest.length > 0;) {
    const { rows } = takeSlice(rest, { rows: rest.length }, (id) => id.length + 3);
    lists.push(JSON.stringify(rows));
    rest = rest.slice(rows.length);
  }
  return lists;
}

/**
 * Whether the database could not be asked. What it cannot answer for another reason no copy answers
 * better.
 */
function isOutage(error: unknown): boolean {
  return error instanceof DatabaseError && DATABASE_ERRORS[error.kind].at_fault === "database";
}

/**
 * Episodes that are found by their ids. The bound keeps SQLite from going through all episodes in
 * their order instead.
 */
const AMONG = `(SELECT * FROM episodes WHERE namespace = ? AND id IN (${UNSENT}) LIMIT -1)`;

/**
 * The newest first; the number of rows is the last argument.
 *
 * @param unsent only what the database may not have
 */
function listQuery(
  namespace: string,
  filter: EpisodeFilter,
  after: ListPosition | null,
  unsent = false,
): { text: string; args: SqlValue[] } {
  const where = ["namespace = ?"];
  const args: SqlValue[] = unsent ? [namespace, namespace, namespace, namespace] : [namespace];
  const add = (condition: string, ...values: SqlValue[]): void => {
    where.push(condition);
    args.push(...values);
  };
  for (const column of [
    "status",
    "outcome",
    "domain",
    "language",
    "framework",
    "task_type",
  ] as const) {
    const value = filter[column];
    if (value !== undefined) add(`${column} = ?`, value);
  }
  if (filter.tag !== undefined)
    add("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", filter.tag);
  if (filter.started_after !== undefined) add("started_at >= ?", Date.parse(filter.started_after));
  if (filter.started_before !== undefined) add("started_at < ?", Date.parse(filter.started_before));
  if (filter.text !== undefined) add("instr(lower(task), lower(?)) > 0", filter.text);
  if (after) add("(started_at, id) < (?, ?)", after.started_at, after.id);
  return { text: `${unsent ? AMONG : "episodes"} WHERE ${where.join(" AND ")}`, args };
}

const NEWEST_FIRST = "started_at DESC, id DESC";

function episodeOf(row: Row): Episode {
  return viewOf(JSON.parse(String(row["body"])) as EpisodeRecord);
}

function positionOf(episode: Episode): ListPosition {
  return { started_at: Date.parse(episode.started_at), id: episode.id };
}

/** The sources together, up to where the first of them was cut; bounded in bytes. */
function page(parts: readonly ListPart[], limit: number, degraded: boolean): Page<Episode> {
  const ends = parts.flatMap(({ episodes, more, end }) =>
    more ? (end ?? episodes.at(-1) ?? []) : [],
  );
  const [end] = ends.sort(inListOrder);
  const byId = new Map(
    parts.flatMap(({ episodes }) => episodes).map((episode) => [episode.id, episode]),
  );
  const sorted = [...byId.values()].sort(inListOrder);
  // Behind the end of a source that was cut others may have been overtaken by what it did not show.
  const known = end ? sorted.filter((episode) => inListOrder(episode, end) <= 0) : sorted;
  const bounds = { rows: limit, bytes: LIMITS.page_bytes };
  const { rows: items, more } = takeSlice(known, bounds, (episode) =>
    byteLength(JSON.stringify(episode)),
  );
  const last = items.at(-1) ?? end;
  const isMore = more || end !== undefined;
  return { items, next_cursor: isMore && last ? encodeCursor(positionOf(last)) : null, degraded };
}

/** The newest first. */
function inListOrder(a: Episode, b: Episode): number {
  const [p, q] = [positionOf(a), positionOf(b)];
  return q.started_at - p.started_at || (p.id < q.id ? 1 : p.id > q.id ? -1 : 0);
}

function encodeCursor({ started_at, id }: ListPosition): string {
  return encodeListCursor({ order: started_at, id });
}

function decodeCursor(cursor: string | null): ListPosition | null {
  if (cursor === null) return null;
  const position = decodeListCursor(cursor);
  if (!position) throw cursorRefused();
  return { started_at: position.order, id: position.id };
}

function summary(
  namespace: string,
  rows: EpisodeCounts["rows"],
  degraded: boolean,
): Omit<StatsView, Learned> {
  const sum = (matches: (row: EpisodeCounts["rows"][number]) => boolean): number =>
    rows.reduce((total, row) => total + (matches(row) ? row.episodes : 0), 0);
  const rate = (domain: string | null): number | null => {
    const among = (row: EpisodeCounts["rows"][number]): boolean =>
      domain === null || row.domain === domain;
    const judged = sum((row) => among(row) && row.outcome !== null && row.outcome !== "abstained");
    return judged === 0 ? null : sum((row) => among(row) && row.outcome === "success") / judged;
  };
  const rewarded = rows.reduce((total, row) => total + row.rewarded, 0);
  const domains = [...new Set(rows.map((row) => row.domain))].map((domain) => ({
    domain,
    episodes: sum((row) => row.domain === domain),
    success_rate: rate(domain),
  }));
  return {
    namespace,
    episodes: {
      total: sum(() => true),
      in_progress: sum((row) => row.status === "in_progress"),
      completed: sum((row) => row.status === "completed"),
      failed: sum((row) => row.status === "failed"),
      abandoned: sum((row) => row.status === "abandoned"),
    },
    outcomes: {
      success: sum((row) => row.outcome === "success"),
      partial_success: sum((row) => row.outcome === "partial_success"),
      failure: sum((row) => row.outcome === "failure"),
      abstained: sum((row) => row.outcome === "abstained"),
    },
    success_rate: rate(null),
    mean_reward:
      rewarded === 0 ? null : rows.reduce((total, row) => total + (row.reward ?? 0), 0) / rewarded,
    steps: rows.reduce((total, row) => total + row.steps, 0),
    domains: domains.sort((a, b) => b.episodes - a.episodes).slice(0, LIMITS.page_default),
    degraded,
  };
}
