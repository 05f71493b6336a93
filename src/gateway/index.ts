/**
 * The front door of `gateway/`: the Worker's way to the instances and the Coordinator.
 *
 * @module
 */

export { Gateway } from "./gateway.ts";
