/**
 * Puts episodes that ask a namespace's memory into the groups of its hold-out, and remembers which
 * until they are learned: the owner of the table `recall_groups`. The first question of an episode
 * decides; a later change of the share does not move it.
 *
 * @module
 */

import { MS } from "../../../../contract/limits.ts";
import { groupOf, withGroup } from "../../../../memory/holdout/index.ts";
import type { Digest, RecallGroup } from "../../../../memory/learning/types.ts";
import { Moved } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { NamespaceSettings } from "../namespace-settings.ts";
import { recallOf } from "../questions/recalls.ts";

export const HOLDOUT_SCHEMA: readonly string[] = [
  // percent, held_out: a `RecallGroup`.
  `CREATE TABLE IF NOT EXISTS recall_groups (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, percent INTEGER NOT NULL,
    held_out INTEGER NOT NULL, created_at INTEGER NOT NULL,
    PRIMARY KEY (namespace, episode_id)) STRICT`,
  `CREATE INDEX IF NOT EXISTS recall_groups_age ON recall_groups (namespace, created_at)`,
];

/** An episode that did not end within this time is in no group. */
const KEPT_MS = 30 * MS.day;
/** Old rows that go with each new one: one more than comes, so that none is left in the end. */
const FORGOTTEN_AT_ONCE = 2;

/** Who asks. */
export interface Asker {
  /** The episode that the question is for; null: none is named. */
  episode_id: string | null;
  /** The id that the answer will have. */
  recall_id: string;
}

export class Holdout {
  readonly #deps: KnowledgeDeps;
  readonly #settings: NamespaceSettings;

  constructor(deps: KnowledgeDeps, settings: NamespaceSettings) {
    this.#deps = deps;
    this.#settings = settings;
  }

  /**
   * The group of whoever asks; null: there is no hold-out, or it cannot be read at the moment: then
   * everybody is answered, and nobody is counted. Throws `Moved`.
   */
  async groupOf(namespace: string, { episode_id, recall_id }: Asker): Promise<RecallGroup | null> {
    const before = episode_id === null ? null : this.#remembered(namespace, episode_id);
    if (before) return before;
    const settings = await this.#settings.ifReadable(namespace);
    return groupOf(namespace, episode_id ?? recall_id, settings?.recall_holdout ?? 0);
  }

  /** The same of an episode that is not answered by a recall: it is remembered here. Throws `Moved`. */
  async groupOfEpisode(namespace: string, id: string, now: number): Promise<RecallGroup | null> {
    const group = await this.groupOf(namespace, { episode_id: id, recall_id: id });
    if (!group) return null;
    const { isHome, transaction } = this.#deps;
    transaction(() => {
      if (!isHome(namespace)) throw new Moved(namespace);
      this.remember(namespace, id, group, now);
    });
    return group;
  }

  /** Whether an episode that asked before was answered nothing. */
  isHeldOut(namespace: string, id: string): boolean {
    return this.#remembered(namespace, id)?.held_out ?? false;
  }

  /** Remembers an episode's group; in the transaction that remembers its recall. */
  remember(namespace: string, id: string, { percent, held_out }: RecallGroup, now: number): void {
    const { sql } = this.#deps;
    sql.run(
      `INSERT OR IGNORE INTO recall_groups (namespace, episode_id, percent, held_out, created_at)
        VALUES (?, ?, ?, ?, ?)`,
      namespace,
      id,
      percent,
      held_out ? 1 : 0,
      now,
    );
    sql.run(
      `DELETE FROM recall_groups WHERE (namespace, episode_id) IN (
        SELECT namespace, episode_id FROM recall_groups WHERE namespace = ? AND created_at < ?
        ORDER BY created_at LIMIT ?)`,
      namespace,
      now - KEPT_MS,
      FORGOTTEN_AT_ONCE,
    );
  }

  /**
   * The digest with the group of its episode, as far as it is known: what it says itself, else what
   * the episode asked, else what one of these recalls was answered. One that was answered nothing
   * used no recall.
   *
   * @param recallIds that the episode named, the one that counts first
   * @param hasAsked false: it is known that its group is not remembered
   */
  grouped(digest: Digest, recallIds: readonly (string | null)[], hasAsked = true): Digest {
    const { namespace, episode_id } = digest;
    const group =
      digest.recall_group ??
      (hasAsked ? this.#remembered(namespace, episode_id) : null) ??
      this.#ofRecalls(namespace, recallIds);
    return group ? withGroup(digest, group) : digest;
  }

  /** Those of these episodes that asked: the group of each is remembered. */
  askedAmong(namespace: string, episodes: readonly string[]): Set<string> {
    const rows = this.#deps.sql.all<{ id: string }>(
      `SELECT episode_id AS id FROM recall_groups
        WHERE namespace = ? AND episode_id IN (SELECT value FROM json_each(?))`,
      namespace,
      JSON.stringify(episodes),
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** The episode is gone; in a transaction. */
  forget(namespace: string, id: string): void {
    const text = "DELETE FROM recall_groups WHERE namespace = ? AND episode_id = ?";
    this.#deps.sql.run(text, namespace, id);
  }

  #remembered(namespace: string, id: string): RecallGroup | null {
    const [row] = this.#deps.sql.all<{ percent: number; held_out: number }>(
      "SELECT percent, held_out FROM recall_groups WHERE namespace = ? AND episode_id = ?",
      namespace,
      id,
    );
    return row ? { percent: row.percent, held_out: row.held_out === 1 } : null;
  }

  #ofRecalls(namespace: string, ids: readonly (string | null)[]): RecallGroup | null {
    for (const id of ids) {
      const group = id === null ? null : recallOf(this.#deps.sql, namespace, id)?.group;
      if (group) return group;
    }
    return null;
  }
}
