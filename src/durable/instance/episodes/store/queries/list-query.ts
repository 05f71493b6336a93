/**
 * The statements behind lists and counts of a namespace's episodes. The same text runs in this
 * instance's own storage and in the database.
 *
 * @module
 */

import type { EpisodeFilter } from "../../../../../contract/filters/requests.ts";
import type { EpisodeSort } from "../../../../../contract/vocabulary.ts";
import { takeSlice, type LocalSql, type SqlValue } from "../../../../../storage/index.ts";
import { UNSENT_EPISODE_IDS } from "../../../../outbox/unsent.ts";
import type { EpisodeCounts, ListPosition } from "../../../../shared/instance/lists.ts";
import type { InternalInput } from "../../../../shared/instance/protocol.ts";
import { isBehind, orderBy } from "./list-order.ts";

/** What a list asks for. */
export interface Listed {
  namespace: string;
  filter: EpisodeFilter;
  sort: EpisodeSort;
  /** Only what is behind this position; null: from the beginning. */
  after: ListPosition | null;
}

/**
 * Unsent episodes, found by their ids. The bound keeps SQLite from going through all episodes in
 * their order instead.
 */
const UNSENT_EPISODES = `(SELECT * FROM episodes WHERE namespace = ?
  AND id IN (${UNSENT_EPISODE_IDS}) LIMIT -1)`;

const COUNTS = `SELECT status, outcome, domain, count(*) AS episodes, sum(step_count) AS steps,
  sum(json_extract(body, '$.reward.total')) AS reward,
  count(json_extract(body, '$.reward.total')) AS rewarded
  FROM episodes WHERE namespace = ?`;
const BY_KIND = "GROUP BY status, outcome, domain";

/** Columns that a filter holds to one value. */
const EQUAL_COLUMNS = [
  "status",
  "outcome",
  "domain",
  "language",
  "framework",
  "task_type",
] as const;

const ARCHIVED_AT = "json_extract(body, '$.archived_at')";

/**
 * Which episodes a list has, as in FROM and WHERE.
 *
 * @param isUnsentOnly only what the database may not have; for an instance's own storage
 */
export function listQuery(
  { namespace, filter, sort, after }: Listed,
  isUnsentOnly = false,
): { text: string; args: SqlValue[] } {
  const where = ["namespace = ?"];
  const args: SqlValue[] = isUnsentOnly
    ? [namespace, namespace, namespace, namespace]
    : [namespace];
  const add = (condition: string, ...values: SqlValue[]): void => {
    where.push(condition);
    args.push(...values);
  };

  for (const column of EQUAL_COLUMNS) {
    const value = filter[column];
    if (value !== undefined) add(`${column} = ?`, value);
  }
  if (filter.tag !== undefined)
    add("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", filter.tag);
  if (filter.tags !== undefined) addTags(filter.tags, filter.tags_match, add);
  if (filter.started_after !== undefined) add("started_at >= ?", Date.parse(filter.started_after));
  if (filter.started_before !== undefined) add("started_at < ?", Date.parse(filter.started_before));
  if (filter.archived !== "any")
    add(`${ARCHIVED_AT} IS ${filter.archived === "only" ? "NOT NULL" : "NULL"}`);
  if (filter.text !== undefined) add("instr(lower(task), lower(?)) > 0", filter.text);
  if (after) add(isBehind(sort), after.order, after.id);

  const source = isUnsentOnly ? UNSENT_EPISODES : "episodes";
  return { text: `${source} WHERE ${where.join(" AND ")}`, args };
}

/** Whether an episode has any or all of some tags: a row names each of its own once. */
function addTags(
  tags: readonly string[],
  match: EpisodeFilter["tags_match"],
  add: (condition: string, ...values: SqlValue[]) => void,
): void {
  const wanted = [...new Set(tags)];
  const found = "FROM json_each(tags) WHERE value IN (SELECT value FROM json_each(?))";
  if (match === "all") add(`(SELECT count(*) ${found}) = ?`, JSON.stringify(wanted), wanted.length);
  else add(`EXISTS (SELECT 1 ${found})`, JSON.stringify(wanted));
}

/** The bodies of a list's first episodes in this instance's own storage, as they are fetched. */
export function localList(
  sql: LocalSql,
  { includesSent, limit, ...listed }: InternalInput<"overlay">,
): Iterable<{ body: string }> {
  const { text, args } = listQuery(listed, !includesSent);
  const order = orderBy(listed.sort);
  return sql.each(`SELECT body FROM ${text} ORDER BY ${order} LIMIT ?`, ...args, limit);
}

/** The counts of a namespace's episodes in this instance's own storage, all or the unsent ones. */
export function localCounts(
  sql: LocalSql,
  { namespace, includesSent }: InternalInput<"counts">,
): EpisodeCounts["rows"] {
  const rows = includesSent
    ? sql.all(`${COUNTS} ${BY_KIND}`, namespace)
    : sql.all(
        `${COUNTS} AND id IN (${UNSENT_EPISODE_IDS}) ${BY_KIND}`,
        namespace,
        namespace,
        namespace,
      );
  return rows as unknown as EpisodeCounts["rows"];
}

/** The counts of a namespace's episodes but these. @param without JSON lists of ids */
export function storedCountsQuery(
  namespace: string,
  without: readonly string[],
): { text: string; args: SqlValue[] } {
  const others = without.map(() => "AND id NOT IN (SELECT value FROM json_each(?))");
  return { text: `${COUNTS} ${others.join(" ")} ${BY_KIND}`, args: [namespace, ...without] };
}

/** The ids as JSON lists, each bounded in bytes; at least one. */
export function idLists(ids: readonly string[]): string[] {
  const lists: string[] = [];
  for (let rest = ids; lists.length === 0 || rest.length > 0;) {
    const { rows } = takeSlice(rest, { rows: rest.length }, (id) => id.length + 3);
    lists.push(JSON.stringify(rows));
    rest = rest.slice(rows.length);
  }
  return lists;
}
