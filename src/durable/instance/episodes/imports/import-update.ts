/**
 * Computes what a line of an import changes of an episode that is there. The line is what its
 * origin has now: a session that grew, or was judged since. What was amended here stays where the
 * origin says what it said before, and a line that is older than what is there takes nothing back;
 * so lines of one origin may come in any order. Pure.
 *
 * @module
 */

import type { EpisodeLine } from "../../../../contract/transfer/requests.ts";
import type { Step } from "../../../../contract/episodes/record.ts";
import { LIMITS } from "../../../../contract/limits.ts";
import { canonicalJson } from "../../../../memory/canonical.ts";
import { fingerprint } from "../../../../util/hashing/fingerprint.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import { sameStep } from "../bounds.ts";

export interface ImportUpdate {
  changes: Partial<EpisodeRecord>;
  /** The steps from this number on are these now; null: they stay as they are. */
  steps: { from: number; steps: Step[] } | null;
}

/** The fields of a line that its origin says, and that may be amended here. */
const FIELDS = ["task", "task_type", "context", "metadata", "tags", "outcome"] as const;
type Field = (typeof FIELDS)[number];

/** Fingerprints of what a line says, by field. */
export function originOf(line: EpisodeLine): Record<Field, string> {
  const entries = FIELDS.map((field) => [field, fingerprint(canonicalJson(line[field]))]);
  return Object.fromEntries(entries) as Record<Field, string>;
}

/**
 * null: nothing; it is there already, or newer. "other": it is another run.
 *
 * @param present its steps, in their order
 * @param sent those of the line, in their order
 */
export function updateOf(
  record: EpisodeRecord,
  present: readonly Step[],
  line: EpisodeLine,
  sent: readonly Step[],
): ImportUpdate | "other" | null {
  const end = endOf(line, sent);
  const steps = mergedSteps(present, sent, isNewer(record, present, end, sent.length));
  const isWhollyNew = present.length > 0 && steps?.from === present[0]?.number;
  if (isWhollyNew && line.task !== record.task && !sharesStep(present, sent)) return "other";

  const changes = changedFields(record, line);
  const hasEnded = record.status !== "in_progress" || changes.status !== undefined;
  const hasGrown = steps !== null || changes.outcome !== undefined;
  if (hasGrown && hasEnded && end !== null && isAfter(end, record.ended_at)) changes.ended_at = end;
  if (steps === null && Object.keys(changes).length === 0) return null;
  return { changes: { ...changes, origin: originOf(line) }, steps };
}

/** The fields that the origin says anew. */
function changedFields(record: EpisodeRecord, line: EpisodeLine): Partial<EpisodeRecord> {
  const now = originOf(line);
  const isSaid = (field: Field): boolean =>
    record.origin?.[field] !== now[field] &&
    canonicalJson(line[field]) !== canonicalJson(record[field]);
  const tags = [...new Set([...line.tags, ...record.tags])].slice(0, LIMITS.tags_max);
  const checkpoints = joinedCheckpoints(record, line);
  return {
    ...(isSaid("task") ? { task: line.task } : {}),
    ...(isSaid("task_type") ? { task_type: line.task_type } : {}),
    ...(isSaid("context") ? { context: joinedContext(record.context, line.context) } : {}),
    ...(isSaid("metadata") ? { metadata: joinedMetadata(record.metadata, line.metadata) } : {}),
    ...(isSaid("tags") && tags.length > record.tags.length ? { tags } : {}),
    ...(checkpoints.length > record.checkpoints.length ? { checkpoints } : {}),
    ...judgement(record, line, isSaid("outcome")),
  };
}

/** What nobody judged takes no judgement back. */
function judgement(
  { status }: EpisodeRecord,
  line: EpisodeLine,
  isSaid: boolean,
): Partial<EpisodeRecord> {
  if (line.outcome && isSaid) return { outcome: line.outcome, status: line.status ?? "completed" };
  const ends = status === "in_progress" && line.status !== null && line.status !== status;
  return ends && line.status !== null ? { status: line.status } : {};
}

