/**
 * The sizes of the episodes that run here, kept in memory as of a version: asked for with each
 * step, and stored only when an episode ends. A size that is not in memory is measured.
 *
 * @module
 */

import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import { BoundedMap } from "../../../../util/bounded-map.ts";
import type { EpisodeSize } from "../bounds.ts";
import type { EpisodeRows } from "../table/episode-rows.ts";

/** Episodes that run whose size is kept. */
const SIZES_MAX = 10_000;

const keyOf = ({ namespace, id }: EpisodeRecord): string => JSON.stringify([namespace, id]);

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
