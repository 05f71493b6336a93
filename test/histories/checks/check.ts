/**
 * Holds a history against everything that is promised of it: each object is linearizable, lists and
 * searches show what was acknowledged and never less than before, what is repeated is done once, counters
 * are exact, and the database has in the end what a client sees.
 *
 * @module
 */

import type { History, Operation, Violation } from "../history.ts";
import { linearizability, type Model } from "./linearizability.ts";
import { EPISODE, lessonModel, SETTINGS } from "./models.ts";
import { checkCounts, checkMonotonic } from "./monotonic.ts";
import { checkReads } from "./reads.ts";
import { checkRepetitions, checkStarts } from "./repetitions.ts";
import type { Made } from "../run.ts";

export interface Checked {
  violations: Violation[];
  /** Objects that the search could not decide on. */
  undecided: string[];
}

/** @param lessons what each lesson says when the history begins, by its name */
export function check(history: History, lessons: ReadonlyMap<string, string>): Checked {
  const violations = [
    ...checkReads(history),
    ...checkMonotonic(history),
    ...checkRepetitions(history),
  ];
  const checked: Checked = { violations, undecided: [] };
  for (const [object, own] of Map.groupBy(history.operations, (one) => one.object)) {
    const model = modelOf(object, lessons);
    if (!model) continue;
    const operations = own.filter(isTelling);
    const verdict = linearizability(model, operations);
    if (verdict === "undecided") checked.undecided.push(object);
    if (verdict === "not linearizable")
      checked.violations.push({ object, promise: "it is linearizable", operations });
  }
  return checked;
}

/** Actions that change nothing. */
export const READS: ReadonlySet<string> = new Set([
  "get",
  "read",
  "view",
  "list",
  "search",
  "recall",
  "count",
]);

/** What was read without an answer, or put off, says nothing and did nothing. */
export function isTelling({ action, outcome }: Operation): boolean {
  if (outcome.type === "refused") return outcome.code !== "later";
  const isRead = READS.has(action.name);
  return outcome.type === "ok" || !isRead;
}

export function modelOf(
  object: string,
  lessons: ReadonlyMap<string, string>,
): Model<unknown> | null {
  if (object.startsWith("episode")) return EPISODE as Model<unknown>;
  if (object === "settings") return SETTINGS as Model<unknown>;
  const text = lessons.get(object);
  return text === undefined ? null : (lessonModel(text) as Model<unknown>);
}

/** What the database, and the counters, have in the end is what was done. */
export function checkEnd(made: Made): Violation[] {
  const rows = made.world.nodes.stored.all<{ id: string; task: string }>(
    "SELECT id, json_extract(body, '$.task') AS task FROM episodes",
  );
  const heard = new Set([...made.things.episodes.values()].map(({ id }) => id));
  const unheard = rows.filter(({ id }) => !heard.has(id)).length;
  return [
    ...checkStored(made),
    ...checkStoredSetting(made),
    ...checkStarts(rows.map(({ task }) => task)),
    ...checkCounts(made.history, unheard),
  ];
}

/** Whether the database has the setting as the last one who asked was told. */
function checkStoredSetting({ history, world }: Made): Violation[] {
  const last = history.operations.findLast(({ object }) => object === "settings");
  if (last?.outcome.type !== "ok") return [];
  const [row] = world.nodes.stored.all<{ body: string }>(
    "SELECT body FROM namespace_settings WHERE name = 'recall_holdout'",
  );
  const stored: unknown = row ? JSON.parse(row.body) : SETTINGS.initial;
  if (stored === last.outcome.value) return [];
  return [{ object: "settings", promise: "what is shown is stored", operations: [last] }];
}

/** Episodes that the database has otherwise than the last one who asked was told. */
function checkStored({ history, things, world }: Made): Violation[] {
  const stored = new Map(
    world.nodes.stored
      .all<{ id: string; version: number; status: string; steps: number }>(
        `SELECT id, version, status,
          (SELECT count(*) FROM steps s WHERE s.namespace = e.namespace AND s.episode_id = e.id)
            AS steps FROM episodes e`,
      )
      .map(({ id, ...row }) => [id, row]),
  );
  return [...things.episodes].flatMap(([object, { id }]): Violation[] => {
    const last = history.operations.findLast((one) => one.object === object);
    if (!last || last.outcome.type === "unknown") return [];
    const row = stored.get(id);
    if (last.outcome.type === "refused")
      return row
        ? [{ object, promise: "what is not there is not stored", operations: [last] }]
        : [];
    const { version, status, tools } = last.outcome.value as {
      version: number;
      status: string;
      tools: string[];
    };
    const isSame = row?.version === version && row.status === status && row.steps === tools.length;
    return isSame ? [] : [{ object, promise: "what is shown is stored", operations: [last] }];
  });
}
