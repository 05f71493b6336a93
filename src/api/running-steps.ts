/**
 * Fills a question about a running episode with the steps that the memory holds of it, so that an
 * agent that records its steps need not send them again. Steps that the question names itself stay.
 *
 * @module
 */

import type { RecentStep } from "../contract/recall/requests.ts";
import type { RequestContext } from "./request-context.ts";

interface Question {
  episode_id?: string;
  recent_steps: RecentStep[];
  steps_taken?: number;
}

/** @throws Problem not_found when there is no such episode in the namespace */
export async function withRunningSteps<Q extends Question>(
  context: RequestContext,
  question: Q,
): Promise<Q> {
  const { episode_id: id, recent_steps } = question;
  if (id === undefined || recent_steps.length > 0) return question;
  const { value } = await context.run("episode.recent", { id });
  return { ...question, recent_steps: value.steps, steps_taken: value.count };
}
