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
import { changedRecord, viewOf, type EpisodeRecord } from "../../../shared/episode-record.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { InstanceContext } from "../../context.ts";
import type { OperationScope } from "../../handlers.ts";
import { LocalDamage } from "../../database/local-damage.ts";
import { markCache } from "../../requests/call-scope.ts";
import { checkSize, type RecordChange } from "../bounds.ts";
import type { CachedRows } from "./cached-rows.ts";
import { EpisodeLoader } from "./episode-loader.ts";
import { readStored, storedAmong, storedSizes } from "./stored-episodes.ts";
import { wholeOf, type EpisodeRows, type WholeEpisode } from "./episode-rows.ts";
import { EpisodeSizes, type ReadCopies } from "./memory-copies.ts";

interface EpisodeStoreDeps {
  context: InstanceContext;
  rows: EpisodeRows;
  cached: CachedRows;
  /** Emptied by whatever writes to the tables of episodes. */
  copies: ReadCopies;
}

/** What is known of an episode that is written. */
interface Written {
  before: ReturnType<EpisodeSizes["before"]>;
  /** Of the steps that stay. */
  stepBytes: number;
  /** The steps from this number on are these; absent: they are added. */
  from?: number;
  /** Nothing of it is here. */
  isNew?: true;
}

/** How often an episode whose copy is dropped at once is brought here for one call. */
const BROUGHT_MAX = 5;

/** An episode of which there is no copy here: it was dropped, or deleted. */
class NotHere extends Refused {
  constructor(id: string) {
    const detail = `Episode ${id} is being brought from the database. Try again.`;
    super("not_ready", detail, { retry_after_s: 1 });
  }
}

export class EpisodeStore {
  readonly #deps: EpisodeStoreDeps;
  readonly #loader: EpisodeLoader;
  readonly #sizes: EpisodeSizes;

  constructor(deps: EpisodeStoreDeps) {
    this.#deps = deps;
    this.#loader = new EpisodeLoader(deps);
    this.#sizes = new EpisodeSizes(deps.rows);
  }

  /** Brings the episode here if it exists. Throws `DatabaseError` when only the database knows. */
  async find(namespace: string, id: string): Promise<EpisodeRecord | null> {
    const read = (): { record: EpisodeRecord } | null => {
      const record = this.#deps.rows.record(namespace, id);
      return record && { record };
    };
    return (await this.#seekPastDamage(namespace, id, read))?.record ?? null;
  }

  /**
   * Like `find` for several, with one question to the database about those that are not here. Those
   * of which that cannot be known, each with why. What is here was looked at, and found.
   */
  async findAll(namespace: string, ids: readonly string[]): Promise<Map<string, unknown>> {
    const { context, rows } = this.#deps;
    const here = rows.here(namespace, ids);
    const unknown = new Map<string, unknown>();
    const absent = ids.filter((id) => !here.has(id));
    let stored: ReadonlySet<string> = new Set();
    try {
      stored = await storedAmong(context.database, namespace, absent);
      if (absent.length > 0) markCache("miss");
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      for (const id of absent) unknown.set(id, error);
    }
    for (const id of ids) {
      if (!here.has(id) && !stored.has(id)) continue;
      try {
        await this.find(namespace, id);
      } catch (error) {
        unknown.set(id, error);
      }
    }
    return unknown;
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
    const found = await this.#seekPastDamage(namespace, id, read);
    if (!found) throw notFound(id);
    return found;
  }

  /** A running episode that is here, read without a wait; null: it is not here, or has ended. */
  running(namespace: string, id: string): EpisodeRecord | null {
    const record = this.#deps.rows.record(namespace, id);
    if (record?.status !== "in_progress") return null;
    this.#hit();
    return record;
  }

  /**
   * Brings the episode here, then does `work` in the call's transaction with the episode as it is by
   * then: another request may have come between. Throws as `get`, and what `work` throws.
   */
  async write<T>(
    id: string,
    { namespace, commit }: OperationScope,
    work: (record: EpisodeRecord) => T,
  ): Promise<T> {
    return this.whileHere(namespace, id, () => commit(() => work(this.present(namespace, id))));
  }

  /**
   * Brings the episode here, then does `work`, which asks for it with `present`. Where its copy was
   * dropped for others in between it is brought here again. Throws as `get`, and what `work` throws.
   */
  async whileHere<T>(namespace: string, id: string, work: () => T): Promise<T> {
    for (let tries = 1; ; tries++) {
      await this.get(namespace, id);
      try {
        return work();
      } catch (error) {
        if (!(error instanceof NotHere) || tries >= BROUGHT_MAX) throw error;
      }
    }
  }

  /** What is here now, in a transaction. Throws `NotHere`. */
  present(namespace: string, id: string): EpisodeRecord {
    const record = this.#deps.rows.record(namespace, id);
    if (!record) throw new NotHere(id);
    return record;
  }

  /** Throws `Refused` when a change of an episode's record makes it larger than it may be. */
  check(record: EpisodeRecord, change: RecordChange): void {
    const before = this.#sizes.before(record);
    const size = { record: byteLength(JSON.stringify(record)), steps: before.size?.steps ?? 0 };
    checkSize(before.size, size, outcomeBytes(record), change);
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
    const before = this.#sizes.before(record);
    this.#write(record, steps, change, { before, stepBytes: before.size?.steps ?? 0 });
  }

  /**
   * Writes an episode of which nothing is here, with its steps; in a transaction. Throws as `put`.
   */
  create(record: EpisodeRecord, steps: readonly Step[], change: RecordChange): void {
    const before = { size: null, isKept: false };
    this.#write(record, steps, change, { before, stepBytes: 0, isNew: true });
  }

  /**
   * Writes an episode whose steps from a number on are these, and no others; in a transaction.
   * Throws as `put`.
   */
  putFrom(
    record: EpisodeRecord,
    from: number,
    steps: readonly Step[],
    change: RecordChange = { by: "client" },
  ): void {
    const { context, rows } = this.#deps;
    const { namespace, id } = record;
    const before = this.#sizes.before(record);
    const removed = rows.removeSteps(namespace, id, from);
    const stepBytes = rows.size(namespace, id)?.steps ?? 0;
    this.#write(record, steps, change, { before, stepBytes, from });
    const present = new Set(steps.map(({ number }) => number));
    for (const number of removed)
      if (!present.has(number)) context.markDirty("steps", [namespace, id, number]);
  }

  #write(
    record: EpisodeRecord,
    steps: readonly Step[],
    change: RecordChange,
    { before, stepBytes, from, isNew }: Written,
  ): void {
    const { context, rows, cached } = this.#deps;
    const { namespace, id } = record;
    const body = JSON.stringify(record);
    const texts = steps.map((step) => JSON.stringify(step));
    const bytes = texts.map(byteLength);
    const size = {
      record: byteLength(body),
      steps: bytes.reduce((sum, more) => sum + more, stepBytes),
    };
    checkSize(before.size, size, outcomeBytes(record), change);

    rows.putSteps(
      namespace,
      id,
      steps.map(({ number }, i) => [number, texts[i] ?? ""]),
    );
    if (isNew) rows.insertRecord(record, body);
    else rows.putRecord(record, body);
    this.#sizes.set(record, size);
    // What runs is never dropped, whatever it holds and however long ago it was loaded.
    if (!before.isKept || record.status !== "in_progress")
      cached.hold(namespace, id, size.record + size.steps);
    const written = steps.map(({ number }, i) => ({ number, bytes: bytes[i] ?? 0 }));
    context.markEpisode({
      namespace,
      id,
      bytes: size.record,
      steps: written,
      ...(from === undefined ? {} : { from }),
      ...(isNew ? { isNew } : {}),
    });
  }

