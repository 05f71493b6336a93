/**
 * Decides what an import does about one episode: begins it, changes the one that is there, or
 * nothing. Pure.
 *
 * @module
 */

import { canonicalJson } from "../../../../memory/canonical.ts";
import { computeReward, NEUTRAL_BASELINE, reflect } from "../../../../memory/learning/index.ts";
import type { Step } from "../../../../contract/episodes/record.ts";
import type { Input } from "../../../../contract/operations.ts";
import type { EpisodeLine, EpisodeToImport } from "../../../../contract/transfer/requests.ts";
import { changedRecord, type EpisodeRecord } from "../../../shared/episode-record.ts";
import { Refused } from "../../../shared/refusals.ts";
import { checkStep, sameStep } from "../bounds.ts";
import { isoTime } from "../../../../util/time.ts";
import { originOf, updateOf } from "./import-update.ts";

/** A step of a line with its number; the time may be left out. */
type NumberedStep = Omit<Step, "at"> & { at?: string };

export type OnConflict = NonNullable<Input<"episode.import">["on_conflict"]>;

/** What is known as an episode is judged. */
export interface ImportCircumstances {
  namespace: string;
  on_conflict: OnConflict;
  /** ms since the epoch. */
  now: number;
  /** UTF-8 bytes of a step's output. */
  outputMax: number;
}

export type ImportPlan =
  | { kind: "create"; record: EpisodeRecord; steps: readonly Step[] }
  | {
      kind: "update";
      before: EpisodeRecord;
      record: EpisodeRecord;
      /** All its steps, before and then. */
      had: readonly Step[];
      steps: readonly Step[];
      /** The steps from this number on are others; null: all stay as they are. */
      from: number | null;
    }
  | { kind: "keep" };

/** An episode that is there. */
export interface PresentEpisode {
  record: EpisodeRecord;
  steps: readonly Step[];
}

/**
 * Throws `Refused` for a conflict, and for what is larger than it may be by itself.
 *
 * @param present null: there is none of this id
 */
export function planOf(
  { id, episode: line }: EpisodeToImport,
  present: PresentEpisode | null,
  of: ImportCircumstances,
): ImportPlan {
  if (present) return metPlanOf(line, present, of);
  const steps = stepsOf(line, of);
  const record = importedRecord(id, line, steps, of);
  return { kind: "create", record, steps };
}

/** An episode of this id is there. */
function metPlanOf(
  line: EpisodeLine,
  { record: before, steps: had }: PresentEpisode,
  of: ImportCircumstances,
): ImportPlan {
  const isRefused = of.on_conflict === "refuse";
  if (isRefused && isSame(before, had, line)) return { kind: "keep" };
  const update = isRefused ? "other" : updateOf(before, had, line, stepsOf(line, of));
  if (update === null) return { kind: "keep" };
  if (update === "other") {
    const detail = isRefused
      ? `Episode ${before.id} is already there with other content.`
      : `Episode ${before.id} is already there, and is of another run: neither its task nor any of its steps is the same.`;
    throw new Refused("conflict", detail, { path: "id" });
  }
  const { changes } = update;
  const from = update.steps?.from ?? null;
  const kept = from === null ? had : had.filter(({ number }) => number < from);
  const whole = [...kept, ...(update.steps?.steps ?? [])];
  const isJudgedAnew = from !== null || changes.outcome !== undefined;
  const record = updatedRecord(before, changes, { line, whole, isJudgedAnew, now: of.now });
  return { kind: "update", before, record, had, steps: whole, from };
}

/** The steps of a line, in their order, each with a number and a time. */
function stepsOf(line: EpisodeLine, { outputMax, now }: ImportCircumstances): Step[] {
  for (const [i, step] of line.steps.entries()) checkStep(step, i, outputMax);
  const started_at = line.started_at ?? isoTime(now);
  return numbered(line.steps).map((step): Step => ({ ...step, at: step.at ?? started_at }));
}

