/**
 * Learning of an episode that a restore brought in by itself. The home of its namespace counts it
 * once, by its version.
 *
 * @module
 */

import type { Step } from "../../contract/episodes/record.ts";
import { digestOfRecord, type EpisodeRecord } from "../../durable/shared/episode-record.ts";
import type { JobContext } from "../job-context.ts";

/** Of an episode, with one request: the database puts at most 10 MB into an answer. */
const STEPS_AT_ONCE = 4;

/**
 * What the episode teaches, as the database has it; one that runs teaches nothing yet. Answers with
 * how many episodes did, 0 or 1.
 */
export async function relearn(context: JobContext, namespace: string, id: string): Promise<number> {
  return context.steps.run("relearn", () => learn(context, namespace, id));
}

async function learn(context: JobContext, namespace: string, id: string): Promise<number> {
  const { database } = context;
  const [row] = await database.all<{ body: string }>(
    "SELECT body FROM episodes WHERE namespace = ? AND id = ?",
    namespace,
    id,
  );
  if (!row) return 0;
  const record = JSON.parse(row.body) as EpisodeRecord;
  if (record.status === "in_progress") return 0;
  const steps: Step[] = [];
  for (;;) {
    const slice = await database.all<{ body: string }>(
      `SELECT body FROM steps WHERE namespace = ? AND episode_id = ? AND number > ?
        ORDER BY number LIMIT ?`,
      namespace,
      id,
      steps.at(-1)?.number ?? 0,
      STEPS_AT_ONCE,
    );
    steps.push(...slice.map(({ body }) => JSON.parse(body) as Step));
    if (slice.length < STEPS_AT_ONCE) break;
  }
  await context.ask("knowledge.learn", { digest: digestOfRecord(record, steps) });
  return 1;
}