/** The line's; what it leaves open stays. */
function joinedContext(
  before: EpisodeRecord["context"],
  sent: EpisodeLine["context"],
): EpisodeRecord["context"] {
  return {
    domain: sent.domain || before.domain,
    language: sent.language ?? before.language,
    framework: sent.framework ?? before.framework,
    complexity: sent.complexity,
    tags: [...new Set([...sent.tags, ...before.tags])].slice(0, LIMITS.tags_max),
  };
}

/** Both, the line's first; of more than there may be, the line's. */
function joinedMetadata(
  before: Record<string, string>,
  sent: Record<string, string>,
): Record<string, string> {
  const both = { ...before, ...sent };
  return Object.keys(both).length <= LIMITS.metadata_entries_max ? both : sent;
}

function joinedCheckpoints(
  { checkpoints }: EpisodeRecord,
  line: EpisodeLine,
): EpisodeRecord["checkpoints"] {
  const known = new Set(checkpoints.map(({ id }) => id));
  const more = (line.checkpoints ?? []).filter(({ id }) => !known.has(id));
  return [...checkpoints, ...more].slice(0, LIMITS.checkpoints_max);
}

/**
 * The steps from the first that changes on; null: none does. Results that came later are filled in,
 * and what one side lacks at its end is no difference. Where they part, the newer side counts.
 */
function mergedSteps(
  present: readonly Step[],
  sent: readonly Step[],
  isSentNewer: boolean,
): ImportUpdate["steps"] {
  const merged: Step[] = [];
  for (const [i, step] of sent.entries()) {
    const before = present[i];
    const kept = before ? mergedStep(before, step) : step;
    if (kept === null) {
      const side = isSentNewer ? sent : present;
      return changedFrom(present, [...merged, ...side.slice(i)]);
    }
    merged.push(kept);
  }
  return changedFrom(present, [...merged, ...present.slice(sent.length)]);
}

/** The step that is there, or with the result that it lacked; null: they are two. */
function mergedStep(before: Step, sent: Step): Step | null {
  if (before.number !== sent.number) return null;
  if (sameStep(before, sent)) return before;
  const open = { result: null, latency_ms: null, metadata: {} };
  if (!sameStep({ ...before, ...open }, { ...sent, ...open })) return null;
  if (sent.result === null) return before;
  return before.result === null ? { ...sent, at: before.at } : null;
}

function changedFrom(present: readonly Step[], now: readonly Step[]): ImportUpdate["steps"] {
  const place = now.findIndex((step, i) => step !== present[i]);
  const first = place < 0 ? now.length : place;
  const from = Math.min(now[first]?.number ?? Infinity, present[first]?.number ?? Infinity);
  return from === Infinity ? null : { from, steps: now.slice(first) };
}

/** Whether a line is at least as new as what is there. @param end null: it does not say */
function isNewer(
  record: EpisodeRecord,
  present: readonly Step[],
  end: string | null,
  steps: number,
): boolean {
  if (end === null) return steps >= present.length;
  const before = record.ended_at ?? present.at(-1)?.at;
  return before === undefined || Date.parse(end) >= Date.parse(before);
}

/** When a line's run ended; null: it does not say. @param sent its steps, which have a time each */
function endOf({ ended_at, steps }: EpisodeLine, sent: readonly Step[]): string | null {
  if (ended_at !== null) return ended_at;
  const isTimed = steps.some(({ at }) => at !== undefined);
  return isTimed ? (sent.at(-1)?.at ?? null) : null;
}

const isAfter = (at: string, than: string | null): boolean =>
  than === null || Date.parse(at) > Date.parse(than);

function sharesStep(present: readonly Step[], sent: readonly Step[]): boolean {
  const known = new Set(present.map(({ tool, parameters }) => canonicalJson([tool, parameters])));
  return sent.some(({ tool, parameters }) => known.has(canonicalJson([tool, parameters])));
}
