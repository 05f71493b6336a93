/**
 * Takes in episodes that ran elsewhere. The same one again is a duplicate; another one under its id
 * is a conflict, or what became of it since, as the import says. One that ended is learned from
 * before the answer, or queued; of one that is updated the evidence is taken back and given anew.
 *
 * @module
 */

import { canonicalJson } from "../../../../memory/canonical.ts";
import { computeReward, NEUTRAL_BASELINE, reflect } from "../../../../memory/learning/index.ts";
import type { Step } from "../../../../contract/episodes/record.ts";
import type { Input, Output } from "../../../../contract/operations.ts";
import type { EpisodeLine } from "../../../../contract/transfer/requests.ts";
import { changedRecord, type EpisodeRecord } from "../../../shared/episode-record.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { OperationScope } from "../../handlers.ts";
import { checkStep, sameStep } from "../bounds.ts";
import type { EpisodeDeps } from "../deps.ts";
import { originOf, updateOf, type ImportUpdate } from "./import-update.ts";
import { LearningFailed } from "../tasks/learning.ts";
import { isoTime } from "../../../../util/time.ts";

/** A step of a line with its number; the time may be left out. */
type NumberedStep = Omit<Step, "at"> & { at?: string };

type OnConflict = NonNullable<Input<"episode.import">["on_conflict"]>;
type Taken = Pick<OperationScope, "namespace" | "by" | "commit"> & { on_conflict: OnConflict };

export class EpisodeImport {
  readonly #deps: EpisodeDeps;

  constructor(deps: EpisodeDeps) {
    this.#deps = deps;
  }

  /** Throws `Refused` for a conflict, and for what is larger than it may be. */
  async import(
    { id, episode: line, on_conflict = "refuse" }: Input<"episode.import">,
    { namespace, by, commit }: OperationScope,
  ): Promise<Output<"episode.import">> {
    const { context, store, tasks, learning } = this.#deps;
    await store.find(namespace, id);
    const answer = this.#store(id, line, { namespace, by, commit, on_conflict });

    if (line.relationships && line.relationships.length > 0) {
      const relationships = line.relationships.map((related) => ({ ...related, from: id }));
      await context.askHome("relate", { namespace, relationships });
    }
    if (answer.status !== "duplicate" && tasks.learnTask(namespace, id))
      await learning.learn(namespace, id);
    return answer;
  }

  /** With what it teaches, where its namespace's home is here. */
  #store(
    id: string,
    line: EpisodeLine,
    { namespace, by, commit, on_conflict }: Taken,
  ): Output<"episode.import"> {
    const { context, learning } = this.#deps;
    const put = (isHere: boolean): Output<"episode.import"> =>
      commit(() => {
        const present = this.#deps.rows.record(namespace, id);
        const status = present
          ? this.#meet(present, line, { isHere, on_conflict })
          : this.#put({ namespace, id, opened_by: by }, line, isHere);
        return { id, status };
      });
    try {
      return put(learning.isHere(namespace));
    } catch (error) {
      if (!(error instanceof LearningFailed)) throw error;
      context.log({ event: "learning_failed", level: "error", reason: error.message });
      return put(false);
    }
  }

  /** In a transaction. @param isHere whether what it teaches is learned in the same one */
  #put(
    { namespace, id, opened_by }: Pick<EpisodeRecord, "namespace" | "id" | "opened_by">,
    line: EpisodeLine,
    isHere: boolean,
  ): Output<"episode.import">["status"] {
    const { context, store, tasks, learning } = this.#deps;
    const steps = this.#steps(line);
    const made = importedRecord(namespace, id, line, steps, context.now());
    const imported: EpisodeRecord = { ...made, ...(opened_by === undefined ? {} : { opened_by }) };
    const isLearned = isHere && imported.status !== "in_progress";
    const record = isLearned ? learning.learnHere(imported, steps, null) : imported;
    store.put(record, steps, { by: "ending" });
    const { meter } = context;
    meter.count("memory_episode_created_total");
    meter.count("memory_step_logged_total", {}, steps.length);
    if (record.status !== "in_progress") {
      const outcome = record.outcome?.type ?? "abandoned";
      meter.count("memory_episode_completed_total", { outcome });
      if (!isLearned) tasks.add({ kind: "learn", namespace, id });
    }
    return "created";
  }

  /** In a transaction: an episode of this id is there. */
  #meet(
    present: EpisodeRecord,
    line: EpisodeLine,
    { isHere, on_conflict }: { isHere: boolean; on_conflict: OnConflict },
  ): Output<"episode.import">["status"] {
    const { namespace, id } = present;
    const before = this.#deps.rows.steps(namespace, id);
    const isRefused = on_conflict === "refuse";
    if (isRefused && isSame(present, before, line)) return "duplicate";
    const update = isRefused ? "other" : updateOf(present, before, line, this.#steps(line));
    if (update === null) return "duplicate";
    if (update === "other") {
      const detail = isRefused
        ? `Episode ${id} is already there with other content.`
        : `Episode ${id} is already there, and is of another run: neither its task nor any of its steps is the same.`;
      throw new Refused("conflict", detail, { path: "id" });
    }
    this.#update(present, before, update, { line, isHere });
    return "updated";
  }

  /** @param before its steps */
  #update(
    present: EpisodeRecord,
    before: readonly Step[],
    { changes, steps }: ImportUpdate,
    { line, isHere }: { line: EpisodeLine; isHere: boolean },
  ): void {
    const { context, store, tasks, learning } = this.#deps;
    const { namespace, id } = present;
    const from = steps?.from ?? Infinity;
    const whole = [...before.filter(({ number }) => number < from), ...(steps?.steps ?? [])];
    const isJudgedAnew = steps !== null || changes.outcome !== undefined;
    const grown = { line, whole, isJudgedAnew, now: context.now() };
    const next = updatedRecord(present, changes, grown);
    const hasEnded = next.status !== "in_progress";
    const isLearned = isHere && hasEnded;
    const record = isLearned ? learning.learnHere(next, whole, null) : next;
    const change = { by: steps ? "client" : "ending" } as const;
    if (steps) store.putFrom(record, from, steps.steps, change);
    else store.put(record, [], change);

    const { meter } = context;
    meter.count("memory_step_logged_total", {}, Math.max(0, whole.length - before.length));
    if (hasEnded && present.status === "in_progress")
      meter.count("memory_episode_completed_total", { outcome: next.outcome?.type ?? "abandoned" });
    if (hasEnded && !isLearned) tasks.add({ kind: "learn", namespace, id });
  }

  /** The steps of a line, in their order, each with a number and a time. */
  #steps(line: EpisodeLine): Step[] {
    const { now, settings } = this.#deps.context;
    const outputMax = settings().step_output_max_bytes;
    for (const [i, step] of line.steps.entries()) checkStep(step, i, outputMax);
    const started_at = line.started_at ?? isoTime(now());
    return numbered(line.steps).map((step): Step => ({ ...step, at: step.at ?? started_at }));
  }
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

/** @param now ms since the epoch */
function importedRecord(
  namespace: string,
  id: string,
  line: EpisodeLine,
  steps: readonly Step[],
  now: number,
): EpisodeRecord {
  const updated_at = isoTime(now);
  const started_at = line.started_at ?? updated_at;
  const status = line.status ?? (line.outcome ? "completed" : "in_progress");
  const isRunning = status === "in_progress";
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
