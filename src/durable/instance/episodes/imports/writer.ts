/**
 * Carries out what an import does about episodes, with what they teach where their namespace's home
 * is here; in a transaction.
 *
 * @module
 */

import type { EpisodeLine, EpisodeToImport } from "../../../../contract/transfer/requests.ts";
import type { Output } from "../../../../contract/operations.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import type { EpisodeDeps } from "../deps.ts";
import { planOf, type ImportPlan, type OnConflict } from "./plan.ts";

type ImportStatus = Output<"episode.import">["status"];

export class ImportWriter {
  readonly #deps: EpisodeDeps;

  constructor(deps: EpisodeDeps) {
    this.#deps = deps;
  }

  /**
   * What is to be done about an episode as it is now. Throws `Refused` for a conflict, and for what
   * is larger than it may be by itself.
   *
   * @param isHere false: none of this id is here
   */
  plan(
    namespace: string,
    episode: EpisodeToImport,
    on_conflict: OnConflict,
    isHere = true,
  ): ImportPlan {
    const { context, rows } = this.#deps;
    const { id } = episode;
    const record = isHere ? rows.record(namespace, id) : null;
    const present = record && { record, steps: rows.steps(namespace, id) };
    const outputMax = context.settings().step_output_max_bytes;
    return planOf(episode, present, { namespace, on_conflict, now: context.now(), outputMax });
  }

  /**
   * Throws `Refused` for an episode that would be larger than it may be, and `LearningFailed`: then
   * the transaction must be taken back.
   *
   * @param by who brings it
   * @param isLearned whether what it teaches is learned in the same transaction
   * @param isUnknown nothing is known of it where it is learned
   */
  write(plan: ImportPlan, by: string, isLearned: boolean, isUnknown = false): ImportStatus {
    switch (plan.kind) {
      case "keep":
        return "duplicate";
      case "create":
        return this.#create({ ...plan.record, opened_by: by }, plan.steps, isLearned, isUnknown);
      case "update":
        return this.#update(plan, isLearned);
    }
  }

  /** Ties an episode as its line says. Throws as `askHome`. */
  async relate(namespace: string, id: string, { relationships }: EpisodeLine): Promise<void> {
    if (!relationships || relationships.length === 0) return;
    const tied = relationships.map((related) => ({ ...related, from: id }));
    await this.#deps.context.askHome("relate", { namespace, relationships: tied });
  }

  /** Learns what was not learned as it was written: at the namespace's home, or later. */
  async learn(namespace: string, id: string): Promise<void> {
    const { tasks, learning } = this.#deps;
    if (tasks.learnTask(namespace, id)) await learning.learn(namespace, id);
  }

  #create(
    imported: EpisodeRecord,
    steps: Extract<ImportPlan, { kind: "create" }>["steps"],
    isLearned: boolean,
    isUnknown: boolean,
  ): ImportStatus {
    const { context, store, learning } = this.#deps;
    const hasEnded = imported.status !== "in_progress";
    const record =
      isLearned && hasEnded ? learning.learnHere(imported, steps, null, isUnknown) : imported;
    store.create(record, steps, { by: "ending" });

    const { meter } = context;
    meter.count("memory_episode_created_total");
    meter.count("memory_step_logged_total", {}, steps.length);
    if (hasEnded) this.#ended(record, isLearned);
    return "created";
  }

  #update(
    { before, record: next, had, steps, from }: Extract<ImportPlan, { kind: "update" }>,
    isLearned: boolean,
  ): ImportStatus {
    const { context, store, tasks, learning } = this.#deps;
    const hasEnded = next.status !== "in_progress";
    const record = isLearned && hasEnded ? learning.learnHere(next, steps, null) : next;
    if (from === null) store.put(record, [], { by: "ending" });
    else {
      const changed = steps.filter(({ number }) => number >= from);
      store.putFrom(record, from, changed, { by: "client" });
    }

    context.meter.count("memory_step_logged_total", {}, Math.max(0, steps.length - had.length));
    if (!hasEnded) return "updated";
    if (before.status === "in_progress") this.#ended(record, isLearned);
    else if (!isLearned) tasks.add({ kind: "learn", namespace: next.namespace, id: next.id });
    return "updated";
  }

  /** An episode ended that did not run, or ran until now. */
  #ended({ namespace, id, outcome }: EpisodeRecord, isLearned: boolean): void {
    const { context, tasks } = this.#deps;
    const type = outcome?.type ?? "abandoned";
    context.meter.count("memory_episode_completed_total", { outcome: type });
    if (!isLearned) tasks.add({ kind: "learn", namespace, id });
  }
}
