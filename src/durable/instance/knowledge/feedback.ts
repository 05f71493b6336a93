/**
 * What became of a recall: it moves the evidence of what was used. One word for each recall; a
 * later one replaces it.
 *
 * @module
 */

import { applyFeedback } from "../../../memory/learning/index.ts";
import type { Digest, PatternContent } from "../../../memory/learning/types.ts";
import { LIMITS, MS } from "../../../contract/limits.ts";
import type { FeedbackLine, Input, Output, Page } from "../../../contract/operations.ts";
import type { FeedbackRecord, KnowledgeDeps, RecallRecord } from "./deps.ts";
import { Refused } from "../../shared/refusals.ts";
import type { SqlValue } from "../../../storage/index.ts";
import { addUsage, localBody, localPatterns, write, writeDigest, writePatterns } from "./rows.ts";
import type { Source } from "./source.ts";
import { isoTime } from "../../../util/time.ts";

/** Judged recalls in one page of the export. */
const EXPORT_PAGE = 200;

/** Records whose patterns are read together. */
const PATTERNS_OF = 20;

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
    at: isoTime(now),
    used: input.used,
    // A rating says how much it helped; what did not help counts against in full unless the rating
    // says otherwise.
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

/**
 * A page of judged recalls in the form of an export, by the id of the recall; bounded in bytes too.
 */
export async function exportFeedback(
  source: Source,
  cursor: string | null,
): Promise<Page<FeedbackLine>> {
  const { records, more } = await source.feedbackAfter(cursor ?? "", EXPORT_PAGE);
  const items: FeedbackLine[] = [];
  let bytes = 0;
  let isCut = more;
  let contents = new Map<string, PatternContent>();
  for (const [
    i,
    { recall_id, at, helpful, unhelpful, episodes, patterns: ids },
  ] of records.entries()) {
    if (i % PATTERNS_OF === 0) {
      const named = records.slice(i, i + PATTERNS_OF).flatMap((record) => record.patterns);
      const rows = await source.patterns([...new Set(named)]);
      contents = new Map(rows.map((row) => [row.id, row.content]));
    }
    const patterns = ids.flatMap((id) => contents.get(id) ?? []);
    const line: FeedbackLine = { recall_id, at, helpful, unhelpful, episodes, patterns };
    bytes += JSON.stringify(line).length;
    if (items.length > 0 && bytes > LIMITS.page_bytes) {
      isCut = true;
      break;
    }
    items.push(line);
  }
  // A copy that silently lacks some is worse than none.
  if (source.degraded) {
    const detail = "An export needs the database, which is out of reach. Try again later.";
    throw new Refused("database_unavailable", detail, { retry_after_s: 5 });
  }
  return { items, next_cursor: isCut ? (items.at(-1)?.recall_id ?? null) : null, degraded: false };
}

/**
 * Counts a judged recall from elsewhere; in a transaction. One that is known already changes
 * nothing.
 */
export function importFeedback(
  deps: KnowledgeDeps,
  namespace: string,
  line: FeedbackLine,
  patterns: string[],
): "created" | "duplicate" {
  const { recall_id, at, helpful, unhelpful, episodes } = line;
  if (localBody<FeedbackRecord>(deps.sql, "feedback", namespace, recall_id)) return "duplicate";
  const day = Math.floor(Date.parse(at) / MS.day);
  const used = [...episodes, ...patterns];
  const record: FeedbackRecord = {
    recall_id,
    at,
    used,
    helpful,
    unhelpful,
    day,
    episodes,
    patterns,
  };
  move(deps, namespace, record, 1);
  write(deps, "feedback", [[namespace, recall_id, Date.parse(at), JSON.stringify(record)]]);
  return "created";
}

/**
 * Takes in recalls that a restore brought back, where none is; in a transaction. Rows of `recalls`.
 */
export function takeInRecalls(deps: KnowledgeDeps, rows: readonly (readonly SqlValue[])[]): void {
  const missing = rows.filter(
    ([namespace, id]) => !localBody(deps.sql, "recalls", String(namespace), String(id)),
  );
  write(deps, "recalls", missing);
}

/**
 * Takes in words about recalls that a restore brought back; in a transaction. Each counts once: one
 * that is known, or that is older than what is known, changes nothing. Rows of `feedback`.
 */
export function takeInFeedback(deps: KnowledgeDeps, rows: readonly (readonly SqlValue[])[]): void {
  for (const row of rows) {
    const [namespace, id] = [String(row[0]), String(row[1])];
    const record = JSON.parse(String(row.at(-1))) as FeedbackRecord;
    const before = localBody<FeedbackRecord>(deps.sql, "feedback", namespace, id);
    if (before && before.at >= record.at) continue;
    if (before) move(deps, namespace, before, -1);
    move(deps, namespace, record, 1);
    write(deps, "feedback", [row]);
  }
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
    [...rows.values()].map((row) =>
      applyFeedback(row, record.day, record.helpful, record.unhelpful, sign),
    ),
  );
  for (const id of record.episodes) {
    addUsage(deps, namespace, id, sign * record.helpful, sign * record.unhelpful);
    const digest = localBody<Digest>(deps.sql, "digests", namespace, id);
    if (digest) writeDigest(deps, digest);
  }
}
