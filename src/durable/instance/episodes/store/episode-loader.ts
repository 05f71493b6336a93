/**
 * Brings episodes from the database to their home: once however many wait for one, and never over
 * what was written here meanwhile. Copies that the database has in full are read anew when they are
 * past their time.
 *
 * @module
 */

import { byteLength } from "../../../../util/bytes.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import { Moved } from "../../../shared/refusals.ts";
import { isEpisodeUnsent } from "../../../outbox/unsent.ts";
import type { InstanceContext } from "../../context.ts";
import type { CachedRows } from "./cached-rows.ts";
import type { EpisodeRows } from "./episode-rows.ts";
import { readStored } from "./stored-episodes.ts";

/** The alarm looks after the bounds of the cache at the latest after this, ms. */
const CACHE_ALARM_MS = 2_000;
/**
 * How exactly it is kept when an episode was used, ms: exact is not worth a write for each read.
 */
const TOUCH_MS = 60_000;

interface EpisodeLoaderDeps {
  context: InstanceContext;
  rows: EpisodeRows;
  cached: CachedRows;
}

export class EpisodeLoader {
  readonly #deps: EpisodeLoaderDeps;
  readonly #loading = new Map<string, Promise<void>>();

  constructor(deps: EpisodeLoaderDeps) {
    this.#deps = deps;
  }

  /**
   * Whether the copy should be read anew: of an ended episode that was not read from the database
   * for long, and of which nothing is unsent. Notes that it was used.
   */
  isExpired({ namespace, id, status }: EpisodeRecord): boolean {
    const { context, cached } = this.#deps;
    // What runs is never dropped, however long it was not used.
    if (status === "in_progress") return false;
    const usage = cached.usage(namespace, id);
    if (!usage) return false;

    const now = context.now();
    if (usage.used_at < now - TOUCH_MS) cached.touch(namespace, id);
    if (usage.loaded_at > now - context.settings().cache_ttl_seconds * 1_000) return false;
    return !isEpisodeUnsent(context.sql, namespace, id);
  }

  /** Throws `DatabaseError`, and `Moved` when its home is elsewhere by now. */
  load(namespace: string, id: string): Promise<void> {
    const key = JSON.stringify([namespace, id]);
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#fetch(namespace, id).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  async #fetch(namespace: string, id: string): Promise<void> {
    const { context, rows, cached } = this.#deps;
    const before = rows.record(namespace, id);
    const stored = await readStored(context.database, namespace, id);
    // It went to another instance while the database answered: a copy here would grow stale.
    if (!context.isHome(id)) throw new Moved(id);
    // While the database answered, a request may have written or deleted the episode here: that
    // counts.
    const present = rows.record(namespace, id);
    const isUnsent = isEpisodeUnsent(context.sql, namespace, id);
    if (isUnsent || present?.version !== before?.version) return;

    context.transaction(() => {
      if (present) {
        rows.delete(namespace, id);
        cached.delete(namespace, id);
      }
      if (!stored) return;
      rows.putStored(namespace, id, stored);
      const bodies = [stored.episode, ...stored.steps].map(({ body }) => String(body));
      const bytes = bodies.reduce((sum, body) => sum + byteLength(body), 0);
      cached.hold(namespace, id, bytes);
    });
    // The alarm evicts what is beyond the bounds of the cache.
    context.wake(context.now() + CACHE_ALARM_MS);
  }
}
