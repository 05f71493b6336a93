/**
 * Where a question about a namespace is answered from: the instance when it knows the namespace,
 * else the database, and beside it what the instance has that the database may not.
 *
 * @module
 */

import type {
  Digest,
  DomainRow,
  EpisodeDigest,
  PatternRow,
} from "../../../memory/learning/types.ts";
import type { Ablations } from "../../../memory/ablations.ts";
import type { Candidate } from "../../../memory/text/index.ts";
import {
  DatabaseError,
  findCandidates,
  localReader,
  readOrdered,
  SearchMemo,
  type SearchStatistics,
  type SqlReader,
} from "../../../storage/index.ts";
import type { FeedbackRecord, KnowledgeDeps } from "./deps.ts";
import {
  contributionsByIds,
  digestsByIds,
  domainsOf,
  patternsByIds,
  patternsByPrefix,
  recoveriesByTool,
} from "./rows.ts";

/** Characters of digests that one question reads: what 300 runs of 60 steps have. */
const DIGEST_CHARACTERS_MAX = 24_000_000;

export class Source {
  readonly #deps: KnowledgeDeps;
  readonly #namespace: string;
  readonly #tag: string;
  readonly #local: SqlReader;
  readonly nearest: (task: string) => Promise<string[]>;
  readonly #statistics: SearchStatistics;
  readonly #memos = new Map<string, SearchMemo>();
  #remote: SqlReader | null;
  /** The database was needed and did not answer. */
  degraded = false;

  /**
   * @param ready the instance knows the namespace, and the database is not asked
   * @param statistics what was counted of the instance's index lately
   * @param nearest ids of the episodes whose task means nearly the same; none without a provider of
   *   vectors
   */
  constructor(
    deps: KnowledgeDeps,
    namespace: string,
    tag: string,
    ready: boolean,
    statistics: SearchStatistics,
    nearest: (task: string) => Promise<string[]>,
  ) {
    this.nearest = nearest;
    this.#statistics = statistics;
    this.#deps = deps;
    this.#namespace = namespace;
    this.#tag = tag;
    this.#local = localReader(deps.sql);
    this.#remote = ready ? null : deps.database;
  }

  get parts(): Ablations {
    return this.#deps.parts();
  }

  get servedBy(): "instance" | "database" {
    return this.#remote ? "database" : "instance";
  }

  async candidates(
    query: string,
    kind: "episode" | "pattern" | undefined,
    limit: number,
  ): Promise<Candidate[]> {
    const parts = await this.#ask((reader) =>
      findCandidates(reader, this.#tag, this.#namespace, query, {
        limit,
        parts: this.#deps.parts(),
        memo: this.#memoOf(query, reader),
        ...(reader === this.#local ? { statistics: this.#statistics } : {}),
        ...(kind ? { kind } : {}),
      }),
    );
    const best = new Map<string, Candidate>();
    for (const candidate of parts.flat()) {
      const known = best.get(`${candidate.kind} ${candidate.id}`);
      if (!known || known.text < candidate.text)
        best.set(`${candidate.kind} ${candidate.id}`, candidate);
    }
    return [...best.values()]
      .sort((a, b) => b.text - a.text || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  /**
   * What is taken for a typing error, and which and how many documents hold a term, is the same
   * whatever is looked for.
   */
  #memoOf(query: string, reader: SqlReader): SearchMemo {
    const key = `${reader === this.#local ? "instance" : "database"} ${query}`;
    const memo = this.#memos.get(key) ?? new SearchMemo();
    this.#memos.set(key, memo);
    return memo;
  }

  /** Most alike first: of digests that are too large to be read all, the last ones are left out. */
  async digests(
    ids: readonly string[],
    most = DIGEST_CHARACTERS_MAX,
  ): Promise<Map<string, EpisodeDigest>> {
    const parts = await this.#ask((reader) => digestsByIds(reader, this.#namespace, ids, most));
    const found = new Map(parts.flat().map((digest) => [digest.episode_id, digest]));
    for (const digest of this.#pending(ids)) found.set(digest.episode_id, digest);
    return found;
  }

  /** The patterns that each of these episodes contributed to. */
  async contributions(ids: readonly string[]): Promise<Map<string, string[]>> {
    const parts = await this.#ask((reader) => contributionsByIds(reader, this.#namespace, ids));
    return new Map(
      [...parts.flat(), ...this.#pending(ids)].map(({ episode_id, contributions }) => [
        episode_id,
        contributions.map((contribution) => contribution.pattern_id),
      ]),
    );
  }

