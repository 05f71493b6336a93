/**
 * Where a question about a namespace is answered from: the instance when it knows the namespace,
 * else the database, and beside it what the instance has that the database may not. A source is for
 * one question. When the database does not answer, the instance's part alone is served, and the
 * source is `degraded`.
 *
 * @module
 */

import type { PatternKind } from "../../../contract/patterns.ts";
import type { Ablations } from "../../../memory/ablations.ts";
import type { DomainRow, EpisodeDigest, PatternRow } from "../../../memory/learning/types.ts";
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
import type { KnowledgeDeps } from "./deps.ts";
import type { FeedbackRecord } from "./records.ts";
import { pendingDigests } from "./rows/pending.ts";
import {
  bodyOf,
  contributionsByIds,
  digestsByIds,
  domainsOf,
  patternsByIds,
  patternsByPrefix,
  recoveriesByTool,
} from "./rows/read.ts";
import { usageByIds, type Usage } from "./rows/usage.ts";

/** Characters of digests that one question reads: what 300 runs of 60 steps have. */
const DIGEST_CHARACTERS_MAX = 24_000_000;

export interface SourceOptions {
  deps: KnowledgeDeps;
  namespace: string;
  /** Of the namespace in the search index. */
  tag: string;
  /** The instance knows the namespace, and the database is not asked. */
  isReady: boolean;
  /** What was counted of the instance's index lately. */
  statistics: SearchStatistics;
  /**
   * Ids of the episodes whose task means nearly the same; none without a provider of vectors.
   */
  nearest: (task: string) => Promise<string[]>;
}

export class Source {
  readonly #deps: KnowledgeDeps;
  readonly #namespace: string;
  readonly #tag: string;
  readonly #statistics: SearchStatistics;
  readonly #local: SqlReader;
  readonly nearest: (task: string) => Promise<string[]>;
  readonly #memos = new Map<string, SearchMemo>();
  /** null: the database is not needed, or does not answer. */
  #remote: SqlReader | null;
  #isDegraded = false;

  constructor({ deps, namespace, tag, isReady, statistics, nearest }: SourceOptions) {
    this.#deps = deps;
    this.#namespace = namespace;
    this.#tag = tag;
    this.#statistics = statistics;
    this.nearest = nearest;
    this.#local = localReader(deps.sql);
    this.#remote = isReady ? null : deps.database;
  }

  get ablations(): Ablations {
    return this.#deps.ablations;
  }

  get servedBy(): "instance" | "database" {
    return this.#remote ? "database" : "instance";
  }

  /** The database was needed and did not answer. */
  get degraded(): boolean {
    return this.#isDegraded;
  }

