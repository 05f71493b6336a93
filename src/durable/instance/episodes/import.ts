/**
 * Takes in episodes that ran elsewhere. The same one again is a duplicate; another one under its id
 * a conflict. One that ended is learned from before the answer, or queued.
 *
 * @module
 */

import { canonicalJson } from "../../../memory/canonical.ts";
import { computeReward, NEUTRAL_BASELINE, reflect } from "../../../memory/learning/index.ts";
import type { Step } from "../../../contract/episodes/record.ts";
import type { Input, Output } from "../../../contract/operations.ts";
import type { EpisodeLine } from "../../../contract/transfer/requests.ts";
import type { EpisodeRecord } from "../../shared/episode-record.ts";
import { Refused } from "../../shared/refusals.ts";
import type { OperationScope } from "../handlers.ts";
import { checkStep, sameStep } from "./bounds.ts";
import type { EpisodeDeps } from "./deps.ts";
import { LearningFailed } from "./tasks/learning.ts";
import { isoTime } from "../../../util/time.ts";

/** A step of a line with its number; the time may be left out. */
type NumberedStep = Omit<Step, "at"> & { at?: string };

export class EpisodeImport {
  readonly #deps: EpisodeDeps;

  constructor(deps: EpisodeDeps) {
    this.#deps = deps;
  }

  /** Throws `Refused` for a conflict, and for what is larger than it may be. */
  async import(
    { id, episode: line }: Input<"episode.import">,
    { namespace, commit }: OperationScope,
  ): Promise<Output<"episode.import">> {
    const { context, store, tasks, learning } = this.#deps;
    await store.find(namespace, id);
    const answer = this.#store(id, line, { namespace, commit });

    if (line.relationships && line.relationships.length > 0) {
      const relationships = line.relationships.map((related) => ({ ...related, from: id }));
      await context.askHome("relate", { namespace, relationships });
    }
    if (answer.status === "created" && tasks.learnTask(namespace, id))
      await learning.learn(namespace, id);
    return answer;
  }

  /** With what it teaches, where its namespace's home is here. */
  #store(
    id: string,
    line: EpisodeLine,
    { namespace, commit }: Pick<OperationScope, "namespace" | "commit">,
  ): Output<"episode.import"> {
    const { context, learning } = this.#deps;
    const put = (isHere: boolean): Output<"episode.import"> =>
      commit(() => ({ id, status: this.#put(namespace, id, line, isHere) }));
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
    namespace: string,
    id: string,
    line: EpisodeLine,
    isHere: boolean,
  ): Output<"episode.import">["status"] {
    const { context, rows, store, tasks, learning } = this.#deps;
    const present = rows.record(namespace, id);
    if (present) {
      if (isSame(present, rows.steps(namespace, id), line)) return "duplicate";
      const detail = `Episode ${id} is already there with other content.`;
      throw new Refused("conflict", detail, { path: "id" });
    }

    const steps = this.#steps(line);
    const imported = importedRecord(namespace, id, line, steps, context.now());
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
  };
  if (!record.reflection && line.outcome && reward)
    record.reflection = reflect(steps, line.outcome, reward, NEUTRAL_BASELINE);
  return record;
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
