/**
 * The front door of `memory/ranking/`: what is shown, in which order, and how much of it. Pure.
 *
 * @module
 */

export { fitToTokens } from "./budget.ts";
export { fuse, type Meant } from "./fusion.ts";
export { rankEpisodes, RELEVANCE_FLOOR } from "./episodes.ts";