  patterns(ids: readonly string[]): Promise<PatternRow[]> {
    return this.#rows((reader) => patternsByIds(reader, this.#namespace, ids));
  }

  patternsAfter(
    kind: PatternRow["content"]["kind"],
    prefixes: readonly string[],
  ): Promise<PatternRow[]> {
    return this.#rows((reader) => patternsByPrefix(reader, this.#namespace, kind, prefixes));
  }

  /** Every known way out of an error of this tool, by support; at most 200. */
  recoveriesOf(tool: string): Promise<PatternRow[]> {
    return this.#rows((reader) => recoveriesByTool(reader, this.#namespace, tool));
  }

  async domains(): Promise<DomainRow[]> {
    const parts = await this.#ask((reader) => domainsOf(reader, this.#namespace));
    return [...new Map(parts.flat().map((row) => [row.domain, row])).values()];
  }

  usage(ids: readonly string[]): Map<string, { helpful: number; unhelpful: number }> {
    const rows = this.#deps.sql.all<{ episode_id: string; helpful: number; unhelpful: number }>(
      `SELECT episode_id, helpful, unhelpful FROM knowledge_usage
        WHERE namespace = ? AND episode_id IN (SELECT value FROM json_each(?))`,
      this.#namespace,
      JSON.stringify(ids),
    );
    return new Map(
      rows.map((row) => [
        row.episode_id,
        { helpful: row.helpful / 1000, unhelpful: row.unhelpful / 1000 },
      ]),
    );
  }

  /** Judged recalls after this id, in its order, as many as fit. */
  async feedbackAfter(
    recallId: string,
    limit: number,
  ): Promise<{ records: FeedbackRecord[]; more: boolean }> {
    const slices = await this.#ask((reader) =>
      readOrdered(reader, {
        from: "feedback WHERE namespace = ? AND recall_id > ?",
        order: "recall_id",
        args: [this.#namespace, recallId],
        bounds: { rows: limit },
      }),
    );
    const lists = slices.map(({ rows, more }) => ({
      records: rows.map((row) => JSON.parse(row.body) as FeedbackRecord),
      more,
    }));
    // Behind the end of a list that goes on, that list may have records which are not read yet.
    const ends = lists.flatMap(({ records, more }) =>
      more ? (records.at(-1)?.recall_id ?? []) : [],
    );
    const end = ends.sort()[0];
    const all = lists.flatMap(({ records }) => records);
    const byId = new Map(all.map((record) => [record.recall_id, record]));
    const sorted = [...byId.values()].sort((a, b) => (a.recall_id < b.recall_id ? -1 : 1));
    const known = end === undefined ? sorted : sorted.filter(({ recall_id }) => recall_id <= end);
    return { records: known.slice(0, limit), more: end !== undefined || known.length > limit };
  }

  /** The same statement's rows; the database's when the instance does not know the namespace. */
  async one<T>(work: (reader: SqlReader) => Promise<T>): Promise<T> {
    if (this.#remote) {
      try {
        return await work(this.#remote);
      } catch (error) {
        this.#lost(error);
      }
    }
    return work(this.#local);
  }

  async #rows(work: (reader: SqlReader) => Promise<PatternRow[]>): Promise<PatternRow[]> {
    const parts = await this.#ask(work);
    return [...new Map(parts.flat().map((row) => [row.id, row])).values()];
  }

  /** Asks the instance, and the database before it when that is needed: what comes last counts. */
  async #ask<T>(work: (reader: SqlReader) => Promise<T>): Promise<T[]> {
    const local = await work(this.#local);
    if (!this.#remote) return [local];
    try {
      return [await work(this.#remote), local];
    } catch (error) {
      this.#lost(error);
      return [local];
    }
  }

  #lost(error: unknown): void {
    if (!(error instanceof DatabaseError)) throw error;
    this.degraded = true;
    this.#remote = null;
  }

  #pending(ids: readonly string[]): Digest[] {
    return this.#deps.sql
      .all<{ body: string }>(
        `SELECT body FROM knowledge_pending WHERE namespace = ? AND body IS NOT NULL
          AND episode_id IN (SELECT value FROM json_each(?))`,
        this.#namespace,
        JSON.stringify(ids),
      )
      .map((row) => JSON.parse(row.body) as Digest);
  }
}
