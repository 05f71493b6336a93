/**
 * How the Worker reaches the instances and the Coordinator.
 *
 * @module
 */

import type { Env, Settings } from "../env.ts";
import type { Call, Input, OperationName, Output, Readiness, Result } from "../memory/operations.ts";
import { SCHEMA_VERSION } from "../storage/index.ts";
import { COORDINATOR_NAME } from "./coordinator.ts";
import type { CoordinatorRpc, InstanceRpc, NewKey } from "./protocol.ts";

/** A probe of readiness is given up after this, ms. */
const READINESS_MS = 3_000;

export function createBackend(env: Env, settings: Settings) {
  const count = settings.instanceCount;
  const instance = (index: number): InstanceRpc =>
    env.MEMORY_INSTANCE.getByName(`instance-${index}`) as unknown as InstanceRpc;
  const coordinator = (): CoordinatorRpc => env.COORDINATOR.getByName(COORDINATOR_NAME) as unknown as CoordinatorRpc;
  return {
    instanceCount: count,
    execute: <N extends OperationName>(
      index: number,
      name: N,
      input: Input<N>,
      call: Call,
    ): Promise<Result<Output<N>>> => retried(() => instance(index).execute({ index, count }, name, input, call)),
    keys: {
      create: (input: NewKey) => coordinator().createKey(input),
      list: () => retried(() => coordinator().listKeys()),
      revoke: (id: string) => retried(() => coordinator().revokeKey(id)),
    },
    readiness: (): Promise<Readiness> => readiness(instance(0), count),
  };
}

async function readiness(first: InstanceRpc, count: number): Promise<Readiness> {
  const passed = (detail: string) => ({ status: "pass" as const, detail });
  const failed = (detail: string) => ({ status: "fail" as const, detail });
  try {
    const timeout = scheduler.wait(READINESS_MS).then(() => null);
    const ping = await Promise.race([first.internal({ index: 0, count }, "ping", null), timeout]);
    if (ping === null) {
      const late = failed(`no answer within ${READINESS_MS} ms`);
      return { status: "unhealthy", checks: { database: late, instance: passed("answers"), migrations: late } };
    }
    if (!ping.ok) {
      const detail = failed(ping.error.detail);
      return { status: "unhealthy", checks: { database: detail, instance: passed("answers"), migrations: detail } };
    }
    const version = ping.value.schema_version;
    const current = version === SCHEMA_VERSION;
    const migrations = (current ? passed : failed)(`schema version ${version}, expected ${SCHEMA_VERSION}`);
    return {
      status: current ? "healthy" : "unhealthy",
      checks: { database: passed("answers"), instance: passed("answers"), migrations },
    };
  } catch {
    const detail = failed("the instance does not answer");
    return {
      status: "unhealthy",
      checks: { database: failed("not asked"), instance: detail, migrations: failed("not asked") },
    };
  }
}

/** Once more, with a new stub, when the platform says that it helps and is not overloaded. */
async function retried<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
    if (!retryable || overloaded) throw error;
    return call();
  }
}
