/**
 * Keeps copies of episodes in memory, to spare reads of this instance's storage: episodes as the
 * client gets them, and the sizes of those that run. Bounded; what is not here is read or measured.
 *
 * @module
 */

import { BoundedMap } from "../../../../util/bounded-map.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import type { EpisodeSize } from "../bounds.ts";
import type { EpisodeRows, WholeEpisode } from "./episode-rows.ts";

/** A statement that names a table of episodes. */
const NAMES_EPISODES = /\b(?:episodes|steps)\b/;
/** Copies, and characters of each: what is larger takes longer to send than to read. */
const COPIES_MAX = 100;
const COPY_CHARS_MAX = 50_000;

/**
 * Kept from one read to the next until anything of any episode is written here: most reads ask for
 * what was asked for a moment ago.
 */
export class ReadCopies {
  readonly #copies = new BoundedMap<string, WholeEpisode>(COPIES_MAX);

  /** Called with each statement that may write, before it does. */
  onWrite(sql: string): void {
    if (this.#copies.size > 0 && NAMES_EPISODES.test(sql)) this.#copies.clear();
  }

  /**
   * The copy, or what is read now; never in a transaction, which may be taken back.
   *
   * @param read without a wait: what is written during one would be overlooked
   */
  of(key: string, read: () => WholeEpisode | null): WholeEpisode | null {
    const copy = this.#copies.get(key);
    if (copy) return copy;
    const whole = read();
    if (!whole || whole.json.length > COPY_CHARS_MAX) return whole;
    this.#copies.set(key, whole);
    return whole;
  }
}

/** Episodes that run whose size is kept. */
const SIZES_MAX = 10_000;

const keyOf = ({ namespace, id }: EpisodeRecord): string => JSON.stringify([namespace, id]);

/**
 * Kept as of a version, because they are asked for with each step and stored only when an episode
 * ends.
 */
export class EpisodeSizes {
  readonly #rows: EpisodeRows;
  readonly #sizes = new BoundedMap<string, { version: number; size: EpisodeSize }>(SIZES_MAX);

  constructor(rows: EpisodeRows) {
    this.#rows = rows;
  }

  /**
   * The size of an episode before it became this record; null: it was not here. `isKept`: it is in
   * memory, because the version before was written here.
   */
  before(record: EpisodeRecord): { size: EpisodeSize | null; isKept: boolean } {
    const kept = this.#sizes.get(keyOf(record));
    // Another version: it was elsewhere meanwhile, or a transaction was taken back.
    if (kept?.version === record.version - 1) return { size: kept.size, isKept: true };
    return { size: this.#rows.size(record.namespace, record.id), isKept: false };
  }

  /** What an episode holds as this record. */
  set(record: EpisodeRecord, size: EpisodeSize): void {
    if (record.status !== "in_progress") {
      this.#sizes.delete(keyOf(record));
      return;
    }
    this.#sizes.set(keyOf(record), { version: record.version, size });
  }
}
