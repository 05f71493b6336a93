/**
 * Lists and counts of a namespace: the database's rows, corrected by what the instances have not
 * sent yet. While the database is out of reach they come from the instances alone, and the answer
 * is marked as degraded. An instance's own share is asked of each by `overlay` and `counts`.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type { Episode } from "../../../../contract/episodes/record.ts";
import type { Learned, StatsView } from "../../../../contract/knowledge/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import {
  DATABASE_ERRORS,
  DatabaseError,
  readOrdered,
  takeSlice,
  type LocalSql,
  type Row,
} from "../../../../storage/index.ts";
import { unsentEpisodeIds } from "../../../outbox/unsent.ts";
import { viewOf, type EpisodeRecord } from "../../../shared/episode-record.ts";
import type { EpisodeCounts, Overlay } from "../../../shared/instance/lists.ts";
import type { InternalInput } from "../../../shared/instance/protocol.ts";
import type { InstanceContext } from "../../context.ts";
import { NEWEST_FIRST, orderBy, positionOf } from "../store/queries/list-order.ts";
import {
  idLists,
  listQuery,
  localCounts,
  localList,
  storedCountsQuery,
  type Listed,
} from "../store/queries/list-query.ts";
import { decodeCursor, pageOf, summarize, tooManyUnsent, type ListPart } from "./merge.ts";

/** Ids of a namespace's unsent episodes that an instance names: 8 MB of them. */
const STALE_IDS_MAX = 200_000;

/** What a list asks the database for. */
interface StoredList extends Listed {
  /** Episodes, unless their bytes or the list end before. */
  wanted: number;
  /** Episodes that the database does not have as they are: they come from the instances. */
  stale: ReadonlySet<string>;
}

export class EpisodeLists {
  readonly #context: InstanceContext;

  constructor(context: InstanceContext) {
    this.#context = context;
  }

  /**
   * One page; the newest first when nobody says. Throws `Refused` for a cursor that is none, and
   * `DatabaseError`.
   */
  async list(namespace: string, input: Input<"episodes.list">): Promise<Page<Episode>> {
    const { askAll, instanceCount } = this.#context;
    const { filter, limit, sort = NEWEST_FIRST } = input;
    const after = decodeCursor(input.cursor, sort);
    // An instance's share of the page's bytes: they are all here together.
    const bytes = Math.floor(LIMITS.page_bytes / instanceCount());
    const listed = { namespace, filter, sort, after };
    const asked = { ...listed, limit: limit + 1, bytes };

    // What is unsent is asked for first, so that a row that is sent in between is seen twice rather
    // than not at all.
    const unsent = await askAll("overlay", { ...asked, includesSent: false });
    const stale = new Set(unsent.flatMap((part) => part.stale));
    try {
      const stored = await this.#stored({ ...listed, wanted: limit + 1, stale });
      return pageOf([stored, ...unsent], { limit, sort, degraded: false });
    } catch (error) {
      if (!isOutage(error)) throw error;
      const held = await askAll("overlay", { ...asked, includesSent: true });
      return pageOf(held, { limit, sort, degraded: true });
    }
  }

  /** What the statistics of a namespace say of its episodes. Throws `DatabaseError`. */
  async counts(namespace: string): Promise<Omit<StatsView, Learned>> {
    const { askAll, database } = this.#context;
    const unsent = await askAll("counts", { namespace, includesSent: false });
    const stale = unsent.flatMap((part) => part.stale);
    const rowsOf = (parts: readonly EpisodeCounts[]) => parts.flatMap(({ rows }) => rows);
    try {
      const { text, args } = storedCountsQuery(namespace, idLists(stale));
      const stored = await database.all(text, ...args);
      const rows = stored as unknown as EpisodeCounts["rows"];
      return summarize(namespace, [...rows, ...rowsOf(unsent)], false);
    } catch (error) {
      if (!isOutage(error)) throw error;
      const held = await askAll("counts", { namespace, includesSent: true });
      return summarize(namespace, rowsOf(held), true);
    }
  }

  async #stored({ wanted, stale, ...listed }: StoredList): Promise<ListPart> {
    const found: Episode[] = [];
    let [after, bytes] = [listed.after, 0];
    for (;;) {
      const { text, args } = listQuery({ ...listed, after });
      const slice = await readOrdered(this.#context.database, {
        from: text,
        order: orderBy(listed.sort),
        args,
        bounds: { rows: wanted, bytes: LIMITS.page_bytes - bytes },
      });
      const episodes = slice.rows.map(episodeOf);
      found.push(...episodes.filter((episode) => !stale.has(episode.id)));
      bytes += slice.bytes;
      const last = episodes.at(-1);
      if (!slice.more || !last) return { episodes: found, hasMore: false };
      if (found.length >= wanted || bytes >= LIMITS.page_bytes)
        return { episodes: found, hasMore: true, end: last };
      after = positionOf(last, listed.sort);
    }
  }
}

/**
 * This instance's share of a list: the episodes here that the database may not have as they are, or
 * all that are here. As many as fit. Throws `Refused` when too many are unsent.
 */
export function overlay(sql: LocalSql, input: InternalInput<"overlay">): Overlay {
  const { namespace, limit, bytes } = input;
  const { rows, more } = takeSlice(localList(sql, input), { rows: limit, bytes });
  return {
    stale: staleIds(sql, namespace),
    episodes: rows.map(episodeOf),
    hasMore: more || rows.length === limit,
  };
}

/** This instance's share of the counts: as `overlay`. */
export function countsHere(
  sql: LocalSql,
  input: InternalInput<"counts">,
): EpisodeCounts & { stale: string[] } {
  return { stale: staleIds(sql, input.namespace), rows: localCounts(sql, input) };
}

/**
 * Ids of a namespace's episodes that the database may not have as they are. Throws `Refused` when
 * they are too many.
 */
export function staleIds(sql: LocalSql, namespace: string): string[] {
  const ids = unsentEpisodeIds(sql, namespace, STALE_IDS_MAX + 1);
  if (ids.length <= STALE_IDS_MAX) return ids;
  throw tooManyUnsent(STALE_IDS_MAX);
}

/** An episode as a client sees it, of a row with its `body`. */
function episodeOf(row: Row): Episode {
  return viewOf(JSON.parse(String(row["body"])) as EpisodeRecord);
}

/** Whether the database could not be asked: only then are copies the better answer. */
export function isOutage(error: unknown): boolean {
  return error instanceof DatabaseError && DATABASE_ERRORS[error.kind].at_fault === "database";
}
