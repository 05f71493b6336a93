/**
 * Ends episodes as completed or failed, at a client's request. The first outcome stands; the same
 * one again gets the same answer. What an episode teaches is learned before the answer, or queued.
 *
 * @module
 */

import { canonicalJson } from "../../../memory/canonical.ts";
import {
  computeReward,
  NEUTRAL_BASELINE,
  reflect,
  type Baseline,
} from "../../../memory/learning/index.ts";
import type { NewEvent } from "../../webhooks/webhooks.ts";
import type { Outcome } from "../../../contract/episodes/record.ts";
import type { Status } from "../../../contract/vocabulary.ts";
import type { EndLesson } from "../../../contract/lessons/requests.ts";
import type { CompletionView } from "../../../contract/episodes/answers.ts";
import type { Input } from "../../../contract/operations.ts";
import { changedRecord, type EpisodeRecord } from "../../shared/episode-record.ts";
import { Refused } from "../../shared/refusals.ts";
import type { OperationScope } from "../handlers.ts";
import type { EpisodeDeps } from "./deps.ts";
import { LearningFailed } from "./tasks/learning.ts";
import { isoTime } from "../../../util/time.ts";

/** How an episode is to end. */
interface End {
  id: string;
  status: Extract<Status, "completed" | "failed">;
  outcome: Outcome;
  /** The recall that it had used. */
  recallId: string | null;
  /** What the next run should know. */
  lessons: EndLesson[];
}

export class EpisodeEnding {
  readonly #deps: EpisodeDeps;

  constructor(deps: EpisodeDeps) {
    this.#deps = deps;
  }

  /** Throws `Refused` when there is no such episode, or it ended otherwise. */
  complete(
    { id, outcome, recall_id: recallId, lessons = [] }: Input<"episode.complete">,
    scope: OperationScope,
  ): Promise<CompletionView> {
    return this.#end({ id, status: "completed", outcome, recallId, lessons }, scope);
  }

  /** Throws as `complete`. */
  fail(
    { id, reason, details }: Input<"episode.fail">,
    scope: OperationScope,
  ): Promise<CompletionView> {
    const outcome: Outcome = { type: "failure", reason, details };
    return this.#end({ id, status: "failed", outcome, recallId: null, lessons: [] }, scope);
  }

  async #end(end: End, { namespace, by, commit }: OperationScope): Promise<CompletionView> {
    const { context, rows, store, tasks, learning } = this.#deps;
    const { id } = end;
    const { domain } = (await store.get(namespace, id)).context;
    const baseline = await this.#baseline(namespace, domain);
    // What it says in words waits for what the namespace has of such, so that is not done here.
    if (end.lessons.length === 0 && learning.isHere(namespace)) {
      try {
        const here = { baseline, by, isHere: true };
        const put = (): CompletionView => completionView(this.#put(namespace, end, here));
        return await store.whileHere(namespace, id, () => commit(put));
      } catch (error) {
        if (!(error instanceof LearningFailed)) throw error;
        context.log({ event: "learning_failed", level: "error", reason: error.message });
      }
    }
    const later = { baseline, by, isHere: false };
    // Kept for a repetition before it is learned: by the time it is, the episode may be deleted.
    const put = (): CompletionView => completionView(this.#put(namespace, end, later));
    const ended = await store.whileHere(namespace, id, () => commit(put));
    if (!tasks.learnTask(namespace, id)) return ended;
    await learning.learn(namespace, id);
    return commit(() => {
      const record = rows.record(namespace, id);
      return record ? completionView(record) : ended;
    });
  }

  /** In a transaction. @param isHere whether what it teaches is learned in the same one */
  #put(
    namespace: string,
    end: End,
    { baseline, by, isHere }: { baseline: Baseline; by: string; isHere: boolean },
  ): EpisodeRecord {
    const { context, rows, store, tasks, learning } = this.#deps;
    const { id, status, outcome, recallId, lessons } = end;
    const record = store.present(namespace, id);
    if (record.status === "completed" || record.status === "failed") {
      const isSame =
        record.status === status && canonicalJson(record.outcome) === canonicalJson(outcome);
      if (isSame) return record;
      const detail = `Episode ${id} has ended (${record.status}) with another outcome; the first one stands.`;
      throw new Refused("episode_ended", detail);
    }

    const steps = rows.steps(namespace, id);
    const reward = computeReward(steps, outcome, baseline, recallId !== null);
    const changes: Partial<EpisodeRecord> = {
      status,
      outcome,
      reward,
      ended_at: isoTime(context.now()),
      learning: "queued",
      reflection: reflect(steps, outcome, reward, baseline),
      ...(recallId === null ? {} : { used_recall: true }),
      ...(lessons.length === 0 ? {} : { taught: { by, lessons } }),
    };
    const ended = changedRecord(record, changes, context.now());
    store.check(ended, { by: "ending", path: "outcome" });
    this.#count(ended, record.status);
    const next = isHere ? learning.learnHere(ended, steps, recallId) : ended;
    store.put(next, [], { by: "service" });
    context.emit(completedEvent(namespace, next));
    if (!isHere) tasks.add({ kind: "learn", namespace, id }, recallId);
    return next;
  }

  #count({ started_at, ended_at, outcome }: EpisodeRecord, before: Status): void {
    const { meter } = this.#deps.context;
    // One that was closed as abandoned is counted as ended already.
    if (before !== "in_progress" || !outcome) return;
    const seconds = (Date.parse(ended_at ?? started_at) - Date.parse(started_at)) / 1_000;
    meter.count("memory_episode_completed_total", { outcome: outcome.type });
    meter.observe("memory_episode_duration_seconds", Math.max(0, seconds));
  }

  async #baseline(namespace: string, domain: string): Promise<Baseline> {
    try {
      return await this.#deps.context.askHome("baseline", { namespace, domain });
    } catch {
      // Without the namespace's home an episode is judged by itself alone.
      return NEUTRAL_BASELINE;
    }
  }
}

function completedEvent(namespace: string, record: EpisodeRecord): NewEvent {
  const { id: episode_id, status, outcome, reward, step_count } = record;
  const ended = { status, outcome: outcome?.type ?? null, reward: reward?.total ?? null };
  return { type: "episode.completed", namespace, data: { episode_id, ...ended, step_count } };
}

function completionView(record: EpisodeRecord): CompletionView {
  return {
    id: record.id,
    status: record.status,
    reward: record.reward,
    reflection: record.reflection,
    patterns: record.learned ?? [],
    learning: record.learning ?? "queued",
    omitted: record.omitted ?? null,
    ...(record.lessons ? { lessons: record.lessons } : {}),
    version: record.version,
  };
}
