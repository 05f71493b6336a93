/**
 * The way to the Durable Objects: the one Coordinator, and the instances by their numbers.
 *
 * @module
 */

import type { Env } from "../../env.ts";
import type { CoordinatorRpc } from "./coordinator/commands.ts";
import type { InstanceRpc } from "./instance/protocol.ts";
import type { ScratchRpc } from "./scratch.ts";

/** The Coordinator's name, as an object and as a writer to the database. */
export const COORDINATOR_NAME = "coordinator";

/** An instance's name, as an object and as a writer to the database. */
export const instanceName = (index: number): string => `instance-${index}`;

/** A new stub: one that threw must not be used again. */
export function coordinatorOf(env: Env): CoordinatorRpc {
  return env.COORDINATOR.getByName(COORDINATOR_NAME) as unknown as CoordinatorRpc;
}

/** A new stub of the instance with this number. */
export function instanceOf(env: Env, index: number): InstanceRpc {
  return env.MEMORY_INSTANCE.getByName(instanceName(index)) as unknown as InstanceRpc;
}

/** The scratch place of restore drills. */
export function scratchOf(env: Env): ScratchRpc {
  return env.DRILL_SCRATCH.getByName("scratch") as unknown as ScratchRpc;
}
