/**
 * Reads what was learned of a namespace, for one question: what its words find, with the digests
 * and patterns that belong to it. A source is for one question, and reads only. While the namespace
 * is being loaded it has what is here so far, and says how much of it that is.
 *
 * @module
 */

import type { PatternKind } from "../../../contract/patterns.ts";
import type { ArchivedChoice } from "../../../contract/vocabulary.ts";
import type { Ablations } from "../../../memory/ablations.ts";
import type { HoldoutSums } from "../../../memory/holdout/index.ts";
import {
  baseRates,
  episodesOf,
  type BaseRates,
  type StoredDigest,
} from "../../../memory/learning/index.ts";
import type { DomainRow } from "../../../memory/learning/types.ts";
import {
  findCandidates,
  Query,
  type Candidate,
  type SearchedDocuments,
} from "../../../memory/search/index.ts";
import type { Meant } from "../../../memory/ranking/index.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { withDeadline } from "../../../util/deadline.ts";
import type { Curation } from "./curated/curation.ts";
import type { CuratedRows } from "./curated/curated-rows.ts";
import type { CuratedViews } from "./curated/views.ts";
import type { LessonBook } from "./curated/lesson-book.ts";
import type { KnowledgeDeps } from "./deps.ts";
import { admittedIn } from "./learned/found.ts";
import type { LearnedNamespace } from "./learned/namespace.ts";
import type { NumberedPattern, Patterns } from "./learned/patterns.ts";
import type { Loader } from "./loading/loader.ts";
import type { Loading } from "./loading/loading.ts";
import { usageByIds, type Usage } from "./rows/usage.ts";
import { Refused } from "../../shared/refusals.ts";
import type { Vectors } from "./vectors/vectors.ts";

/** Patterns that one lookup by what comes before gives at most. */
const LOOKUP_MAX = 200;

/** How long a question waits for what people decided, ms. */
const CURATED_MS = 1_000;

/** What a question's words found, with what it is. */
export interface Found extends Candidate {
  digest?: StoredDigest;
  pattern?: NumberedPattern;
}

/** The tools of a run, in their order, and where it was. */
interface PlaybookPath {
  domain: string;
  tools: string[];
}

export interface SourceOptions {
  deps: KnowledgeDeps;
  namespace: string;
  /** null: nothing was learned of it here. */
  learned: LearnedNamespace | null;
  /** The share of the namespace's episodes that is here, 0…1. */
  share: number;
  /** The rest could not be read. */
  degraded: boolean;
  /**
   * The episodes whose task means nearly the same; none without a provider of vectors.
   */
  nearest: (task: string) => Promise<Meant[]>;
  /** What people decided. */
  curation: Curation;
  /** The lessons; none while they are not here. */
  book: LessonBook;
  /** That of what people decided and of the lessons. */
  curatedRevision: symbol;
}

export class Source {
  readonly namespace: string;
  readonly share: number;
  readonly degraded: boolean;
  readonly nearest: (task: string) => Promise<Meant[]>;
  readonly curation: Curation;
  readonly book: LessonBook;
  /**
   * What this source reads is the same where these are: of digests and of patterns (undefined:
   * nothing was learned), and of lessons, their evidence and what people decided.
   */
  readonly revisions: readonly (symbol | undefined)[];
  readonly #deps: KnowledgeDeps;
  readonly #learned: LearnedNamespace | null;
  readonly #queries = new Map<string, Query>();

  constructor({ deps, namespace, learned, share, degraded, ...options }: SourceOptions) {
    this.#deps = deps;
    this.namespace = namespace;
    this.#learned = learned;
    this.share = share;
    this.degraded = degraded;
    this.nearest = options.nearest;
    this.curation = options.curation;
    this.book = options.book;
    const { digests, patterns } = learned ?? {};
    this.revisions = [digests?.revision, patterns?.revision, options.curatedRevision];
  }

  get ablations(): Ablations {
    return this.#deps.ablations;
  }

