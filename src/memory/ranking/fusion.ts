/**
 * Makes one order of two orders of the same things, of which the scores cannot be compared. Pure.
 *
 * @module
 */

import type { Candidate } from "../search/index.ts";

/**
 * How slowly a place further down loses its worth. G. V. Cormack, C. L. A. Clarke, S. Büttcher,
 * "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009.
 */
const RANK_OFFSET = 60;

/**
 * What words find and what meaning finds, by reciprocal rank: scores of different scales need not
 * be compared. `text` becomes the fused score over the highest possible, 0…1; matched terms stay
 * those of the words.
 *
 * @param byWords best first
 * @param byMeaning ids of episodes, nearest first
 */
export function fuse(
  byWords: readonly Candidate[],
  byMeaning: readonly string[],
  limit: number,
): Candidate[] {
  const ranks = new Map(byMeaning.map((id, i) => [id, i]));
  const worded = new Map(byWords.map((candidate, i) => [candidate.id, { candidate, rank: i }]));
  const share = (rank: number | undefined): number =>
    rank === undefined ? 0 : 1 / (RANK_OFFSET + 1 + rank);

  return [...new Set([...worded.keys(), ...ranks.keys()])]
    .map((id): Candidate => {
      const words = worded.get(id);
      const score = share(words?.rank) + share(ranks.get(id));
      const { kind = "episode", matched_terms = [] } = words?.candidate ?? {};
      return { kind, id, score, text: (score * (RANK_OFFSET + 1)) / 2, matched_terms };
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}
