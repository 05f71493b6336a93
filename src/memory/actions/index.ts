/**
 * The front door of `memory/actions/`: what kind of action a call is, and where its values come
 * from. Pure; no tool and no domain is known to it.
 *
 * @module
 */

export { leavesOf, normalised, type Leaf } from "./flow/leaves.ts";
export { parametersOf, TASK_SOURCE, Told, valuesAt, type Parameter } from "./flow/sources.ts";
export { actionKey, actionName, keyParameter } from "./keys/action-key.ts";
