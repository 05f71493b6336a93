/**
 * Whole episodes, several at once: pages for the export, in the order of lists, each episode with
 * its steps and the relationships that begin at it; and those that a client names. Bounded in bytes,
 * but at least one episode.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type { EpisodesFound } from "../../../../contract/episodes/answers.ts";
import type { Episode, EpisodeWithSteps } from "../../../../contract/episodes/record.ts";
import type { Relationship } from "../../../../contract/ties/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import type { EpisodeLine } from "../../../../contract/transfer/requests.ts";
import { takeSlice } from "../../../../storage/index.ts";
import type { InternalInput, InternalOutput } from "../../../shared/instance/protocol.ts";
import { Refused } from "../../../shared/refusals.ts";
import type { InstanceContext } from "../../context.ts";
import type { Relationships } from "../relationships.ts";
import type { EpisodeLists } from "./episode-lists.ts";
import { NEWEST_FIRST } from "../store/queries/list-order.ts";
import { cursorBehind } from "./merge.ts";

/** Episodes of which a page of the export is made. */
const PAGE_EPISODES = 20;

export class EpisodeExport {
  readonly #context: InstanceContext;
  readonly #lists: EpisodeLists;
  readonly #relationships: Relationships;

  constructor(context: InstanceContext, lists: EpisodeLists, relationships: Relationships) {
    this.#context = context;
    this.#lists = lists;
    this.#relationships = relationships;
  }

  /** Throws `Refused` where the database is out of reach. */
  async page(namespace: string, { cursor }: Input<"episodes.export">): Promise<Page<EpisodeLine>> {
    const listed = await this.#lists.list(namespace, {
      filter: { archived: "any" },
      limit: PAGE_EPISODES,
      cursor,
    });
    // A copy that silently lacks episodes is worse than none.
    if (listed.degraded) {
      const detail = "An export needs the database, which is out of reach. Try again later.";
      throw new Refused("database_unavailable", detail, { retry_after_s: 5 });
    }

    const chosen = await this.#fitting(namespace, listed.items);
    const ids = chosen.map(({ id }) => id);
    const byId = await this.#whole(namespace, ids);
    const related = await this.#relationships.from(namespace, ids);
    const items = ids.flatMap((id) => {
      const episode = byId.get(id);
      return episode ? [lineOf(episode, related.get(id) ?? [])] : [];
    });

    const last = chosen.at(-1);
    const isCut = last !== undefined && chosen.length < listed.items.length;
    const next_cursor = isCut ? cursorBehind(last, NEWEST_FIRST) : listed.next_cursor;
    return { items, next_cursor, degraded: false };
  }

  /**
   * Those that exist of these, as many as fit; the ids that are left are named. Throws `DatabaseError`
   * where only the database knows of one.
   */
  async some(namespace: string, { ids }: Input<"episodes.get">): Promise<EpisodesFound> {
    const wanted = [...new Set(ids)];
    const sized = await this.#askHomes("episode_sizes", namespace, wanted);
    const sizes = new Map(sized.map(({ id, bytes }) => [id, bytes]));
    const there = wanted.filter((id) => sizes.has(id));
    const bounds = { rows: there.length, bytes: LIMITS.page_bytes };
    const { rows: chosen } = takeSlice(there, bounds, (id) => sizes.get(id) ?? 0);

    const byId = await this.#whole(namespace, chosen);
    const remaining = new Set(there.slice(chosen.length));
    return {
      episodes: chosen.flatMap((id) => byId.get(id) ?? []),
      missing: wanted.filter((id) => !byId.has(id) && !remaining.has(id)),
      remaining: [...remaining],
    };
  }

  async #whole(namespace: string, ids: readonly string[]): Promise<Map<string, EpisodeWithSteps>> {
    const whole = await this.#askHomes("episodes", namespace, ids);
    return new Map(whole.map((episode) => [episode.id, episode]));
  }

  /** The first of these episodes that fit into a page with all their steps, at least one. */
  async #fitting(namespace: string, episodes: readonly Episode[]): Promise<Episode[]> {
    const ids = episodes.map(({ id }) => id);
    const sized = await this.#askHomes("episode_sizes", namespace, ids);
    const sizes = new Map(sized.map(({ id, bytes }) => [id, bytes]));
    const related = await this.#relationships.sizes(namespace, ids);
    const sizeOf = ({ id }: Episode): number =>
      (sizes.get(id) ?? LIMITS.page_bytes) + (related.get(id) ?? 0);
    const bounds = { rows: PAGE_EPISODES, bytes: LIMITS.page_bytes };
    return takeSlice(episodes, bounds, sizeOf).rows;
  }

  /** Asks the home of each of these episodes for it; the answers in any order. */
  async #askHomes<N extends "episodes" | "episode_sizes">(
    name: N,
    namespace: string,
    ids: readonly string[],
  ): Promise<InternalOutput<N>> {
    const { ask, homeOf } = this.#context;
    const asked = [...Map.groupBy(ids, homeOf)].map(([home, idsOfHome]) =>
      ask(home, name, { namespace, ids: idsOfHome } as InternalInput<N>),
    );
    return (await Promise.all(asked)).flat() as InternalOutput<N>;
  }
}

/** An episode as a line of an export. */
function lineOf(episode: EpisodeWithSteps, related: readonly Relationship[]): EpisodeLine {
  const { id, task, task_type, context, metadata, tags, started_at, ended_at } = episode;
  const { steps, outcome, status, reward, reflection, checkpoints, archived_at, version } = episode;
  return {
    id,
    task,
    task_type,
    context,
    metadata,
    tags,
    started_at,
    ended_at,
    steps,
    outcome,
    status,
    reward,
    reflection,
    checkpoints,
    relationships: related.map(({ from: _from, ...relationship }) => relationship),
    ...(archived_at === undefined ? {} : { archived_at }),
    version,
  };
}