/** Whether an episode is the one of a line. @param steps that it has */
function isSame(present: EpisodeRecord, steps: readonly Step[], line: EpisodeLine): boolean {
  const sent = numbered(line.steps);
  return (
    present.task === line.task &&
    canonicalJson(present.outcome) === canonicalJson(line.outcome) &&
    steps.length === sent.length &&
    sent.every((step, i) => {
      const before = steps[i];
      return before !== undefined && sameStep(before, step);
    })
  );
}

function importedRecord(
  id: string,
  line: EpisodeLine,
  steps: readonly Step[],
  { namespace, now }: ImportCircumstances,
): EpisodeRecord {
  const updated_at = isoTime(now);
  const started_at = line.started_at ?? updated_at;
  const status = line.status ?? (line.outcome ? "completed" : "in_progress");
  const isRunning = status === "in_progress";
  if (isRunning && line.archived_at !== undefined) {
    const detail = "Only an episode that has ended can be archived.";
    throw new Refused("validation_failed", detail, { path: "archived_at" });
  }
  // Judged without a baseline: lines come in any order, and what was usual when it ran is not
  // known.
  const reward =
    line.reward ??
    (line.outcome ? computeReward(steps, line.outcome, NEUTRAL_BASELINE, false) : null);
  const record: EpisodeRecord = {
    id,
    namespace,
    task: line.task,
    task_type: line.task_type,
    context: line.context,
    status,
    started_at,
    ended_at: isRunning ? null : (line.ended_at ?? lastTime(steps, started_at)),
    updated_at,
    outcome: line.outcome,
    reward,
    reflection: line.reflection ?? null,
    pattern_ids: [],
    tags: [...new Set(line.tags)],
    checkpoints: line.checkpoints ?? [],
    metadata: line.metadata,
    step_count: steps.length,
    ...(line.archived_at === undefined ? {} : { archived_at: line.archived_at }),
    // Learning from it counts as a change; an exported version is the one after that.
    version: Math.max(1, (line.version ?? 1) - (isRunning ? 0 : 1)),
    origin: originOf(line),
  };
  if (!record.reflection && line.outcome && reward)
    record.reflection = reflect(steps, line.outcome, reward, NEUTRAL_BASELINE);
  return record;
}

interface Grown {
  line: EpisodeLine;
  /** Its steps as they are now. */
  whole: readonly Step[];
  /** Its steps or its outcome are others. */
  isJudgedAnew: boolean;
  /** ms since the epoch. */
  now: number;
}

function updatedRecord(
  present: EpisodeRecord,
  changes: Partial<EpisodeRecord>,
  { line, whole, isJudgedAnew, now }: Grown,
): EpisodeRecord {
  // What it taught before is no answer any more.
  const { learned: _learned, learning: _learning, omitted: _omitted, ...before } = present;
  const next = changedRecord(before, { ...changes, step_count: whole.length }, now);
  const { status, outcome, started_at, used_recall = false } = next;
  if (status !== "in_progress") next.ended_at ??= lastTime(whole, started_at);
  if (!outcome || !isJudgedAnew) return next;
  const reward = line.reward ?? computeReward(whole, outcome, NEUTRAL_BASELINE, used_recall);
  const reflection = line.reflection ?? reflect(whole, outcome, reward, NEUTRAL_BASELINE);
  return { ...next, reward, reflection };
}

/** The latest time of the steps, or this one when it is later. */
function lastTime(steps: readonly Step[], earliest: string): string {
  return steps.reduce(
    (latest, step) => (Date.parse(step.at) > Date.parse(latest) ? step.at : latest),
    earliest,
  );
}

/** In the order of their numbers; steps without one take the next. */
function numbered(steps: EpisodeLine["steps"]): NumberedStep[] {
  let last = 0;
  const taken = new Set<number>();
  return steps
    .map((step, i): NumberedStep => {
      const number = step.number ?? last + 1;
      if (taken.has(number)) {
        const detail = `Step number ${number} comes twice.`;
        throw new Refused("validation_failed", detail, { path: `steps.${i}.number` });
      }
      taken.add(number);
      last = Math.max(last, number);
      return { ...step, number };
    })
    .sort((a, b) => a.number - b.number);
}
