/**
 * The front door of `durable/`: the Durable Object classes, for the platform. Whoever asks them
 * needs `shared/` only.
 *
 * @module
 */

export { Coordinator } from "./coordinator/coordinator.ts";
export { DrillScratch } from "./drill-scratch.ts";
export { MemoryInstance } from "./instance/memory-instance.ts";
