/** How fast learning forgets, and what it takes to be recommended. */
export interface LearningSettings {
  /** Evidence of this age counts half, days. */
  half_life_days: number;
  /** A heuristic is promoted with at least this many supporting episodes… */
  promote_episodes: number;
  /** …and confidence, and is demoted below `demote_confidence`. */
  promote_confidence: number;
  demote_confidence: number;
}

export const DEFAULT_LEARNING: LearningSettings = {
  half_life_days: 30,
  promote_episodes: 3,
  promote_confidence: 0.4,
  demote_confidence: 0.3,
};
