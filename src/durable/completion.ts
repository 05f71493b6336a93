/**
 * How an episode ends, and how what it teaches reaches its namespace's home: at least once, and counted once.
 *
 * @module
 */

import { canonicalJson } from "../memory/canonical.ts";
import { computeReward, makeDigest, NEUTRAL_BASELINE, reflect, type Baseline } from "../memory/learning/index.ts";
import type { Outcome, Status, Step } from "../memory/model.ts";
import type { CompletionView, Input, Output } from "../memory/operations.ts";
import { checkEpisode, checkStep } from "./bounds.ts";
import { viewOf, type EpisodeRecord } from "./episode-rows.ts";
import type { EpisodeStore } from "./episode-store.ts";
import { sameStep, type Commit, type Episodes } from "./episodes.ts";
import { namespaceHome, type Ground } from "./ground.ts";
import { Refused } from "./refused.ts";

/** Errands done, or episodes abandoned, in one alarm. */
const SLICE = 25;

export class Completion {
  readonly #ground: Ground;
  readonly #store: EpisodeStore;
  readonly #episodes: Episodes;

  constructor(ground: Ground, store: EpisodeStore, episodes: Episodes) {
    this.#ground = ground;
    this.#store = store;
    this.#episodes = episodes;
  }

  complete(namespace: string, input: Input<"episode.complete">, commit: Commit): Promise<CompletionView> {
    return this.#end(namespace, input.id, "completed", input.outcome, input.recall_id, commit);
  }

  fail(namespace: string, input: Input<"episode.fail">, commit: Commit): Promise<CompletionView> {
    const outcome: Outcome = { type: "failure", reason: input.reason, details: input.details };
    return this.#end(namespace, input.id, "failed", outcome, null, commit);
  }

