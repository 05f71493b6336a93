/**
 * The operations on one episode beside its steps and its end: start, read, amend, tags,
 * checkpoints, delete. A change of an ended episode leaves the task to learn it anew.
 *
 * @module
 */

import type { EpisodeChanges } from "../../../contract/episodes/requests.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Checkpoint, Episode } from "../../../contract/episodes/record.ts";
import type { Input, Output } from "../../../contract/operations.ts";
import { viewOf, type EpisodeRecord } from "../../shared/episode-record.ts";
import { Refused } from "../../shared/refusals.ts";
import type { OperationScope } from "../handlers.ts";
import type { RecordChange } from "./bounds.ts";
import type { EpisodeDeps } from "./deps.ts";
import { archivedIfNew, BY } from "./many/archive.ts";
import { byteLength } from "../../../util/bytes.ts";
import { isoTime } from "../../../util/time.ts";

/** How often an id is drawn until this instance is its home. */
const DRAWS_MAX = 10_000;

export class Episodes {
  readonly #deps: EpisodeDeps;

  constructor(deps: EpisodeDeps) {
    this.#deps = deps;
  }

  /**
   * Starts an episode, under the id of the input if this instance is its home. Throws `Refused`
   * where its namespace is at its quota.
   */
  start(input: Input<"episode.start">, scope: OperationScope): Promise<Output<"episode.start">> {
    const bytes = (): number => byteLength(JSON.stringify(input));
    return this.#deps.quotas.one(scope.namespace, bytes, () => this.#begin(input, scope));
  }

  #begin(
    input: Input<"episode.start">,
    { namespace, by, commit }: OperationScope,
  ): Output<"episode.start"> {
    const { context, store, rebalance } = this.#deps;
    const at = isoTime(context.now());
    const id = this.#idHere(input.id);
    const { task, task_type, metadata, tags, recall_id } = input;
    const record: EpisodeRecord = {
      id,
      namespace,
      task,
      task_type,
      context: input.context,
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
      opened_by: by,
      ...(recall_id === undefined ? {} : { start_recall_id: recall_id }),
    };
    return commit(() => {
      rebalance.begin({ kind: "episode", namespace, id });
      store.put(record);
      context.meter.count("memory_episode_created_total");
      return viewOf(record);
    });
  }

  /** Throws `Refused` when there is none; so do the methods below. */
  async get(namespace: string, id: string): Promise<Output<"episode.get">> {
    const { record, json } = await this.#deps.store.whole(namespace, id);
    return { version: record.version, json };
  }

  patch(
    { id, if_match, changes }: Input<"episode.patch">,
    scope: OperationScope,
  ): Promise<Episode> {
    const { task, task_type, context, tags } = changes;
    return this.#deps.store.write(id, scope, (record) => {
      requireVersion(record, if_match);
      const metadata = changedMetadata(record, changes);
      const next = this.#change(record, {
        ...(task === undefined ? {} : { task }),
        ...(task_type === undefined ? {} : { task_type }),
        ...(context === undefined ? {} : { context: { ...record.context, ...context } }),
        ...(metadata === undefined ? {} : { metadata }),
        ...(tags === undefined ? {} : { tags: unique(tags) }),
      });
      return viewOf(next);
    });
  }

  /** Archives an ended episode, or brings it back; one that is so already stays as it is. */
  archive(
    { id, if_match, archived }: Input<"episode.archive">,
    scope: OperationScope,
  ): Promise<Episode> {
    const at = archived ? isoTime(this.#deps.context.now()) : null;
    return this.#deps.store.write(id, scope, (record) => {
      requireVersion(record, if_match);
      const next = archivedIfNew(record, at);
      return viewOf(next ? this.#change(next, {}, BY) : record);
    });
  }

  remove(
    { id, if_match }: Input<"episode.delete">,
    scope: OperationScope,
  ): Promise<Output<"episode.delete">> {
    const { store, learning, traces } = this.#deps;
    return store.write(id, scope, (record) => {
      const { namespace } = record;
      requireVersion(record, if_match);
      learning.deleted(record);
      store.remove(namespace, id);
      traces.drop(namespace, id);
      return { id, deleted: true as const };
    });
  }

  async tags(namespace: string, id: string): Promise<{ tags: string[] }> {
    return { tags: (await this.#deps.store.get(namespace, id)).tags };
  }

  changeTags(
    id: string,
    change: (tags: string[]) => string[],
    scope: OperationScope,
  ): Promise<{ tags: string[] }> {
    return this.#deps.store.write(id, scope, (record) => {
      const tags = unique(change(record.tags));
      if (tags.length > LIMITS.tags_max) {
        const detail = `An episode has at most ${LIMITS.tags_max} tags.`;
        throw new Refused("limit_exceeded", detail, { path: "tags" });
      }
      if (JSON.stringify(tags) !== JSON.stringify(record.tags))
        this.#change(record, { tags }, { by: "client", path: "tags" });
      return { tags };
    });
  }

  checkpoint(
    { id, reason, note, state }: Input<"episode.checkpoint">,
    scope: OperationScope,
  ): Promise<Checkpoint> {
    const { context, rows, store } = this.#deps;
    return store.write(id, scope, (record) => {
      requireRoom(record);
      const now = context.now();
      const checkpoint: Checkpoint = {
        id: context.uuid(now),
        at: isoTime(now),
        step_number: rows.lastStepNumber(scope.namespace, id),
        reason,
        note,
        state,
      };
      const checkpoints = [...record.checkpoints, checkpoint];
      this.#change(record, { checkpoints }, { by: "client", path: "state" });
      return checkpoint;
    });
  }

  /** Writes a client's change; in a transaction. */
  #change(
    record: EpisodeRecord,
    changes: Partial<EpisodeRecord>,
    by: RecordChange = { by: "client" },
  ): EpisodeRecord {
    const { store, tasks } = this.#deps;
    const next = store.change(record, changes, by);
    const { namespace, id, status } = next;
    if (status !== "in_progress") tasks.add({ kind: "learn", namespace, id });
    return next;
  }

  /** The id, or another one when it was drawn for another number of instances. */
  #idHere(id: string): string {
    const { isHome, uuid, now } = this.#deps.context;
    let here = id;
    for (let draw = 0; !isHome(here); draw++) {
      if (draw > DRAWS_MAX) throw new Error("no id for this instance was drawn");
      here = uuid(now());
    }
    return here;
  }
}

