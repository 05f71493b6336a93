/**
 * The front door of `durable/`: the Durable Object classes, and the way to them.
 *
 * @module
 */

export { createBackend } from "./backend.ts";
export { Coordinator, COORDINATOR_NAME } from "./coordinator.ts";
export { MemoryInstance } from "./memory-instance.ts";
export {
  BEFORE_EPISODE,
  type HeldCopy,
  type HeldTable,
  type Holdings,
  type HoldingsName,
} from "./holdings.ts";
export type { CoordinatorRpc, Work, WorkName } from "./protocol.ts";
export { DrillScratch, type ScratchAnswer } from "./scratch.ts";
export { viewOf, type EpisodeRecord } from "./episode-rows.ts";
export type { AiBinding } from "./knowledge/embedder.ts";
