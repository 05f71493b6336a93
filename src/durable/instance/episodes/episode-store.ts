/**
 * The episodes that live at this instance: its own copy, filled from the database when one is asked
 * for. This instance is the only writer of its episodes, so a copy is never stale.
 *
 * @module
 */

import { byteLength } from "../../../util/bytes.ts";
import type { EpisodeWithSteps, Step } from "../../../contract/episodes/record.ts";
import { homeOf } from "../../../memory/rendezvous.ts";
import { DatabaseError, type Row } from "../../../storage/index.ts";
import { checkSize, type EpisodeSize, type RecordChange } from "./bounds.ts";
import { markCache } from "../requests/call-scope.ts";
import { EPISODE_COLUMNS, rowOf, UPSERT_EPISODE } from "./episode-rows.ts";
import { EVICT_AFTER_MS } from "./eviction.ts";
import type { InstanceContext } from "../context.ts";
import type { ReadCopies, WholeEpisode } from "./read-copies.ts";
import { hasUnsent, LocalDamage } from "../database/local-damage.ts";
import { Moved, Refused } from "../../shared/refusals.ts";
import { readStored, storedSizes } from "./stored-episodes.ts";
import { viewOf, type EpisodeRecord } from "../../shared/episode-record.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";

/** The episode is not here, or it has ended. */
export class NotRunning extends Error {}

/** How exactly it is known when an episode was used, ms. */
const TOUCH_MS = 60_000;
/** Episodes that run whose size is kept in mind. */
const SIZES_MAX = 10_000;

const keyOf = (namespace: string, id: string): string => JSON.stringify([namespace, id]);

/** The episode's body, and then its steps' in their order; none when there is no episode. */
const WHOLE_EPISODE = `SELECT 0 AS number, body FROM episodes WHERE namespace = ? AND id = ?
  UNION ALL SELECT number, body FROM steps WHERE namespace = ? AND episode_id = ? ORDER BY number`;

export class EpisodeStore {
  readonly #context: InstanceContext;
  readonly #copies: ReadCopies;
  readonly #loading = new Map<string, Promise<boolean>>();
  /**
   * What episodes that run hold, bytes, as of a version: asked for with each step, and written only
   * when they end.
   */
  readonly #sizes = new BoundedMap<string, { version: number; size: EpisodeSize }>(SIZES_MAX);

  /** @param copies told of what is written here */
  constructor(context: InstanceContext, copies: ReadCopies) {
    this.#context = context;
    this.#copies = copies;
  }

