/**
 * What is done to one episode while it runs: start, steps, amendments, tags, checkpoints, handoff,
 * deletion.
 *
 * @module
 */

import { canonicalJson } from "../../../memory/canonical.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Checkpoint, Episode, Step } from "../../../contract/episodes/record.ts";
import type { StepInput } from "../../../contract/episodes/requests.ts";
import { resultClass } from "../../../contract/episodes/step-result.ts";
import type { Input, Output } from "../../../contract/operations.ts";
import { homeOf } from "../../../memory/rendezvous.ts";
import { checkStep } from "./bounds.ts";
import { NotRunning, type EpisodeStore } from "./episode-store.ts";
import { namespaceHome, type InstanceContext } from "../context.ts";
import { Refused } from "../../shared/refusals.ts";
import { viewOf, type EpisodeRecord } from "../../shared/episode-record.ts";
import { isoTime } from "../../../util/time.ts";

/**
 * Runs the write and, in the same transaction, keeps the answer for a repetition of the request.
 */
export type Commit = <T>(work: () => T) => T;

/** How often an id is drawn until it lives here. */
const DRAWS_MAX = 10_000;
/** Steps before the checkpoint that a handoff pack shows as well. */
const HANDOFF_STEPS = 20;

export class Episodes {
  readonly #context: InstanceContext;
  readonly #store: EpisodeStore;

  constructor(context: InstanceContext, store: EpisodeStore) {
    this.#context = context;
    this.#store = store;
  }

