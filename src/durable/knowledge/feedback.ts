/**
 * What became of a recall: it moves the evidence of what was used. One word for each recall; a later one replaces it.
 *
 * @module
 */

import { applyFeedback } from "../../memory/learning/index.ts";
import { MS } from "../../memory/limits.ts";
import type { Input, Output } from "../../memory/operations.ts";
import type { FeedbackRecord, KnowledgeDeps, RecallRecord } from "./deps.ts";
import { addUsage } from "./loader.ts";
import { localBody, localPatterns, write, writePatterns } from "./rows.ts";

/** Counts the word; in a transaction. Items that the recall did not show are named in `unknown`. */
export function feedbackNow(
  deps: KnowledgeDeps,
  namespace: string,
  recall: RecallRecord,
  input: Input<"feedback">,
  now: number,
): Output<"feedback"> {
  const before = localBody<FeedbackRecord>(deps.sql, "feedback", namespace, recall.id);
  if (before) move(deps, namespace, before, -1);
  const worth = Math.round((input.rating ?? 1) * 1000);
  const { episodes, patterns, unknown } = resolve(recall, input.used);
  const record: FeedbackRecord = {
    recall_id: recall.id,
    at: new Date(now).toISOString(),
    used: input.used,
    // A rating says how much it helped; what did not help counts against in full unless the rating says otherwise.
    helpful: input.helpful ? worth : 0,
    unhelpful: input.helpful ? 1000 - worth : input.rating === null ? 1000 : 1000 - worth,
    day: Math.floor(now / MS.day),
    episodes,
    patterns,
  };
  move(deps, namespace, record, 1);
  write(deps, "feedback", [[namespace, recall.id, now, JSON.stringify(record)]]);
  return { recall_id: recall.id, counted: input.used.length - unknown.length, unknown };
}

function resolve(
  recall: RecallRecord,
  used: readonly string[],
): { episodes: string[]; patterns: string[]; unknown: string[] } {
  const episodes = new Set<string>();
  const patterns = new Set<string>();
  const unknown: string[] = [];
  for (const id of used) {
    const pattern = id.startsWith("h-") ? id.slice(2) : id;
    if (recall.episodes.includes(id)) episodes.add(id);
    else if (recall.patterns.includes(pattern)) patterns.add(pattern);
    else if (id.startsWith("pb-") && recall.playbook.length > 0)
      for (const source of recall.playbook) episodes.add(source);
    else unknown.push(id);
  }
  return { episodes: [...episodes], patterns: [...patterns], unknown };
}

function move(deps: KnowledgeDeps, namespace: string, record: FeedbackRecord, sign: 1 | -1): void {
  const rows = localPatterns(deps.sql, namespace, record.patterns);
  writePatterns(
    deps,
    [...rows.values()].map((row) => applyFeedback(row, record.day, record.helpful, record.unhelpful, sign)),
  );
  for (const id of record.episodes) addUsage(deps, namespace, id, sign * record.helpful, sign * record.unhelpful);
}
