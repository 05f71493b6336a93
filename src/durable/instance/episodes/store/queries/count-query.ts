/**
 * The statements that count a namespace's episodes by their tags, and by the week in which they
 * ended. The same text runs in this instance's own storage and in the database. Each reads all of
 * the namespace, and answers with a bounded number of rows.
 *
 * @module
 */

import type { LocalSql, SqlValue } from "../../../../../storage/index.ts";
import { UNSENT_EPISODE_IDS } from "../../../../outbox/unsent.ts";
import { SCORES, type TagCounts, type WeekCounts } from "../../../../shared/instance/lists.ts";
import type { InternalInput } from "../../../../shared/instance/protocol.ts";

interface Statement {
  text: string;
  args: SqlValue[];
}

/** Which episodes are counted. */
export type Counted =
  /** All but these, as JSON lists of ids. */
  | { without: readonly string[] }
  /** Those that the database may not have as they are; for an instance's own storage. */
  | "unsent"
  | "all";

const WEEK_MS = 604_800_000;
/** From the first Monday after the epoch, 1970-01-05, ms. */
const FIRST_MONDAY_MS = 345_600_000;

/** Number of the week that a time is in, counted from Monday 1970-01-05. @param at ms */
export function weekOf(at: number): number {
  return Math.floor((at - FIRST_MONDAY_MS) / WEEK_MS);
}

/** When a week begins, ms since the epoch. */
export function weekStart(week: number): number {
  return week * WEEK_MS + FIRST_MONDAY_MS;
}

/** A condition on the episode `e`, with its arguments. */
function isCounted(namespace: string, counted: Counted): Statement {
  if (counted === "all") return { text: "", args: [] };
  if (counted === "unsent")
    return { text: `AND e.id IN (${UNSENT_EPISODE_IDS})`, args: [namespace, namespace] };
  const { without } = counted;
  const conditions = without.map(() => "AND e.id NOT IN (SELECT value FROM json_each(?))");
  return { text: conditions.join(" "), args: [...without] };
}

/** The first tags behind one, by name. A row of an episode names each of its tags once. */
export function tagsQuery(
  { namespace, after, limit }: Omit<InternalInput<"tags">, "includesSent">,
  counted: Counted,
): Statement {
  const which = isCounted(namespace, counted);
  const text = `SELECT t.value AS tag, count(*) AS episodes, max(e.started_at) AS newest
    FROM episodes e, json_each(e.tags) t WHERE e.namespace = ? ${which.text} AND t.value > ?
    GROUP BY t.value ORDER BY t.value LIMIT ?`;
  return { text, args: [namespace, ...which.args, after, limit] };
}

/** What ended in each week, from the one of `since` on; weeks of the future come to nothing. */
export function weeksQuery(namespace: string, since: number, counted: Counted): Statement {
  const which = isCounted(namespace, counted);
  const scores = SCORES.map((name) => `total(json_extract(e.body, '$.reward.${name}')) AS ${name}`);
  const outcomes = ["success", "partial_success", "failure"].map(
    (outcome) => `total(e.outcome IS '${outcome}') AS ${outcome}`,
  );
  const text = `SELECT (e.ended_at - ${FIRST_MONDAY_MS}) / ${WEEK_MS} AS week, count(*) AS ended,
    ${outcomes.join(", ")}, count(json_extract(e.body, '$.reward.total')) AS scored,
    ${scores.join(", ")}
    FROM episodes e WHERE e.namespace = ? ${which.text} AND e.ended_at >= ?
    GROUP BY week ORDER BY week LIMIT ?`;
  return { text, args: [namespace, ...which.args, since, WEEKS_MAX] };
}
/** More than a report has: an episode may have ended, by its own clock, after now. */
const WEEKS_MAX = 60;

/** This instance's share of the tags. */
export function localTags(
  sql: LocalSql,
  { includesSent, ...asked }: InternalInput<"tags">,
): TagCounts {
  const { text, args } = tagsQuery(asked, includesSent ? "all" : "unsent");
  const rows = sql.all(text, ...args) as unknown as TagCounts["rows"];
  return { rows, hasMore: rows.length === asked.limit };
}

/** This instance's share of the weeks. */
export function localWeeks(
  sql: LocalSql,
  { namespace, since, includesSent }: InternalInput<"weeks">,
): WeekCounts[] {
  const { text, args } = weeksQuery(namespace, since, includesSent ? "all" : "unsent");
  return sql.all(text, ...args) as unknown as WeekCounts[];
}
