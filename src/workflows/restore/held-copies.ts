/**
 * Episodes that an instance holds and a database that is being restored lacks, or has older or not
 * whole: they come in, each with all its steps.
 *
 * @module
 */

import {
  BEFORE_EPISODE,
  type HeldCopy,
  type Holdings,
} from "../../durable/shared/instance/holdings.ts";
import { episodesChanged, upsertChanged, type SqlValue } from "../../storage/index.ts";
import type { JobContext } from "../job-context.ts";
import type { HeldPlan, HeldSteps, Write } from "./held-steps.ts";

/**
 * How the database has copies that an instance holds; one row for each of them that it has, or
 * knows as deleted.
 */
const COMPARED = `SELECT k.key AS n, e.version AS version, t.deleted_at AS deleted_at,
    (SELECT count(*) FROM steps s WHERE s.namespace = e.namespace AND s.episode_id = e.id) AS steps
  FROM json_each(?) k
    LEFT JOIN episodes e
      ON e.namespace = json_extract(k.value, '$[0]') AND e.id = json_extract(k.value, '$[1]')
    LEFT JOIN tombstones t ON t.namespace = json_extract(k.value, '$[0]')
      AND t.episode_id = json_extract(k.value, '$[1]')`;

/** How the database has an episode. */
type StoredCopy = { version: number | null; deleted_at: number | null; steps: number };

/** What a page of copies came to. */
export interface CopiesPage {
  /** Rows that came in. */
  episodes: number;
  steps: number;
  /** Where the next page begins; null: there is none. */
  next: [string, string] | null;
}

/** @param after where the page of the instance's copies begins */
export async function bringInCopies(
  context: JobContext,
  plan: HeldPlan,
  held: HeldSteps,
  page: { instance: number; after: [string, string] },
  write: Write,
): Promise<CopiesPage> {
  const { instance, after } = page;
  const { copies, next } = await held.ask(instance, "copies", { ...plan.scope, after });
  const keys = copies.map(keyOf);
  const rows = await context.database.all<StoredCopy & { n: number }>(
    COMPARED,
    JSON.stringify(keys),
  );
  const stored = new Map(rows.map((row) => [row.n, row]));
  const wanted = copies.filter((copy, n) => isWanted(plan, copy, stored.get(n)));

  const came = await bringIn(held, instance, wanted, write);
  return { ...came, next };
}

/** The episodes with their steps, a part of them after the other. */
async function bringIn(
  held: HeldSteps,
  instance: number,
  wanted: readonly HeldCopy[],
  write: Write,
): Promise<{ episodes: number; steps: number }> {
  const keys = wanted.map(keyOf);
  let [episodes, steps] = [0, 0];
  let from: Holdings["episodes"]["input"]["from"] | null =
    keys.length > 0 ? { index: 0, number: BEFORE_EPISODE } : null;
  while (from !== null) {
    const part: Holdings["episodes"]["output"] = await held.ask(instance, "episodes", {
      keys,
      from,
    });
    const of = (name: "episodes" | "steps"): SqlValue[][] =>
      part.rows.flatMap(({ table, row }) => (table === name ? [row] : []));
    const [heads, tails] = [of("episodes"), of("steps")];
    await write([
      ...(heads.length > 0 ? [upsertChanged("episodes", heads)] : []),
      ...(tails.length > 0 ? [upsertChanged("steps", tails), episodesChanged(tails)] : []),
    ]);
    episodes += heads.length;
    steps += tails.length;
    from = part.next;
  }
  return { episodes, steps };
}

function isWanted(plan: HeldPlan, copy: HeldCopy, stored: StoredCopy | undefined): boolean {
  const { version = null, deleted_at = null, steps = 0 } = stored ?? {};
  const isDeleted = deleted_at !== null && deleted_at >= copy.updated_at;
  if (plan.deleted === "respect" && isDeleted) return false;
  if (version === null || version < copy.version) return true;
  return version === copy.version && steps < copy.steps;
}

const keyOf = ({ namespace, id }: HeldCopy): [string, string] => [namespace, id];
