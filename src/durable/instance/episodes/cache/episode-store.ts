/**
 * The episodes whose home is this instance: its own copy, filled from the database when one is
 * asked for. This instance is the only writer of its episodes, so a copy is never stale; what is
 * written is marked for the outbox in the same transaction.
 *
 * @module
 */

import { byteLength } from "../../../../util/bytes.ts";
import type { EpisodeWithSteps, Step } from "../../../../contract/episodes/record.ts";
import { DatabaseError } from "../../../../storage/index.ts";
import { isEpisodeUnsent } from "../../../outbox/unsent.ts";
import { viewOf, type EpisodeRecord } from "../../../shared/episode-record.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { InstanceContext } from "../../context.ts";
import { LocalDamage } from "../../database/local-damage.ts";
import { markCache } from "../../requests/call-scope.ts";
import { checkSize, type RecordChange } from "../bounds.ts";
import type { EpisodeLoader } from "./episode-loader.ts";
import type { EpisodeSizes } from "./episode-sizes.ts";
import type { ReadCopies, WholeEpisode } from "./read-copies.ts";
import type { CachedRows } from "../table/cached-rows.ts";
import { wholeOf, type EpisodeRows } from "../table/episode-rows.ts";
import { readStored, storedSizes } from "../table/stored-episodes.ts";

/** The episode is not here, or it has ended. */
export class NotRunning extends Error {}

export interface EpisodeStoreDeps {
  context: Pick<InstanceContext, "sql" | "database" | "markDirty" | "isDirty" | "meter">;
  rows: EpisodeRows;
  cached: CachedRows;
  loader: EpisodeLoader;
  sizes: EpisodeSizes;
  /** Emptied by whatever writes to the tables of episodes. */
  copies: ReadCopies;
}

export class EpisodeStore {
  readonly #deps: EpisodeStoreDeps;

  constructor(deps: EpisodeStoreDeps) {
    this.#deps = deps;
  }

  /** From this instance only; null: it is not here. */
  local(namespace: string, id: string): EpisodeRecord | null {
    return this.#deps.rows.record(namespace, id);
  }

  /** Brings the episode here if it exists. Throws `DatabaseError` when only the database knows. */
  async find(namespace: string, id: string): Promise<EpisodeRecord | null> {
    const read = (): { record: EpisodeRecord } | null => {
      const record = this.local(namespace, id);
      return record && { record };
    };
    const found = await this.#pastDamage(namespace, id, () => this.#seek(namespace, id, read));
    return found?.record ?? null;
  }

  /** Like `find`, but `Refused` when there is none. */
  async get(namespace: string, id: string): Promise<EpisodeRecord> {
    const record = await this.find(namespace, id);
    if (!record) throw notFound(id);
    return record;
  }

  /** Like `get`, with its steps. */
  async whole(namespace: string, id: string): Promise<WholeEpisode> {
    const { copies, rows } = this.#deps;
    const read = (): WholeEpisode | null =>
      copies.of(JSON.stringify([namespace, id]), () => rows.whole(namespace, id));
    const found = await this.#pastDamage(namespace, id, () => this.#seek(namespace, id, read));
    if (!found) throw notFound(id);
    return found;
  }

  /**
   * A running episode that is here, read without a wait. In a transaction; throws `NotRunning` when
   * it is not here, or has ended: `get` tells which.
   */
  running(namespace: string, id: string): EpisodeRecord {
    const record = this.local(namespace, id);
    if (record?.status !== "in_progress") throw new NotRunning(id);
    markCache("hit");
    this.#deps.context.meter.count("memory_cache_hit_total");
    return record;
  }

  /**
   * What is here now, in a transaction that follows a `get`: another request may have come between.
   * Throws `Refused`.
   */
  present(namespace: string, id: string): EpisodeRecord {
    const record = this.local(namespace, id);
    if (!record) throw notFound(id);
    return record;
  }

  /** The steps of an episode that is here, in their order. */
  steps(namespace: string, id: string): Step[] {
    return this.#deps.rows.steps(namespace, id);
  }

  stepsByNumber(namespace: string, id: string, numbers: readonly number[]): Map<number, Step> {
    return this.#deps.rows.stepsByNumber(namespace, id, numbers);
  }

  /** 0: it has no step. */
  lastStepNumber(namespace: string, id: string): number {
    return this.#deps.rows.lastStepNumber(namespace, id);
  }

  /**
   * Writes an episode and new steps of it; in a transaction. Throws `Refused` when the change makes
   * it larger than an episode may be.
   */
  put(
    record: EpisodeRecord,
    steps: readonly Step[] = [],
    change: RecordChange = { by: "client" },
  ): void {
    const { context, rows, cached, sizes } = this.#deps;
    const { namespace, id } = record;
    const body = JSON.stringify(record);
    const texts = steps.map((step) => JSON.stringify(step));
    const bytes = texts.map(byteLength);
    const before = sizes.before(record);
    const size = {
      record: byteLength(body),
      steps: bytes.reduce((sum, more) => sum + more, before.size?.steps ?? 0),
    };
    const outcome = record.outcome === null ? 0 : byteLength(JSON.stringify(record.outcome));
    checkSize(before.size, size, outcome, change);

    for (const [i, step] of steps.entries()) {
      rows.putStep(namespace, id, step.number, texts[i] ?? "");
      context.markDirty("steps", [namespace, id, step.number], bytes[i]);
    }
    rows.putRecord(record, body);
    sizes.set(record, size);
    // What runs is never dropped, whatever it holds and however long ago it was loaded.
    if (!before.isKept || record.status !== "in_progress")
      cached.hold(namespace, id, size.record + size.steps);
    context.markDirty("episodes", [namespace, id], size.record);
  }

