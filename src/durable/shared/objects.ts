/**
 * The way to the Durable Objects: the one Coordinator, the instances by their numbers, and the
 * scratch place of restore drills. All are in the deployment's jurisdiction, and are made near its
 * database; where they are, they stay.
 *
 * @module
 */

import type { CoordinatorRpc } from "./coordinator.ts";
import type { InstanceRpc } from "./instance/protocol.ts";
import { placementOf, type Env } from "../../env.ts";
import type { Row, SqlValue, Statement } from "../../storage/index.ts";

/** The Coordinator's name, as an object and as a writer to the database. */
export const COORDINATOR_NAME = "coordinator";

/** An instance's name, as an object and as a writer to the database. */
export const instanceName = (index: number): string => `instance-${index}`;

/** A new stub: one that threw must not be used again. */
export function coordinatorOf(env: Env): CoordinatorRpc {
  return stubOf(env, env.COORDINATOR, COORDINATOR_NAME) as unknown as CoordinatorRpc;
}

/** A new stub of the instance with this number. */
export function instanceOf(env: Env, index: number): InstanceRpc {
  return stubOf(env, env.MEMORY_INSTANCE, instanceName(index)) as unknown as InstanceRpc;
}

/** The scratch place of restore drills. */
export function scratchOf(env: Env): ScratchRpc {
  return stubOf(env, env.DRILL_SCRATCH, "scratch") as unknown as ScratchRpc;
}

/** The platform heeds the place only when it makes the object, which is when it is first asked. */
function stubOf(env: Env, all: DurableObjectNamespace, name: string): DurableObjectStub {
  const { jurisdiction, location } = placementOf(env);
  const objects = jurisdiction === null ? all : all.jurisdiction(jurisdiction);
  return location === null
    ? objects.getByName(name)
    : objects.getByName(name, { locationHint: location });
}

/** What was thrown, as a value: an error's class does not cross. */
export type ScratchAnswer<T> = { value: T } | { problem: string };

/** The RPC surface of the scratch place. */
export interface ScratchRpc {
  /** Empties the place. */
  clear(): Promise<void>;
  /** All statements or none, like the database. */
  write(statements: readonly Statement[]): Promise<ScratchAnswer<null>>;
  all(sql: string, args: readonly SqlValue[]): Promise<ScratchAnswer<Row[]>>;
}