  /** What the words of a text find, best first. @param kind undefined: of both kinds */
  async candidates(
    query: string,
    kind: Candidate["kind"] | undefined,
    limit: number,
  ): Promise<Candidate[]> {
    const lists = await this.#askBoth((reader) =>
      findCandidates(reader, this.#tag, this.#namespace, query, {
        limit,
        ablations: this.#deps.ablations,
        memo: this.#memoOf(query, reader),
        ...(reader === this.#local ? { statistics: this.#statistics } : {}),
        ...(kind ? { kind } : {}),
      }),
    );
    const best = new Map<string, Candidate>();
    for (const candidate of lists.flat()) {
      const key = `${candidate.kind} ${candidate.id}`;
      const other = best.get(key);
      if (!other || other.text < candidate.text) best.set(key, candidate);
    }
    return [...best.values()]
      .sort((a, b) => b.text - a.text || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  /**
   * The digests of these episodes. Of digests that are too large to be read all, the last ones are
   * left out.
   */
  async digests(
    ids: readonly string[],
    maxCharacters = DIGEST_CHARACTERS_MAX,
  ): Promise<Map<string, EpisodeDigest>> {
    const lists = await this.#askBoth((reader) =>
      digestsByIds(reader, this.#namespace, ids, maxCharacters),
    );
    const digests: EpisodeDigest[] = [...lists.flat(), ...this.#pendingDigests(ids)];
    return new Map(digests.map((digest) => [digest.episode_id, digest]));
  }

  /** The ids of the patterns that each of these episodes contributed to. */
  async contributions(ids: readonly string[]): Promise<Map<string, string[]>> {
    const lists = await this.#askBoth((reader) => contributionsByIds(reader, this.#namespace, ids));
    return new Map(
      [...lists.flat(), ...this.#pendingDigests(ids)].map(({ episode_id, contributions }) => [
        episode_id,
        contributions.map((contribution) => contribution.pattern_id),
      ]),
    );
  }

  patterns(ids: readonly string[]): Promise<PatternRow[]> {
    return this.#patternRows((reader) => patternsByIds(reader, this.#namespace, ids));
  }

  /** Patterns of a kind by what comes before; at most 200 of each engine. */
  patternsAfter(kind: PatternKind, prefixes: readonly string[]): Promise<PatternRow[]> {
    return this.#patternRows((reader) => patternsByPrefix(reader, this.#namespace, kind, prefixes));
  }

  /** The ways out of any error of this tool, by support; at most 200 of each engine. */
  recoveriesOf(tool: string): Promise<PatternRow[]> {
    return this.#patternRows((reader) => recoveriesByTool(reader, this.#namespace, tool));
  }

  async domains(): Promise<DomainRow[]> {
    const lists = await this.#askBoth((reader) => domainsOf(reader, this.#namespace));
    return [...new Map(lists.flat().map((row) => [row.domain, row])).values()];
  }

  /** How the recalls of these episodes were judged, as far as this instance knows. */
  usage(ids: readonly string[]): Map<string, Usage> {
    return usageByIds(this.#deps.sql, this.#namespace, ids);
  }

  /** Judged recalls after this id, in its order, as many as fit. */
  async feedbackAfter(
    recallId: string,
    limit: number,
  ): Promise<{ records: FeedbackRecord[]; more: boolean }> {
    const slices = await this.#askBoth((reader) =>
      readOrdered(reader, {
        from: "feedback WHERE namespace = ? AND recall_id > ?",
        order: "recall_id",
        args: [this.#namespace, recallId],
        bounds: { rows: limit },
      }),
    );
    const lists = slices.map(({ rows, more }) => ({
      records: rows.map((row) => bodyOf<FeedbackRecord>(row)),
      more,
    }));
    // Behind the end of a list that goes on, that list may have records which are not read yet.
    const ends = lists.flatMap(({ records, more }) =>
      more ? (records.at(-1)?.recall_id ?? []) : [],
    );
    const end = ends.sort()[0];
    const byId = new Map(
      lists.flatMap(({ records }) => records).map((record) => [record.recall_id, record]),
    );
    const complete = [...byId.values()]
      .sort((a, b) => (a.recall_id < b.recall_id ? -1 : 1))
      .filter(({ recall_id }) => end === undefined || recall_id <= end);
    return {
      records: complete.slice(0, limit),
      more: end !== undefined || complete.length > limit,
    };
  }

  /**
   * What one engine answers: the instance when it knows the namespace, else the database, and the
   * instance again when that does not answer.
   */
  async askOne<T>(question: (reader: SqlReader) => Promise<T>): Promise<T> {
    if (this.#remote) {
      try {
        return await question(this.#remote);
      } catch (error) {
        this.#degrade(error);
      }
    }
    return question(this.#local);
  }

  /**
   * What the instance answers, and the database before it when it is needed: what comes last is
   * what counts.
   */
  async #askBoth<T>(question: (reader: SqlReader) => Promise<T>): Promise<T[]> {
    const local = await question(this.#local);
    if (!this.#remote) return [local];
    try {
      return [await question(this.#remote), local];
    } catch (error) {
      this.#degrade(error);
      return [local];
    }
  }

  async #patternRows(
    question: (reader: SqlReader) => Promise<PatternRow[]>,
  ): Promise<PatternRow[]> {
    const lists = await this.#askBoth(question);
    return [...new Map(lists.flat().map((row) => [row.id, row])).values()];
  }

  /** The question goes on without the database. Throws what is not its error. */
  #degrade(error: unknown): void {
    if (!(error instanceof DatabaseError)) throw error;
    this.#isDegraded = true;
    this.#remote = null;
  }

  #pendingDigests(ids: readonly string[]): ReturnType<typeof pendingDigests> {
    return pendingDigests(this.#deps.sql, this.#namespace, ids);
  }

  /** Recall asks for episodes and for patterns by the same text. */
  #memoOf(query: string, reader: SqlReader): SearchMemo {
    const key = `${reader === this.#local ? "instance" : "database"} ${query}`;
    const memo = this.#memos.get(key) ?? new SearchMemo();
    this.#memos.set(key, memo);
    return memo;
  }
}
