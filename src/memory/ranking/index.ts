/**
 * The front door of `memory/ranking/`: what is shown, in which order, and how much of it. Pure.
 *
 * @module
 */

export { fitToTokens } from "./budget.ts";
export { fuse } from "./fusion.ts";
export { rankEpisodes } from "./episodes.ts";
export { RelevanceFloor } from "./relevance-floor.ts";
