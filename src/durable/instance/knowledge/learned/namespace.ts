/**
 * Holds what was learned of one namespace, in memory as far as it is used, and in rows. Learning
 * stores an episode's digest; all else that follows from it is changed in memory, and stored for
 * many episodes at once by a checkpoint. What was learned since the last one is done again when the
 * namespace is opened: it follows from the digests, in whatever order they come.
 *
 * Synchronous. What changes something belongs into a transaction; when that is taken back, this
 * object is thrown away and opened anew.
 *
 * @module
 */

import {
  addEvidence,
  addToDomain,
  applyFeedback,
  baseRates,
  episodesOf,
  episodeTexts,
  identifiedContributions,
  isJudged,
  isNewer,
  packDigest,
  packedAlike,
  patternTexts,
  promotion,
  promotionAnew,
  relevanceKey,
  removeEvidence,
  removeFromDomain,
  type BaseRates,
  type IdentifiedContribution,
  type StoredDigest,
} from "../../../../memory/learning/index.ts";
import type { Digest, DomainRow, PatternRow } from "../../../../memory/learning/types.ts";
import {
  distinctTerms,
  documentTerms,
  indexedDocument,
  TermIndex,
  type DocumentTerms,
  type SearchedDocuments,
} from "../../../../memory/search/index.ts";
import type { HoldoutSums } from "../../../../memory/holdout/index.ts";
import type { LocalSql } from "../../../../storage/index.ts";
import { UNUSED, usageByIds, usageOf } from "../rows/usage.ts";
import { Digests, type DigestsDeps, type NumberedDigest } from "./digests.ts";
import { Domains } from "./domains.ts";
import { kindOf, readDocuments, type FoundLearned } from "./found.ts";
import { withEpisode, withoutEpisode, type Head } from "./head.ts";
import { LearnedLog, type JudgedUse } from "./log.ts";
import {
  codeOf,
  Patterns,
  type ChangedPatterns,
  type NumberedPattern,
  type PatternsDeps,
} from "./patterns.ts";
import { Segments, type SegmentsDeps } from "./segments.ts";
import type { FormerStanding } from "./standings.ts";

/**
 * A pattern is searchable by its text from this many episodes on; a single one is found by its
 * episode.
 */
const SEARCHABLE_EPISODES = 2;
/** Episodes that came or went since the last checkpoint, from which on one is due. */
const CHECKPOINT_EPISODES = 128;
/** A checkpoint that waits for the alarm is made at once after this many times as many. */
const CHECKPOINT_LATE = 4;
/** Terms that are merged at once: about a tenth of a second. */
const MERGED_TERMS = 20_000;

export interface LearnedDeps {
  sql: LocalSql;
  digests: DigestsDeps;
  patterns: PatternsDeps;
  segments: SegmentsDeps;
  /** ms since the epoch. */
  now: () => number;
}

/** A pattern that an episode showed. */
export interface ShownPattern {
  row: PatternRow;
  isNew: boolean;
  isPromoted: boolean;
}

export class LearnedNamespace {
  readonly namespace: string;
  readonly number: number;
  readonly digests: Digests;
  readonly patterns: Patterns;
  readonly #sql: LocalSql;
  readonly #segments: Segments;
  readonly #index: TermIndex;
  readonly #domains: Domains;
  #head: Head;
  readonly #log: LearnedLog;
  /** The highest number of a digest. */
  #last: number;

  /** @param head as it is stored */
  constructor(deps: LearnedDeps, namespace: string, number: number, head: Head) {
    this.#log = new LearnedLog(deps.sql, namespace, number);
    this.namespace = namespace;
    this.number = number;
    this.#sql = deps.sql;
    this.#head = { ...head };
    this.#last = head.sealed;
    this.digests = new Digests(deps.digests, namespace, number);
    this.patterns = new Patterns(deps.patterns, namespace, number);
    this.#segments = new Segments(deps.segments, number);
    this.#index = new TermIndex(this.#segments.all);
    this.#domains = new Domains(deps.sql, number);
    this.#replay(deps.now());
  }

  /** Episodes that are learned. */
  get episodes(): number {
    return this.#head.digests;
  }

  /** What the groups of the hold-out came to, by share. */
  get holdout(): readonly HoldoutSums[] {
    return this.#head.holdout ?? [];
  }

  /** Whether much was learned since the last checkpoint. */
  get isCheckpointDue(): boolean {
    return this.#changes() >= CHECKPOINT_EPISODES;
  }

  /** Whether so much was learned that opening the namespace again would take long. */
  get isCheckpointOverdue(): boolean {
    return this.#changes() >= CHECKPOINT_LATE * CHECKPOINT_EPISODES;
  }

  /** Whether anything was learned since the last checkpoint. */
  get isChanged(): boolean {
    return this.#changes() > 0;
  }

  get isMergeDue(): boolean {
    return this.#segments.isMergeDue;
  }

  /** By domain. */
  get domains(): ReadonlyMap<string, DomainRow> {
    return this.#domains.all;
  }

