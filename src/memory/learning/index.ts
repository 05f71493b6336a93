/**
 * The front door of `memory/learning/`: what is learned from ended episodes and what follows for
 * the next one, by counting and closed formulas, not by a language model. Pure: no clock, no
 * randomness, no storage.
 *
 * @module
 */

export { isFailure, isJudged } from "./episode/judgement.ts";
export {
  contributionsOf,
  identifiedContributions,
  type IdentifiedContribution,
} from "./episode/contributions.ts";
export { makeDigest } from "./episode/digest.ts";
export { reflect } from "./episode/reflection.ts";
export { ARCHIVED_BELOW, relevanceKey } from "./episode/relevance.ts";
export { computeReward } from "./episode/reward.ts";
export {
  addToDomain,
  baselineOf,
  baseRates,
  NEUTRAL_BASELINE,
  removeFromDomain,
  type BaseRates,
  type Baseline,
} from "./evidence/baseline.ts";
export { episodesOf } from "./evidence/buckets.ts";
export { weightAt } from "./evidence/decayed.ts";
export { addEvidence, applyFeedback, removeEvidence } from "./evidence/evidence.ts";
export {
  HEURISTIC_EPISODES_MIN,
  promotion,
  promotionAnew,
  viewHeuristic,
} from "./evidence/heuristics.ts";
export {
  assessPattern,
  gainOf,
  isArchived,
  viewPattern,
  weightedFeedback,
  type Assessment,
  type JudgedUses,
} from "./evidence/pattern-view.ts";
export { choicePrefix } from "./patterns/decision-point.ts";
export { patternId, patternKey } from "./patterns/identity.ts";
export {
  definitionOf,
  groupOf,
  HEURISTIC_KINDS,
  lookupsAfter,
  Implications,
  proposedActions,
} from "./patterns/index.ts";
export { RunSimilarities } from "./similarity/alignment.ts";
export {
  predictionBasis,
  type PredictionBasis,
  type SimilarEpisode,
  type Situation,
} from "./prediction/basis.ts";
export { expectTools, type ExpectedTool } from "./prediction/expected-tools.ts";
export {
  calibrated,
  calibrationBins,
  calibrationError,
  calibrationOf,
  type Calibration,
  type Forecast,
} from "./prediction/calibration.ts";
export { type ExpectedOutcomes } from "./prediction/expected-outcomes.ts";
export { worthOfPattern } from "./prediction/pattern-worth.ts";
export { judgeChoices, type JudgedChoice } from "./prediction/choices.ts";
export { predictNextTools, type NextTool } from "./prediction/next-tools.ts";
export { withoutTools } from "./plans/detours.ts";
export { predictNextActions, type PresentStep } from "./plans/next-actions.ts";
export { predictOutcome, type OutcomePrediction } from "./prediction/outcome.ts";
export { makePlaybook } from "./prediction/playbook.ts";
export { nextToolLookups } from "./prediction/run-counts.ts";
export {
  episodesOfRecoveries,
  recoveriesLike,
  waysOut,
  type Recovery,
  type ToldAction,
} from "./recoveries/ways-out.ts";
export { episodeTexts, patternTexts } from "./search-documents.ts";
export { packDigest, StoredDigest, type Intern } from "./stored/digest.ts";
export { isNewer, packedAlike } from "./stored/renewed.ts";
export { packPattern, unpackPattern } from "./stored/pattern.ts";
export { errorOfRecentStep, maskError } from "./texts/mask.ts";
export { taskCoverage } from "./texts/task-coverage.ts";
export { unvisitedIds } from "./texts/unvisited-ids.ts";
