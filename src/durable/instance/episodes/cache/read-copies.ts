/**
 * Episodes as the client gets them, kept in memory from one read to the next until anything of any
 * episode is written here: most reads ask for what was asked for a moment ago.
 *
 * @module
 */

import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import { BoundedMap } from "../../../../util/bounded-map.ts";

/** A statement that names a table of episodes. */
const NAMES_EPISODES = /\b(?:episodes|steps)\b/;
/** Copies, and characters of each: what is larger takes longer to send than to read. */
const COPIES_MAX = 100;
const COPY_CHARS_MAX = 50_000;

export interface WholeEpisode {
  record: EpisodeRecord;
  /** The episode with its steps in their order, as the client gets it. */
  json: string;
}

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
