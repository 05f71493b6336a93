/**
 * The front door of `gateway/`: the Worker's way to the instances and the Coordinator.
 *
 * @module
 */

export { createBackend } from "./backend.ts";
