/**
 * Brings what an ended episode teaches to its namespace's home, and takes the evidence of a deleted
 * one back there: at least once, and counted once; a deleted one stays forgotten, whatever of it was
 * still on its way. The call that ends or deletes an episode does
 * it; where that fails the task stays, and the alarm tries again.
 *
 * @module
 */

import { byteLength } from "../../../../util/bytes.ts";
import type { Digest } from "../../../../memory/learning/types.ts";
import { LIMITS } from "../../../../contract/limits.ts";
import type { CompletionView } from "../../../../contract/episodes/answers.ts";
import {
  changedRecord,
  digestOfRecord,
  type EpisodeRecord,
} from "../../../shared/episode-record.ts";
import type { LearnAnswer, LearnInput } from "../../../shared/instance/protocol.ts";
import type { Part } from "../../../shared/context.ts";
import type { Step } from "../../../../contract/episodes/record.ts";
import { homeTextOfNamespace } from "../../../shared/instance/placement.ts";
import type { InstanceContext } from "../../context.ts";
import type { Knowledge } from "../../knowledge/index.ts";
import type { Rebalance } from "../../placement/rebalance.ts";
import type { EpisodeRows } from "../store/episode-rows.ts";
import type { EpisodeStore } from "../store/episode-store.ts";
import { TASK_WAIT_MAX_MS } from "./conditions.ts";
import { TASK_WAIT_MS, type PendingTasks } from "./pending-tasks.ts";
import type { TaskFailures } from "./task-failures.ts";

/** Tasks that one alarm does. */
const TASKS_PER_ALARM = 25;
/**
 * What was sent to be learned arrives within this or never, ms: longer than any call is waited for,
 * whoever sent it, also an object that died since, or an earlier home of the episode.
 */
const ARRIVAL_MS = TASK_WAIT_MAX_MS;

/** What an episode teaches could not be learned in the transaction that ends it. */
export class LearningFailed extends Error {
  constructor(cause: unknown) {
    super(String(cause), { cause });
  }
}

interface LearningTasksDeps {
  context: InstanceContext;
  knowledge: Knowledge;
  rebalance: Rebalance;
  rows: EpisodeRows;
  store: EpisodeStore;
  tasks: PendingTasks;
  failures: TaskFailures;
}

export class LearningTasks implements Part {
  readonly #deps: LearningTasksDeps;

  constructor(deps: LearningTasksDeps) {
    this.#deps = deps;
  }

  nextAt(): number | null {
    return this.#deps.tasks.nextAt();
  }

  /** Does tasks that were not done when they came up: the oldest first, and each by itself. */
  async onAlarm(): Promise<void> {
    const { context, rows, tasks } = this.#deps;
    for (const task of tasks.due(TASKS_PER_ALARM)) {
      const { kind, namespace, id } = task;
      // It is being handed over, and its tasks with it.
      if (!context.isHome(id)) continue;
      if (kind === "forget") await this.forget(namespace, id);
      else if (kind === "forget_again") await this.#forgetAgain(namespace, id);
      else if (rows.record(namespace, id)) await this.learn(namespace, id);
      else tasks.done(task);
    }
  }

  /**
   * Whether the home of the namespace is here, so that `learnHere` may learn for it. Ask again after
   * every wait.
   */
  isHere(namespace: string): boolean {
    const { context, rebalance } = this.#deps;
    const isHome = context.isHome(homeTextOfNamespace(namespace));
    return isHome && rebalance.isHere({ kind: "namespace", namespace });
  }

  /** Those of these episodes of which the namespace's home, which is here, knows nothing. */
  unknownAmong(namespace: string, ids: readonly string[]): Set<string> {
    return this.#deps.knowledge.unknownAmong(namespace, ids);
  }

  /**
   * The record with what it taught, which is learned here; in the transaction that stores it.
   * Throws `LearningFailed`: then the transaction must be taken back, and the episode learned later.
   *
   * @param recallId the recall that it had used; null: it named none
   * @param isUnknown as `unknownAmong` says
   */
  learnHere(
    record: EpisodeRecord,
    steps: readonly Step[],
    recallId: string | null,
    isUnknown = false,
  ): EpisodeRecord {
    const { context, knowledge } = this.#deps;
    const now = context.now();
    try {
      const digest = digestOfRecord(record, steps);
      const input = { digest, ...recallsOf(record, recallId) };
      const learned = knowledge.learn(input, now, isUnknown);
      this.#reportOmitted(digest);
      return learnedRecord(record, { ...learned, learning: "done" }, digest, now);
    } catch (error) {
      throw new LearningFailed(error);
    }
  }