  /** Writes the next version of an episode that is here. In a transaction; throws as `put`. */
  change(
    record: EpisodeRecord,
    changes: Partial<EpisodeRecord>,
    change: RecordChange = { by: "client" },
    steps: readonly Step[] = [],
  ): EpisodeRecord {
    const next = changedRecord(record, changes, this.#deps.context.now());
    this.put(next, steps, change);
    return next;
  }

  /** Deletes an episode and its steps; in a transaction. */
  remove(namespace: string, id: string): void {
    const { context, rows } = this.#deps;
    const numbers = rows.stepNumbers(namespace, id);
    this.drop(namespace, id);
    context.markDirty("episodes", [namespace, id]);
    for (const number of numbers) context.markDirty("steps", [namespace, id, number]);
    rows.putTombstone(namespace, id, context.now());
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
    const { context, rows } = this.#deps;
    const found = new Map<string, EpisodeWithSteps>();
    const missing: string[] = [];
    for (const id of ids) {
      const record = rows.record(namespace, id);
      if (record) found.set(id, { ...viewOf(record), steps: rows.steps(namespace, id) });
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
   * something of the episode is unsent the damage is thrown: the database's copy is older.
   */
  async #seekPastDamage<T extends { record: EpisodeRecord }>(
    namespace: string,
    id: string,
    read: () => T | null,
  ): Promise<T | WholeEpisode | null> {
    const { context } = this.#deps;
    try {
      return await this.#seek(namespace, id, read);
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
    const { context } = this.#deps;
    const here = read();
    if (here && !this.#loader.isExpired(here.record)) {
      this.#hit();
      return here;
    }
    // Dirty but not here: deleted, and the database has not heard yet.
    if (!here && context.isDirty("episodes", [namespace, id])) return null;
    try {
      await this.#loader.load(namespace, id);
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

  #hit(): void {
    markCache("hit");
    this.#deps.context.meter.count("memory_cache_hit_total");
  }

  #missed(mark: "miss" | "stale"): void {
    markCache(mark);
    this.#deps.context.meter.count("memory_cache_miss_total");
  }
}

function notFound(id: string): Refused {
  return new Refused("not_found", `There is no episode ${id} in this namespace.`);
}

function outcomeBytes({ outcome }: EpisodeRecord): number {
  return outcome === null ? 0 : byteLength(JSON.stringify(outcome));
}
