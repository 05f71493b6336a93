/**
 * The front door of `durable/`: the Durable Object classes, and the way to them.
 *
 * @module
 */

export { createBackend } from "./backend.ts";
export { Coordinator } from "./coordinator.ts";
export { MemoryInstance } from "./memory-instance.ts";
export type { AiBinding } from "./knowledge/embedder.ts";
