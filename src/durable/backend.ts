/**
 * How the Worker reaches the instances and the Coordinator.
 *
 * @module
 */

import type { Deployment, Env } from "../env.ts";
import type { Call, Input, OperationName, Output, Readiness, Reply, TopologyView } from "../memory/operations.ts";
import { openDatabase, SCHEMA_VERSION } from "../storage/index.ts";
import { createBackups } from "./backups.ts";
import { COORDINATOR_NAME } from "./coordinator.ts";
import type { BreakerOrder } from "./control.ts";
import type { CoordinatorRpc, InstanceRpc, NewKey } from "./protocol.ts";

/** A probe of readiness is given up after this, ms. */
const READINESS_MS = 3_000;

/** How many instances there are, as far as this isolate heard. What it does not know yet costs a hop, nothing else. */
let known: TopologyView | null = null;

export function createBackend(env: Env, deployment: Deployment) {
  const coordinator = (): CoordinatorRpc => env.COORDINATOR.getByName(COORDINATOR_NAME) as unknown as CoordinatorRpc;
  const instance = (index: number): InstanceRpc =>
    env.MEMORY_INSTANCE.getByName(`instance-${index}`) as unknown as InstanceRpc;
  const learn = (topology: TopologyView): void => {
    if (!known || topology.version > known.version) known = topology;
  };
  return {
    /** Asked once in the life of an isolate. */
    async instanceCount(): Promise<number> {
      if (!known) learn(await retried(() => coordinator().topology(deployment.instanceCount, deployment.deployedAt)));
      return known?.count ?? deployment.instanceCount;
    },
    async execute<N extends OperationName>(
      index: number,
      name: N,
      input: Input<N>,
      call: Call,
    ): Promise<Reply<Output<N>>> {
      const count = known?.count ?? deployment.instanceCount;
      const place = { index, count, version: known?.version ?? 0 };
      const reply = await retried(() => instance(index).execute(place, name, input, call));
      learn(reply.topology);
      return reply;
    },
    keys: {
      create: (input: NewKey) => coordinator().createKey(input),
      list: () => retried(() => coordinator().listKeys()),
      revoke: (id: string) => retried(() => coordinator().revokeKey(id)),
    },
    fleet: {
      view: () => retried(() => coordinator().fleet()),
      config: () => retried(() => coordinator().config()),
      configure: (changes: Readonly<Record<string, unknown>>, by: string) => coordinator().configure(changes, by),
      setMode: (name: "maintenance" | "degraded", enabled: boolean, message: string, by: string) =>
        retried(() => coordinator().setMode(name, enabled, message, by)),
      order: (order: Omit<BreakerOrder, "id">, by: string) => coordinator().order(order, by),
      resize: (count: number, by: string) => retried(() => coordinator().resize(count, by)),
      flush: () => retried(() => coordinator().flush()),
      drain: (timeoutMs: number) => coordinator().drain(timeoutMs),
      sync: (namespace: string) => retried(() => coordinator().sync(namespace)),
      dead: (limit: number) => retried(() => coordinator().dead(limit)),
      retryDead: () => retried(() => coordinator().retryDead()),
    },
    backups: createBackups(env, coordinator, () =>
      openDatabase({
        url: deployment.databaseUrl,
        authToken: deployment.databaseToken,
        timeoutMs: () => deployment.defaults.database_timeout_ms ?? READINESS_MS,
      }),
    ),
    readiness: async (): Promise<Readiness> => {
      const [seen, restore] = await Promise.all([
        readiness(instance(0), known ?? { version: 0, count: deployment.instanceCount }),
        restoring(coordinator()),
      ]);
      if (!restore) return seen;
      return { status: "unhealthy", checks: { ...seen.checks, restore } };
    },
  };
}

/** A restore that has the database, as a failed check; null: there is none. */
async function restoring(coordinator: CoordinatorRpc): Promise<Readiness["checks"]["restore"] | null> {
  const late = scheduler.wait(READINESS_MS).then(() => null);
  const said = await Promise.race([coordinator.work("status", null), late]).catch(() => null);
  const mark = said?.ok ? said.value.restore : null;
  if (!mark) return null;
  const what = mark.phase === "running" ? "is being restored" : "was left half restored; run it again or release it";
  return { status: "fail", detail: `backup ${mark.backup} ${what}, job ${mark.job}, since ${mark.since}` };
}

async function readiness(first: InstanceRpc, { version: topology, count }: TopologyView): Promise<Readiness> {
  const passed = (detail: string) => ({ status: "pass" as const, detail });
  const failed = (detail: string) => ({ status: "fail" as const, detail });
  try {
    const timeout = scheduler.wait(READINESS_MS).then(() => null);
    const ping = await Promise.race([first.internal({ index: 0, count, version: topology }, "ping", null), timeout]);
    if (ping === null) {
      const late = failed(`no answer within ${READINESS_MS} ms`);
      return { status: "unhealthy", checks: { database: late, instance: passed("answers"), migrations: late } };
    }
    if (!ping.ok) {
      const detail = failed(ping.error.detail);
      return { status: "unhealthy", checks: { database: detail, instance: passed("answers"), migrations: detail } };
    }
    const version = ping.value.schema_version;
    // Schemas only grow: one version behind or ahead is served as well (storage/migrations).
    const current = Math.abs(version - SCHEMA_VERSION) <= 1;
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