  /** Takes in an episode that ran elsewhere. The same one again is a duplicate; another one under its id a conflict. */
  async import(namespace: string, input: Input<"episode.import">, commit: Commit): Promise<Output<"episode.import">> {
    const { id, episode: line } = input;
    await this.#store.find(namespace, id);
    const answer = commit(() => {
      const known = this.#store.local(namespace, id);
      if (known) {
        if (this.#same(known, input)) return { id, status: "duplicate" as const };
        throw new Refused("conflict", `Episode ${id} is already there with other content.`, { path: "id" });
      }
      const record = this.#imported(namespace, input);
      this.#store.put(record.episode, record.steps);
      const { meter } = this.#ground;
      meter.count("memory_episode_created_total");
      meter.count("memory_step_logged_total", {}, record.steps.length);
      if (record.episode.status !== "in_progress") {
        meter.count("memory_episode_completed_total", { outcome: record.episode.outcome?.type ?? "abandoned" });
        this.#episodes.errand("learn", namespace, id);
      }
      return { id, status: "created" as const };
    });
    if (line.relationships && line.relationships.length > 0) {
      const relationships = line.relationships.map((relationship) => ({ ...relationship, from: id }));
      await this.#ground.ask(namespaceHome(this.#ground, namespace), "relate", { namespace, relationships });
    }
    if (answer.status === "created" && this.#errandFor(namespace, id)) await this.learn(namespace, id);
    return answer;
  }

  /**
   * Hands an ended episode's digest to the namespace's home. Out of reach: the errand stays and the alarm tries again.
   */
  async learn(namespace: string, id: string): Promise<CompletionView["learning"]> {
    const errand = this.#errandFor(namespace, id);
    const record = this.#store.local(namespace, id);
    if (!errand || !record) return "done";
    try {
      const digest = await makeDigest(viewOf(record), this.#store.steps(namespace, id), record.used_recall ?? false);
      const { patterns, learning } = await this.#ground.ask(namespaceHome(this.#ground, namespace), "learn", {
        digest,
        recall_id: errand.recall_id,
      });
      this.#ground.transaction(() => {
        const present = this.#store.local(namespace, id);
        // Amended or deleted meanwhile: the newer errand stands.
        if (!present || present.version !== record.version) return;
        const pattern_ids = patterns.map((pattern) => pattern.id);
        const learned = present.learned && present.learned.length > 0 ? present.learned : patterns;
        this.#store.put(this.#episodes.changed(present, { pattern_ids, learned, learning }));
        this.#ground.sql.run("DELETE FROM errands WHERE kind = 'learn' AND namespace = ? AND id = ?", namespace, id);
      });
      return learning;
    } catch (error) {
      this.#ground.log({ event: "learning_queued", level: "warn", episode_id: id, reason: String(error) });
      this.#ground.wake(this.#ground.now() + 1_000);
      return "queued";
    }
  }

  /** Does errands that a namespace's home did not take when they came up. True: more are left. */
  async errands(): Promise<boolean> {
    const rows = this.#ground.sql.all<{ kind: string; namespace: string; id: string }>(
      "SELECT kind, namespace, id FROM errands LIMIT ?",
      SLICE,
    );
    for (const { kind, namespace, id } of rows) {
      if (kind === "forget") await this.forget(namespace, id);
      else if (this.#store.local(namespace, id)) await this.learn(namespace, id);
      else this.#ground.sql.run("DELETE FROM errands WHERE kind = ? AND namespace = ? AND id = ?", kind, namespace, id);
    }
    return this.hasErrands();
  }

  hasErrands(): boolean {
    return this.#ground.sql.all("SELECT 1 AS n FROM errands LIMIT 1").length > 0;
  }

  /** Takes a deleted episode's evidence back. */
  async forget(namespace: string, id: string): Promise<void> {
    try {
      await this.#ground.ask(namespaceHome(this.#ground, namespace), "forget", { namespace, episode_id: id });
      this.#ground.sql.run("DELETE FROM errands WHERE kind = 'forget' AND namespace = ? AND id = ?", namespace, id);
    } catch (error) {
      this.#ground.log({ event: "forget_queued", level: "warn", episode_id: id, reason: String(error) });
    }
  }

  /** Closes what nobody wrote to for the idle timeout. Returns when the next one is due, or null. */
  abandonIdle(): number | null {
    const { sql, settings } = this.#ground;
    const timeout = settings().episode_idle_timeout_seconds * 1_000;
    const before = this.#ground.now() - timeout;
    const idle = sql.all<{ namespace: string; id: string }>(
      "SELECT namespace, id FROM episodes WHERE status = 'in_progress' AND updated_at <= ? ORDER BY updated_at LIMIT ?",
      before,
      SLICE,
    );
    for (const { namespace, id } of idle) {
      this.#ground.transaction(() => {
        const record = this.#store.present(namespace, id);
        const ended_at = new Date(this.#ground.now()).toISOString();
        this.#store.put(this.#episodes.changed(record, { status: "abandoned", ended_at }));
        this.#ground.meter.count("memory_episode_completed_total", { outcome: "abandoned" });
        this.#episodes.errand("learn", namespace, id);
      });
      this.#ground.log({ event: "episode_abandoned", level: "info", episode_id: id });
    }
    const [next] = sql.all<{ at: number | null }>(
      "SELECT min(updated_at) AS at FROM episodes WHERE status = 'in_progress'",
    );
    return next?.at === null || next?.at === undefined ? null : next.at + timeout;
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
    const ended = this.#ground.transaction(() => {
      const record = this.#store.present(namespace, id);
      if (record.status === "completed" || record.status === "failed") {
        if (record.status === status && canonicalJson(record.outcome) === canonicalJson(outcome)) return record;
        const detail = `Episode ${id} has ended (${record.status}) with another outcome; the first one stands.`;
        throw new Refused("episode_ended", detail);
      }
      const steps = this.#store.steps(namespace, id);
      const reward = computeReward(steps, outcome, baseline, recallId !== null);
      const next = this.#episodes.changed(record, {
        status,
        outcome,
        reward,
        ended_at: new Date(this.#ground.now()).toISOString(),
        learning: "queued",
        ...(recallId === null ? {} : { used_recall: true }),
      });
      next.reflection = reflect(viewOf(next), steps, outcome, reward, baseline);
      checkEpisode(next, "outcome");
      this.#store.put(next);
      this.#count(next, record.status);
      this.#episodes.errand("learn", namespace, id, recallId);
      return next;
    });
    if (this.#errandFor(namespace, id)) await this.learn(namespace, id);
    return commit(() => completionView(this.#store.local(namespace, id) ?? ended));
  }

  #count({ started_at, ended_at, outcome }: EpisodeRecord, before: Status): void {
    const { meter } = this.#ground;
    const seconds = (Date.parse(ended_at ?? started_at) - Date.parse(started_at)) / 1_000;
    // One that was closed as abandoned is counted as ended already.
    if (before !== "in_progress" || !outcome) return;
    meter.count("memory_episode_completed_total", { outcome: outcome.type });
    meter.observe("memory_episode_duration_seconds", Math.max(0, seconds));
  }

  async #baseline(namespace: string, domain: string): Promise<Baseline> {
    try {
      return await this.#ground.ask(namespaceHome(this.#ground, namespace), "baseline", { namespace, domain });
    } catch {
      // Without the namespace's home an episode is judged by itself alone.
      return NEUTRAL_BASELINE;
    }
  }

  #errandFor(namespace: string, id: string): { recall_id: string | null } | null {
    const [row] = this.#ground.sql.all<{ recall_id: string | null }>(
      "SELECT recall_id FROM errands WHERE kind = 'learn' AND namespace = ? AND id = ?",
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
    const now = new Date(this.#ground.now()).toISOString();
    const started_at = line.started_at ?? now;
    const outputMax = this.#ground.settings().step_output_max_bytes;
    for (const [i, step] of line.steps.entries()) checkStep(step, i, outputMax);
    const steps = numbered(line.steps).map((step): Step => ({ ...step, at: step.at ?? started_at }));
    const last = steps.reduce(
      (latest, step) => (Date.parse(step.at) > Date.parse(latest) ? step.at : latest),
      started_at,
    );
    const status = line.status ?? (line.outcome ? "completed" : "in_progress");
    // Judged by itself: lines come in any order and several at once, and what was usual when it ran nobody knows.
    const reward = line.reward ?? (line.outcome ? computeReward(steps, line.outcome, NEUTRAL_BASELINE, false) : null);
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
      episode.reflection = reflect(episode, steps, line.outcome, reward, NEUTRAL_BASELINE);
    }
    checkEpisode(episode);
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
        throw new Refused("validation_failed", `Step number ${number} comes twice.`, { path: `steps.${i}.number` });
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
    version: record.version,
  };
}