  /**
   * What the words of a text find, best first.
   *
   * @param kind undefined: of both kinds
   * @param archived whether archived episodes are wanted; undefined: they are not
   */
  candidates(
    text: string,
    kind: Candidate["kind"] | undefined,
    limit: number,
    archived?: ArchivedChoice,
  ): Found[] {
    if (!this.#learned) return [];
    const { searched, digests } = this.#learned;
    const isAdmitted = admittedIn(digests, archived);
    const options = {
      limit,
      isAdmitted,
      ablations: this.#deps.ablations,
      ...(kind ? { kind } : {}),
    };
    const found = findCandidates(searched, this.#queryOf(searched, text), options);
    return found.filter(({ pattern }) => !pattern || this.#allows(pattern));
  }

  /** The digests of these episodes, by their ids. */
  digests(ids: readonly string[]): Map<string, StoredDigest> {
    if (!this.#learned || ids.length === 0) return new Map();
    const { digests } = this.#learned;
    const found = digests.byNumbers([...digests.numbersOf(ids).values()]);
    return new Map(found.map(({ digest }) => [digest.episode_id, digest]));
  }

  /** The digests that were learned last, so many at most; without those of archived episodes. */
  newest(limit: number): StoredDigest[] {
    const digests: StoredDigest[] = [];
    for (const { digest } of this.#learned?.digests.newest(null, true) ?? []) {
      if (digests.length >= limit) break;
      digests.push(digest);
    }
    return digests;
  }

  /** The run that a playbook was taken from; null: it is gone. @param id `pb-` and the episode's */
  playbookPath(id: string): PlaybookPath | null {
    if (!id.startsWith("pb-")) return null;
    const episode = id.slice(3);
    const digest = this.digests([episode]).get(episode);
    if (!digest) return null;
    return { domain: digest.context.domain, tools: digest.path.map(({ tool }) => tool) };
  }

  /** All patterns, stored as they are: what changed in memory is stored for it. null: none. */
  stored(): Patterns | null {
    const { transaction, learned } = this.#deps;
    return transaction(() => {
      // What this source was opened with may have been taken back with another transaction.
      const open = learned.of(this.namespace);
      if (open?.isChanged) learned.checkpoint(open);
      return open?.patterns ?? null;
    });
  }

  /** By number, those that may be shown; in the order that is asked for. */
  patterns(numbers: readonly number[]): NumberedPattern[] {
    return this.#allowed(this.#learned?.patterns.byNumbers(numbers) ?? []);
  }

  /** Those that may not be shown included. */
  patternsByIds(ids: readonly string[]): Map<string, NumberedPattern> {
    return this.#learned?.patterns.byIds(ids) ?? new Map<string, NumberedPattern>();
  }

  /**
   * Patterns of a kind by what comes before, those of most support; at most 200. Tool sequences are
   * counted from, so those that may not be shown are among them.
   */
  patternsAfter(kind: PatternKind, prefixes: readonly string[]): NumberedPattern[] {
    const found = this.#learned?.patterns.withPrefixes(kind, prefixes) ?? [];
    return bySupport(kind === "tool_sequence" ? found : this.#allowed(found));
  }

  /** The ways out of any error of this tool, by support; at most 200. */
  recoveriesOf(tool: string): NumberedPattern[] {
    return bySupport(this.#allowed(this.#learned?.patterns.ofGroup("error_recovery", tool) ?? []));
  }

  domains(): DomainRow[] {
    return [...(this.#learned?.domains.values() ?? [])];
  }

  /** What the groups of the hold-out came to, by share. */
  get holdout(): readonly HoldoutSums[] {
    return this.#learned?.holdout ?? [];
  }

  baseRates(now: number): BaseRates {
    return baseRates(this.domains(), now);
  }

  /** This object's own SQLite. */
  get sql(): LocalSql {
    return this.#deps.sql;
  }

  /** How the recalls of these episodes were judged, as far as this instance knows. */
  usage(ids: readonly string[]): Map<string, Usage> {
    return usageByIds(this.#deps.sql, this.namespace, ids);
  }

  #allowed(patterns: NumberedPattern[]): NumberedPattern[] {
    return patterns.filter((pattern) => this.#allows(pattern));
  }

  #allows({ row }: NumberedPattern): boolean {
    return this.curation.allows("pattern", row.id);
  }

  /** Recall asks for episodes and for patterns by the same text. */
  #queryOf(searched: SearchedDocuments, text: string): Query {
    const query = this.#queries.get(text) ?? new Query(searched.index, text);
    this.#queries.set(text, query);
    return query;
  }
}

function bySupport(patterns: NumberedPattern[]): NumberedPattern[] {
  return patterns
    .sort((a, b) => episodesOf(b.row) - episodesOf(a.row) || (a.row.id < b.row.id ? -1 : 1))
    .slice(0, LOOKUP_MAX);
}

/** What people decided, where it is stored and as it is applied. */
interface CuratedParts {
  rows: CuratedRows;
  views: CuratedViews;
}

interface SourcesParts {
  loader: Loader;
  loading: Loading;
  vectors: Vectors;
  curated: CuratedParts;
}

/** Opens the source of a namespace for a question about it. */
export class Sources {
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #loading: Loading;
  readonly #vectors: Vectors;
  readonly #curated: CuratedParts;

  constructor(deps: KnowledgeDeps, { loader, loading, vectors, curated }: SourcesParts) {
    this.#deps = deps;
    this.#loader = loader;
    this.#loading = loading;
    this.#vectors = vectors;
    this.#curated = curated;
  }

  /** A source for one question. Throws `Moved`. */
  async of(namespace: string, now: number): Promise<Source> {
    const state = this.#loader.ensure(namespace, now);
    const { rows, views } = this.#curated;
    let view = views.ifHere(namespace);
    if (!view || state === "loading") {
      const read = withDeadline(rows.tryLoad(namespace), CURATED_MS, () => undefined);
      if (state === "loading") await this.#loading.forQuestion(namespace);
      await read;
      view = views.of(namespace);
    }
    const { curation, book, revision: curatedRevision } = view;
    return new Source({
      deps: this.#deps,
      namespace,
      learned: this.#deps.learned.of(namespace),
      share: this.#loader.share(namespace),
      degraded: this.#loader.isFailing(namespace),
      nearest: (task) => this.#vectors.nearest(namespace, task, now),
      curation,
      book,
      curatedRevision,
    });
  }

  /** For what only a loaded namespace can do. Throws `Refused` while it is not, and `Moved`. */
  async mustBeLoaded(namespace: string, now: number): Promise<void> {
    if (this.#loader.ensure(namespace, now) === "loading")
      await this.#loading.forQuestion(namespace);
    if (this.#loader.isReady(namespace)) return;
    throw new Refused("not_ready", "The namespace is being loaded. Try again in a moment.", {
      retry_after_s: 2,
    });
  }
}