  /** From this instance only. */
  local(namespace: string, id: string): EpisodeRecord | null {
    const [row] = this.#context.sql.all<{ body: string }>(
      "SELECT body FROM episodes WHERE namespace = ? AND id = ?",
      namespace,
      id,
    );
    return row ? (JSON.parse(row.body) as EpisodeRecord) : null;
  }

  /**
   * From this instance only. One statement: a read of an episode is little more than its
   * statements.
   */
  #localWhole(namespace: string, id: string): WholeEpisode | null {
    const [head, ...steps] = this.#context.sql.all<{ number: number; body: string }>(
      WHOLE_EPISODE,
      namespace,
      id,
      namespace,
      id,
    );
    return head?.number === 0 ? wholeOf(head, steps) : null;
  }

  /** Brings the episode here if it exists. Throws `DatabaseError` when only the database knows. */
  async find(namespace: string, id: string): Promise<EpisodeRecord | null> {
    const look = (): { record: EpisodeRecord } | null => {
      const record = this.local(namespace, id);
      return record && { record };
    };
    const found = await this.#pastDamage(namespace, id, () => this.#seek(namespace, id, look));
    return found?.record ?? null;
  }

  /** Like `get`, with its steps. */
  async whole(namespace: string, id: string): Promise<WholeEpisode> {
    const look = (): WholeEpisode | null =>
      this.#copies.of(keyOf(namespace, id), () => this.#localWhole(namespace, id));
    const found = await this.#pastDamage(namespace, id, () => this.#seek(namespace, id, look));
    if (!found) throw notFound(id);
    return found;
  }

  /**
   * What is found here; where a damaged page of this storage is in the way, what the database has,
   * unless something of the episode is still to be sent: then the damage is thrown, for the
   * database's copy would be an older one.
   */
  async #pastDamage<T extends { record: EpisodeRecord }>(
    namespace: string,
    id: string,
    here: () => Promise<T | null>,
  ): Promise<T | WholeEpisode | null> {
    try {
      return await here();
    } catch (error) {
      if (!(error instanceof LocalDamage) || hasUnsent(this.#context.sql, namespace, id))
        throw error;
      markCache("miss");
      this.#context.meter.count("memory_cache_miss_total");
      const loaded = await readStored(this.#context.database, namespace, id);
      return loaded && wholeOf(loaded.episode, loaded.steps);
    }
  }

  /** @param look what of it is here now; null: it is not */
  async #seek<T extends { record: EpisodeRecord }>(
    namespace: string,
    id: string,
    look: () => T | null,
  ): Promise<T | null> {
    const here = look();
    if (here && !this.#isExpired(here.record)) {
      markCache("hit");
      this.#context.meter.count("memory_cache_hit_total");
      return here;
    }
    // Marked but not here: deleted, and the database has not heard yet.
    if (!here && this.#context.isDirty("episodes", [namespace, id])) return null;
    try {
      await this.#load(namespace, id);
    } catch (error) {
      if (!here || !(error instanceof DatabaseError)) throw error;
      // Rather what is here, marked as such, than nothing.
      markCache("stale");
      this.#context.meter.count("memory_cache_miss_total");
      return here;
    }
    markCache("miss");
    const loaded = look();
    // What does not exist could not have been kept.
    if (loaded) this.#context.meter.count("memory_cache_miss_total");
    return loaded;
  }

  async #load(namespace: string, id: string): Promise<void> {
    const key = keyOf(namespace, id);
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#fetch(namespace, id).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    await loading;
  }

  /**
   * An ended episode that was not read from the database for long, and that the database knows in
   * full.
   */
  #isExpired({ namespace, id, status }: EpisodeRecord): boolean {
    // What runs is never dropped, however long it was not used.
    if (status === "in_progress") return false;
    const [row] = this.#context.sql.all<{ loaded_at: number; used_at: number }>(
      "SELECT loaded_at, used_at FROM cached WHERE namespace = ? AND id = ?",
      namespace,
      id,
    );
    const now = this.#context.now();
    const ttl = this.#context.settings().cache_ttl_seconds * 1_000;
    // Exact recency is not worth a write for each read.
    if (row && row.used_at < now - TOUCH_MS) this.#touch(namespace, id);
    if (!row || row.loaded_at > now - ttl) return false;
    return !hasUnsent(this.#context.sql, namespace, id);
  }

  /** Like `find`, but 404 when there is none. */
  async get(namespace: string, id: string): Promise<EpisodeRecord> {
    const record = await this.find(namespace, id);
    if (!record) throw notFound(id);
    return record;
  }

  /**
   * An episode that runs here, found without a wait. In a transaction; throws `NotRunning` when it
   * must be looked for.
   */
  running(namespace: string, id: string): EpisodeRecord {
    const record = this.local(namespace, id);
    if (record?.status !== "in_progress") throw new NotRunning(id);
    markCache("hit");
    this.#context.meter.count("memory_cache_hit_total");
    return record;
  }

  /**
   * What is here now, in a transaction that follows a `get`: another request may have come between.
   */
  present(namespace: string, id: string): EpisodeRecord {
    const record = this.local(namespace, id);
    if (!record) throw notFound(id);
    return record;
  }

  /** The steps in their order. */
  steps(namespace: string, id: string): Step[] {
    const text = "SELECT body FROM steps WHERE namespace = ? AND episode_id = ? ORDER BY number";
    const rows = this.#context.sql.all<{ body: string }>(text, namespace, id);
    return rows.map(({ body }) => JSON.parse(body) as Step);
  }

  stepsByNumber(namespace: string, id: string, numbers: readonly number[]): Map<number, Step> {
    if (numbers.length === 0) return new Map();
    const rows = this.#context.sql.all<{ number: number; body: string }>(
      `SELECT number, body FROM steps WHERE namespace = ? AND episode_id = ?
        AND number IN (SELECT value FROM json_each(?))`,
      namespace,
      id,
      JSON.stringify(numbers),
    );
    return new Map(rows.map((row) => [row.number, JSON.parse(row.body) as Step]));
  }

  lastNumber(namespace: string, id: string): number {
    const [row] = this.#context.sql.all<{ last: number | null }>(
      "SELECT max(number) AS last FROM steps WHERE namespace = ? AND episode_id = ?",
      namespace,
      id,
    );
    return row?.last ?? 0;
  }

  /**
   * Writes an episode and new steps of it; call it in a transaction. Throws `Refused` when the
   * change makes it larger than an episode may be.
   */
  put(
    record: EpisodeRecord,
    steps: readonly Step[] = [],
    change: RecordChange = { by: "client" },
  ): void {
    const { sql } = this.#context;
    const body = JSON.stringify(record);
    const key = keyOf(record.namespace, record.id);
    const known = this.#sizes.get(key);
    // Another version: it was elsewhere meanwhile, or a transaction was taken back.
    const remembered = known?.version === record.version - 1 ? known.size : null;
    const before = remembered ?? this.#sizeNow(record);

    const texts = steps.map((step) => JSON.stringify(step));
    const sizes = texts.map(byteLength);
    const size: EpisodeSize = {
      record: byteLength(body),
      steps: sizes.reduce((sum, bytes) => sum + bytes, before?.steps ?? 0),
    };
    const outcome = record.outcome === null ? 0 : byteLength(JSON.stringify(record.outcome));
    checkSize(before, size, outcome, change);

    for (const [i, step] of steps.entries()) {
      sql.run(
        `INSERT INTO steps (namespace, episode_id, number, body) VALUES (?, ?, ?, ?)
          ON CONFLICT (namespace, episode_id, number) DO UPDATE SET body = excluded.body`,
        record.namespace,
        record.id,
        step.number,
        texts[i] ?? "",
      );
      this.#context.markDirty("steps", [record.namespace, record.id, step.number], sizes[i]);
    }
    sql.run(UPSERT_EPISODE, ...rowOf(record, body));
    if (record.status === "in_progress") {
      this.#sizes.set(key, { version: record.version, size });
    } else this.#sizes.delete(key);
    // What runs is never dropped, whatever it holds and however long ago it was loaded.
    if (remembered === null || record.status !== "in_progress") {
      this.#hold(record.namespace, record.id, size.record + size.steps);
    }
    this.#context.markDirty("episodes", [record.namespace, record.id], size.record);
  }

  /** Deletes an episode and its steps; call it in a transaction. */
  remove(namespace: string, id: string, now: number): void {
    const { sql } = this.#context;
    const numbers = sql.all<{ number: number }>(
      "SELECT number FROM steps WHERE namespace = ? AND episode_id = ?",
      namespace,
      id,
    );
    this.drop(namespace, id);
    this.#context.markDirty("episodes", [namespace, id]);
    for (const { number } of numbers) this.#context.markDirty("steps", [namespace, id, number]);
    sql.run(
      `INSERT INTO tombstones (namespace, episode_id, deleted_at) VALUES (?, ?, ?)
        ON CONFLICT (namespace, episode_id) DO UPDATE SET deleted_at = excluded.deleted_at`,
      namespace,
      id,
      now,
    );
    this.#context.markDirty("tombstones", [namespace, id]);
  }

  /**
   * UTF-8 bytes that episodes hold, those that are not here included; none for one that does not
   * exist.
   */
  async sizes(namespace: string, ids: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    const missing: string[] = [];
    for (const id of ids) {
      const size = this.#sizeNow({ namespace, id });
      if (size) found.set(id, size.record + size.steps);
      else if (!this.#context.isDirty("episodes", [namespace, id])) missing.push(id);
    }
    if (missing.length === 0) return found;
    for (const { id, bytes } of await storedSizes(this.#context.database, namespace, missing))
      found.set(id, bytes);
    return found;
  }

  /** Whole episodes by id; those that are not here are read from the database but not kept. */
  async many(namespace: string, ids: readonly string[]): Promise<EpisodeWithSteps[]> {
    const found = new Map<string, EpisodeWithSteps>();
    const missing: string[] = [];
    for (const id of ids) {
      const record = this.local(namespace, id);
      if (record) found.set(id, { ...viewOf(record), steps: this.steps(namespace, id) });
      else if (!this.#context.isDirty("episodes", [namespace, id])) missing.push(id);
    }
    // One at a time: the database caps the size of one answer.
    for (const id of missing) {
      const loaded = await readStored(this.#context.database, namespace, id);
      if (loaded) {
        const record = JSON.parse(String(loaded.episode["body"])) as EpisodeRecord;
        found.set(id, {
          ...viewOf(record),
          steps: loaded.steps.map((row) => JSON.parse(String(row["body"])) as Step),
        });
      }
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  /** Forgets the copy that is here; the database has the episode. */
  drop(namespace: string, id: string): void {
    const { sql } = this.#context;
    sql.run("DELETE FROM episodes WHERE namespace = ? AND id = ?", namespace, id);
    sql.run("DELETE FROM steps WHERE namespace = ? AND episode_id = ?", namespace, id);
    sql.run("DELETE FROM cached WHERE namespace = ? AND id = ?", namespace, id);
  }

  /** What the episode holds; null: it is not here. */
  #sizeNow({ namespace, id }: { namespace: string; id: string }): EpisodeSize | null {
    const [row] = this.#context.sql.all<{ record: number; steps: number }>(
      `SELECT octet_length(body) AS record, coalesce((SELECT sum(octet_length(body)) FROM steps
          WHERE namespace = e.namespace AND episode_id = e.id), 0) AS steps
        FROM episodes e WHERE namespace = ? AND id = ?`,
      namespace,
      id,
    );
    return row ?? null;
  }

  /** Remembers what an episode here holds, and that it is as the database has it or newer. */
  #hold(namespace: string, id: string, bytes: number): void {
    const at = this.#context.now();
    const text =
      "INSERT OR REPLACE INTO cached (namespace, id, used_at, loaded_at, bytes) VALUES (?, ?, ?, ?, ?)";
    this.#context.sql.run(text, namespace, id, at, at, bytes);
  }

  #touch(namespace: string, id: string): void {
    const now = this.#context.now();
    this.#context.sql.run(
      "UPDATE cached SET used_at = ? WHERE namespace = ? AND id = ?",
      now,
      namespace,
      id,
    );
  }

  async #fetch(namespace: string, id: string): Promise<boolean> {
    const before = this.local(namespace, id);
    const loaded = await readStored(this.#context.database, namespace, id);
    const { index, count } = this.#context.place();
    // It went to another instance while the database answered: a copy here would grow stale.
    if (homeOf(id, count) !== index) throw new Moved(id);
    // While the database answered, a request may have written or deleted the episode here: that
    // counts.
    const present = this.local(namespace, id);
    if (hasUnsent(this.#context.sql, namespace, id) || present?.version !== before?.version)
      return true;
    this.#context.transaction(() => {
      if (present) this.drop(namespace, id);
      if (!loaded) return;
      let bytes = byteLength(String(loaded.episode["body"]));
      for (const row of loaded.steps) {
        bytes += byteLength(String(row["body"]));
        this.#context.sql.run(
          "INSERT OR REPLACE INTO steps (namespace, episode_id, number, body) VALUES (?, ?, ?, ?)",
          namespace,
          id,
          row["number"] ?? null,
          row["body"] ?? null,
        );
      }
      const values = EPISODE_COLUMNS.split(", ").map((column) => loaded.episode[column] ?? null);
      this.#context.sql.run(UPSERT_EPISODE, ...values);
      this.#hold(namespace, id, bytes);
    });
    // The alarm keeps the cache within its bounds.
    this.#context.wake(this.#context.now() + EVICT_AFTER_MS);
    return true;
  }
}

/** Steps are stored as the JSON that the client gets. */
function wholeOf(episode: Row, steps: readonly Row[]): WholeEpisode {
  const record = JSON.parse(String(episode["body"])) as EpisodeRecord;
  const head = JSON.stringify(viewOf(record)).slice(0, -1);
  return { record, json: `${head},"steps":[${steps.map(({ body }) => String(body)).join(",")}]}` };
}

function notFound(id: string): Refused {
  return new Refused("not_found", `There is no episode ${id} in this namespace.`);
}
