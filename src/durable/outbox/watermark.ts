/**
 * Finds which steps of an episode the database lacks: those above a number, the watermark in its
 * row of the outbox; and what they count as. Reads only.
 *
 * @module
 */

import type { LocalSql, TableName } from "../../storage/index.ts";
import { ROW_OVERHEAD_BYTES, type EpisodeChange } from "./outbox-rows.ts";

const STEPS: TableName = "steps";

/** The steps above a watermark. */
export interface UnsentSteps {
  /** The watermark; null: no step is unsent by it. */
  steps_after: number | null;
  /** How many there are, and what they count as. */
  steps: number;
  steps_bytes: number;
}

export const NO_UNSENT_STEPS: UnsentSteps = { steps_after: null, steps: 0, steps_bytes: 0 };

/**
 * What is unsent with steps that were added, and are stored by now; and whether these are behind
 * all others. A step whose number is below
 * others lowers the watermark: those above it are sent again, which does no harm.
 */
export function withSteps(
  sql: LocalSql,
  { namespace, id, steps, from, isNew }: EpisodeChange,
  before: UnsentSteps,
): { unsent: UnsentSteps; isAtEnd: boolean } {
  if (from !== undefined) {
    // Whatever was counted from there on is not what is there now.
    const unsent = countSteps(
      sql,
      [namespace, id, Math.min(before.steps_after ?? from - 1, from - 1)],
      ALL,
    );
    return { unsent, isAtEnd: false };
  }
  if (steps.length === 0) return { unsent: before, isAtEnd: true };
  const below = Math.min(...steps.map(({ number }) => number)) - 1;
  const after = Math.min(before.steps_after ?? below, below);
  const count = (above: number, limit: number): UnsentSteps =>
    countSteps(sql, [namespace, id, above], limit);

  const isLowered = before.steps_after !== null && after < before.steps_after;
  // Of an episode that grows at its end, what is there already is not counted again.
  const isAlone = (): boolean =>
    isNew === true || count(below, steps.length + 1).steps === steps.length;
  const isAtEnd = !isLowered && isAlone();
  if (!isAtEnd) return { unsent: count(after, ALL), isAtEnd: false };
  const added = steps.reduce((sum, { bytes }) => sum + bytes + ROW_OVERHEAD_BYTES, 0);
  const unsent = {
    steps_after: after,
    steps: before.steps + steps.length,
    steps_bytes: before.steps_bytes + added,
  };
  return { unsent, isAtEnd: true };
}

/** No limit. */
const ALL = -1;

function countSteps(
  sql: LocalSql,
  [namespace, id, after]: readonly [namespace: string, id: string, after: number],
  limit: number,
): UnsentSteps {
  const [counted] = sql.all<{ steps: number; steps_bytes: number }>(
    `SELECT count(*) AS steps, coalesce(sum(bytes + ?), 0) AS steps_bytes FROM
      (SELECT octet_length(body) AS bytes FROM ${STEPS}
        WHERE namespace = ? AND episode_id = ? AND number > ? LIMIT ?)`,
    ROW_OVERHEAD_BYTES,
    namespace,
    id,
    after,
    limit,
  );
  return { steps_after: after, steps: counted?.steps ?? 0, steps_bytes: counted?.steps_bytes ?? 0 };
}