/** The metadata as it is to be; undefined: as it is. Throws `Refused` when it would be too much. */
function changedMetadata(
  { metadata }: EpisodeRecord,
  changes: EpisodeChanges,
): Record<string, string> | undefined {
  if (changes.metadata_changes === undefined) return changes.metadata;
  const merged = Object.entries({ ...metadata, ...changes.metadata_changes }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  if (merged.length > LIMITS.metadata_entries_max) {
    const detail = `An episode has at most ${LIMITS.metadata_entries_max} entries of metadata.`;
    throw new Refused("limit_exceeded", detail, { path: "metadata" });
  }
  return Object.fromEntries(merged);
}

function requireVersion(record: EpisodeRecord, expected: readonly number[] | null): void {
  if (expected === null || expected.includes(record.version)) return;
  const named = expected.length === 0 ? "none of its versions" : expected.join(", ");
  const detail = `The episode is at version ${record.version}, If-Match names ${named}. Read it again, then repeat the change.`;
  throw new Refused("precondition_failed", detail, { path: "If-Match" });
}

/** One more checkpoint is taken of an episode that runs and has few. */
function requireRoom({ id, status, checkpoints }: EpisodeRecord): void {
  if (status !== "in_progress") {
    const detail = `Episode ${id} has ended (${status}); nothing is left to resume.`;
    throw new Refused("episode_ended", detail);
  }
  if (checkpoints.length < LIMITS.checkpoints_max) return;
  const detail = `An episode has at most ${LIMITS.checkpoints_max} checkpoints.`;
  throw new Refused("limit_exceeded", detail);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