  /** Deletes an episode and its steps; in a transaction. @param now ms since the epoch */
  remove(namespace: string, id: string, now: number): void {
    const { context, rows } = this.#deps;
    const numbers = rows.stepNumbers(namespace, id);
    this.drop(namespace, id);
    context.markDirty("episodes", [namespace, id]);
    for (const number of numbers) context.markDirty("steps", [namespace, id, number]);
    rows.putTombstone(namespace, id, now);
    context.markDirty("tombstones", [namespace, id]);
  }

  /** Forgets the copy that is here; the database has the episode. In a transaction. */
  drop(namespace: string, id: string): void {
    this.#deps.rows.delete(namespace, id);
    this.#deps.cached.delete(namespace, id);
  }

  /**
   * UTF-8 bytes that episodes hold, those that are not here included; none for one that does not
   * exist. Throws `DatabaseError`.
   */
  async sizesOf(namespace: string, ids: readonly string[]): Promise<Map<string, number>> {
    const { context, rows } = this.#deps;
    const sizes = new Map<string, number>();
    const missing: string[] = [];
    for (const id of ids) {
      const size = rows.size(namespace, id);
      if (size) sizes.set(id, size.record + size.steps);
      else if (!context.isDirty("episodes", [namespace, id])) missing.push(id);
    }
    if (missing.length === 0) return sizes;
    for (const { id, bytes } of await storedSizes(context.database, namespace, missing))
      sizes.set(id, bytes);
    return sizes;
  }

  /**
   * Whole episodes by id; those that are not here are read from the database but not kept. Throws
   * `DatabaseError`.
   */
  async many(namespace: string, ids: readonly string[]): Promise<EpisodeWithSteps[]> {
    const { context } = this.#deps;
    const found = new Map<string, EpisodeWithSteps>();
    const missing: string[] = [];
    for (const id of ids) {
      const record = this.local(namespace, id);
      if (record) found.set(id, { ...viewOf(record), steps: this.steps(namespace, id) });
      else if (!context.isDirty("episodes", [namespace, id])) missing.push(id);
    }
    // One at a time: the database caps the size of one answer.
    for (const id of missing) {
      const stored = await readStored(context.database, namespace, id);
      if (!stored) continue;
      const record = JSON.parse(String(stored.episode["body"])) as EpisodeRecord;
      const steps = stored.steps.map(({ body }) => JSON.parse(String(body)) as Step);
      found.set(id, { ...viewOf(record), steps });
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  /**
   * What is here; where a damaged page of this storage is in the way, what the database has. While
   * something of the episode is unsent the damage is thrown, for the database's copy is older.
   */
  async #pastDamage<T extends { record: EpisodeRecord }>(
    namespace: string,
    id: string,
    here: () => Promise<T | null>,
  ): Promise<T | WholeEpisode | null> {
    const { context } = this.#deps;
    try {
      return await here();
    } catch (error) {
      const isDamage = error instanceof LocalDamage;
      if (!isDamage || isEpisodeUnsent(context.sql, namespace, id)) throw error;
      this.#missed("miss");
      const stored = await readStored(context.database, namespace, id);
      return stored && wholeOf(stored.episode, stored.steps);
    }
  }

  /** @param read what of it is here now; null: it is not */
  async #seek<T extends { record: EpisodeRecord }>(
    namespace: string,
    id: string,
    read: () => T | null,
  ): Promise<T | null> {
    const { context, loader } = this.#deps;
    const here = read();
    if (here && !loader.isExpired(here.record)) {
      markCache("hit");
      context.meter.count("memory_cache_hit_total");
      return here;
    }
    // Dirty but not here: deleted, and the database has not heard yet.
    if (!here && context.isDirty("episodes", [namespace, id])) return null;
    try {
      await loader.load(namespace, id);
    } catch (error) {
      if (!here || !(error instanceof DatabaseError)) throw error;
      // Serve the local copy as stale instead of failing.
      this.#missed("stale");
      return here;
    }
    const loaded = read();
    markCache("miss");
    // What does not exist could not have been kept.
    if (loaded) context.meter.count("memory_cache_miss_total");
    return loaded;
  }

  #missed(mark: "miss" | "stale"): void {
    markCache(mark);
    this.#deps.context.meter.count("memory_cache_miss_total");
  }
}

function notFound(id: string): Refused {
  return new Refused("not_found", `There is no episode ${id} in this namespace.`);
}
