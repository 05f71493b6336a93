/**
 * Learning of what a restore brought in. The home of a namespace counts an episode once, by its
 * version: what it knows already changes nothing, and an older version of it is taken back first.
 *
 * @module
 */

import { type ChainRef, loadChain, readChunk } from "../../backup/index.ts";
import type { Step } from "../../contract/episodes/record.ts";
import { type EpisodeRecord, viewOf } from "../../durable/shared/episode-record.ts";
import { makeDigest } from "../../memory/learning/index.ts";
import type { Digest } from "../../memory/learning/types.ts";
import { type SqlValue, TABLES } from "../../storage/index.ts";
import type { JobContext } from "../job-context.ts";

/** Of an episode, with one request: the database puts at most 10 MB into an answer. */
const STEPS_AT_ONCE = 4;
/** Episodes that one step learns. */
const EPISODES_PER_STEP = 50;
/** Characters of digests that a home is handed at once. */
const DIGESTS_CHARS = 1_000_000;

/**
 * What these episodes teach, as the database has them; those that run teach nothing yet. Answers
 * with how many did.
 */
export async function relearnAll(
  context: JobContext,
  episodes: readonly (readonly [string, string])[],
): Promise<number> {
  let learned = 0;
  for (let at = 0; at < episodes.length; at += EPISODES_PER_STEP) {
    const part = episodes.slice(at, at + EPISODES_PER_STEP);
    learned += await context.steps.run(`relearn ${at}`, async () => {
      let done = 0;
      for (const [namespace, id] of part) done += await relearn(context, namespace, id);
      return done;
    });
    await context.report({
      phase: "learn",
      rows: learned,
      bytes: 0,
      done: at + part.length,
      total: episodes.length,
    });
  }
  return learned;
}

async function relearn(context: JobContext, namespace: string, id: string): Promise<number> {
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
  await context.ask("knowledge.learn", {
    digest: await makeDigest(viewOf(record), steps, record.used_recall ?? false),
  });
  return 1;
}

/**
 * What the homes knew when a snapshot was taken and do not know now: their digests, but for those
 * of episodes that were deleted since. While the restore has the database.
 */
export async function learnSnapshot(
  context: JobContext,
  ref: ChainRef,
  {
    scope,
    instance,
  }: { scope: { namespace: string | null; episode: string | null }; instance: number | null },
): Promise<void> {
  for (const { manifest } of await loadChain(context, ref)) {
    const columns = manifest.tables["digests"]?.columns ?? [];
    const chunks = manifest.chunks.filter(({ table, op }) => table === "digests" && op === "put");
    const mine = chunks.filter((entry) => instance === null || entry.instance === instance);
    for (const [n, entry] of mine.entries()) {
      await context.steps.run(`learn snapshot ${n}`, async () => {
        const rows = (await readChunk(context, manifest, entry)).map((line) =>
          digestRow(line, columns),
        );
        const wanted = rows.filter(
          ([namespace, id]) =>
            (scope.namespace === null || namespace === scope.namespace) &&
            (scope.episode === null || id === scope.episode),
        );
        await learnLiving(context, wanted);
        return null;
      });
      await context.report({ phase: "learn", rows: 0, bytes: 0, done: n + 1, total: mine.length });
    }
  }
}

/** A digest's row in the order of its table; only its key and its body are looked at. */
function digestRow(line: string, columns: readonly string[]): SqlValue[] {
  const values = JSON.parse(line) as unknown[];
  return TABLES.digests.columns.map((column) => {
    const value = values[columns.indexOf(column)];
    // Text in parts had NULs between them; a real is not needed.
    if (Array.isArray(value)) return column === "relevance" ? 0 : value.join("\0");
    return typeof value === "string" || typeof value === "number" ? value : null;
  });
}

/** Digests of a snapshot whose episodes were not deleted since, a part of a namespace's at a time. */
async function learnLiving(context: JobContext, rows: readonly SqlValue[][]): Promise<void> {
  const dead = await deadAmong(context, rows);
  const living = rows.filter((row) => !dead.has(keyOf(row)));
  for (const [namespace, own] of Map.groupBy(living, (row) => String(row[0]))) {
    let part: SqlValue[][] = [];
    let chars = 0;
    for (const row of own) {
      part.push(row);
      chars += String(row.at(-1)).length;
      if (chars < DIGESTS_CHARS) continue;
      await learnRows(context, namespace, "digests", part);
      [part, chars] = [[], 0];
    }
    await learnRows(context, namespace, "digests", part);
  }
}

/** Keys of those whose episodes were deleted after the snapshot. */
async function deadAmong(
  context: JobContext,
  rows: readonly SqlValue[][],
): Promise<ReadonlySet<string>> {
  const dead = await context.database.all<{ namespace: string; episode_id: string }>(
    `SELECT d.namespace, d.episode_id FROM json_each(?) k CROSS JOIN _restore_dead d
      ON d.namespace = json_extract(k.value, '$[0]')
        AND d.episode_id = json_extract(k.value, '$[1]')`,
    JSON.stringify(rows.map((row) => row.slice(0, 2))),
  );
  return new Set(dead.map(({ namespace, episode_id }) => keyOf([namespace, episode_id])));
}

/** Namespace and id of an episode, as one text. */
const keyOf = (row: readonly SqlValue[]): string => JSON.stringify(row.slice(0, 2));

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
