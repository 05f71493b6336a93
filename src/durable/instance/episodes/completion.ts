/**
 * How an episode ends, and how what it teaches reaches its namespace's home: at least once, and
 * counted once.
 *
 * @module
 */

import { byteLength } from "../../../util/bytes.ts";
import { canonicalJson } from "../../../memory/canonical.ts";
import {
  computeReward,
  makeDigest,
  NEUTRAL_BASELINE,
  reflect,
  type Baseline,
} from "../../../memory/learning/index.ts";
import type { Digest } from "../../../memory/learning/types.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { CompletionView } from "../../../contract/episodes/answers.ts";
import type { Outcome, Step } from "../../../contract/episodes/record.ts";
import type { Input, Output } from "../../../contract/operations.ts";
import type { Status } from "../../../contract/vocabulary.ts";
import { checkStep } from "./bounds.ts";
import type { EpisodeStore } from "./episode-store.ts";
import { sameStep, type Commit, type Episodes } from "./episodes.ts";
import { namespaceHome, type InstanceContext } from "../context.ts";
import { Moved, Refused } from "../../shared/refusals.ts";
import type { TaskFailures } from "./task-failures.ts";
import { viewOf, type EpisodeRecord } from "../../shared/episode-record.ts";
import { isoTime } from "../../../util/time.ts";

/** Tasks done, or episodes abandoned, in one alarm. */
const SLICE = 25;
/** Episodes that could not be closed are left alone for this long, ms; so many are kept in mind. */
const ABANDON_AGAIN_MS = 60_000;
const SKIPPED_MAX = 1_000;

/** Tasks that are due, oldest first. */
const DUE = `FROM pending_tasks e LEFT JOIN task_failures f
    ON f.kind = e.kind AND f.namespace = e.namespace AND f.id = e.id
  WHERE f.kind IS NULL OR (f.dead_at IS NULL AND f.next_at <= ?)`;

export class Completion {
  readonly #context: InstanceContext;
  readonly #store: EpisodeStore;
  readonly #episodes: Episodes;
  readonly #failures: TaskFailures;
  /**
   * Idle episodes that could not be closed, and until when they are left alone, ms since the epoch.
   */
  readonly #skipped = new Map<string, number>();

  constructor(
    context: InstanceContext,
    store: EpisodeStore,
    episodes: Episodes,
    failures: TaskFailures,
  ) {
    this.#context = context;
    this.#store = store;
    this.#episodes = episodes;
    this.#failures = failures;
  }

  complete(
    namespace: string,
    input: Input<"episode.complete">,
    commit: Commit,
  ): Promise<CompletionView> {
    return this.#end(namespace, input.id, "completed", input.outcome, input.recall_id, commit);
  }

  fail(namespace: string, input: Input<"episode.fail">, commit: Commit): Promise<CompletionView> {
    const outcome: Outcome = { type: "failure", reason: input.reason, details: input.details };
    return this.#end(namespace, input.id, "failed", outcome, null, commit);
  }

  /**
   * Takes in an episode that ran elsewhere. The same one again is a duplicate; another one under
   * its id a conflict.
   */
  async import(
    namespace: string,
    input: Input<"episode.import">,
    commit: Commit,
  ): Promise<Output<"episode.import">> {
    const { id, episode: line } = input;
    await this.#store.find(namespace, id);
    const answer = commit(() => {
      const known = this.#store.local(namespace, id);
      if (known) {
        if (this.#same(known, input)) return { id, status: "duplicate" as const };
        throw new Refused("conflict", `Episode ${id} is already there with other content.`, {
          path: "id",
        });
      }
      const record = this.#imported(namespace, input);
      this.#store.put(record.episode, record.steps, { by: "ending" });
      const { meter } = this.#context;
      meter.count("memory_episode_created_total");
      meter.count("memory_step_logged_total", {}, record.steps.length);
      if (record.episode.status !== "in_progress") {
        meter.count("memory_episode_completed_total", {
          outcome: record.episode.outcome?.type ?? "abandoned",
        });
        this.#episodes.addPendingTask("learn", namespace, id);
      }
      return { id, status: "created" as const };
    });
    if (line.relationships && line.relationships.length > 0) {
      const relationships = line.relationships.map((relationship) => ({
        ...relationship,
        from: id,
      }));
      await this.#context.ask(namespaceHome(this.#context, namespace), "relate", {
        namespace,
        relationships,
      });
    }
    if (answer.status === "created" && this.#pendingTask(namespace, id))
      await this.learn(namespace, id);
    return answer;
  }

