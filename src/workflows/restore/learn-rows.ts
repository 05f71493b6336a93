/**
 * Lets the home of a namespace take in rows that a restore brought back.
 *
 * @module
 */

import type { Digest } from "../../memory/learning/types.ts";
import type { SqlValue } from "../../storage/index.ts";
import type { JobContext } from "../job-context.ts";

/** Tables whose rows a home can learn from. */
export type LearnedTable = "digests" | "recalls" | "feedback";

/** What the home knows already changes nothing. @param rows of one namespace, as in their table */
export async function learnRows(
  context: JobContext,
  namespace: string,
  table: LearnedTable,
  rows: SqlValue[][],
): Promise<void> {
  const none = { namespace, digests: [], recalls: [], feedback: [] };
  if (rows.length === 0) return;
  if (table === "digests") {
    const digests = rows.map((row) => JSON.parse(String(row.at(-1))) as Digest);
    await context.ask("restore.learn", { ...none, digests });
  } else await context.ask("restore.learn", { ...none, [table]: rows });
}
