/**
 * Counts the tags of a namespace, page by page: the database's rows without what the instances have
 * not sent yet, and theirs. While the database is out of reach they come from the instances alone,
 * and the answer is marked as degraded. Pages are by name, in the order of code points, which is
 * SQLite's.
 *
 * @module
 */

import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import type { TagCount } from "../../../../contract/ties/answers.ts";
import type { LocalSql } from "../../../../storage/index.ts";
import { compareCodePoints } from "../../../../util/code-points.ts";
import { isoTime } from "../../../../util/time.ts";
import type { TagCounts } from "../../../shared/instance/lists.ts";
import type { InternalInput } from "../../../shared/instance/protocol.ts";
import type { InstanceContext } from "../../context.ts";
import { localTags, tagsQuery } from "../store/queries/count-query.ts";
import { idLists } from "../store/queries/list-query.ts";
import { isOutage, staleIds } from "./episode-lists.ts";
import { staleOf } from "./merge.ts";

type ListsContext = Pick<InstanceContext, "askAll" | "database">;
type Share = TagCounts & { stale: string[] };

/** One page. Throws `Refused` where too much is unsent, and `DatabaseError`. */
export async function countTags(
  { askAll, database }: ListsContext,
  namespace: string,
  { limit, cursor }: Input<"tags.count">,
): Promise<Page<TagCount>> {
  const asked = { namespace, after: cursor ?? "", limit: limit + 1 };
  // First, so that what is sent in between is seen twice rather than not at all.
  const unsent = await askAll("tags", { ...asked, includesSent: false });
  const without = idLists(unsent.flatMap(({ stale }) => stale));
  try {
    const { text, args } = tagsQuery(asked, { without });
    const rows = (await database.all(text, ...args)) as unknown as TagCounts["rows"];
    return pageOfTags([{ rows, hasMore: rows.length > limit }, ...unsent], limit, false);
  } catch (error) {
    if (!isOutage(error)) throw error;
    return pageOfTags(await askAll("tags", { ...asked, includesSent: true }), limit, true);
  }
}

/** This instance's share. Throws `Refused` when too many episodes are unsent. */
export function tagsHere(sql: LocalSql, input: InternalInput<"tags">): Share {
  return { stale: staleIds(sql, input.namespace), ...localTags(sql, input) };
}

/** The shares of several instances as one, of so many tags. Throws as `tagsHere`. */
export function mergeTags(shares: readonly Share[], limit: number): Share {
  return { stale: staleOf(shares), ...mergedTags(shares, limit) };
}

function pageOfTags(
  shares: readonly TagCounts[],
  limit: number,
  degraded: boolean,
): Page<TagCount> {
  const { rows, hasMore } = mergedTags(shares, limit);
  const items = rows.map(({ tag, episodes, newest }) => ({
    tag,
    episodes,
    started_at: isoTime(newest),
  }));
  return { items, next_cursor: hasMore ? (rows.at(-1)?.tag ?? null) : null, degraded };
}

/** Up to where the first of the shares was cut: it may count tags behind that, too. */
function mergedTags(shares: readonly TagCounts[], limit: number): TagCounts {
  const [firstCut] = shares
    .flatMap(({ rows, hasMore }) => (hasMore ? (rows.at(-1)?.tag ?? []) : []))
    .sort(compareCodePoints);
  const merged = new Map<string, TagCounts["rows"][number]>();
  for (const row of shares.flatMap(({ rows }) => rows)) {
    if (firstCut !== undefined && compareCodePoints(row.tag, firstCut) > 0) continue;
    const before = merged.get(row.tag);
    merged.set(row.tag, {
      tag: row.tag,
      episodes: row.episodes + (before?.episodes ?? 0),
      newest: Math.max(row.newest, before?.newest ?? 0),
    });
  }
  const sorted = [...merged.values()].sort((a, b) => compareCodePoints(a.tag, b.tag));
  const rows = sorted.slice(0, limit);
  return { rows, hasMore: firstCut !== undefined || sorted.length > rows.length };
}
