/**
 * Counts how the recalls of each episode were judged: the table `knowledge_usage`, sums that follow
 * from the rows of `feedback`. Only this instance has them; they are counted anew where a namespace
 * is loaded.
 *
 * @module
 */

import type { LocalSql } from "../../../../storage/index.ts";

export const USAGE_SCHEMA: readonly string[] = [
  // Thousandths of a use.
  `CREATE TABLE IF NOT EXISTS knowledge_usage (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL,
    helpful INTEGER NOT NULL, unhelpful INTEGER NOT NULL, PRIMARY KEY (namespace, episode_id)) STRICT`,
];

/** Uses that helped, and that did not. */
export interface Usage {
  helpful: number;
  unhelpful: number;
}

/** No recall of the episode was judged. */
export const UNUSED: Usage = { helpful: 0, unhelpful: 0 };

interface UsageRow extends Record<string, string | number> {
  episode_id: string;
  helpful: number;
  unhelpful: number;
}

/** Zero where no recall of it was judged. */
export function usageOf(sql: LocalSql, namespace: string, id: string): Usage {
  return usageByIds(sql, namespace, [id]).get(id) ?? UNUSED;
}

/** By episode; those of which no recall was judged are missing. */
export function usageByIds(
  sql: LocalSql,
  namespace: string,
  ids: readonly string[],
): Map<string, Usage> {
  const rows = sql.all<UsageRow>(
    `SELECT episode_id, helpful, unhelpful FROM knowledge_usage
      WHERE namespace = ? AND episode_id IN (SELECT value FROM json_each(?))`,
    namespace,
    JSON.stringify(ids),
  );
  return new Map(
    rows.map(({ episode_id, helpful, unhelpful }) => [
      episode_id,
      // A judgement is taken back whole, although its episode was forgotten since, and came again.
      { helpful: Math.max(0, helpful) / 1000, unhelpful: Math.max(0, unhelpful) / 1000 },
    ]),
  );
}

/** Counts a judged use of these episodes (sign 1), or takes it back (−1); thousandths. */
export function addUsage(
  sql: LocalSql,
  namespace: string,
  { episodes, helpful, unhelpful }: Usage & { episodes: readonly string[] },
  sign: 1 | -1 = 1,
): void {
  for (const id of episodes) {
    sql.run(
      `INSERT INTO knowledge_usage (namespace, episode_id, helpful, unhelpful) VALUES (?, ?, ?, ?)
        ON CONFLICT (namespace, episode_id) DO UPDATE
        SET helpful = helpful + excluded.helpful, unhelpful = unhelpful + excluded.unhelpful`,
      namespace,
      id,
      sign * helpful,
      sign * unhelpful,
    );
  }
}

/** Forgets how the recalls of one episode, or of all, were judged. */
export function forgetUsage(sql: LocalSql, namespace: string, id?: string): void {
  if (id === undefined) sql.run("DELETE FROM knowledge_usage WHERE namespace = ?", namespace);
  else sql.run("DELETE FROM knowledge_usage WHERE namespace = ? AND episode_id = ?", namespace, id);
}