  /** Hands an ended episode's digest to the namespace's home. Never throws. */
  async learn(namespace: string, id: string): Promise<CompletionView["learning"]> {
    const { context, rows, store, tasks, failures } = this.#deps;
    const pending = tasks.learnTask(namespace, id);
    const record = rows.record(namespace, id);
    if (!pending || !record) return "done";

    const task = { kind: "learn", namespace, id } as const;
    let isDeleted = false;
    try {
      const steps = rows.steps(namespace, id);
      const digest = digestOfRecord(record, steps);
      this.#reportOmitted(digest);
      const recalls = recallsOf(record, pending.recall_id);
      const taught = record.taught ? { taught: record.taught } : {};
      const answer = await context.askHome("learn", { digest, ...recalls, ...taught });
      context.transaction(() => {
        const present = rows.record(namespace, id);
        isDeleted = !present && tasks.hasAny(namespace, id);
        // Amended or deleted meanwhile: the newer task stands.
        if (!present || present.version !== record.version) return;
        store.put(learnedRecord(present, answer, digest, context.now()), [], { by: "service" });
        tasks.done(task);
      });
      return answer.learning;
    } catch (error) {
      failures.failed(task, error);
      context.wake(context.now() + TASK_WAIT_MS);
      return "queued";
    } finally {
      // It arrived after the deletion, so what was forgotten is there again.
      if (isDeleted) await this.forget(namespace, id);
    }
  }

  /**
   * Notes that an episode is deleted; in the transaction that deletes it, before its record is gone.
   * What was sent of it to be learned may arrive after it was forgotten, and nobody can know: then it
   * is forgotten once more when nothing can be on its way any longer.
   */
  deleted({ namespace, id, status, updated_at }: EpisodeRecord): void {
    const { context, tasks } = this.#deps;
    const isRecent = context.now() - Date.parse(updated_at) < ARRIVAL_MS;
    const mayArrive = status !== "in_progress" && (isRecent || tasks.hasAny(namespace, id));
    tasks.clearEpisode(namespace, id);
    tasks.add({ kind: "forget", namespace, id });
    if (mayArrive) tasks.add({ kind: "forget_again", namespace, id });
  }

  /** Takes a deleted episode's evidence back. Never throws. */
  async forget(namespace: string, id: string): Promise<void> {
    const { context, tasks, failures } = this.#deps;
    const task = { kind: "forget", namespace, id } as const;
    try {
      await context.askHome("forget", { namespace, episode_id: id });
      tasks.done(task);
    } catch (error) {
      failures.failed(task, error);
    }
  }

  /** As `forget`, when what was on its way as the episode was deleted has arrived. Never throws. */
  async #forgetAgain(namespace: string, id: string): Promise<void> {
    const { context, rows, tasks, failures } = this.#deps;
    const task = { kind: "forget_again", namespace, id } as const;
    // It was imported anew, and is another's to forget.
    if (rows.record(namespace, id)) return tasks.done(task);
    // Counted anew where the task came from another instance, which may have sent it only now.
    if (tasks.isToForget(namespace, id) || !failures.has(task))
      return failures.wait(task, context.now() + ARRIVAL_MS);
    try {
      await context.askHome("forget", { namespace, episode_id: id });
      tasks.done(task);
      context.meter.count("memory_episodes_forgotten_again_total");
      context.log({ event: "forgotten_again", level: "info", namespace, episode_id: id });
    } catch (error) {
      failures.failed(task, error);
    }
  }

  /** Counts and logs what of a large episode is not learned from. */
  #reportOmitted({ episode_id, omitted }: Digest): void {
    if (!omitted) return;
    const { meter, log } = this.#deps.context;
    meter.count("memory_digest_cut_total", { what: "steps" }, omitted.steps);
    log({ event: "digest_cut", level: "warn", episode_id, ...omitted });
  }
}

/** The recalls that an episode named. @param recallId when it ended; null: none */
function recallsOf(
  { start_recall_id }: EpisodeRecord,
  recallId: string | null,
): Omit<LearnInput, "digest"> {
  return { recall_id: recallId, ...(start_recall_id === undefined ? {} : { start_recall_id }) };
}

/** The record with what it taught, as much of it as a record may hold. */
function learnedRecord(
  record: EpisodeRecord,
  { patterns, learning, lessons, recall_group }: LearnAnswer,
  { omitted }: Digest,
  now: number,
): EpisodeRecord {
  const shown = patterns.slice(0, LIMITS.pattern_ids_max);
  const learned = record.learned && record.learned.length > 0 ? record.learned : shown;
  const cut = omitted ? { omitted: { ...omitted, contributions: 0 } } : {};
  const told = lessons ? { lessons: record.lessons ?? lessons } : {};
  const changes = { learning, ...told, ...cut, ...(recall_group ? { recall_group } : {}) };
  const pattern_ids = shown.map((pattern) => pattern.id);
  const next = changedRecord(record, { ...changes, pattern_ids, learned }, now);
  if (byteLength(JSON.stringify(next)) <= LIMITS.record_bytes_ceiling) return next;
  return changedRecord(record, { ...changes, pattern_ids: [], learned: [] }, now);
}
