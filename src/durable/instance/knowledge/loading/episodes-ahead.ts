/**
 * Reads a namespace's ended episodes from the database, the newest first, and the next ones ahead of
 * the question for them: so they come while those before them are learned. What was read ahead is
 * no older than a slice takes; whoever learns it knows what changed meanwhile.
 *
 * @module
 */

import type { Step } from "../../../../contract/episodes/record.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import { readEnded, readSteps } from "../../episodes/store/stored-episodes.ts";
import type { KnowledgeDeps } from "../deps.ts";

/** Episodes that are read at once. */
const EPISODES_AT_ONCE = 250;
/** Namespaces that are read ahead; while more are loaded, none is: it would be for nothing. */
const NAMESPACES_MAX = 2;

/** What was read ahead is used within this, ms. */
const AHEAD_MS = 10_000;

/** started_at, ms since the epoch, and id of an episode. */
export type EpisodePosition = readonly [startedAt: number, id: string];

/** Episodes that were read, each with its steps in their order. */
export interface ReadEpisodes {
  records: EpisodeRecord[];
  steps: Step[][];
  /** The position of the last one; null: there are none behind it. */
  last: EpisodePosition | null;
}

/** What is being read ahead. */
interface Ahead {
  /** The position, as JSON. */
  behind: string;
  /** Since when, ms since the epoch. */
  since: number;
  /** null: it failed. */
  read: Promise<ReadEpisodes | null>;
}

type AheadDeps = Pick<KnowledgeDeps, "database" | "learned" | "now">;

export class EpisodesAhead {
  readonly #deps: AheadDeps;
  /** By namespace. */
  readonly #reading = new Map<string, Ahead>();

  constructor(deps: AheadDeps) {
    this.#deps = deps;
  }

  /** Those behind a position, as many as one slice takes. Throws `DatabaseError`. */
  async episodes(namespace: string, behind: EpisodePosition): Promise<ReadEpisodes> {
    const ahead = this.#reading.get(namespace);
    this.#reading.delete(namespace);
    const isUsed =
      ahead?.behind === JSON.stringify(behind) && this.#deps.now() - ahead.since < AHEAD_MS;
    const read = isUsed ? await ahead.read : null;
    return read ?? this.#read(namespace, behind);
  }

  /** Begins to read those behind a position. */
  begin(namespace: string, behind: EpisodePosition): void {
    if (this.#deps.learned.loading(NAMESPACES_MAX + 1).length > NAMESPACES_MAX) {
      this.#reading.clear();
      return;
    }
    // Asked for in earnest, it fails again, if it does.
    const read = this.#read(namespace, behind).catch(() => null);
    const since = this.#deps.now();
    this.#reading.set(namespace, { behind: JSON.stringify(behind), since, read });
    for (const oldest of this.#reading.keys())
      if (this.#reading.size > NAMESPACES_MAX) this.#reading.delete(oldest);
  }

  async #read(namespace: string, behind: EpisodePosition): Promise<ReadEpisodes> {
    const { database } = this.#deps;
    const { records, more } = await readEnded(database, namespace, behind, EPISODES_AT_ONCE);
    const steps = await readSteps(database, namespace, records);
    const whole = records.slice(0, steps.length);
    const last = whole.at(-1);
    const isEnd = !more && whole.length === records.length;
    return {
      records: whole,
      steps,
      last: isEnd || !last ? null : [Date.parse(last.started_at), last.id],
    };
  }
}