  baseRates(now: number): BaseRates {
    return baseRates([...this.#domains.all.values()], now);
  }

  /** For the search: episodes and patterns share one index. */
  get searched(): SearchedDocuments<FoundLearned> {
    return {
      index: this.#index,
      count: (kind) => (kind === "episode" ? this.#head.digests : this.#head.patterns),
      kindOf,
      read: (documents) => readDocuments(this, documents),
    };
  }

  /**
   * Learns a digest. The same or an older version changes nothing, a newer one replaces the
   * earlier, and so does one of a newer format. null: it changes nothing of what was learned.
   *
   * @param isUnknown as `unknownAmong` says
   */
  learn(digest: Digest, now: number, isUnknown = false): ShownPattern[] | null {
    const before = isUnknown ? null : this.digests.byEpisode(digest.episode_id);
    if (before && (!isNewer(digest, before.digest) || this.#renew(before, digest))) return null;
    if (before) this.#takeBack(before);

    const number = ++this.#last;
    const contributions = identifiedContributions(this.namespace, digest);
    const present = this.#presentOf(contributions);
    const numbers = contributions.map(
      ({ id }) => present.get(id)?.number ?? this.#head.nextPattern++,
    );
    const terms = documentTerms(episodeTexts(digest));
    const body = packDigest(digest, { document: indexedDocument(terms), patterns: numbers });
    const relevance = isUnknown ? relevanceKey(digest, UNUSED) : this.#relevanceOf(digest);
    this.digests.add(number, digest.episode_id, relevance, body);
    this.#addTerms(number, terms);
    return this.#count(digest, contributions, { present, numbers }, now);
  }

  /** Those of these episodes that were not learned, and of which no recall was judged. */
  unknownAmong(episodes: readonly string[]): Set<string> {
    const learned = this.digests.numbersOf(episodes);
    const judged = usageByIds(this.#sql, this.namespace, episodes);
    return new Set(episodes.filter((id) => !learned.has(id) && !judged.has(id)));
  }

  /** Takes a deleted episode's evidence back. False: it was not learned. */
  forget(episode: string): boolean {
    const learned = this.digests.byEpisode(episode);
    if (!learned) return false;
    this.#takeBack(learned);
    return true;
  }

  /** The least relevant episodes beyond a capacity, at most this many. */
  excess(capacity: number, limit: number): string[] {
    const excess = this.#head.digests - capacity;
    return excess <= 0 ? [] : this.digests.leastRelevant(Math.min(limit, excess));
  }

  /** Counts a judged use (sign 1), or takes it back (−1). */
  judge(use: JudgedUse, sign: 1 | -1): void {
    this.#judged(use, sign);
    this.#log.judged(use, sign, this.#last);
    const numbers = [...this.digests.numbersOf(use.episodes).values()];
    for (const { number, digest } of this.digests.byNumbers(numbers))
      this.digests.setRelevance(number, this.#relevanceOf(digest));
  }

  /**
   * Decides again whether stored patterns are heuristics. A checkpoint must follow in the same
   * transaction: it does not follow from digests.
   *
   * @param former what they were before, as far as it is known
   */
  decideAgain(codes: readonly number[], former: readonly FormerStanding[], now: number): void {
    const base = this.baseRates(now);
    const byCode = Map.groupBy(former, ({ code }) => code);
    for (const { number, row } of this.patterns.byCodes(codes)) {
      const promoted = promotionAnew(row, byCode.get(codeOf(row.id)) ?? [], base, now);
      if (promoted !== row.promoted) this.patterns.set(number, { ...row, promoted });
    }
  }

  /** Stores what follows from the digests. Returns the patterns that changed. */
  checkpoint(): ChangedPatterns {
    const isFirst = this.#head.sealed === 0;
    const sealed = this.#index.tailDocuments;
    this.#segments.seal(this.#index.tailEntries(), sealed);
    this.#index.replace(this.#segments.all, true);
    const changed = this.patterns.checkpoint();
    this.#domains.checkpoint();
    this.#log.clear();
    this.#head = { ...this.#head, sealed: this.#last };
    this.#sql.run(
      "UPDATE learned_namespaces SET head = ? WHERE number = ?",
      JSON.stringify(this.#head),
      this.number,
    );
    return isFirst ? { ...changed, isAnew: true } : changed;
  }

  /** No digest is of a lower format; a checkpoint must follow in the same transaction. */
  isOfFormat(format: number): void {
    this.#head.format = format;
  }

  /** Goes on merging segments. */
  merge(): void {
    if (this.#segments.merge(MERGED_TERMS)) this.#index.replace(this.#segments.all, false);
  }

  #changes(): number {
    return this.#last - this.#head.sealed + this.#log.length;
  }

  /** Does again what was done since the last checkpoint, in the order in which it was done. */
  #replay(now: number): void {
    const { sealed } = this.#head;
    const log = this.#log.read((text) => text);
    // What was learned since, and taken back again: it had its part in what came between.
    const gone = log.flatMap((entry): NumberedDigest[] =>
      entry.kind === "forget" && entry.number > sealed ? [entry] : [],
    );
    const learned = [...this.digests.after(sealed), ...gone].sort((a, b) => a.number - b.number);

    let done = 0;
    const undoUntil = (number: number): void => {
      for (let entry = log[done]; entry && entry.after < number; entry = log[++done])
        if (entry.kind === "judge") this.#judged(entry.use, entry.sign);
        else this.#uncount(entry.number, entry.digest);
    };
    for (const digest of learned) {
      undoUntil(digest.number);
      this.#relearn(digest, now);
    }
    undoUntil(Number.POSITIVE_INFINITY);
  }

  /** Counts again what a stored digest shows. */
  #relearn({ number, digest }: NumberedDigest, now: number): void {
    this.#last = number;
    const whole = digest.unpacked();
    const contributions = identifiedContributions(this.namespace, whole);
    const numbers = digest.patterns;
    this.#head.nextPattern = Math.max(this.#head.nextPattern, 1 + Math.max(0, ...numbers));
    this.#addTerms(number, documentTerms(episodeTexts(whole)));
    const present = this.#presentOf(contributions);
    this.#count(whole, contributions, { present, numbers }, now);
  }

  /**
   * Counts what an episode shows, in memory.
   *
   * @param present the patterns that are there before, by id
   * @param numbers of the patterns of the contributions
   */
  #count(
    digest: Digest,
    contributions: readonly IdentifiedContribution[],
    {
      present,
      numbers,
    }: { present: ReadonlyMap<string, NumberedPattern>; numbers: readonly number[] },
    now: number,
  ): ShownPattern[] {
    this.#head = withEpisode(this.#head, digest);
    if (isJudged(digest))
      this.#domains.set(digest.context.domain, addToDomain(this.#domainOf(digest), digest));
    const base = this.baseRates(now);

    return contributions.map((contribution, i): ShownPattern => {
      const known = present.get(contribution.id);
      const number = known?.number ?? numbers[i] ?? 0;
      const row = addEvidence(known?.row ?? null, digest, contribution);
      const promoted = promotion(row, base, now);
      const next = promoted === row.promoted ? row : { ...row, promoted };
      this.patterns.set(number, next);
      if (episodesOf(next) === SEARCHABLE_EPISODES) this.#find(number, next, true);
      return { row: next, isNew: known === undefined, isPromoted: promoted && !row.promoted };
    });
  }

  /** Takes back what an episode showed, in memory. */
  #uncount(number: number, digest: StoredDigest): void {
    const whole = digest.unpacked();
    this.#head = withoutEpisode(this.#head, digest);
    this.#index.remove(2 * number, distinctTerms(documentTerms(episodeTexts(whole))));
    const domain = this.#domainOf(digest);
    if (domain && isJudged(digest))
      this.#domains.set(digest.context.domain, removeFromDomain(domain, whole));

    const contributions = identifiedContributions(this.namespace, digest);
    const present = this.#presentOf(contributions);
    for (const contribution of contributions) {
      const known = present.get(contribution.id);
      if (!known) continue;
      const rest = removeEvidence(known.row, whole, contribution);
      if (episodesOf(known.row) === SEARCHABLE_EPISODES) this.#find(known.number, known.row, false);
      if (rest) this.patterns.set(known.number, rest);
      else this.patterns.remove(known.number, known.row);
    }
  }

  /** Whether a newer digest teaches the same: then it takes the place of the one before. */
  #renew({ number, digest: before }: NumberedDigest, digest: Digest): boolean {
    const body = packedAlike(digest, before);
    if (body) this.digests.set(number, digest.episode_id, this.#relevanceOf(digest), body);
    return body !== null;
  }

  #takeBack(learned: NumberedDigest): void {
    this.#uncount(learned.number, learned.digest);
    this.digests.remove(learned.number);
    // Until the next checkpoint the rows have what is gone here.
    this.#log.forgot(learned, this.#last);
  }

  #judged({ patterns, ...use }: JudgedUse, sign: 1 | -1): void {
    for (const { number, row } of this.patterns.byIds(patterns).values())
      this.patterns.set(number, applyFeedback(row, use, sign));
  }

  #domainOf({ context }: Pick<Digest, "context">): DomainRow | null {
    return this.#domains.all.get(context.domain) ?? null;
  }

  #presentOf(contributions: readonly IdentifiedContribution[]): Map<string, NumberedPattern> {
    return this.patterns.byIds(contributions.map(({ id }) => id));
  }

  #relevanceOf(digest: Digest | StoredDigest): number {
    return relevanceKey(digest, usageOf(this.#sql, this.namespace, digest.episode_id));
  }

  #addTerms(number: number, terms: DocumentTerms): void {
    this.#index.add(2 * number, distinctTerms(terms));
  }

  /** Makes a pattern searchable, or no longer. */
  #find(number: number, { content }: PatternRow, isFound: boolean): void {
    const terms = distinctTerms(documentTerms(patternTexts(content)));
    this.#head.patterns += isFound ? 1 : -1;
    if (isFound) this.#index.add(2 * number + 1, terms);
    else this.#index.remove(2 * number + 1, terms);
  }
}
