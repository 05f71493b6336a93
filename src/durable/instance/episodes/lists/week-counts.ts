/**
 * Counts how a namespace's episodes ended, by week: the database's rows without what the instances
 * have not sent yet, and theirs; while the database is out of reach the instances' alone.
 *
 * @module
 */

import type { QualityWeek } from "../../../../contract/quality/answers.ts";
import type { LocalSql } from "../../../../storage/index.ts";
import { isoTime } from "../../../../util/time.ts";
import { SCORES, type ScoreName, type WeekCounts } from "../../../shared/instance/lists.ts";
import type { InternalInput } from "../../../shared/instance/protocol.ts";
import type { InstanceContext } from "../../context.ts";
import { localWeeks, weekOf, weeksQuery, weekStart } from "../store/queries/count-query.ts";
import { idLists } from "../store/queries/list-query.ts";
import { isOutage, staleIds } from "./episode-lists.ts";
import { staleOf } from "./merge.ts";

type ListsContext = Pick<InstanceContext, "askAll" | "database">;
interface Share {
  stale: string[];
  rows: WeekCounts[];
}

export interface CountedWeeks {
  /** When the first week began, whether or not something ended in it. */
  since: string;
  weeks: QualityWeek[];
  degraded: boolean;
}

/**
 * The last so many weeks, this one included, of which something ended. Throws `Refused` where too
 * much is unsent, and `DatabaseError`.
 */
export async function countWeeks(
  { askAll, database }: ListsContext,
  namespace: string,
  { weeks, now }: { weeks: number; now: number },
): Promise<CountedWeeks> {
  const since = weekStart(weekOf(now) - weeks + 1);
  const asked = { namespace, since };
  // First, so that what is sent in between is seen twice rather than not at all.
  const unsent = await askAll("weeks", { ...asked, includesSent: false });
  const view = (shares: readonly WeekCounts[][], degraded: boolean): CountedWeeks => ({
    since: isoTime(since),
    weeks: summed(shares.flat()).map(weekView),
    degraded,
  });
  const here = (shares: readonly Share[]) => shares.map(({ rows }) => rows);
  try {
    const without = idLists(unsent.flatMap(({ stale }) => stale));
    const { text, args } = weeksQuery(namespace, since, { without });
    const rows = (await database.all(text, ...args)) as unknown as WeekCounts[];
    return view([rows, ...here(unsent)], false);
  } catch (error) {
    if (!isOutage(error)) throw error;
    return view(here(await askAll("weeks", { ...asked, includesSent: true })), true);
  }
}

/** This instance's share. Throws `Refused` when too many episodes are unsent. */
export function weeksHere(sql: LocalSql, input: InternalInput<"weeks">): Share {
  return { stale: staleIds(sql, input.namespace), rows: localWeeks(sql, input) };
}

/** The shares of several instances as one. Throws as `weeksHere`. */
export function mergeWeeks(shares: readonly Share[]): Share {
  return { stale: staleOf(shares), rows: summed(shares.flatMap(({ rows }) => rows)) };
}

/** A row a week, the oldest first. */
function summed(rows: readonly WeekCounts[]): WeekCounts[] {
  const weeks = new Map<number, WeekCounts>();
  for (const row of rows) {
    const sum = weeks.get(row.week);
    if (!sum) weeks.set(row.week, { ...row });
    else
      for (const name of Object.keys(row) as (keyof WeekCounts)[])
        if (name !== "week") sum[name] += row[name];
  }
  return [...weeks.values()].sort((a, b) => a.week - b.week);
}

function weekView(row: WeekCounts): QualityWeek {
  const { week, ended, success, partial_success, failure, scored } = row;
  const unknown = ended - success - partial_success - failure;
  const mean = (name: ScoreName): number | null => (scored === 0 ? null : row[name] / scored);
  return {
    begins_at: isoTime(weekStart(week)),
    ended,
    success,
    partial_success,
    failure,
    unknown,
    unknown_share: ended === 0 ? 0 : unknown / ended,
    scores: Object.fromEntries(SCORES.map((name) => [name, mean(name)])) as QualityWeek["scores"],
  };
}