  /**
   * Hands an ended episode's digest to the namespace's home. Where that fails the task stays, and
   * the alarm tries again.
   */
  async learn(namespace: string, id: string): Promise<CompletionView["learning"]> {
    const pending = this.#pendingTask(namespace, id);
    const record = this.#store.local(namespace, id);
    if (!pending || !record) return "done";
    const task = { kind: "learn", namespace, id } as const;
    try {
      const digest = await makeDigest(
        viewOf(record),
        this.#store.steps(namespace, id),
        record.used_recall ?? false,
      );
      this.#tellOmitted(digest);
      const { patterns, learning } = await this.#context.ask(
        namespaceHome(this.#context, namespace),
        "learn",
        {
          digest,
          recall_id: pending.recall_id,
        },
      );
      this.#context.transaction(() => {
        const present = this.#store.local(namespace, id);
        // Amended or deleted meanwhile: the newer task stands.
        if (!present || present.version !== record.version) return;
        this.#store.put(this.#taught(present, patterns, learning, digest), [], { by: "service" });
        this.#context.sql.run(
          "DELETE FROM pending_tasks WHERE kind = 'learn' AND namespace = ? AND id = ?",
          namespace,
          id,
        );
        this.#failures.done(task);
      });
      return learning;
    } catch (error) {
      this.#failures.failed(task, error);
      this.#context.wake(this.#context.now() + 1_000);
      return "queued";
    }
  }

  /** The record with what it taught, as much of it as a record may hold. */
  #taught(
    record: EpisodeRecord,
    patterns: CompletionView["patterns"],
    learning: CompletionView["learning"],
    { omitted }: Pick<Digest, "omitted">,
  ): EpisodeRecord {
    const shown = patterns.slice(0, LIMITS.pattern_ids_max);
    const learned = record.learned && record.learned.length > 0 ? record.learned : shown;
    const changes = { learning, ...(omitted ? { omitted } : {}) };
    const pattern_ids = shown.map((pattern) => pattern.id);
    const next = this.#episodes.changed(record, { ...changes, pattern_ids, learned });
    if (byteLength(JSON.stringify(next)) <= LIMITS.record_bytes_ceiling) return next;
    return this.#episodes.changed(record, { ...changes, pattern_ids: [], learned: [] });
  }

  /** Says what of a large episode is not learned from. */
  #tellOmitted({ episode_id, omitted }: Digest): void {
    if (!omitted) return;
    const { meter, log } = this.#context;
    meter.count("memory_digest_cut_total", { what: "steps" }, omitted.steps);
    meter.count("memory_digest_cut_total", { what: "contributions" }, omitted.contributions);
    log({ event: "digest_cut", level: "warn", episode_id, ...omitted });
  }

  /**
   * Does tasks that a namespace's home did not take when they came up: the oldest first, and each
   * by itself.
   */
  async tasks(): Promise<void> {
    const rows = this.#context.sql.all<{ kind: "learn" | "forget"; namespace: string; id: string }>(
      `SELECT e.kind, e.namespace, e.id ${DUE} ORDER BY e.rowid LIMIT ?`,
      this.#context.now(),
      SLICE,
    );
    for (const { kind, namespace, id } of rows) {
      // It is being handed over, and its tasks with it.
      if (!this.#context.isHome(id)) continue;
      if (kind === "forget") await this.forget(namespace, id);
      else if (this.#store.local(namespace, id)) await this.learn(namespace, id);
      else this.#drop(kind, namespace, id);
    }
  }

  /**
   * When the next task is due, ms since the epoch; null: none is left but those that were given up.
   */
  nextTaskAt(): number | null {
    const [row] = this.#context.sql.all<{ at: number | null }>(
      `SELECT min(coalesce(f.next_at, 0)) AS at FROM pending_tasks e LEFT JOIN task_failures f
          ON f.kind = e.kind AND f.namespace = e.namespace AND f.id = e.id
        WHERE f.dead_at IS NULL`,
    );
    return row?.at ?? null;
  }

  /** Tasks that wait, given up ones included. */
  taskCount(): number {
    return (
      this.#context.sql.all<{ n: number }>("SELECT count(*) AS n FROM pending_tasks")[0]?.n ?? 0
    );
  }

  /** Takes a deleted episode's evidence back. */
  async forget(namespace: string, id: string): Promise<void> {
    try {
      await this.#context.ask(namespaceHome(this.#context, namespace), "forget", {
        namespace,
        episode_id: id,
      });
      this.#drop("forget", namespace, id);
    } catch (error) {
      this.#failures.failed({ kind: "forget", namespace, id }, error);
    }
  }

  #drop(kind: "learn" | "forget", namespace: string, id: string): void {
    this.#context.sql.run(
      "DELETE FROM pending_tasks WHERE kind = ? AND namespace = ? AND id = ?",
      kind,
      namespace,
      id,
    );
    this.#failures.done({ kind, namespace, id });
  }

  /**
   * Closes what nobody wrote to for the idle timeout. Returns when the next one is due, or null.
   */
  abandonIdle(): number | null {
    const { sql, settings } = this.#context;
    const timeout = settings().episode_idle_timeout_seconds * 1_000;
    const before = this.#context.now() - timeout;
    const now = this.#context.now();
    for (const [key, until] of this.#skipped) if (until <= now) this.#skipped.delete(key);
    // One that is still being handed over is not in the cache yet.
    const idle = sql.all<{ namespace: string; id: string }>(
      `SELECT namespace, id FROM episodes e WHERE status = 'in_progress' AND updated_at <= ?
        AND EXISTS (SELECT 1 FROM cached c WHERE c.namespace = e.namespace AND c.id = e.id)
        ORDER BY updated_at LIMIT ?`,
      before,
      SLICE + this.#skipped.size,
    );
    for (const { namespace, id } of idle) {
      const key = JSON.stringify([namespace, id]);
      if (this.#skipped.has(key)) continue;
      try {
        this.#abandon(namespace, id);
      } catch (error) {
        if (this.#skipped.size < SKIPPED_MAX) this.#skipped.set(key, now + ABANDON_AGAIN_MS);
        // It is being handed over: its new home will close it.
        if (error instanceof Moved) continue;
        const reason = String(error);
        this.#context.meter.count("memory_alarm_failures_total", { part: "abandon" });
        this.#context.log({
          event: "episode_not_abandoned",
          level: "error",
          episode_id: id,
          reason,
        });
      }
    }
    const [next] = sql.all<{ at: number | null }>(
      "SELECT min(updated_at) AS at FROM episodes WHERE status = 'in_progress'",
    );
    return next?.at === null || next?.at === undefined ? null : next.at + timeout;
  }

  #abandon(namespace: string, id: string): void {
    this.#context.transaction(() => {
      const record = this.#store.present(namespace, id);
      const ended_at = isoTime(this.#context.now());
      this.#store.put(this.#episodes.changed(record, { status: "abandoned", ended_at }), [], {
        by: "service",
      });
      this.#context.meter.count("memory_episode_completed_total", { outcome: "abandoned" });
      this.#episodes.addPendingTask("learn", namespace, id);
    });
    this.#context.log({ event: "episode_abandoned", level: "info", episode_id: id });
  }

  async #end(
    namespace: string,
    id: string,
    status: Status,
    outcome: Outcome,
    recallId: string | null,
    commit: Commit,
  ): Promise<CompletionView> {
    const found = await this.#store.get(namespace, id);
    const baseline = await this.#baseline(namespace, found.context.domain);
    const ended = this.#context.transaction(() => {
      const record = this.#store.present(namespace, id);
      if (record.status === "completed" || record.status === "failed") {
        if (record.status === status && canonicalJson(record.outcome) === canonicalJson(outcome))
          return record;
        const detail = `Episode ${id} has ended (${record.status}) with another outcome; the first one stands.`;
        throw new Refused("episode_ended", detail);
      }
      const steps = this.#store.steps(namespace, id);
      const reward = computeReward(steps, outcome, baseline, recallId !== null);
      const next = this.#episodes.changed(record, {
        status,
        outcome,
        reward,
        ended_at: isoTime(this.#context.now()),
        learning: "queued",
        ...(recallId === null ? {} : { used_recall: true }),
      });
      next.reflection = reflect(steps, outcome, reward, baseline);
      this.#store.put(next, [], { by: "ending", path: "outcome" });
      this.#count(next, record.status);
      this.#episodes.addPendingTask("learn", namespace, id, recallId);
      return next;
    });
    if (this.#pendingTask(namespace, id)) await this.learn(namespace, id);
    return commit(() => completionView(this.#store.local(namespace, id) ?? ended));
  }

  #count({ started_at, ended_at, outcome }: EpisodeRecord, before: Status): void {
    const { meter } = this.#context;
    const seconds = (Date.parse(ended_at ?? started_at) - Date.parse(started_at)) / 1_000;
    // One that was closed as abandoned is counted as ended already.
    if (before !== "in_progress" || !outcome) return;
    meter.count("memory_episode_completed_total", { outcome: outcome.type });
    meter.observe("memory_episode_duration_seconds", Math.max(0, seconds));
  }

  async #baseline(namespace: string, domain: string): Promise<Baseline> {
    try {
      return await this.#context.ask(namespaceHome(this.#context, namespace), "baseline", {
        namespace,
        domain,
      });
    } catch {
      // Without the namespace's home an episode is judged by itself alone.
      return NEUTRAL_BASELINE;
    }
  }

  #pendingTask(namespace: string, id: string): { recall_id: string | null } | null {
    const [row] = this.#context.sql.all<{ recall_id: string | null }>(
      "SELECT recall_id FROM pending_tasks WHERE kind = 'learn' AND namespace = ? AND id = ?",
      namespace,
      id,
    );
    return row ?? null;
  }

  #same(known: EpisodeRecord, { id, episode }: Input<"episode.import">): boolean {
    const steps = this.#store.steps(known.namespace, id);
    const sent = numbered(episode.steps);
    return (
      known.task === episode.task &&
      canonicalJson(known.outcome) === canonicalJson(episode.outcome) &&
      steps.length === sent.length &&
      sent.every((step, i) => {
        const before = steps[i];
        return before !== undefined && sameStep(before, step);
      })
    );
  }

  #imported(
    namespace: string,
    { id, episode: line }: Input<"episode.import">,
  ): { episode: EpisodeRecord; steps: Step[] } {
    const now = isoTime(this.#context.now());
    const started_at = line.started_at ?? now;
    const outputMax = this.#context.settings().step_output_max_bytes;
    for (const [i, step] of line.steps.entries()) checkStep(step, i, outputMax);
    const steps = numbered(line.steps).map((step): Step => ({
      ...step,
      at: step.at ?? started_at,
    }));
    const last = steps.reduce(
      (latest, step) => (Date.parse(step.at) > Date.parse(latest) ? step.at : latest),
      started_at,
    );
    const status = line.status ?? (line.outcome ? "completed" : "in_progress");
    // Judged by itself: lines come in any order and several at once, and what was usual when it ran
    // nobody knows.
    const reward =
      line.reward ??
      (line.outcome ? computeReward(steps, line.outcome, NEUTRAL_BASELINE, false) : null);
    const episode: EpisodeRecord = {
      id,
      namespace,
      task: line.task,
      task_type: line.task_type,
      context: line.context,
      status,
      started_at,
      ended_at: status === "in_progress" ? null : (line.ended_at ?? last),
      updated_at: now,
      outcome: line.outcome,
      reward,
      reflection: line.reflection ?? null,
      pattern_ids: [],
      tags: [...new Set(line.tags)],
      checkpoints: line.checkpoints ?? [],
      metadata: line.metadata,
      step_count: steps.length,
      // Learning from it counts as a change; an exported version is the one after that.
      version: Math.max(1, (line.version ?? 1) - (status === "in_progress" ? 0 : 1)),
    };
    if (!episode.reflection && line.outcome && reward) {
      episode.reflection = reflect(steps, line.outcome, reward, NEUTRAL_BASELINE);
    }
    return { episode, steps };
  }
}

/** Steps without a number take the next one. */
function numbered(
  steps: readonly Input<"episode.import">["episode"]["steps"][number][],
): (Step | (Omit<Step, "at"> & { at?: string }))[] {
  let last = 0;
  const taken = new Set<number>();
  return steps
    .map((step, i) => {
      const number = step.number ?? last + 1;
      if (taken.has(number)) {
        throw new Refused("validation_failed", `Step number ${number} comes twice.`, {
          path: `steps.${i}.number`,
        });
      }
      taken.add(number);
      last = Math.max(last, number);
      return { ...step, number };
    })
    .sort((a, b) => a.number - b.number);
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