  start(namespace: string, input: Input<"episode.start">, commit: Commit): Output<"episode.start"> {
    const at = isoTime(this.#context.now());
    const { task, task_type, context, metadata, tags } = input;
    const id = this.#idHere(input.id);
    const record: EpisodeRecord = {
      id,
      namespace,
      task,
      task_type,
      context,
      status: "in_progress",
      started_at: at,
      ended_at: null,
      updated_at: at,
      outcome: null,
      reward: null,
      reflection: null,
      pattern_ids: [],
      tags: unique(tags),
      checkpoints: [],
      metadata,
      step_count: 0,
      version: 1,
    };
    return commit(() => {
      this.#context.begin({ kind: "episode", namespace, id });
      this.#store.put(record);
      this.#context.meter.count("memory_episode_created_total");
      return viewOf(record);
    });
  }

  async get(namespace: string, id: string): Promise<Output<"episode.get">> {
    const { record, json } = await this.#store.whole(namespace, id);
    return { version: record.version, json };
  }

  async steps(
    namespace: string,
    input: Input<"episode.steps">,
    commit: Commit,
  ): Promise<Output<"episode.steps">> {
    // What runs is here, all of it: it is looked at once, where it is changed.
    try {
      return commit(() => this.#append(namespace, input, this.#store.running(namespace, input.id)));
    } catch (error) {
      if (!(error instanceof NotRunning)) throw error;
    }
    await this.#store.get(namespace, input.id);
    return commit(() => this.#append(namespace, input, this.#store.present(namespace, input.id)));
  }

  /** In a transaction. */
  #append(
    namespace: string,
    input: Input<"episode.steps">,
    record: EpisodeRecord,
  ): Output<"episode.steps"> {
    const fresh: Step[] = [];
    let last = this.#store.lastNumber(namespace, input.id);
    const numbers = input.steps.flatMap(({ number }) =>
      number !== undefined && number <= last ? [number] : [],
    );
    const known = this.#store.stepsByNumber(namespace, input.id, numbers);
    let duplicates = 0;
    for (const [i, sent] of input.steps.entries()) {
      const number = sent.number ?? last + 1;
      const before = known.get(number);
      if (before) {
        if (!sameStep(before, sent)) {
          const detail = `Step ${number} is already there with other content; steps are append-only.`;
          throw new Refused("conflict", detail, { path: `steps.${i}.number` });
        }
        duplicates += 1;
        continue;
      }
      if (number > LIMITS.steps_max) {
        const detail = `An episode has at most ${LIMITS.steps_max} steps, numbered 1 to ${LIMITS.steps_max}.`;
        throw new Refused("limit_exceeded", detail, { path: `steps.${i}.number` });
      }
      checkStep(sent, i, this.#context.settings().step_output_max_bytes);
      const step: Step = {
        ...sent,
        number,
        at: sent.at ?? isoTime(this.#context.now()),
      };
      known.set(number, step);
      fresh.push(step);
      last = Math.max(last, number);
    }
    if (fresh.length > 0 && record.status !== "in_progress") {
      const detail = `Episode ${input.id} has ended (${record.status}); it takes no more steps.`;
      throw new Refused("episode_ended", detail);
    }
    const next =
      fresh.length === 0
        ? record
        : this.changed(record, { step_count: record.step_count + fresh.length });
    if (fresh.length > 0) this.#store.put(next, fresh);
    this.#context.meter.count("memory_step_logged_total", {}, fresh.length);
    return {
      episode_id: input.id,
      accepted: fresh.length,
      duplicates,
      last_number: last,
      version: next.version,
    };
  }

  async patch(namespace: string, input: Input<"episode.patch">, commit: Commit): Promise<Episode> {
    await this.#store.get(namespace, input.id);
    const { task, task_type, context, metadata, tags } = input.changes;
    return commit(() => {
      const record = this.#store.present(namespace, input.id);
      requireVersion(record, input.if_match);
      const next = this.changed(record, {
        ...(task === undefined ? {} : { task }),
        ...(task_type === undefined ? {} : { task_type }),
        ...(context === undefined ? {} : { context: { ...record.context, ...context } }),
        ...(metadata === undefined ? {} : { metadata }),
        ...(tags === undefined ? {} : { tags: unique(tags) }),
      });
      this.#store.put(next);
      if (next.status !== "in_progress") this.addPendingTask("learn", namespace, input.id);
      return viewOf(next);
    });
  }

  async remove(
    namespace: string,
    input: Input<"episode.delete">,
    commit: Commit,
  ): Promise<Output<"episode.delete">> {
    await this.#store.get(namespace, input.id);
    return commit(() => {
      requireVersion(this.#store.present(namespace, input.id), input.if_match);
      this.#store.remove(namespace, input.id, this.#context.now());
      this.#context.sql.run(
        "DELETE FROM pending_tasks WHERE namespace = ? AND id = ?",
        namespace,
        input.id,
      );
      this.#context.sql.run(
        "DELETE FROM task_failures WHERE namespace = ? AND id = ?",
        namespace,
        input.id,
      );
      this.addPendingTask("forget", namespace, input.id);
      return { id: input.id, deleted: true as const };
    });
  }

  async tags(
    namespace: string,
    id: string,
    change: (tags: string[]) => string[],
    commit: Commit,
  ): Promise<{ tags: string[] }> {
    await this.#store.get(namespace, id);
    return commit(() => {
      const record = this.#store.present(namespace, id);
      const tags = unique(change(record.tags));
      if (tags.length > LIMITS.tags_max) {
        throw new Refused("limit_exceeded", `An episode has at most ${LIMITS.tags_max} tags.`, {
          path: "tags",
        });
      }
      if (JSON.stringify(tags) !== JSON.stringify(record.tags)) {
        this.#store.put(this.changed(record, { tags }), [], { by: "client", path: "tags" });
        if (record.status !== "in_progress") this.addPendingTask("learn", namespace, id);
      }
      return { tags };
    });
  }

  async checkpoint(
    namespace: string,
    input: Input<"episode.checkpoint">,
    commit: Commit,
  ): Promise<Checkpoint> {
    await this.#store.get(namespace, input.id);
    return commit(() => {
      const record = this.#store.present(namespace, input.id);
      if (record.status !== "in_progress") {
        const detail = `Episode ${input.id} has ended (${record.status}); nothing is left to resume.`;
        throw new Refused("episode_ended", detail);
      }
      if (record.checkpoints.length >= LIMITS.checkpoints_max) {
        throw new Refused(
          "limit_exceeded",
          `An episode has at most ${LIMITS.checkpoints_max} checkpoints.`,
        );
      }
      const now = this.#context.now();
      const checkpoint: Checkpoint = {
        id: this.#context.uuid(now),
        at: isoTime(now),
        step_number: this.#store.lastNumber(namespace, input.id),
        reason: input.reason,
        note: input.note,
        state: input.state,
      };
      const next = this.changed(record, { checkpoints: [...record.checkpoints, checkpoint] });
      this.#store.put(next, [], { by: "client", path: "state" });
      return checkpoint;
    });
  }

  async handoff(
    namespace: string,
    input: Input<"episode.handoff">,
  ): Promise<Output<"episode.handoff">> {
    const record = await this.#store.get(namespace, input.id);
    const wanted = input.checkpoint_id;
    const checkpoint =
      wanted === null
        ? record.checkpoints.at(-1)
        : record.checkpoints.find((candidate) => candidate.id === wanted);
    if (wanted !== null && !checkpoint) {
      throw new Refused("not_found", `Episode ${input.id} has no checkpoint ${wanted}.`, {
        path: "checkpoint_id",
      });
    }
    const steps = this.#store.steps(namespace, input.id);
    const covered = checkpoint?.step_number ?? 0;
    const after = steps.filter((step) => step.number > covered);
    const before = steps.filter((step) => step.number <= covered);
    const classes = steps.map((step) => resultClass(step.result));
    const episode = viewOf(record);
    const next_tools = await this.#context
      .ask(namespaceHome(this.#context, namespace), "next_tools", {
        namespace,
        episode: { ...episode, steps },
      })
      .catch(() => []);
    return {
      episode,
      checkpoint: checkpoint ?? null,
      recent_steps: [...before.slice(-HANDOFF_STEPS), ...after],
      progress: {
        steps: steps.length,
        succeeded: classes.filter((kind) => kind === "success").length,
        failed: classes.filter((kind) => kind === "error" || kind === "timeout").length,
        tools: unique(steps.map((step) => step.tool)),
      },
      open_errors: openErrors(steps),
      next_tools,
    };
  }

  /** The id, or another one when it was drawn for another number of instances. */
  #idHere(id: string): string {
    const { index, count } = this.#context.place();
    let here = id;
    for (let draw = 0; homeOf(here, count) !== index; draw++) {
      if (draw > DRAWS_MAX) throw new Error("no id for this instance was drawn");
      here = this.#context.uuid(this.#context.now());
    }
    return here;
  }

  /** The record after a change: one version and one moment later. */
  changed(record: EpisodeRecord, changes: Partial<EpisodeRecord>): EpisodeRecord {
    const updated_at = isoTime(this.#context.now());
    return { ...record, ...changes, version: record.version + 1, updated_at };
  }

  /** Remembers, in the running transaction, what the namespace's home must still be told. */
  addPendingTask(
    kind: "learn" | "forget",
    namespace: string,
    id: string,
    recallId: string | null = null,
  ): void {
    this.#context.sql.run(
      "INSERT OR REPLACE INTO pending_tasks (kind, namespace, id, recall_id) VALUES (?, ?, ?, ?)",
      kind,
      namespace,
      id,
      recallId,
    );
    // The episode is another now: that it failed before says nothing.
    this.#context.sql.run(
      "DELETE FROM task_failures WHERE kind = ? AND namespace = ? AND id = ?",
      kind,
      namespace,
      id,
    );
    this.#context.wake(this.#context.now() + 1_000);
  }
}

function requireVersion(record: EpisodeRecord, expected: number | null): void {
  if (expected !== null && expected !== record.version) {
    const detail = `The episode is at version ${record.version}, If-Match names ${expected}. Read it again, then repeat the change.`;
    throw new Refused("precondition_failed", detail, { path: "If-Match" });
  }
}

/** A step sent again is the same step; a time that the sender left out does not count. */
export function sameStep(known: Step, sent: StepInput): boolean {
  return (
    canonicalJson({ ...known, at: "" }) === canonicalJson({ ...sent, number: known.number, at: "" })
  );
}

/** Errors of tools that did not succeed afterwards. */
function openErrors(
  steps: readonly Step[],
): { step_number: number; tool: string; message: string }[] {
  const open = new Map<string, { step_number: number; tool: string; message: string }>();
  for (const { number, tool, result } of steps) {
    if (result?.type === "success") open.delete(tool);
    else if (result)
      open.set(tool, {
        step_number: number,
        tool,
        message: result.type === "error" ? result.message : "timeout",
      });
  }
  return [...open.values()];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
