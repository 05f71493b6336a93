/**
 * The front door of `memory/learning/`: by counting, not by a language model.
 *
 * @module
 */

export {
  addToDomain,
  baselineOf,
  baseRates,
  NEUTRAL_BASELINE,
  removeFromDomain,
  type BaseRates,
  type Baseline,
} from "./baseline.ts";
export { similarityOfRuns } from "./alignment.ts";
export { makeDigest, patternColumns, patternId } from "./digest.ts";
export { addEvidence, applyFeedback, removeEvidence } from "./evidence.ts";
export { maskError } from "./mask.ts";
export { makePlaybook } from "./playbook.ts";
export { expectTools, type Expectation } from "./expectation.ts";
export { taskCoverage } from "./task-coverage.ts";
export { unvisitedIds } from "./unvisited-ids.ts";
export { predictOutcome, type OutcomePrediction } from "./outcome-prediction.ts";
export {
  nextToolLookups,
  predictNextTools,
  type NextTool,
  type SimilarEpisode,
  type Situation,
} from "./prediction.ts";
export { likeTemplates } from "./recovery.ts";
export { relevanceKey } from "./relevance.ts";
export { reflect } from "./reflection.ts";
export { computeReward } from "./reward.ts";
export { DEFAULT_LEARNING, type LearningSettings } from "./settings.ts";
export { describe, gainOf, isArchived, promotion, viewHeuristic, viewPattern } from "./view.ts";
