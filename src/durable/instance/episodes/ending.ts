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
import type { Outcome } from "../../../contract/episodes/record.ts";
import type { Status } from "../../../contract/vocabulary.ts";
import type { CompletionView } from "../../../contract/episodes/answers.ts";
import type { Input } from "../../../contract/operations.ts";
import type { EpisodeRecord } from "../../shared/episode-record.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { Commit } from "../requests/commit.ts";
import { changedRecord } from "./changed-record.ts";
import type { EpisodeStore } from "./cache/episode-store.ts";
import type { LearningTasks } from "./tasks/learning.ts";
import type { PendingTasks } from "./tasks/pending-tasks.ts";
import { isoTime } from "../../../util/time.ts";

/** How an episode is to end. */
interface End {
  namespace: string;
  id: string;
  status: Extract<Status, "completed" | "failed">;
  outcome: Outcome;
  /** The recall that it had used. */
  recallId: string | null;
}

export interface EpisodeEndingDeps {
  context: Pick<InstanceContext, "now" | "transaction" | "askHome" | "meter">;
  store: EpisodeStore;
  tasks: PendingTasks;
  learning: LearningTasks;
}

export class EpisodeEnding {
  readonly #deps: EpisodeEndingDeps;

  constructor(deps: EpisodeEndingDeps) {
    this.#deps = deps;
  }

  /** Throws `Refused` when there is no such episode, or it ended otherwise. */
  complete(
    namespace: string,
    { id, outcome, recall_id: recallId }: Input<"episode.complete">,
    commit: Commit,
  ): Promise<CompletionView> {
    return this.#end({ namespace, id, status: "completed", outcome, recallId }, commit);
  }

  /** Throws as `complete`. */
  fail(
    namespace: string,
    { id, reason, details }: Input<"episode.fail">,
    commit: Commit,
  ): Promise<CompletionView> {
    const outcome: Outcome = { type: "failure", reason, details };
    return this.#end({ namespace, id, status: "failed", outcome, recallId: null }, commit);
  }

  async #end(end: End, commit: Commit): Promise<CompletionView> {
    const { context, store, tasks, learning } = this.#deps;
    const { namespace, id } = end;
    const { domain } = (await store.get(namespace, id)).context;
    const baseline = await this.#baseline(namespace, domain);
    const ended = context.transaction(() => this.#put(end, baseline));
    if (tasks.learnTask(namespace, id)) await learning.learn(namespace, id);
    return commit(() => completionView(store.local(namespace, id) ?? ended));
  }

  /** In a transaction. */
  #put({ namespace, id, status, outcome, recallId }: End, baseline: Baseline): EpisodeRecord {
    const { context, store, tasks } = this.#deps;
    const record = store.present(namespace, id);
    if (record.status === "completed" || record.status === "failed") {
      const isSame =
        record.status === status && canonicalJson(record.outcome) === canonicalJson(outcome);
      if (isSame) return record;
      const detail = `Episode ${id} has ended (${record.status}) with another outcome; the first one stands.`;
      throw new Refused("episode_ended", detail);
    }

    const steps = store.steps(namespace, id);
    const reward = computeReward(steps, outcome, baseline, recallId !== null);
    const changes: Partial<EpisodeRecord> = {
      status,
      outcome,
      reward,
      ended_at: isoTime(context.now()),
      learning: "queued",
      ...(recallId === null ? {} : { used_recall: true }),
    };
    const next = changedRecord(record, changes, context.now());
    next.reflection = reflect(steps, outcome, reward, baseline);
    store.put(next, [], { by: "ending", path: "outcome" });
    this.#count(next, record.status);
    tasks.add({ kind: "learn", namespace, id }, recallId);
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

function completionView(record: EpisodeRecord): CompletionView {
  return {
    id: record.id,
    status: record.status,
    reward: record.reward,
    reflection: record.reflection,
    patterns: record.learned ?? [],
    learning: record.learning ?? "queued",
    omitted: record.omitted ?? null,
    version: record.version,
  };
}
