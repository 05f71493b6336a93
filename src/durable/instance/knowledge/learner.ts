/**
 * Takes what an episode taught into the namespace's evidence, and out again. Work is in proportion
 * to the episode.
 *
 * @module
 */

import {
  addEvidence,
  addToDomain,
  baseRates,
  promotion,
  removeEvidence,
  removeFromDomain,
  viewPattern,
} from "../../../memory/learning/index.ts";
import type { Digest, DomainRow, PatternRow } from "../../../memory/learning/types.ts";
import type { CompletionView } from "../../../contract/operations.ts";
import { episodeDocument, patternDocument } from "../../../memory/text/index.ts";
import type { KnowledgeDeps } from "./deps.ts";
import { forgetVectors } from "./vectors/vectors.ts";
import { takeSlice } from "../../../storage/index.ts";
import {
  DOMAINS,
  drop,
  localBody,
  localPatterns,
  writeDigest,
  writeDocuments,
  writeDomain,
  writePatterns,
} from "./rows.ts";

/**
 * A pattern is searchable by its text from this many episodes on; a single one is found by its
 * episode.
 */
const SEARCHABLE_EPISODES = 2;

/** The patterns that a digest contributes to, none of them new. */
export function patternsOf(digest: Digest): CompletionView["patterns"] {
  return digest.contributions.map(({ pattern_id, content }) => ({
    id: pattern_id,
    kind: content.kind,
    is_new: false,
  }));
}

/**
 * Learns a digest; in a transaction. The same or an older version changes nothing, a newer one
 * replaces the earlier.
 */
export function learnNow(
  deps: KnowledgeDeps,
  digest: Digest,
  tag: string,
  now: number,
): CompletionView["patterns"] {
  const { namespace, episode_id } = digest;
  const known = localBody<Digest>(deps.sql, "digests", namespace, episode_id);
  if (known && known.version >= digest.version) return patternsOf(digest);
  if (known) takeBack(deps, known);
  const domain = localBody<DomainRow>(deps.sql, "domains", namespace, digest.context.domain);
  if (digest.success + digest.failure > 0) writeDomain(deps, addToDomain(domain, digest));

  const before = localPatterns(
    deps.sql,
    namespace,
    digest.contributions.map((contribution) => contribution.pattern_id),
  );
  const base = baseRates(domainRows(deps, namespace), now, deps.settings);
  const rows = digest.contributions.map((contribution): PatternRow => {
    const row = addEvidence(before.get(contribution.pattern_id) ?? null, digest, contribution);
    return {
      ...row,
      promoted: promotion(row, viewPattern(row, base, now, deps.settings), deps.settings),
    };
  });
  writePatterns(deps, rows);
  const searchable = rows.filter((row) => episodesOf(row) === SEARCHABLE_EPISODES);
  writeDocuments(deps, [
    episodeDocument(digest, tag),
    ...searchable.map((row) => patternDocument(row, tag)),
  ]);
  writeDigest(deps, digest);
  if (!known) count(deps, namespace, 1);
  for (const { pattern_id, content } of digest.contributions) {
    if (!before.has(pattern_id))
      deps.meter.count("memory_pattern_extracted_total", { kind: content.kind });
  }
  makeRoom(deps, namespace);
  return digest.contributions.map(({ pattern_id, content }) => ({
    id: pattern_id,
    kind: content.kind,
    is_new: !before.has(pattern_id),
  }));
}

/** Takes a deleted episode's evidence back; in a transaction. */
export function forgetNow(deps: KnowledgeDeps, namespace: string, episodeId: string): void {
  const known = localBody<Digest>(deps.sql, "digests", namespace, episodeId);
  if (known) {
    takeBack(deps, known);
    drop(deps, "digests", [[namespace, episodeId]]);
    count(deps, namespace, -1);
  }
  drop(deps, "search_docs", [[namespace, "episode", episodeId]]);
  forgetVectors(deps, namespace, episodeId);
  deps.sql.run(
    "DELETE FROM knowledge_usage WHERE namespace = ? AND episode_id = ?",
    namespace,
    episodeId,
  );
}

/**
 * Episodes forgotten at once: work stays in proportion when a capacity was lowered; the next ones
 * follow.
 */
const FORGOTTEN_AT_ONCE = 20;

/**
 * Forgets what is least relevant beyond the capacity: it is no longer recalled and its evidence is
 * taken back. The episode itself stays in the database until it is deleted.
 */
function makeRoom(deps: KnowledgeDeps, namespace: string): void {
  const [row] = deps.sql.all<{ digests: number }>(
    "SELECT digests FROM knowledge_namespaces WHERE namespace = ?",
    namespace,
  );
  const excess = Math.min(FORGOTTEN_AT_ONCE, (row?.digests ?? 0) - deps.capacity());
  if (excess <= 0) return;
  const least = deps.sql.all<{ episode_id: string }>(
    "SELECT episode_id FROM digests WHERE namespace = ? ORDER BY relevance, episode_id LIMIT ?",
    namespace,
    excess,
  );
  for (const { episode_id } of least) forgetNow(deps, namespace, episode_id);
  deps.log({ event: "episodes_forgotten", level: "info", count: least.length });
}

function count(deps: KnowledgeDeps, namespace: string, change: 1 | -1): void {
  deps.sql.run(
    "UPDATE knowledge_namespaces SET digests = digests + ? WHERE namespace = ?",
    change,
    namespace,
  );
}

function takeBack(deps: KnowledgeDeps, digest: Digest): void {
  const { namespace } = digest;
  const domain = localBody<DomainRow>(deps.sql, "domains", namespace, digest.context.domain);
  if (domain && digest.success + digest.failure > 0) {
    const rest = removeFromDomain(domain, digest);
    if (rest) writeDomain(deps, rest);
    else drop(deps, "domains", [[namespace, digest.context.domain]]);
  }
  const rows = localPatterns(
    deps.sql,
    namespace,
    digest.contributions.map((contribution) => contribution.pattern_id),
  );
  const kept: PatternRow[] = [];
  const gone: string[] = [];
  const unsearchable: string[] = [];
  for (const contribution of digest.contributions) {
    const row = rows.get(contribution.pattern_id);
    if (!row) continue;
    const rest = removeEvidence(row, digest, contribution);
    if (rest) kept.push(rest);
    else gone.push(row.id);
    if (!rest || episodesOf(rest) === SEARCHABLE_EPISODES - 1) unsearchable.push(row.id);
  }
  writePatterns(deps, kept);
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

function domainRows(deps: KnowledgeDeps, namespace: string): DomainRow[] {
  const rows = deps.sql.each<{ body: string }>(
    "SELECT body FROM domains WHERE namespace = ? ORDER BY domain",
    namespace,
  );
  return takeSlice(rows, DOMAINS).rows.map((row) => JSON.parse(row.body) as DomainRow);
}

function episodesOf(row: PatternRow): number {
  return row.buckets.reduce((sum, bucket) => sum + bucket.episodes, 0);
}

/** Keeps a digest that cannot be learned yet, and makes it searchable at once; in a transaction. */
export function postpone(deps: KnowledgeDeps, digest: Digest, tag: string): void {
  deps.sql.run(
    "INSERT OR REPLACE INTO knowledge_pending (namespace, episode_id, body) VALUES (?, ?, ?)",
    digest.namespace,
    digest.episode_id,
    JSON.stringify(digest),
  );
  writeDocuments(deps, [episodeDocument(digest, tag)]);
}
