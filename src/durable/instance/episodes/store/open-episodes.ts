/**
 * Counts the episodes that run here, by namespace or by who began them.
 *
 * @module
 */

import { NO_USAGE, type UsageList } from "../../../shared/instance/usage.ts";
import type { LocalSql } from "../../../../storage/index.ts";

export type OpenBy = "namespace" | "key";

/** Who began an episode that does not say. */
const UNKNOWN = "unknown";
/**
 * Running episodes that are looked at for who began them; and the bytes of a record up to which it
 * is read: who began a larger one is unknown.
 */
const LOOKED_AT_MAX = 20_000;
const RECORD_BYTES_MAX = 16_384;

const BY_NAMESPACE = `SELECT namespace AS name, count(*) AS open FROM episodes
  WHERE status = 'in_progress' GROUP BY namespace`;
const BY_KEY = `SELECT coalesce(opener, '${UNKNOWN}') AS name, count(*) AS open FROM (
    SELECT CASE WHEN octet_length(body) <= ${RECORD_BYTES_MAX}
        THEN json_extract(body, '$.opened_by') END AS opener
      FROM episodes WHERE status = 'in_progress' LIMIT ${LOOKED_AT_MAX})
  GROUP BY 1`;

/** Those that were not looked at are among the others. */
export function openEpisodes(sql: LocalSql, by: OpenBy): UsageList {
  const counts = sql.all<{ name: string; open: number }>(by === "key" ? BY_KEY : BY_NAMESPACE);
  const rows = counts.map(({ name, open }) => ({ ...NO_USAGE, name, open_episodes: open }));
  const [all] = sql.all<{ open: number }>(
    "SELECT count(*) AS open FROM episodes WHERE status = 'in_progress'",
  );
  const told = counts.reduce((sum, { open }) => sum + open, 0);
  const open_episodes = Math.max(0, (all?.open ?? 0) - told);
  return { rows, others: { ...NO_USAGE, open_episodes } };
}
