/**
 * Finds the episodes that are like a task, by its words and, with a provider of vectors, by its
 * meaning; and describes where the agent stands that asks.
 *
 * @module
 */

import type { RecallInput } from "../../../../contract/recall/requests.ts";
import {
  taskCoverage,
  unvisitedIds,
  type SimilarEpisode,
  type Situation,
} from "../../../../memory/learning/index.ts";
import { fuse, RelevanceFloor } from "../../../../memory/ranking/index.ts";
import type { Candidate } from "../../../../memory/search/index.ts";
import type { StoredDigest } from "../../../../memory/learning/index.ts";
import type { Source } from "../source.ts";

/** The question of an agent that is about to act, or has begun to. */
export type TaskQuestion = Pick<RecallInput, "task" | "context" | "recent_steps">;

/** An episode as the search found it. */
export interface FoundEpisode extends SimilarEpisode {
  digest: StoredDigest;
  candidate: Candidate;
}

/** Everything that the task finds, best first. Nothing is left out for being too unlike. */
export async function similarEpisodes(
  source: Source,
  task: string,
  limit: number,
): Promise<FoundEpisode[]> {
  const byWords = source.candidates(task, "episode", limit);
  const byMeaning = await source.nearest(task);
  const candidates = byMeaning.length === 0 ? byWords : fuse(byWords, byMeaning, limit);
  const worded = new Map(byWords.map(({ id, digest }) => [id, digest]));
  const others = source.digests(byMeaning.flatMap(({ id }) => (worded.has(id) ? [] : [id])));
  return candidates.flatMap((candidate) => {
    const digest = worded.get(candidate.id) ?? others.get(candidate.id);
    return digest ? [{ candidate, digest, similarity: candidate.text }] : [];
  });
}

/** Below which match what was found has nothing to do with the question. */
export function relevanceFloor(
  { task, context: { domain } }: Pick<TaskQuestion, "task" | "context">,
  found: readonly FoundEpisode[],
): RelevanceFloor {
  return new RelevanceFloor(
    task,
    found.map(({ candidate, digest }) => ({
      text: candidate.text,
      inOneField: candidate.inOneField,
      isMeant: candidate.isMeant ?? false,
      isOfDomain: !!domain && digest.context.domain === domain,
    })),
  );
}

/** What was covered is known where all answers were told; what the last one added, by itself. */
function coverageOf(task: string, answers: readonly (string | null)[]): Situation["coverage"] {
  const { fresh, covered } = taskCoverage(task, answers).at(-1) ?? { fresh: 0, covered: 0 };
  return {
    fresh: answers.at(-1) === null ? null : fresh,
    covered: answers.includes(null) ? null : covered,
  };
}

export function situationOf({ task, context, recent_steps }: TaskQuestion): Situation {
  const answers = recent_steps.map((step) => step.message ?? null);
  const calls = recent_steps.map(({ parameters }, i) => ({
    parameters,
    answer: answers[i] ?? null,
  }));
  return {
    task,
    context,
    recent: recent_steps,
    coverage: coverageOf(task, answers),
    // Without the answers nobody knows which identifiers there are.
    unvisited: answers.includes(null) ? null : (unvisitedIds(calls).at(-1) ?? null),
  };
}
