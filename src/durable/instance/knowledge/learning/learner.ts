/**
 * Takes what an episode taught into the namespace's evidence, and out again. Work is in proportion
 * to the episode. Everything here is synchronous, and belongs into a transaction.
 *
 * @module
 */

import type { CompletionView } from "../../../../contract/episodes/answers.ts";
import {
  addEvidence,
  addToDomain,
  baseRates,
  episodeDocument,
  episodesOf,
  isJudged,
  patternDocument,
  promotion,
  removeEvidence,
  removeFromDomain,
  viewPattern,
} from "../../../../memory/learning/index.ts";
import type {
  Contribution,
  Digest,
  DomainRow,
  PatternRow,
} from "../../../../memory/learning/types.ts";
import type { KnowledgeDeps } from "../deps.ts";
import { changeDigestCount, digestCount } from "../rows/namespaces.ts";
import { addPending } from "../rows/pending.ts";
import { forgetUsage } from "../rows/usage.ts";
import {
  drop,
  localBody,
  localDomains,
  localPatterns,
  writeDigest,
  writeDocuments,
  writeDomain,
  writePatterns,
} from "../rows/write.ts";
import { forgetVectors } from "../vectors/vectors.ts";

/**
 * A pattern is searchable by its text from this many episodes on; a single one is found by its
 * episode.
 */
const SEARCHABLE_EPISODES = 2;
/**
 * Episodes forgotten at once: work stays in proportion when a capacity was lowered; the next ones
 * follow.
 */
const FORGOTTEN_AT_ONCE = 20;

type CompletedPatterns = CompletionView["patterns"];

/** The patterns that a digest contributes to, none of them new. */
export function patternsOf({ contributions }: Digest): CompletedPatterns {
  return contributions.map(({ pattern_id, content }) => ({
    id: pattern_id,
    kind: content.kind,
    is_new: false,
  }));
}

/**
 * Learns a digest. The same or an older version changes nothing, a newer one replaces the earlier.
 *
 * @param tag of the namespace in the search index
 */
export function learnNow(
  deps: KnowledgeDeps,
  digest: Digest,
  tag: string,
  now: number,
): CompletedPatterns {
  const { namespace, episode_id, contributions } = digest;
  const learned = localBody<Digest>(deps.sql, "digests", namespace, episode_id);
  if (learned && learned.version >= digest.version) return patternsOf(digest);

  if (learned) takeBack(deps, learned);
  if (isJudged(digest)) {
    const domain = localBody<DomainRow>(deps.sql, "domains", namespace, digest.context.domain);
    writeDomain(deps, addToDomain(domain, digest));
  }
  const before = localPatterns(deps.sql, namespace, idsOf(contributions));
  const rows = withContributions(deps, digest, before, now);
  writePatterns(deps, rows);
  const searchable = rows.filter((row) => episodesOf(row) === SEARCHABLE_EPISODES);
  writeDocuments(deps, [
    episodeDocument(digest, tag),
    ...searchable.map((row) => patternDocument(row, tag)),
  ]);
  writeDigest(deps, digest);
  if (!learned) changeDigestCount(deps.sql, namespace, 1);

  const patterns = contributions.map(({ pattern_id, content }) => ({
    id: pattern_id,
    kind: content.kind,
    is_new: !before.has(pattern_id),
  }));
  for (const { kind, is_new } of patterns)
    if (is_new) deps.meter.count("memory_pattern_extracted_total", { kind });
  makeRoom(deps, namespace);
  return patterns;
}

/** Takes a deleted episode's evidence back. */
export function forgetNow(deps: KnowledgeDeps, namespace: string, episodeId: string): void {
  const learned = localBody<Digest>(deps.sql, "digests", namespace, episodeId);
  if (learned) {
    takeBack(deps, learned);
    drop(deps, "digests", [[namespace, episodeId]]);
    changeDigestCount(deps.sql, namespace, -1);
  }
  drop(deps, "search_docs", [[namespace, "episode", episodeId]]);
  forgetVectors(deps, namespace, episodeId);
  forgetUsage(deps.sql, namespace, episodeId);
}

/** Keeps a digest that cannot be learned yet, and makes it searchable at once. */
export function learnLater(deps: KnowledgeDeps, digest: Digest, tag: string): void {
  const { namespace, episode_id } = digest;
  addPending(deps.sql, namespace, { episode_id, digest });
  writeDocuments(deps, [episodeDocument(digest, tag)]);
}

/**
 * Forgets an episode when its namespace is loaded. It is not found any more, but its digest stays
 * until all is here that its evidence must be taken back from.
 */
export function forgetLater(deps: KnowledgeDeps, namespace: string, episodeId: string): void {
  drop(deps, "search_docs", [[namespace, "episode", episodeId]]);
  addPending(deps.sql, namespace, { episode_id: episodeId, digest: null });
}

function idsOf(contributions: readonly Contribution[]): string[] {
  return contributions.map(({ pattern_id }) => pattern_id);
}

/** The patterns of a digest as they are with its evidence. */
function withContributions(
  deps: KnowledgeDeps,
  digest: Digest,
  before: ReadonlyMap<string, PatternRow>,
  now: number,
): PatternRow[] {
  const base = baseRates(localDomains(deps.sql, digest.namespace), now);
  return digest.contributions.map((contribution) => {
    const row = addEvidence(before.get(contribution.pattern_id) ?? null, digest, contribution);
    return { ...row, promoted: promotion(row, viewPattern(row, base, now)) };
  });
}

/**
 * Forgets what is least relevant beyond the capacity: it is no longer recalled and its evidence is
 * taken back. The episode itself stays in the database until it is deleted.
 */
function makeRoom(deps: KnowledgeDeps, namespace: string): void {
  const excess = digestCount(deps.sql, namespace) - deps.capacity();
  if (excess <= 0) return;
  const least = deps.sql.all<{ episode_id: string }>(
    "SELECT episode_id FROM digests WHERE namespace = ? ORDER BY relevance, episode_id LIMIT ?",
    namespace,
    Math.min(FORGOTTEN_AT_ONCE, excess),
  );
  for (const { episode_id } of least) forgetNow(deps, namespace, episode_id);
  deps.log({ event: "episodes_forgotten", level: "info", count: least.length });
}

/** Takes the evidence of a learned digest out of its domain and its patterns. */
function takeBack(deps: KnowledgeDeps, digest: Digest): void {
  const { namespace, contributions } = digest;
  takeBackDomain(deps, digest);

  const rows = localPatterns(deps.sql, namespace, idsOf(contributions));
  const left: PatternRow[] = [];
  const gone: string[] = [];
  const unsearchable: string[] = [];
  for (const contribution of contributions) {
    const row = rows.get(contribution.pattern_id);
    if (!row) continue;
    const rest = removeEvidence(row, digest, contribution);
    if (rest) left.push(rest);
    else gone.push(row.id);
    if (!rest || episodesOf(rest) === SEARCHABLE_EPISODES - 1) unsearchable.push(row.id);
  }

  writePatterns(deps, left);
  drop(
    deps,
    "patterns",
    gone.map((id) => [namespace, id]),
  );
  drop(
    deps,
    "search_docs",
    unsearchable.map((id) => [namespace, "pattern", id]),
  );
}

function takeBackDomain(deps: KnowledgeDeps, digest: Digest): void {
  const { namespace, context } = digest;
  const row = localBody<DomainRow>(deps.sql, "domains", namespace, context.domain);
  if (!row || !isJudged(digest)) return;
  const rest = removeFromDomain(row, digest);
  if (rest) writeDomain(deps, rest);
  else drop(deps, "domains", [[namespace, context.domain]]);
}
