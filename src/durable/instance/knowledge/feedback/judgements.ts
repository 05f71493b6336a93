/**
 * Counts judgements of recalls: each moves the evidence of what was used. There is one judgement
 * for each recall; a later one replaces it. Everything here is synchronous, and belongs into a
 * transaction.
 *
 * @module
 */

import { MS } from "../../../../contract/limits.ts";
import type { Input, Output } from "../../../../contract/operations.ts";
import type { FeedbackLine } from "../../../../contract/transfer/requests.ts";
import { TABLES, upsertRow, type SqlValue } from "../../../../storage/index.ts";
import { fullIds } from "../../../../memory/words/index.ts";
import { isoTime } from "../../../../util/time.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { FeedbackRecord, RecallRecord } from "../records.ts";
import { addUsage } from "../rows/usage.ts";

/** A judgement, and the episode whose end it is; without one somebody judged. */
export type Judgement = Input<"feedback"> & { episode?: string };

/** Counts a judgement. Items that the recall did not show are named in `unknown`. */
export function judgeRecall(
  deps: KnowledgeDeps,
  namespace: string,
  recall: RecallRecord,
  input: Judgement,
  now: number,
): Output<"feedback"> {
  const before = judgementOf(deps, namespace, recall.id);
  if (before) countJudgement(deps, namespace, before, -1);

  const { record, unknown } = recordOf(recall, input, now);
  countJudgement(deps, namespace, record, 1);
  keep(deps, [namespace, recall.id, now, JSON.stringify(record)]);
  return { recall_id: recall.id, counted: input.used.length - unknown.length, unknown };
}

/** Stores a judgement that is counted when the namespace is loaded that far. */
export function noteJudgement(
  deps: KnowledgeDeps,
  namespace: string,
  recall: RecallRecord,
  input: Judgement,
  now: number,
): void {
  const { record } = recordOf(recall, input, now);
  keep(deps, [namespace, recall.id, now, JSON.stringify(record)]);
}

function recordOf(
  recall: RecallRecord,
  input: Judgement,
  now: number,
): { record: FeedbackRecord; unknown: string[] } {
  const { episodes, patterns, lessons, unknown } = shownOf(recall, input.used);
  const record: FeedbackRecord = {
    recall_id: recall.id,
    at: isoTime(now),
    used: input.used,
    ...thousandthsOf(input),
    day: Math.floor(now / MS.day),
    episodes,
    patterns,
    ...(lessons.length === 0 ? {} : { lessons }),
    ...(input.episode === undefined ? {} : { episode: input.episode }),
  };
  return { record, unknown };
}

/**
 * Counts a judged recall from elsewhere. One that is here already changes nothing.
 *
 * @param patterns the ids that the line's patterns have in this namespace
 */
export function importJudgement(
  deps: KnowledgeDeps,
  namespace: string,
  line: FeedbackLine,
  patterns: string[],
): "created" | "duplicate" {
  const { recall_id, at, helpful, unhelpful, episodes } = line;
  if (judgementOf(deps, namespace, recall_id)) return "duplicate";

  const time = Date.parse(at);
  const day = Math.floor(time / MS.day);
  const used = [...episodes, ...patterns];
  const record = { recall_id, at, used, helpful, unhelpful, day, episodes, patterns };
  countJudgement(deps, namespace, record, 1);
  keep(deps, [namespace, recall_id, time, JSON.stringify(record)]);
  return "created";
}

/**
 * Thousandths of a use that helped and that did not. A rating is the share of it that helped; what
 * did not help counts against in full, unless a rating is given.
 */
function thousandthsOf({
  helpful,
  rating,
}: Input<"feedback">): Pick<FeedbackRecord, "helpful" | "unhelpful"> {
  const worth = Math.round((rating ?? 1) * 1000);
  if (helpful) return { helpful: worth, unhelpful: 1000 - worth };
  return { helpful: 0, unhelpful: rating === null ? 1000 : 1000 - worth };
}

/**
 * What of the used items the recall showed; a playbook stands for the episodes it was made from.
 */
function shownOf(
  recall: RecallRecord,
  used: readonly string[],
): { episodes: string[]; patterns: string[]; lessons: string[]; unknown: string[] } {
  const episodes = new Set<string>();
  const patterns = new Set<string>();
  const lessons = new Set<string>();
  const unknown: string[] = [];
  for (const id of fullIds(idsOf(recall), used)) {
    const pattern = id.startsWith("h-") ? id.slice(2) : id;
    if (recall.episodes.includes(id)) episodes.add(id);
    else if (recall.patterns.includes(pattern)) patterns.add(pattern);
    else if (recall.lessons?.includes(id)) lessons.add(id);
    else if (id.startsWith("pb-") && recall.playbook.length > 0)
      for (const episode of recall.playbook) episodes.add(episode);
    else unknown.push(id);
  }
  return { episodes: [...episodes], patterns: [...patterns], lessons: [...lessons], unknown };
}

/** Every id that a recall showed. */
function idsOf(recall: RecallRecord): string[] {
  const lists = Object.values(recall).filter((value) => Array.isArray(value));
  return lists.flat().filter((id) => typeof id === "string");
}

/** The judgement of a recall that is here; null: it was not judged. */
export function judgementOf(
  { sql }: Pick<KnowledgeDeps, "sql">,
  namespace: string,
  recallId: string,
): FeedbackRecord | null {
  const text = "SELECT body FROM feedback WHERE namespace = ? AND recall_id = ?";
  const [row] = sql.all<{ body: string }>(text, namespace, recallId);
  return row ? (JSON.parse(row.body) as FeedbackRecord) : null;
}

/** Counts a judgement (sign 1), or takes it back (−1), without storing it. */
export function countJudgement(
  deps: Pick<KnowledgeDeps, "sql" | "learned">,
  namespace: string,
  record: FeedbackRecord,
  sign: 1 | -1,
): void {
  addUsage(deps.sql, namespace, record, sign);
  deps.learned.of(namespace)?.judge(record, sign);
}

/** Stores a row of `feedback`, marked for the outbox. */
function keep(deps: KnowledgeDeps, row: readonly SqlValue[]): void {
  deps.sql.run(upsertRow("feedback"), ...row);
  deps.markAllDirty("feedback", [row.slice(0, TABLES.feedback.key)]);
}
