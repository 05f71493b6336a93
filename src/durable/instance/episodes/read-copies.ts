import type { EpisodeRecord } from "../../shared/episode-record.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";

const TABLES = /\b(?:episodes|steps)\b/;
/** Copies, and characters of each: what is larger takes longer to send than to read. */
const COPIES_MAX = 100;
const TEXT_MAX = 50_000;

export interface WholeEpisode {
  record: EpisodeRecord;
  /** The episode with its steps in their order, as the client gets it. */
  json: string;
}

export class ReadCopies {
  readonly #copies = new BoundedMap<string, WholeEpisode>(COPIES_MAX);

  /** Told of each statement that may write, before it does. */
  wrote(sql: string): void {
    if (this.#copies.size > 0 && TABLES.test(sql)) this.#copies.clear();
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
    if (!whole || whole.json.length > TEXT_MAX) return whole;
    this.#copies.set(key, whole);
    return whole;
  }
}
